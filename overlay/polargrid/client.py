"""PolarGrid and PolarGridSync: how each is made and closed. What sends their calls stands in `engine`."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from polargrid.config import ClientOptions, names_a_place
from polargrid.engine import AsyncEngine, Engine
from polargrid.regions import POLARGRID_REGIONS, REGION_ALIASES
from polargrid.secret import sealed, surroundings
from polargrid_runtime.operation import CallOptions

if TYPE_CHECKING:
    import httpx

    from polargrid.base import Config
    from polargrid.types import GenerateRequest, GenerateResponse

__all__ = ["POLARGRID_REGIONS", "REGION_ALIASES", "PolarGrid", "PolarGridSync"]


class PolarGrid(AsyncEngine):
    """The async client: the methods of the API, its regions, one key, connections for each event loop.

    Args:
        config: A PolarGridConfig, or a mapping of its fields; the options go before it.
        http_client: An httpx.AsyncClient of yours, with its proxies, certificates and timeouts; you close it.
        options: ClientOptions: api_key, region, regions, base_url, timeout, idle_timeout, deadline, max_retries,
            retry, max_body_bytes, max_event_bytes, on_meta, extra_headers, extra_query, extra_body, transport,
            proxy, ssl_context.

    Raises:
        ValidationError: an argument cannot be.
        AuthenticationError: there is no key.
    """

    def __init__(
        self,
        config: Config = None,
        *,
        http_client: httpx.AsyncClient | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        config, given = sealed(config, options)
        del options
        super().__init__(config, given)
        from polargrid.transport.evented_transport import AsyncTransport

        self._transport = AsyncTransport(self._asking(), http_client, self._settings)

    @classmethod
    async def create(
        cls, config: Config = None, *, http_client: httpx.AsyncClient | None = None, **options: Unpack[ClientOptions]
    ) -> Self:
        """A client, of the nearest healthy region where none is named: all are asked, the first to answer serves.

        Takes what the class takes. Raises NetworkError, naming each region's fault, where none is healthy.
        """
        config, given = sealed(config, {**options, "http_client": http_client})
        del options
        if names_a_place(surroundings(os.environ), config, given):
            return cls(config, **given)
        from polargrid.nearest import PATIENCE, nearest

        clients = {region: cls(config, **(given | PATIENCE | {"region": region})) for region in POLARGRID_REGIONS}
        return cls(config, **(given | {"region": await nearest(clients)}))

    async def generate(
        self, request: GenerateRequest | Mapping[str, Any], **options: Unpack[CallOptions]
    ) -> GenerateResponse:
        """Answer one prompt: `chat_completion` with a single message, by its older name."""
        from polargrid import generate

        started = time.monotonic()
        chat, request_id = generate.chat_request(request)
        answer = await self.chat_completion(chat, **options)
        return generate.response(answer, request_id, time.monotonic() - started)

    async def close(self) -> None:
        """Close the connections. The client cannot be used afterwards."""
        self._closed = True
        if self._is_origin:
            await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class PolarGridSync(Engine):
    """The client without async: the same methods, natively blocking; its streams really stream.

    Takes what PolarGrid takes; `http_client` is an httpx.Client.
    """

    def __init__(
        self,
        config: Config = None,
        *,
        http_client: httpx.Client | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        config, given = sealed(config, options)
        del options
        super().__init__(config, given)
        from polargrid.transport.blocking_transport import Transport

        self._transport = Transport(self._asking(), http_client, self._settings)

    @classmethod
    def create(
        cls, config: Config = None, *, http_client: httpx.Client | None = None, **options: Unpack[ClientOptions]
    ) -> Self:
        """A client, of the nearest healthy region where none is named: all are asked, the first to answer serves.

        Takes what the class takes. Raises NetworkError, naming each region's fault, where none is healthy.
        """
        config, given = sealed(config, {**options, "http_client": http_client})
        del options
        if names_a_place(surroundings(os.environ), config, given):
            return cls(config, **given)
        from polargrid.nearest import PATIENCE, nearest_sync

        clients = {region: cls(config, **(given | PATIENCE | {"region": region})) for region in POLARGRID_REGIONS}
        return cls(config, **(given | {"region": nearest_sync(clients)}))

    def generate(
        self, request: GenerateRequest | Mapping[str, Any], **options: Unpack[CallOptions]
    ) -> GenerateResponse:
        """Answer one prompt: `chat_completion` with a single message, by its older name."""
        from polargrid import generate

        started = time.monotonic()
        chat, request_id = generate.chat_request(request)
        answer = self.chat_completion(chat, **options)
        return generate.response(answer, request_id, time.monotonic() - started)

    def close(self) -> None:
        """Close the connections. The client cannot be used afterwards."""
        self._closed = True
        if self._is_origin:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
