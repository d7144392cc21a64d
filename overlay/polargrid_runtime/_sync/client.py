# Derived from ../_async/client.py by `make generate`
"""The base class of clients: the calls that generated methods make."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, cast

from polargrid_runtime.arguments import CallInputs, CallOptions
from polargrid_runtime.operation import Operation

if TYPE_CHECKING:
    from polargrid_runtime._sync.audio_stream import AudioStream
    from polargrid_runtime._sync.stream import Stream
    from polargrid_runtime._sync.text_stream import TextStream
    from polargrid_runtime.audio import Audio
    from polargrid_runtime.response import Call, ResponseModel
    from polargrid_runtime.tool_results import ChatResponse, ToolRunResult

    Text = TypeVar("Text", bound=ResponseModel)
    TextChunk = TypeVar("TextChunk", bound=ResponseModel)
    ParsedText = TypeVar("ParsedText", bound=ResponseModel)
    Completion = TypeVar("Completion", bound=ChatResponse)

Response = TypeVar("Response")
Chunk = TypeVar("Chunk")
ParsedResponse = TypeVar("ParsedResponse")


class SyncOperationClient(ABC):
    """Sends operations. `request` holds the fields of the body."""

    @abstractmethod
    def _send(
        self,
        operation: Operation[Response, Any],
        options: CallOptions,
        request: Any = None,
        *,
        convert: Callable[[Any, Call], Any] | None = None,
        **inputs: Unpack[CallInputs],
    ) -> Response:
        """Send a request and return its response, or what `convert` makes of it."""

    @abstractmethod
    def _stream(
        self,
        operation: Operation[Any, Chunk],
        options: CallOptions,
        request: Any = None,
        **inputs: Unpack[CallInputs],
    ) -> Stream[Chunk]:
        """Return the stream of a response. The request is sent when iteration starts."""

    @abstractmethod
    def _iter_items(
        self,
        operation: Operation[Any, Any],
        options: CallOptions,
        request: Any = None,
        **inputs: Unpack[CallInputs],
    ) -> Iterator[Any]:
        """Iterate over the items of all pages of a list. A page is requested when its first item is needed."""

    @abstractmethod
    def _send_and_poll(
        self,
        operation: Operation[Any, Any],
        poll: Operation[Any, Any],
        options: CallOptions,
        request: Any = None,
        **inputs: Unpack[CallInputs],
    ) -> Any:
        """Start a job, and poll it until it is done. Returns its result."""

    @abstractmethod
    def _parse(
        self,
        operation: Operation[Any, Any],
        options: CallOptions,
        request: dict[str, Any],
        response_format: Any,
        parsed_type: type[ParsedResponse],
    ) -> ParsedResponse:
        """Return a `parsed_type`, with objects of the type `response_format`, and of the types of strict tools."""

    @abstractmethod
    def _stream_parsed(
        self,
        operation: Operation[Any, TextChunk],
        options: CallOptions,
        request: dict[str, Any],
        response_format: Any,
        parsed_type: type[ParsedText],
    ) -> TextStream[TextChunk, ParsedText]:
        """Return the stream of a text, whose events and final response have objects as `_parse` returns them."""

    @abstractmethod
    def _with_raw_responses(self) -> SyncOperationClient:
        """Return a client that returns a RawResponse from each method that sends a request."""

    @abstractmethod
    def _with_streamed_responses(self) -> SyncOperationClient:
        """Return a client that returns a StreamedResponse from each method that sends a request."""

    @abstractmethod
    def _run_tools(
        self,
        operation: Operation[Completion, Any],
        options: CallOptions,
        request: dict[str, Any],
        tools: Sequence[Callable[..., Any]],
        max_rounds: int,
    ) -> ToolRunResult[Completion]:
        """Call the functions that the model requests, up to `max_rounds` times, until it responds without a call."""

    def _stream_text(
        self,
        operation: Operation[Text, TextChunk],
        options: CallOptions,
        request: dict[str, Any],
        *,
        parameters: Mapping[str, Any] | None = None,
    ) -> TextStream[TextChunk, Text]:
        """Return the stream of a text, with its usage unless `stream_options` says otherwise."""
        from polargrid_runtime._sync.text_stream import TextStream

        request.setdefault("stream_options", {"include_usage": True})
        stream = self._stream(operation, options, request, parameters=parameters)
        return TextStream(stream, operation.response_model)

    def _open_stream(
        self,
        operation: Operation[Any, Chunk],
        options: CallOptions,
        request: Any = None,
        **inputs: Unpack[CallInputs],
    ) -> Stream[Chunk]:
        """Send a request and return the stream of its response."""
        return self._stream(operation, options, request, **inputs).open()

    def _create_audio(
        self,
        operation: Operation[bytes, Any],
        options: CallOptions,
        request: Any = None,
        **inputs: Unpack[CallInputs],
    ) -> Audio:
        """Send a request and return its audio."""
        from polargrid_runtime.audio import to_audio

        audio = self._send(operation, options, request, convert=to_audio, **inputs)
        return cast("Audio", audio)

    def _open_audio(
        self,
        operation: Operation[Any, bytes],
        options: CallOptions,
        request: Any = None,
        **inputs: Unpack[CallInputs],
    ) -> AudioStream:
        """Send a request and return the stream of its audio."""
        return self._stream_audio(operation, options, request, **inputs).open()

    def _stream_audio(
        self,
        operation: Operation[Any, bytes],
        options: CallOptions,
        request: Any = None,
        **inputs: Unpack[CallInputs],
    ) -> AudioStream:
        """Return the stream of an audio response."""
        from polargrid_runtime._sync.audio_stream import AudioStream

        stream = self._stream(operation, options, request, **inputs)
        return AudioStream(stream._chunks, stream._call)  # noqa: SLF001 - the same stream with more methods
