"""Clients whose methods return responses of other kinds: raw ones, and ones whose body is read when it is needed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Any, Self

from polargrid._async.api_client import AsyncAPIClient
from polargrid._call_state import CallState
from polargrid_runtime._async.audio_stream import AsyncAudioStream
from polargrid_runtime._async.stream import AsyncStream
from polargrid_runtime._async.streamed_response import AsyncStreamedResponse
from polargrid_runtime.raw_response import RawResponse
from polargrid_runtime.response import Call

Convert = Callable[[Any, Call], Any]


class _AsyncResponseClient(AsyncAPIClient):
    @classmethod
    def copy_of(cls, client: AsyncAPIClient) -> Self:
        """Return a client with the settings and the connections of another, also with those that are set later."""
        copy = object.__new__(cls)
        object.__setattr__(copy, "__dict__", vars(client))
        return copy

    def _with_raw_responses(self) -> AsyncAPIClient:
        return AsyncRawResponseClient.copy_of(self)

    def _with_streamed_responses(self) -> AsyncAPIClient:
        return AsyncStreamedResponseClient.copy_of(self)


class AsyncRawResponseClient(_AsyncResponseClient):
    """Each method returns a RawResponse; of a stream, when its headers are there."""

    async def _send(self, operation: Any, options: Any, request: Any = None, **inputs: Any) -> Any:
        return await self._send_raw(operation, options, request, **inputs)

    async def _open_stream(self, operation: Any, options: Any, request: Any = None, **inputs: Any) -> Any:
        return self._wrap(await super()._open_stream(operation, options, request, **inputs))

    async def _open_audio(self, operation: Any, options: Any, request: Any = None, **inputs: Any) -> Any:
        return self._wrap(await super()._open_audio(operation, options, request, **inputs))

    def _wrap(self, stream: Any) -> RawResponse[Any]:
        return RawResponse(stream, stream.meta, stream._call.sent)  # noqa: SLF001 - its call is that of the response


class AsyncStreamedResponseClient(_AsyncResponseClient):
    """Each method returns an AsyncStreamedResponse; its request is sent when it is opened."""

    async def _send(
        self, operation: Any, options: Any, request: Any = None, *, convert: Convert | None = None, **inputs: Any
    ) -> Any:
        call = self._start_call(operation, options, request, **inputs)

        def parse(body: bytes) -> Any:
            response = call.parse_body(body)
            return response if convert is None else convert(response, call)

        return self._create(call, parse=parse)

    def _stream(self, operation: Any, options: Any, request: Any = None, **inputs: Any) -> Any:
        call = self._start_call(operation, options, request, stream=True, **inputs)
        return self._create(call, wrap_stream=lambda chunks: AsyncStream(chunks, call))

    def _stream_audio(self, operation: Any, options: Any, request: Any = None, **inputs: Any) -> Any:
        call = self._start_call(operation, options, request, stream=True, **inputs)
        return self._create(call, wrap_stream=lambda chunks: AsyncAudioStream(chunks, call))

    def _create(
        self,
        call: CallState,
        *,
        parse: Callable[[bytes], Any] | None = None,
        wrap_stream: Callable[[AsyncGenerator[Any, None]], Any] | None = None,
    ) -> AsyncStreamedResponse[Any]:
        call.reads_body = True

        def decode(chunks: AsyncGenerator[Any, None]) -> Any:
            call.reads_body = False  # the stream pauses before it selects its decoder
            return wrap_stream(chunks) if wrap_stream else chunks

        return AsyncStreamedResponse(self._iter_chunks(call), call, parse=parse, wrap_stream=wrap_stream and decode)
