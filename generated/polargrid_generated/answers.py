# Made from openapi.yaml by `make generate`; change that, not this.
"""What every answer carries besides its fields, and what streams are."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Generic, Self, TypeVar

from pydantic import BaseModel

Chunk = TypeVar("Chunk", covariant=True)


@dataclass(frozen=True, slots=True)
class Meta:
    """How a call went. Of an answer that no call brought, everything is empty."""

    request_id: str | None = None
    """The id of the request; name it when you report a problem."""
    status_code: int | None = None
    """The HTTP status of the answer."""
    attempts: int = 0
    """How often the request was sent, the last time included."""
    region: str | None = None
    """The id of the region that served, like `yvr-01`; None for a base URL of your own."""
    base_url: str | None = None
    """The URL of the edge that served."""
    elapsed: float = 0.0
    """Seconds from the call to its whole answer; of a stream, to the answer's head."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The headers of the answer, their names in lower case."""

    @property
    def rate_limits(self) -> dict[str, str]:
        """The headers that tell what is left of your rate limits, by name: `x-ratelimit-remaining-requests`."""
        return {name: value for name, value in self.headers.items() if "ratelimit" in name}


_NO_META = Meta()


class Answer(BaseModel):
    """A JSON answer or a chunk of one."""

    __slots__ = ("_meta",)  # beside the fields: it is no part of the answer, nor of its equality

    @property
    def meta(self) -> Meta:
        """How the call went."""
        try:
            meta: Meta = object.__getattribute__(self, "_meta")
        except AttributeError:
            return _NO_META
        return meta


class AsyncStream(AsyncIterator[Chunk], Generic[Chunk]):
    """A streamed answer: iterate it. Leaving early is for `aclose`, or `async with`: it closes the connection."""

    def __init__(self, chunks: AsyncGenerator[Chunk, None], meta: Callable[[], Meta | None]) -> None:
        self._chunks, self._meta = chunks, meta

    @property
    def meta(self) -> Meta:
        """How the call went; empty before the first chunk."""
        return self._meta() or _NO_META

    def __aiter__(self) -> AsyncGenerator[Chunk, None]:
        return self._chunks

    async def __anext__(self) -> Chunk:
        return await anext(self._chunks)

    async def aclose(self) -> None:
        """Close the connection; the stream is over."""
        await self._chunks.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class Stream(Iterator[Chunk], Generic[Chunk]):
    """A streamed answer: iterate it. Leaving early is for `close`, or `with`: it closes the connection."""

    def __init__(self, chunks: Generator[Chunk, None, None], meta: Callable[[], Meta | None]) -> None:
        self._chunks, self._meta = chunks, meta

    @property
    def meta(self) -> Meta:
        """How the call went; empty before the first chunk."""
        return self._meta() or _NO_META

    def __iter__(self) -> Generator[Chunk, None, None]:
        return self._chunks

    def __next__(self) -> Chunk:
        return next(self._chunks)

    def close(self) -> None:
        """Close the connection; the stream is over."""
        self._chunks.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
