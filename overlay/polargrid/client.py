"""PolarGrid and PolarGridSync: the two engines below the generated methods, side by side.

They decide nothing: what to send, what came back, and whether to try again are asked of a call's `Progress`. Read one
engine and you have read both.
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import aclosing, closing, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from polargrid import errors, wire
from polargrid.base import BaseClient
from polargrid.chunks import Chunks
from polargrid.config import ClientOptions, names_a_place
from polargrid.content import Unpacker
from polargrid.progress import Progress
from polargrid.regions import POLARGRID_REGIONS, REGION_ALIASES
from polargrid.secret import sealed, surroundings
from polargrid_generated.answers import AsyncStream, Stream
from polargrid_generated.async_surface import Answer, AsyncSurface, Chunk
from polargrid_generated.operations import CallOptions, File, Operation
from polargrid_generated.sync_surface import SyncSurface

if TYPE_CHECKING:
    import httpx

    from polargrid.base import Config
    from polargrid.transport.blocking_transport import Reply
    from polargrid.transport.evented_transport import Reply as AsyncReply
    from polargrid.types import GenerateRequest, GenerateResponse

__all__ = ["POLARGRID_REGIONS", "REGION_ALIASES", "PolarGrid", "PolarGridSync"]


class PolarGrid(BaseClient, AsyncSurface):
    """The async client: the methods of the API, its regions, one key, connections for each event loop.

    Args:
        config: A PolarGridConfig, or a mapping of its fields; the options go before it.
        http_client: An httpx.AsyncClient of yours, with its proxies, certificates and timeouts; you close it.
        options: ClientOptions: api_key, region, regions, base_url, timeout, idle_timeout, deadline, max_retries,
            retry, max_body_bytes, max_event_bytes.

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

        self._transport: AsyncTransport = AsyncTransport(self._asking(), http_client, self._settings.transport)

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

    # The engine

    async def _send(
        self,
        operation: Operation[Answer, Any],
        options: CallOptions,
        request: Any = None,
        *,
        file: File | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> Answer:
        progress = self._progress(wire.encode(operation, request, file, parameters), options)
        while True:
            try:
                async with aclosing(await self._opened(progress)) as reply:
                    body = progress.body(reply.encoding)
                    while not body.complete:
                        body.feed(await reply.read())
                answer: Answer = progress.answer(reply.headers, body.content)
                return answer
            except errors.PolarGridError as error:
                wait = progress.failed(error)
            await self._transport.sleep(wait)

    def _stream(
        self,
        operation: Operation[Any, Chunk],
        options: CallOptions,
        request: Any = None,
        *,
        file: File | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> AsyncStream[Chunk]:
        progress = self._progress(wire.encode(operation, request, file, parameters, stream=True), options)
        return AsyncStream(self._chunks(progress), lambda: progress.meta)

    async def _chunks(self, progress: Progress) -> AsyncGenerator[Any, None]:
        progress.patience.begin()
        while True:
            chunks: Chunks | None = None
            try:
                async with aclosing(await self._opened(progress)) as reply:
                    chunks, unpacker = progress.chunks(reply.headers), Unpacker(reply.encoding)
                    while not chunks.done and (data := await reply.read()):
                        for piece in unpacker.feed(data):
                            for chunk in chunks.feed(piece):
                                progress.patience.heard()
                                yield chunk
                    if chunks.done:
                        await reply.drain()
                    else:
                        unpacker.end()
                        chunks.end()
                    progress.succeeded()
                    return
            except errors.PolarGridError as error:
                wait = progress.failed(error, chunks)
            await self._transport.sleep(wait)

    async def _opened(self, progress: Progress) -> AsyncReply:
        """One try: the answer, open, if it is what the call asked for. Raises the exception of it otherwise."""
        progress.try_again()
        reply = await self._transport.send(progress)
        try:
            progress.answered(reply.status, reply.headers)
            if progress.accepts(reply.status, reply.headers):
                return reply
            body = progress.excerpt(reply.encoding)
            with suppress(errors.PolarGridError):
                while not body.complete:
                    body.feed(await reply.read())
            raise progress.refusal(reply.headers, body.content)
        except BaseException:
            await reply.aclose()
            raise


class PolarGridSync(BaseClient, SyncSurface):
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

        self._transport: Transport = Transport(self._asking(), http_client, self._settings.transport)

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

    # The engine

    def _send(
        self,
        operation: Operation[Answer, Any],
        options: CallOptions,
        request: Any = None,
        *,
        file: File | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> Answer:
        progress = self._progress(wire.encode(operation, request, file, parameters), options)
        while True:
            try:
                with closing(self._opened(progress)) as reply:
                    body = progress.body(reply.encoding)
                    while not body.complete:
                        body.feed(reply.read())
                answer: Answer = progress.answer(reply.headers, body.content)
                return answer
            except errors.PolarGridError as error:
                wait = progress.failed(error)
            time.sleep(wait)

    def _stream(
        self,
        operation: Operation[Any, Chunk],
        options: CallOptions,
        request: Any = None,
        *,
        file: File | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> Stream[Chunk]:
        progress = self._progress(wire.encode(operation, request, file, parameters, stream=True), options)
        return Stream(self._chunks(progress), lambda: progress.meta)

    def _chunks(self, progress: Progress) -> Generator[Any, None, None]:
        progress.patience.begin()
        while True:
            chunks: Chunks | None = None
            try:
                with closing(self._opened(progress)) as reply:
                    chunks, unpacker = progress.chunks(reply.headers), Unpacker(reply.encoding)
                    while not chunks.done and (data := reply.read()):
                        for piece in unpacker.feed(data):
                            for chunk in chunks.feed(piece):
                                progress.patience.heard()
                                yield chunk
                    if chunks.done:
                        reply.drain()
                    else:
                        unpacker.end()
                        chunks.end()
                    progress.succeeded()
                    return
            except errors.PolarGridError as error:
                wait = progress.failed(error, chunks)
            time.sleep(wait)

    def _opened(self, progress: Progress) -> Reply:
        """One try: the answer, open, if it is what the call asked for. Raises the exception of it otherwise."""
        progress.try_again()
        reply = self._transport.send(progress)
        try:
            progress.answered(reply.status, reply.headers)
            if progress.accepts(reply.status, reply.headers):
                return reply
            body = progress.excerpt(reply.encoding)
            with suppress(errors.PolarGridError):
                while not body.complete:
                    body.feed(reply.read())
            raise progress.refusal(reply.headers, body.content)
        except BaseException:
            reply.close()
            raise
