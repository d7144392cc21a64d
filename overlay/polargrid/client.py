"""PolarGrid and PolarGridSync: the two engines below the generated methods, side by side.

They decide nothing: what to send, what came back, and whether to try again are asked of `wire`, `errors` and
`retry`, which are pure. Read one engine and you have read both.
"""

from __future__ import annotations

import os
import random
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import anyio
import httpx

from polargrid import errors, transport, wire
from polargrid.config import Settings, names_a_place, settled
from polargrid.nearest import PATIENCE, nearest, nearest_sync
from polargrid.regions import POLARGRID_REGIONS, REGION_ALIASES
from polargrid_generated.async_surface import Answer, AsyncSurface, Chunk
from polargrid_generated.operations import File, Operation
from polargrid_generated.sync_surface import SyncSurface

if TYPE_CHECKING:
    from polargrid.types import GenerateRequest, GenerateResponse, PolarGridConfig

Chunks = wire.EventChunks | wire.BytesChunks

__all__ = ["POLARGRID_REGIONS", "REGION_ALIASES", "PolarGrid", "PolarGridSync"]


class _Client:
    """What both clients know: their settings, their region, and how one try ends."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._version = version("polargrid")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.get_region_id() or self._settings.base_url}>"

    def get_region_id(self) -> str | None:
        """The id of the region that this client talks to, like `yvr-01`; None for a base URL of your own."""
        return self._settings.region["id"] if self._settings.region else None

    def get_region_name(self) -> str | None:
        """The name of the region that this client talks to, like `Vancouver`."""
        return self._settings.region["name"] if self._settings.region else None

    def _headers(self) -> dict[str, str]:
        return transport.request_headers(self._settings, self._version, str(uuid.uuid4()))

    def _wait(self, call: wire.Call, attempt: int, error: errors.PolarGridError, chunks: Chunks | None = None) -> float:
        """Seconds until the next try of a call; raises the error where there is none."""
        if chunks is not None and chunks.begun:
            raise chunks.broken(error) from error.__cause__
        chance = random.random()  # noqa: S311 - it spreads load, it guards nothing
        wait = self._settings.retry.delay(attempt, error, chance)
        if wait is None or not (call.file is None or call.file.repeatable):
            raise error
        return wait


def _chunks(call: wire.Call, response: httpx.Response) -> Chunks:
    """What turns the bytes of a streamed answer into chunks. Raises ServerError where it is none."""
    request_id = response.headers.get("x-request-id")
    if call.operation.event is None:
        if wire.answer_kind(call.operation, response.headers) == "bytes":
            return wire.BytesChunks()
    elif response.headers.get("content-type", "").lower().startswith("text/event-stream"):
        return wire.EventChunks(call.operation, request_id)
    fault = f"{call.operation.name}: a stream was asked for, not {response.headers.get('content-type')}"
    raise errors.ServerError(fault, status_code=response.status_code, request_id=request_id)


class PolarGrid(_Client, AsyncSurface):
    """The async client: the methods of the API, one connection pool, one key, one region.

    Args:
        config: A PolarGridConfig, or a mapping of its fields; the arguments below go before it.
        api_key: The API key; else POLARGRID_API_KEY.
        region: A region's id or alias (`yvr`, `montreal`), or `local`; else POLARGRID_REGION.
        base_url: The URL of an edge, before the region; else POLARGRID_BASE_URL.
        timeout: Seconds for each wait (to connect, to send, for the next bytes), or an httpx.Timeout.
        max_retries: Tries after the first; 0 is none.
        http_client: An httpx.AsyncClient of yours, with its proxies, certificates and timeouts; you close it.

    Raises:
        ValidationError: an argument cannot be.
        AuthenticationError: there is no key.
    """

    def __init__(
        self,
        config: PolarGridConfig | Mapping[str, Any] | None = None,
        *,
        api_key: str | None = None,
        region: str | None = None,
        base_url: str | None = None,
        timeout: float | httpx.Timeout | None = None,
        max_retries: int | None = None,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        given = {"api_key": api_key, "region": region, "base_url": base_url, "timeout": timeout}
        super().__init__(settled(os.environ, config, {**given, "max_retries": max_retries}))
        self._http = http_client or transport.new_client(httpx.AsyncClient, self._settings)
        self._owns_http = http_client is None

    @classmethod
    async def create(cls, config: PolarGridConfig | Mapping[str, Any] | None = None, **options: Any) -> Self:
        """A client, of the nearest healthy region where none is named: all are asked, the first to answer serves.

        Takes what the class takes. Raises NetworkError, naming each region's fault, where none is healthy.
        """
        if names_a_place(os.environ, config, options):
            return cls(config, **options)
        clients = {region: cls(config, **{**options, **PATIENCE, "region": region}) for region in POLARGRID_REGIONS}
        return cls(config, **{**options, "region": await nearest(clients)})

    async def generate(self, request: GenerateRequest | Mapping[str, Any]) -> GenerateResponse:
        """Answer one prompt: `chat_completion` with a single message, by its older name."""
        from polargrid import generate

        started = time.monotonic()
        chat, request_id = generate.chat_request(request)
        return generate.response(await self.chat_completion(chat), request_id, time.monotonic() - started)

    async def close(self) -> None:
        """Close the connections. The client cannot be used afterwards."""
        if self._owns_http:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # The engine

    async def _send(
        self, operation: Operation[Answer, Any], request: Any = None, *, file: File | None = None, **parameters: Any
    ) -> Answer:
        call = wire.encode(operation, request, file, parameters)
        headers = self._headers()
        for attempt in count(1):
            try:
                async with self._answer(call, headers) as response:
                    body = await response.aread()
                answer: Answer = wire.decode(operation, response.status_code, response.headers, body)
                return answer
            except errors.PolarGridError as error:
                wait = self._wait(call, attempt, error)
            await anyio.sleep(wait)
        raise AssertionError  # count() does not end

    async def _stream(
        self, operation: Operation[Any, Chunk], request: Any = None, *, file: File | None = None, **parameters: Any
    ) -> AsyncGenerator[Chunk, None]:
        call = wire.encode(operation, request, file, parameters, stream=True)
        headers = self._headers()
        for attempt in count(1):
            chunks: Chunks | None = None
            try:
                async with self._answer(call, headers) as response:
                    chunks = _chunks(call, response)
                    async for data in response.aiter_bytes():
                        for chunk in chunks.feed(data):
                            yield chunk
                        if chunks.done:
                            return
                    chunks.end()
                    return
            except errors.PolarGridError as error:
                wait = self._wait(call, attempt, error, chunks)
            await anyio.sleep(wait)

    @asynccontextmanager
    async def _answer(self, call: wire.Call, headers: dict[str, str]) -> AsyncIterator[httpx.Response]:
        """One try: the answer, open, if its status is a success. Raises the exception of it otherwise."""
        with transport.opened(self._http, self._settings, call, headers) as request:
            response = await self._http.send(request, stream=True)
            try:
                if not response.is_success:
                    body = await response.aread()
                    raise errors.from_answer(response.status_code, response.headers, body)
                yield response
            finally:
                await response.aclose()


class PolarGridSync(_Client, SyncSurface):
    """The client without async: the same methods, natively blocking; its streams really stream.

    Takes what PolarGrid takes; `http_client` is an httpx.Client.
    """

    def __init__(
        self,
        config: PolarGridConfig | Mapping[str, Any] | None = None,
        *,
        api_key: str | None = None,
        region: str | None = None,
        base_url: str | None = None,
        timeout: float | httpx.Timeout | None = None,
        max_retries: int | None = None,
        http_client: httpx.Client | None = None,
    ) -> None:
        given = {"api_key": api_key, "region": region, "base_url": base_url, "timeout": timeout}
        super().__init__(settled(os.environ, config, {**given, "max_retries": max_retries}))
        self._http = http_client or transport.new_client(httpx.Client, self._settings)
        self._owns_http = http_client is None

    @classmethod
    def create(cls, config: PolarGridConfig | Mapping[str, Any] | None = None, **options: Any) -> Self:
        """A client, of the nearest healthy region where none is named: all are asked, the first to answer serves.

        Takes what the class takes. Raises NetworkError, naming each region's fault, where none is healthy.
        """
        if names_a_place(os.environ, config, options):
            return cls(config, **options)
        clients = {region: cls(config, **{**options, **PATIENCE, "region": region}) for region in POLARGRID_REGIONS}
        return cls(config, **{**options, "region": nearest_sync(clients)})

    def generate(self, request: GenerateRequest | Mapping[str, Any]) -> GenerateResponse:
        """Answer one prompt: `chat_completion` with a single message, by its older name."""
        from polargrid import generate

        started = time.monotonic()
        chat, request_id = generate.chat_request(request)
        return generate.response(self.chat_completion(chat), request_id, time.monotonic() - started)

    def close(self) -> None:
        """Close the connections. The client cannot be used afterwards."""
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # The engine

    def _send(
        self, operation: Operation[Answer, Any], request: Any = None, *, file: File | None = None, **parameters: Any
    ) -> Answer:
        call = wire.encode(operation, request, file, parameters)
        headers = self._headers()
        for attempt in count(1):
            try:
                with self._answer(call, headers) as response:
                    body = response.read()
                answer: Answer = wire.decode(operation, response.status_code, response.headers, body)
                return answer
            except errors.PolarGridError as error:
                wait = self._wait(call, attempt, error)
            time.sleep(wait)
        raise AssertionError  # count() does not end

    def _stream(
        self, operation: Operation[Any, Chunk], request: Any = None, *, file: File | None = None, **parameters: Any
    ) -> Generator[Chunk, None, None]:
        call = wire.encode(operation, request, file, parameters, stream=True)
        headers = self._headers()
        for attempt in count(1):
            chunks: Chunks | None = None
            try:
                with self._answer(call, headers) as response:
                    chunks = _chunks(call, response)
                    for data in response.iter_bytes():
                        yield from chunks.feed(data)
                        if chunks.done:
                            return
                    chunks.end()
                    return
            except errors.PolarGridError as error:
                wait = self._wait(call, attempt, error, chunks)
            time.sleep(wait)

    @contextmanager
    def _answer(self, call: wire.Call, headers: dict[str, str]) -> Iterator[httpx.Response]:
        """One try: the answer, open, if its status is a success. Raises the exception of it otherwise."""
        with transport.opened(self._http, self._settings, call, headers) as request:
            response = self._http.send(request, stream=True)
            try:
                if not response.is_success:
                    raise errors.from_answer(response.status_code, response.headers, response.read())
                yield response
            finally:
                response.close()
