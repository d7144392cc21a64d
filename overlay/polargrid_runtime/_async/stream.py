"""A streamed response."""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,  # unasync: remove
)
from types import TracebackType
from typing import Generic, Self, TypeVar

from polargrid_runtime.response import ResponseMeta, StreamedCall

Chunk_co = TypeVar("Chunk_co", covariant=True)


class _ChunkIterator(AsyncIterator[Chunk_co], Generic[Chunk_co]):
    """Chunks; after an error the same error, for a generator that has ended looks like the end of the response."""

    def __init__(self, chunks: AsyncGenerator[Chunk_co, None], call: StreamedCall) -> None:
        self._chunks, self._call = chunks, call

    def __aiter__(self) -> Self:
        return self

    # unasync: add def __next__(self) -> Chunk_co:
    def __anext__(self) -> Awaitable[Chunk_co]:  # unasync: remove
        if self._call.error is not None:
            raise self._call.error
        return anext(self._chunks)  # not a coroutine of its own for each chunk


class AsyncStream(AsyncIterator[Chunk_co], Generic[Chunk_co]):
    """An iterator over the chunks of a response. Use `async with` or `aclose` to close the connection early."""

    def __init__(self, chunks: AsyncGenerator[Chunk_co, None], call: StreamedCall) -> None:
        self._chunks, self._call = chunks, call

    @property
    def meta(self) -> ResponseMeta:
        """Metadata of the call; empty before the first chunk."""
        return self._call.meta

    def __aiter__(self) -> AsyncIterator[Chunk_co]:
        return _ChunkIterator(self._chunks, self._call)

    async def __anext__(self) -> Chunk_co:
        return await anext(aiter(self))

    async def aclose(self) -> None:
        """Close the connection; iteration ends."""
        await self._chunks.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
