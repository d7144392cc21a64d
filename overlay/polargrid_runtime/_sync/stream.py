# Derived from ../_async/stream.py by `make generate`
"""A streamed response."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress
from threading import get_ident
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from polargrid_runtime.raw_response import ResponseInfo
from polargrid_runtime.response import ResponseMeta, StreamedCall

Chunk_co = TypeVar("Chunk_co", covariant=True)


class Stream(Iterator[Chunk_co], Generic[Chunk_co]):
    """An iterator over the chunks of a response. Use `with` or `close` to close the connection early."""

    def __init__(self, chunks: Generator[Chunk_co, None, None], call: StreamedCall) -> None:
        self._chunks: Any = chunks
        self._call = call
        self._closed_by: int | None = None  # the thread that closed it before its end
        self._is_over = False

    @property
    def meta(self) -> ResponseMeta:
        """Metadata of the call; empty before the first chunk."""
        return self._call.meta

    @property
    def response(self) -> StreamResponse:
        """Status, headers and URL of the response; empty before the first chunk, unless the stream is open."""
        return StreamResponse(self)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: what it is, without reading it."""
        from polargrid_runtime.html import format_stream

        return format_stream(self, self.meta)

    def open(self) -> Self:
        """Send the request, unless it was sent, and wait for the headers of the response. Raises as iteration does."""
        if self._call.pause_at_headers():
            with suppress(StopIteration):  # it was closed
                Stream.__next__(self)
        return self

    def __next__(self) -> Chunk_co:
        if self._call.error is not None:  # a part is not the whole: it fails again
            raise self._call.error
        try:
            chunk: Chunk_co = next(self._chunks)
            return chunk
        except StopIteration:
            if self._closed_by not in (None, get_ident()):
                raise self._call.create_error("the stream was closed before its end") from None
            self._is_over = True
            raise
        except (RuntimeError, ValueError) as error:
            if _is_running(error):
                raise self._call.create_error("the stream is already being read") from error
            raise

    def close(self) -> None:
        """Close the connection; iteration ends. A task that waits for a chunk gets an exception."""
        if not self._is_over:
            self._closed_by = get_ident()
        try:
            self._chunks.close()
        except (RuntimeError, ValueError) as error:
            if not _is_running(error):
                raise
            self._call.interrupt()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class StreamResponse(ResponseInfo):
    """What HTTP says of a streamed response."""

    def __init__(self, stream: Stream[Any]) -> None:
        self._stream, self._call = stream, stream._call  # noqa: SLF001 - it is the call of this response as well

    @property
    def is_closed(self) -> bool:
        """Whether the stream was read to its end, or closed."""
        return self._stream._is_over or self._stream._closed_by is not None  # noqa: SLF001

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()


def _is_running(error: Exception) -> bool:
    """Whether it says that a generator runs already: one is read in another thread or task."""
    return str(error).endswith(("already running", "already executing"))
