"""Operations of the API as data, and the types of the arguments that every method takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from os import PathLike
from typing import IO, TYPE_CHECKING, Any, Final, Generic, Literal, TypedDict, TypeVar
from urllib.parse import quote

if TYPE_CHECKING:
    import httpx
    from pydantic import BaseModel, TypeAdapter

    from polargrid_runtime.response import ResponseMeta

Response = TypeVar("Response")
Chunk = TypeVar("Chunk")

#: An upload: a path, bytes, a file opened in binary mode, or (file name, any of these, media type).
File = (
    str
    | PathLike[str]
    | bytes
    | bytearray
    | memoryview
    | IO[bytes]
    | tuple[str, "str | PathLike[str] | bytes | IO[bytes]"]
    | tuple[str, "str | PathLike[str] | bytes | IO[bytes]", str]
)


class CallOptions(TypedDict, total=False):
    """Options of a single call, accepted by every method. An omitted option keeps the client's value."""

    timeout: float | httpx.Timeout | None
    """Timeout of each network operation (connect, send, read) in seconds, or an httpx.Timeout."""
    idle_timeout: float | None
    """Seconds to wait for the response headers, and between two events of a stream."""
    deadline: float | None
    """Seconds for the entire call, including its retries and its stream."""
    max_retries: int | None
    """Number of retries after the first attempt; 0 disables retries."""
    on_meta: Callable[[ResponseMeta], object] | None
    """Callback that receives the metadata of the call when it ends; bytes and str responses have no `meta`."""
    extra_headers: Mapping[str, str] | None
    """Additional request headers."""
    extra_query: Mapping[str, Any] | None
    """Additional query parameters."""
    extra_body: Mapping[str, Any] | None
    """Additional fields of the request body; they override fields of the same name."""


class NotGiven:
    """Type of the default of an omitted argument: the field is not sent, while None is sent as null."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "NOT_GIVEN"


NOT_GIVEN: Final = NotGiven()


def provided_fields(**fields: Any) -> dict[str, Any]:
    """Return the fields without those that are NOT_GIVEN."""
    return {name: value for name, value in fields.items() if value is not NOT_GIVEN}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A path or query parameter. Its value is a string, a number or a boolean."""

    name: str
    """The name in the URL."""
    location: Literal["path", "query"]
    argument: str
    """The name of the method's argument."""
    required: bool = False
    constant: str | float | bool | None = None
    """The only value of a parameter that is always sent and is not an argument."""


@dataclass(frozen=True, eq=False)
class Operation(Generic[Response, Chunk]):
    """An operation of the API: an HTTP method and a path. Models are imported on first use."""

    name: str
    """The name of the client's method, and the operationId in openapi.yaml."""
    method: str
    """The HTTP method, in upper case."""
    path: str
    """The path template, like `/v1/models/{model}`."""
    models: str
    """The module that defines the models."""
    parameters: tuple[Parameter, ...] = ()
    request: str | None = None
    """The type of the request body; of a form, without its file."""
    file: str | None = None
    """The form field of the upload."""
    responses: Mapping[str, str] = field(default_factory=dict)
    """The response type by media type."""
    event: str | None = None
    """The type of a chunk, if the response can be an event stream."""
    accepts_idempotency_key: bool = False
    """Whether the header Idempotency-Key, the same for each attempt of a call, makes a retry safe."""

    def build_path(self, arguments: Mapping[str, Any]) -> str:
        """Return the path with its arguments, percent-encoded so that none can add or remove a segment."""
        path = self.path
        for item in self.parameters:
            if item.location == "path":
                value = arguments[item.argument] if item.constant is None else item.constant
                path = path.replace(f"{{{item.name}}}", _encode_segment(value))
        return path

    def build_query(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the query parameters: the constants, and each argument that is not None."""
        query: dict[str, Any] = {}
        for item in self.parameters:
            value = arguments.get(item.argument) if item.constant is None else item.constant
            if item.location == "query" and value is not None:
                query[item.name] = value
        return query

    @cached_property
    def request_type(self) -> type[BaseModel] | None:
        """The model of the request body; None if the operation has none."""
        return getattr(import_module(self.models), self.request) if self.request else None

    @cached_property
    def response_model(self) -> Any:
        """The model of a JSON response, or the union of its models; None if the operation has none."""
        return self._resolve(self.responses.get("application/json"))

    @cached_property
    def response_type(self) -> TypeAdapter[Any] | None:
        """The parser of a JSON response; None if the operation has none."""
        return _build_adapter(self.response_model)

    @cached_property
    def chunk_type(self) -> TypeAdapter[Any] | None:
        """The parser of an event's data; None if the operation has no event stream."""
        return _build_adapter(self._resolve(self.event))

    def _resolve(self, expression: str | None) -> Any:
        if expression is None:
            return None
        module = import_module(self.models)
        union, *others = (getattr(module, name) for name in expression.split(" | "))
        for model in others:
            union = union | model
        return union


def _encode_segment(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return quote(text, safe="").replace(".", "%2E")  # `..` would lead to the parent path


def _build_adapter(model: Any) -> TypeAdapter[Any] | None:
    if model is None:
        return None
    from pydantic import TypeAdapter

    return TypeAdapter(model)
