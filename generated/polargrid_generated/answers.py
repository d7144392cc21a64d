# Made from openapi.yaml by `make generate`; change that, not this.
"""What every answer carries besides its fields, and what streams are."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from pydantic import BaseModel

Chunk = TypeVar("Chunk", covariant=True)
Returned = TypeVar("Returned", covariant=True)
Item = TypeVar("Item")


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


class Answer(BaseModel, defer_build=True):
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

    def to_dict(self) -> dict[str, Any]:
        """The fields that the edge sent, as Python has them."""
        return self.model_dump(exclude_unset=True, by_alias=True)

    def to_json(self, *, indent: int | None = 2) -> str:
        """The fields that the edge sent, as JSON."""
        return self.model_dump_json(exclude_unset=True, by_alias=True, indent=indent)

    @property
    def _request_id(self) -> str | None:
        """The id of the request, by the name that OpenAI's SDK has for it."""
        return self.meta.request_id


class ListAnswer(Answer, Generic[Item]):
    """An answer that is a list: iterate it for what its `data` holds. As a mapping it has its fields, as any answer."""

    if TYPE_CHECKING:
        data: list[Item]  # in the order of the fields it stands where the answer has it
    else:

        def __class_getitem__(cls, _item):
            return cls  # Pydantic would make a class of it at run time

    def __iter__(self) -> Iterator[Item]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return iter(self.data)

    def keys(self) -> Iterable[str]:
        """The names of the fields; with them `dict(answer)` is as of any answer."""
        return [name for name, _ in super().__iter__()]

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


class Headers(Mapping[str, str]):
    """Headers by their names, in upper or lower case."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = {name.lower(): value for name, value in headers.items()}

    def __getitem__(self, name: str) -> str:
        return self._headers[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers)

    def __len__(self) -> int:
        return len(self._headers)

    def __repr__(self) -> str:
        return f"Headers({self._headers!r})"


class RawResponse(Generic[Returned]):
    """An answer, and how its call went, whatever the answer is."""

    __slots__ = ("_answer", "meta")

    def __init__(self, answer: Returned, meta: Meta) -> None:
        self._answer, self.meta = answer, meta

    def parse(self) -> Returned:
        """The answer."""
        return self._answer

    @property
    def headers(self) -> Headers:
        """The headers of the answer."""
        return Headers(self.meta.headers)

    @property
    def status_code(self) -> int | None:
        """The HTTP status of the answer."""
        return self.meta.status_code

    @property
    def request_id(self) -> str | None:
        """The id of the request; name it when you report a problem."""
        return self.meta.request_id

    def __repr__(self) -> str:
        return f"<RawResponse {self.status_code} {self.request_id or ''}>"


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
