# Derived from ../_async/response_clients.py by `make generate`
"""Clients whose methods return responses of other kinds: raw ones, and ones whose body is read when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Self

from polargrid._call_state import CallState
from polargrid._sync.api_client import SyncAPIClient
from polargrid_runtime._sync.audio_stream import AudioStream
from polargrid_runtime._sync.stream import Stream
from polargrid_runtime._sync.streamed_response import StreamedResponse
from polargrid_runtime.raw_response import RawResponse
from polargrid_runtime.response import Call

Convert = Callable[[Any, Call], Any]


class _SyncResponseClient(SyncAPIClient):
    @classmethod
    def copy_of(cls, client: SyncAPIClient) -> Self:
        """Return a client with the settings and the connections of another, also with those that are set later."""
        copy = object.__new__(cls)
        object.__setattr__(copy, "__dict__", vars(client))
        return copy

    def _with_raw_responses(self) -> SyncAPIClient:
        return SyncRawResponseClient.copy_of(self)

    def _with_streamed_responses(self) -> SyncAPIClient:
        return SyncStreamedResponseClient.copy_of(self)


class SyncRawResponseClient(_SyncResponseClient):
    """Each method returns a RawResponse; of a stream, when its headers are there."""

    def _send(self, operation: Any, options: Any, request: Any = None, **inputs: Any) -> Any:
        return self._send_raw(operation, options, request, **inputs)

    def _open_stream(self, operation: Any, options: Any, request: Any = None, **inputs: Any) -> Any:
        return self._wrap(super()._open_stream(operation, options, request, **inputs))

    def _open_audio(self, operation: Any, options: Any, request: Any = None, **inputs: Any) -> Any:
        return self._wrap(super()._open_audio(operation, options, request, **inputs))

    def _wrap(self, stream: Any) -> RawResponse[Any]:
        return RawResponse(stream, stream.meta, stream._call.sent)  # noqa: SLF001 - its call is that of the response


class SyncStreamedResponseClient(_SyncResponseClient):
    """Each method returns a StreamedResponse; its request is sent when it is opened."""

    def _send(
        self, operation: Any, options: Any, request: Any = None, *, convert: Convert | None = None, **inputs: Any
    ) -> Any:
        call = self._start_call(operation, options, request, **inputs)

        def parse(body: bytes) -> Any:
            response = call.parse_body(body)
            return response if convert is None else convert(response, call)

        return self._create(call, parse=parse)

    def _stream(self, operation: Any, options: Any, request: Any = None, **inputs: Any) -> Any:
        call = self._start_call(operation, options, request, stream=True, **inputs)
        return self._create(call, wrap_stream=lambda chunks: Stream(chunks, call))

    def _stream_audio(self, operation: Any, options: Any, request: Any = None, **inputs: Any) -> Any:
        call = self._start_call(operation, options, request, stream=True, **inputs)
        return self._create(call, wrap_stream=lambda chunks: AudioStream(chunks, call))

    def _create(
        self,
        call: CallState,
        *,
        parse: Callable[[bytes], Any] | None = None,
        wrap_stream: Callable[[Generator[Any, None, None]], Any] | None = None,
    ) -> StreamedResponse[Any]:
        call.reads_body = True

        def decode(chunks: Generator[Any, None, None]) -> Any:
            call.reads_body = False  # the stream pauses before it selects its decoder
            return wrap_stream(chunks) if wrap_stream else chunks

        return StreamedResponse(self._iter_chunks(call), call, parse=parse, wrap_stream=wrap_stream and decode)
