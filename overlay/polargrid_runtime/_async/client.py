"""The base class of clients: the calls that generated methods make."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from polargrid_runtime.arguments import CallInputs, CallOptions
from polargrid_runtime.operation import Operation

if TYPE_CHECKING:
    from polargrid_runtime._async.audio_stream import AsyncAudioStream
    from polargrid_runtime._async.stream import AsyncStream
    from polargrid_runtime._async.text_stream import AsyncTextStream
    from polargrid_runtime.audio import Audio
    from polargrid_runtime.response import RawResponse, ResponseModel
    from polargrid_runtime.tool_results import ChatResponse, ToolRunResult

    Text = TypeVar("Text", bound=ResponseModel)
    TextChunk = TypeVar("TextChunk", bound=ResponseModel)
    Completion = TypeVar("Completion", bound=ChatResponse)

Response = TypeVar("Response")
Chunk = TypeVar("Chunk")
ParsedResponse = TypeVar("ParsedResponse")


class AsyncOperationClient(ABC):
    """Sends operations. `request` holds the fields of the body."""

    @abstractmethod
    async def _send(
        self,
        operation: Operation[Response, Any],
        options: CallOptions,
        request: Any = None,
        **inputs: Unpack[CallInputs],
    ) -> Response:
        """Send a request and return its response."""

    @abstractmethod
    async def _send_raw(
        self,
        operation: Operation[Response, Any],
        options: CallOptions,
        request: Any = None,
        **inputs: Unpack[CallInputs],
    ) -> RawResponse[Response]:
        """Send a request and return its response with its metadata."""

    @abstractmethod
    def _stream(
        self,
        operation: Operation[Any, Chunk],
        options: CallOptions,
        request: Any = None,
        **inputs: Unpack[CallInputs],
    ) -> AsyncStream[Chunk]:
        """Return the stream of a response. The request is sent when iteration starts."""

    @abstractmethod
    def _iter_items(
        self,
        operation: Operation[Any, Any],
        options: CallOptions,
        request: Any = None,
        **inputs: Unpack[CallInputs],
    ) -> AsyncIterator[Any]:
        """Iterate over the items of all pages of a list. A page is requested when its first item is needed."""

    @abstractmethod
    async def _send_and_poll(
        self,
        operation: Operation[Any, Any],
        poll: Operation[Any, Any],
        options: CallOptions,
        request: Any = None,
        **inputs: Unpack[CallInputs],
    ) -> Any:
        """Start a job, and poll it until it is done. Returns its result."""

    @abstractmethod
    async def _parse(
        self,
        operation: Operation[Any, Any],
        options: CallOptions,
        request: dict[str, Any],
        response_format: type[Any],
        parsed_type: type[ParsedResponse],
    ) -> ParsedResponse:
        """Request JSON of the type `response_format` and return a `parsed_type` with objects of that type."""

    @abstractmethod
    async def _run_tools(
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
    ) -> AsyncTextStream[TextChunk, Text]:
        """Return the stream of a text, with its usage unless `stream_options` says otherwise."""
        from polargrid_runtime._async.text_stream import AsyncTextStream

        request.setdefault("stream_options", {"include_usage": True})
        stream = self._stream(operation, options, request, parameters=parameters)
        return AsyncTextStream(stream, operation.response_model)

    async def _create_audio(
        self,
        operation: Operation[bytes, Any],
        options: CallOptions,
        request: Any = None,
        **inputs: Unpack[CallInputs],
    ) -> Audio:
        """Send a request and return its audio."""
        from polargrid_runtime.audio import Audio

        response = await self._send_raw(operation, options, request, **inputs)
        return Audio(response.parse(), response.meta)

    def _stream_audio(
        self,
        operation: Operation[Any, bytes],
        options: CallOptions,
        request: Any = None,
        **inputs: Unpack[CallInputs],
    ) -> AsyncAudioStream:
        """Return the stream of an audio response."""
        from polargrid_runtime._async.audio_stream import AsyncAudioStream

        stream = self._stream(operation, options, request, **inputs)
        return AsyncAudioStream(stream._chunks, stream._call)  # noqa: SLF001 - the same stream with more methods
