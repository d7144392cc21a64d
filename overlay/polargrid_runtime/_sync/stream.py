# Derived from ../_async/stream.py by `make generate`
"""A streamed response."""

from __future__ import annotations

from collections.abc import (
    Generator,
    Iterator,
)
from types import TracebackType
from typing import Generic, Self, TypeVar

from polargrid_runtime.response import ResponseMeta, StreamedCall

Chunk_co = TypeVar("Chunk_co", covariant=True)


class _ChunkIterator(Iterator[Chunk_co], Generic[Chunk_co]):
    """Chunks; after an error the same error, for a generator that has ended looks like the end of the response."""

    def __init__(self, chunks: Generator[Chunk_co, None, None], call: StreamedCall) -> None:
        self._chunks, self._call = chunks, call

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Chunk_co:
        if self._call.error is not None:
            raise self._call.error
        return next(self._chunks)  # not a coroutine of its own for each chunk


class Stream(Iterator[Chunk_co], Generic[Chunk_co]):
    """An iterator over the chunks of a response. Use `with` or `close` to close the connection early."""

    def __init__(self, chunks: Generator[Chunk_co, None, None], call: StreamedCall) -> None:
        self._chunks, self._call = chunks, call

    @property
    def meta(self) -> ResponseMeta:
        """Metadata of the call; empty before the first chunk."""
        return self._call.meta

    def __iter__(self) -> Iterator[Chunk_co]:
        return _ChunkIterator(self._chunks, self._call)

    def __next__(self) -> Chunk_co:
        return next(iter(self))

    def close(self) -> None:
        """Close the connection; iteration ends."""
        self._chunks.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
