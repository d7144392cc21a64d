"""A streamed response."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from types import TracebackType
from typing import Generic, Self, TypeVar

from polargrid_runtime.response import ResponseMeta, StreamedCall

Chunk_co = TypeVar("Chunk_co", covariant=True)


class AsyncStream(AsyncIterator[Chunk_co], Generic[Chunk_co]):
    """An iterator over the chunks of a response. Use `async with` or `aclose` to close the connection early."""

    def __init__(self, chunks: AsyncGenerator[Chunk_co, None], call: StreamedCall) -> None:
        self._chunks, self._call = chunks, call

    @property
    def meta(self) -> ResponseMeta:
        """Metadata of the call; empty before the first chunk."""
        return self._call.meta

    @property
    def error(self) -> Exception | None:
        """What ended the stream before its end; it is raised again by a stream that is read on."""
        return self._call.error

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Chunk_co:
        if self._call.error is not None:  # the generator has ended, which would look like the end of the response
            raise self._call.error
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
