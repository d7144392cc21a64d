"""A streamed text with typed events and, at its end, the complete response."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from types import TracebackType
from typing import Generic, Self

from polargrid_runtime._async.stream import AsyncStream, AsyncStreamResponse
from polargrid_runtime.response import ResponseMeta
from polargrid_runtime.text_accumulator import StreamParser, TextAccumulator
from polargrid_runtime.text_events import Chunk, ContentDelta, Event, Response
from polargrid_runtime.tool_call_deltas import InvalidCallError


class AsyncTextStream(Generic[Chunk, Response]):
    """An iterator over the events of a streamed text; `text_stream` yields its text, `final` is the complete response.

    `async with` sends the request, and closes the connection at its end; without it, iteration sends the request.
    """

    def __init__(
        self, stream: AsyncStream[Chunk], response_type: type[Response], parser: StreamParser | None = None
    ) -> None:
        self._stream, self._call = stream, stream._call  # noqa: SLF001 - it is the call of this stream as well
        self._accumulator: TextAccumulator[Chunk, Response] = TextAccumulator(response_type, parser)
        self._is_complete = False
        self._is_over = False
        self._events: AsyncStream[Event[Chunk]] = AsyncStream(self._read(), self._call)

    async def _read(self) -> AsyncGenerator[Event[Chunk], None]:
        try:
            async for chunk in self._stream:
                for event in self._accumulator.add(chunk):
                    yield event
            self._is_complete = not self._is_over
            for done in self._accumulator.finish():
                yield done
        except BaseException as error:
            if self._call.error is None and not isinstance(error, GeneratorExit):
                self._call.record_failure(error)
            if not isinstance(error, InvalidCallError):
                raise
            await self._stream.aclose()
        finally:
            self._is_over = True
        if self._call.error is not None:  # raised here, without the context, which quotes the server
            raise self._call.error

    @property
    def events(self) -> AsyncIterator[Event[Chunk]]:
        """The events as they are received: chunks, deltas of text and tool calls, and completed ones."""
        return self._events

    @property
    def text_stream(self) -> AsyncIterator[str]:
        """The text of the first choice, in deltas as they are received."""
        return AsyncStream(self._iter_text(), self._call)

    async def _iter_text(self) -> AsyncGenerator[str, None]:
        async for event in self:
            if isinstance(event, ContentDelta) and event.index == 0 and event.delta:
                yield event.delta

    @property
    def final(self) -> Response:
        """The complete response: text, tool calls, usage, finish reason. Raises the error that ended the stream."""
        # unasync: add self.until_done()
        return self._build_response()

    @property
    def current_completion_snapshot(self) -> Response:
        """The response that the chunks so far amount to."""
        return self._accumulator.build_snapshot()

    async def until_done(self) -> Self:
        """Read the rest of the stream."""
        async for _ in self:
            pass
        return self

    async def get_final_completion(self) -> Response:
        """Read the rest of the stream and return the complete response. Raises the error that ended the stream.

        Of a chat, it raises LengthFinishReasonError or ContentFilterFinishReasonError for a text that ends early, which
        `final` returns.
        """
        await self.until_done()
        return self._build_response(must_be_finished=True)

    def _build_response(self, *, must_be_finished: bool = False) -> Response:
        if self._call.error is not None:
            raise self._call.error
        if self._is_over and not self._is_complete:
            raise RuntimeError("no complete response: the stream was closed before its end")
        if not self._is_complete:
            raise RuntimeError("no complete response: read the stream to its end, or await get_final_completion()")
        return self._accumulator.build_response(must_be_finished=must_be_finished)

    @property
    def meta(self) -> ResponseMeta:
        """Metadata of the call; empty before the first chunk."""
        return self._stream.meta

    @property
    def response(self) -> AsyncStreamResponse:
        """Status, headers and URL of the response; empty before the request was sent."""
        return self._stream.response

    def _repr_html_(self) -> str:
        """Return what a notebook shows: what it is, without reading it."""
        from polargrid_runtime.html import format_stream

        return format_stream(self, self.meta)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event[Chunk]:
        return await anext(self._events)

    async def aclose(self) -> None:
        """Close the connection; iteration ends."""
        self._is_over = True
        await self._events.aclose()
        await self._stream.aclose()

    async def close(self) -> None:  # unasync: remove
        """Close the connection; iteration ends. The name that OpenAI's SDK uses for `aclose`."""  # unasync: remove
        await self.aclose()  # unasync: remove

    async def __aenter__(self) -> Self:
        await self._stream.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
