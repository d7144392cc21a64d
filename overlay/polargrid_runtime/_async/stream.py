"""A streamed response."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

from polargrid_runtime.response import EMPTY_META, ResponseMeta

Chunk_co = TypeVar("Chunk_co", covariant=True)


class AsyncStream(AsyncIterator[Chunk_co], Generic[Chunk_co]):
    """An iterator over the chunks of a response. Use `async with` or `aclose` to close the connection early."""

    def __init__(self, chunks: AsyncGenerator[Chunk_co, None], get_meta: Callable[[], ResponseMeta | None]) -> None:
        self._chunks, self._get_meta = chunks, get_meta

    @property
    def meta(self) -> ResponseMeta:
        """Metadata of the call; empty before the first chunk."""
        return self._get_meta() or EMPTY_META

    def __aiter__(self) -> AsyncGenerator[Chunk_co, None]:
        return self._chunks

    async def __anext__(self) -> Chunk_co:
        return await anext(self._chunks)

    async def aclose(self) -> None:
        """Close the connection; iteration ends."""
        await self._chunks.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
