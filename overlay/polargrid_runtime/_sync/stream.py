# Derived from ../_async/stream.py by `make generate`
"""A streamed response."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

from polargrid_runtime.response import EMPTY_META, ResponseMeta

Chunk_co = TypeVar("Chunk_co", covariant=True)


class Stream(Iterator[Chunk_co], Generic[Chunk_co]):
    """An iterator over the chunks of a response. Use `with` or `close` to close the connection early."""

    def __init__(self, chunks: Generator[Chunk_co, None, None], get_meta: Callable[[], ResponseMeta | None]) -> None:
        self._chunks, self._get_meta = chunks, get_meta

    @property
    def meta(self) -> ResponseMeta:
        """Metadata of the call; empty before the first chunk."""
        return self._get_meta() or EMPTY_META

    def __iter__(self) -> Generator[Chunk_co, None, None]:
        return self._chunks

    def __next__(self) -> Chunk_co:
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
