"""Responses: the base of JSON models, and the metadata of a call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

from polargrid_runtime.lenient import LenientModel

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class ResponseMeta:
    """Metadata of a call. Every field is empty on a model that was not received from a server."""

    request_id: str | None = None
    """The id of the request; quote it when you report a problem."""
    status_code: int | None = None
    """The HTTP status of the response."""
    attempts: int = 0
    """The number of times the request was sent, including the last one."""
    region: str | None = None
    """The id of the region that responded, like `yvr-01`; None for a custom base URL."""
    base_url: str | None = None
    """The base URL of the endpoint that responded."""
    elapsed: float = 0.0
    """Seconds from the start of the call to the complete response; for a stream, to its headers."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The response headers, with lower-case names."""

    @property
    def rate_limits(self) -> dict[str, str]:
        """The rate limit headers by name, like `x-ratelimit-remaining-requests`."""
        return {name: value for name, value in self.headers.items() if "ratelimit" in name}


EMPTY_META = ResponseMeta()


@dataclass(frozen=True, slots=True)
class SentRequest:
    """What was sent, without headers and body."""

    method: str = ""
    url: str = field(default="", repr=False)  # its query may hold secrets
    http_version: str = "HTTP/1.1"

    @property
    def target(self) -> Sequence[str]:
        """The method and the URL without its query, as exceptions have them."""
        return (self.method, self.url.partition("?")[0]) if self.url else ()


class Call(Protocol):
    """The call of a response."""

    @property
    def meta(self) -> ResponseMeta: ...

    @property
    def sent(self) -> SentRequest: ...


class StreamedCall(Call, Protocol):
    """The call of a stream, and what ended it before its end.

    `interrupt` ends a read of another thread or task. `pause_at_headers` makes the stream yield None, once, when the
    headers of the response are there; it returns False if the request was sent already.
    """

    @property
    def error(self) -> Exception | None: ...

    def pause_at_headers(self) -> bool: ...

    def record_failure(self, error: BaseException) -> None: ...

    def create_error(self, message: str) -> Exception: ...

    def interrupt(self) -> None: ...


class ResponseModel(LenientModel, defer_build=True):
    """A JSON response or a chunk of a streamed one."""

    __slots__ = ("_meta",)  # not a field: metadata is not part of the JSON, nor of equality

    @property
    def meta(self) -> ResponseMeta:
        """Metadata of the call."""
        try:
            meta: ResponseMeta = object.__getattribute__(self, "_meta")
        except AttributeError:
            return EMPTY_META
        return meta

    @property
    def _request_id(self) -> str | None:
        """The id of the request, under the name that OpenAI's SDK uses."""
        return self.meta.request_id


def attach_meta(model: ResponseModel, meta: ResponseMeta) -> None:
    """Attach the metadata of a call to a model."""
    object.__setattr__(model, "_meta", meta)  # Pydantic's own __setattr__ looks for a field of this name


class ListResponse(ResponseModel, Generic[Item]):
    """A response that is a list: iterating yields the items of `data`. `dict(response)` has its fields."""

    if TYPE_CHECKING:
        data: list[Item]  # each subclass declares the field, at its position in the schema
    else:

        def __class_getitem__(cls, _item: Any) -> type:
            return cls  # at run time Pydantic would create a class for each parameter

    def __iter__(self) -> Iterator[Item]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return iter(self.data)

    def keys(self) -> Iterable[str]:
        """Return the names of the fields, which makes `dict(response)` the same as for other responses."""
        return [name for name, _ in super().__iter__()]

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def has_next_page(self) -> bool:
        """Whether the list goes on in another response: it does not, under the name that OpenAI's SDK uses."""
        return False

    def next_page_info(self) -> None:
        """Return None: there is no next page."""

    def iter_pages(self) -> Iterator[Self]:
        """Yield the list, which is its only page."""
        yield self
