"""Responses: the base of JSON models, the metadata of a call, and the raw response."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from polargrid_runtime.lenient import LenientModel

Item = TypeVar("Item")
Response_co = TypeVar("Response_co", covariant=True)


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


class StreamedCall(Protocol):
    """The call of a stream: what ended it before its end, and the metadata so far.

    `interrupt` ends a read of another thread or task.
    """

    @property
    def error(self) -> Exception | None: ...

    @property
    def meta(self) -> ResponseMeta: ...

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

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that the server sent, as Python values."""
        return self.model_dump(exclude_unset=True, by_alias=True)

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return the fields that the server sent, as JSON text."""
        return self.model_dump_json(exclude_unset=True, by_alias=True, indent=indent)

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


class Headers(Mapping[str, str]):
    """Response headers with case-insensitive names."""

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


class RawResponse(Generic[Response_co]):
    """A response of any type, with the metadata of its call."""

    __slots__ = ("_response", "meta")

    def __init__(self, response: Response_co, meta: ResponseMeta) -> None:
        self._response, self.meta = response, meta

    def parse(self) -> Response_co:
        """Return the parsed response."""
        return self._response

    @property
    def headers(self) -> Headers:
        """The response headers."""
        return Headers(self.meta.headers)

    @property
    def status_code(self) -> int | None:
        """The HTTP status of the response."""
        return self.meta.status_code

    @property
    def request_id(self) -> str | None:
        """The id of the request; quote it when you report a problem."""
        return self.meta.request_id

    def __repr__(self) -> str:
        return f"<RawResponse {self.status_code} {self.request_id or ''}>"
