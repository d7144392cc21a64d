"""The two engines below the generated methods, side by side: what sends a call, and what streams its answer.

They decide nothing: what to send, what came back, and whether to try again are asked of a call's `Progress`. Read one
engine and you have read both.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import aclosing, closing, suppress
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from polargrid import errors
from polargrid.base import BaseClient
from polargrid.chunks import Chunks
from polargrid.progress import Progress
from polargrid.transport.content import Unpacker
from polargrid_generated.async_operations import AsyncOperations
from polargrid_generated.sync_operations import SyncOperations
from polargrid_runtime._async.stream import AsyncStream
from polargrid_runtime._sync.stream import Stream
from polargrid_runtime.operation import CallOptions, File, Operation
from polargrid_runtime.operation import Chunk as Chunk
from polargrid_runtime.operation import Response as Answer
from polargrid_runtime.response import RawResponse

if TYPE_CHECKING:
    from polargrid.transport.blocking_transport import Reply, Transport
    from polargrid.transport.evented_transport import AsyncTransport
    from polargrid.transport.evented_transport import Reply as AsyncReply
    from polargrid_runtime.tool_results import ToolRunResult


class AsyncEngine(BaseClient, AsyncOperations):
    """Sends and streams on an event loop."""

    _transport: AsyncTransport
    _is_async = True

    async def _send(
        self,
        operation: Operation[Answer, Any],
        options: CallOptions,
        request: Any = None,
        *,
        file: File | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> RawResponse[Answer]:
        progress = self._progress(operation, options, request, file, parameters)
        with progress:
            while True:
                try:
                    async with aclosing(await self._opened(progress)) as reply:
                        body = progress.body(reply.encoding)
                        while not body.complete:
                            body.feed(await reply.read())
                    return progress.answer(reply.headers, body.content)
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
        progress = self._progress(operation, options, request, file, parameters, stream=True)
        return AsyncStream(self._chunks(progress), lambda: progress.meta)

    async def _chunks(self, progress: Progress) -> AsyncGenerator[Any, None]:
        progress.patience.begin()
        with progress:
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

    async def _parse(
        self,
        operation: Operation[Any, Any],
        options: CallOptions,
        request: dict[str, Any],
        response_format: type[Any],
        parsed_type: type[Any],  # noqa: ARG002
    ) -> Any:
        shape = self._shape(response_format)
        request["response_format"] = shape.response_format
        return shape.parsed((await self._send(operation, options, request)).parse())

    async def _run_tools(
        self,
        operation: Operation[Any, Any],
        options: CallOptions,
        request: dict[str, Any],
        tools: Sequence[Callable[..., Any]],
        max_rounds: int,
    ) -> ToolRunResult[Any]:
        talk = self._talk(request, tools, max_rounds)
        while calls := talk.answered((await self._send(operation, options, talk.request)).parse()):
            for call in calls:
                try:
                    result = talk.call(call)
                    result = await result if isawaitable(result) else result
                except Exception as error:  # noqa: BLE001 - whatever a function raises goes to the model
                    talk.returned(call, error=error)
                else:
                    talk.returned(call, result)
        return talk.run()


class Engine(BaseClient, SyncOperations):
    """The same without async."""

    _transport: Transport

    def _send(
        self,
        operation: Operation[Answer, Any],
        options: CallOptions,
        request: Any = None,
        *,
        file: File | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> RawResponse[Answer]:
        progress = self._progress(operation, options, request, file, parameters)
        with progress:
            while True:
                try:
                    with closing(self._opened(progress)) as reply:
                        body = progress.body(reply.encoding)
                        while not body.complete:
                            body.feed(reply.read())
                    return progress.answer(reply.headers, body.content)
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
        progress = self._progress(operation, options, request, file, parameters, stream=True)
        return Stream(self._chunks(progress), lambda: progress.meta)

    def _chunks(self, progress: Progress) -> Generator[Any, None, None]:
        progress.patience.begin()
        with progress:
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

    def _parse(
        self,
        operation: Operation[Any, Any],
        options: CallOptions,
        request: dict[str, Any],
        response_format: type[Any],
        parsed_type: type[Any],  # noqa: ARG002
    ) -> Any:
        shape = self._shape(response_format)
        request["response_format"] = shape.response_format
        return shape.parsed((self._send(operation, options, request)).parse())

    def _run_tools(
        self,
        operation: Operation[Any, Any],
        options: CallOptions,
        request: dict[str, Any],
        tools: Sequence[Callable[..., Any]],
        max_rounds: int,
    ) -> ToolRunResult[Any]:
        talk = self._talk(request, tools, max_rounds)
        while calls := talk.answered((self._send(operation, options, talk.request)).parse()):
            for call in calls:
                try:
                    result = talk.call(call)
                except Exception as error:  # noqa: BLE001 - whatever a function raises goes to the model
                    talk.returned(call, error=error)
                else:
                    talk.returned(call, result)
        return talk.run()
