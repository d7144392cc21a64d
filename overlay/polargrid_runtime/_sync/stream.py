# Derived from ../_async/stream.py by `make generate`
"""A streamed response."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from threading import get_ident
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from polargrid_runtime.response import EMPTY_META, ResponseMeta

Chunk_co = TypeVar("Chunk_co", covariant=True)


class Stream(Iterator[Chunk_co], Generic[Chunk_co]):
    """An iterator over the chunks of a response. Use `with` or `close` to close the connection early.

    `interrupt` ends the read of another task; `create_error` builds the exception that a reader gets then.
    """

    def __init__(
        self,
        chunks: Generator[Chunk_co, None, None],
        get_meta: Callable[[], ResponseMeta | None],
        *,
        interrupt: Callable[[], object] = lambda: None,
        create_error: Callable[[str], Exception] = RuntimeError,
    ) -> None:
        self._chunks: Any = chunks
        self._get_meta = get_meta
        self._interrupt, self._create_error = interrupt, create_error
        self._closed_by: int | None = None  # the thread that closed it before its end
        self._is_over = False
        self._error: Exception | None = None

    @classmethod
    def over(cls, stream: Stream[Any], chunks: Generator[Chunk_co, None, None] | None = None) -> Self:
        """Return a stream of this class over another one, or over what is made of its chunks."""
        interrupt, create_error = stream._interrupt, stream._create_error
        return cls(chunks or stream._chunks, stream._get_meta, interrupt=interrupt, create_error=create_error)

    @property
    def meta(self) -> ResponseMeta:
        """Metadata of the call; empty before the first chunk."""
        return self._get_meta() or EMPTY_META

    def __next__(self) -> Chunk_co:
        try:
            chunk: Chunk_co = next(self._chunks)
            return chunk
        except StopIteration:
            if self._error is not None:  # a part is not the whole: it fails again
                raise self._error from self._error.__cause__
            if self._closed_by not in (None, get_ident()):
                raise self._create_error("the stream was closed before its end") from None
            self._is_over = True
            raise
        except Exception as error:
            if _is_running(error):
                raise self._create_error("the stream is already being read") from error
            self._error = error
            raise
        except BaseException:
            self._error = self._create_error("reading the stream was interrupted")
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
            self._interrupt()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _is_running(error: Exception) -> bool:
    """Whether it says that a generator runs already: one is read in another thread or task."""
    return isinstance(error, RuntimeError | ValueError) and str(error).endswith(
        ("already running", "already executing")
    )
