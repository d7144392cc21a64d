# Derived from ../_async/stream.py by `make generate`
"""A streamed response."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

from polargrid_runtime.response import ResponseMeta, StreamedCall

Chunk_co = TypeVar("Chunk_co", covariant=True)


class Stream(Iterator[Chunk_co], Generic[Chunk_co]):
    """An iterator over the chunks of a response. Use `with` or `close` to close the connection early."""

    def __init__(self, chunks: Generator[Chunk_co, None, None], call: StreamedCall) -> None:
        self._chunks, self._call = chunks, call

    @property
    def meta(self) -> ResponseMeta:
        """Metadata of the call; empty before the first chunk."""
        return self._call.meta

    @property
    def error(self) -> Exception | None:
        """What ended the stream before its end; it is raised again by a stream that is read on."""
        return self._call.error

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Chunk_co:
        if self._call.error is not None:  # the generator has ended, which would look like the end of the response
            raise self._call.error
        return next(self._chunks)

    def close(self) -> None:
        """Close the connection; iteration ends."""
        self._chunks.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
