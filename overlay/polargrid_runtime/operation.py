"""Operations of the API as data: what is sent where, and what may be received."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from pydantic import BaseModel, TypeAdapter

Response = TypeVar("Response")
Chunk = TypeVar("Chunk")
Style = Literal["simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited", "deepObject", "json"]
BodyKind = Literal["json", "form", "urlencoded", "text", "binary"]
#: Headers that the SDK sets: another value would change the request, or make it unreadable.
RESERVED_HEADERS = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-encoding", "content-length", "content-type"}
    | {"expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "user-agent"}
)


def split_path(key: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the path and the query of a key of `paths`: `/v1/jobs?id={id}` is `/v1/jobs` with `("id", "{id}")`.

    A value in braces is the template of an argument; any other is sent as it is.
    """
    path, _, query = key.partition("?")
    return path, tuple(parse_qsl(query, keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the path, the query, the headers or the cookies."""

    name: str
    """The name on the wire."""
    location: Literal["path", "query", "header", "cookie"]
    argument: str
    """The name of the method's argument."""
    required: bool = False
    style: Style = "form"
    """How a list or an object is written; `json` is `content: application/json`."""
    explode: bool = True
    constant: str | float | bool | None = None
    """The only value of a parameter that is always sent and is not an argument."""


@dataclass(frozen=True, slots=True)
class FileField:
    """A file of a form, or a binary body."""

    name: str
    """The form field; empty for a body that is the file."""
    argument: str
    required: bool = True
    is_list: bool = False
    media_type: str | None = None
    """The media type of the part, unless the caller names another; a range or a list is a condition."""


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form that is not written as the others: those are text, and JSON for an object."""

    name: str
    media_type: str | None = None
    style: Style = "form"
    explode: bool = True


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request."""

    media_type: str
    """As in the document, in lower case; of a binary body perhaps a range, like `image/*`."""
    type: str | None = None
    """The model of its fields, of a form without its files; `str` for a text; None for binary data."""
    required: bool = False
    files: tuple[FileField, ...] = ()
    """The files of a form; a binary body has one, without a name."""
    fields: tuple[FormField, ...] = ()

    @property
    def kind(self) -> BodyKind:
        """How it is encoded."""
        name = self.media_type.partition(";")[0]
        if name == "multipart/form-data":
            return "form"
        if name == "application/x-www-form-urlencoded":
            return "urlencoded"
        if self.type is None:
            return "binary"
        return "text" if self.type == "str" else "json"


@dataclass(frozen=True, slots=True)
class ResponseType:
    """A successful response."""

    status: str
    """`200`, `2XX`, or `default` if the document has no other success."""
    media_type: str
    """As in the document, in lower case, without parameters; empty for no content."""
    type: str | None
    """An expression over the models, `bytes`, `str`, or None."""


@dataclass(frozen=True, slots=True)
class EventStream:
    """A response that is a stream of events."""

    type: str
    """The model of an event's data, or the union of its models; `str` for text."""
    media_type: str = "text/event-stream"
    last_data: str | None = None
    """Data that ends the stream and is no chunk, like `[DONE]`."""
    may_end_early: bool = False
    """Whether the framing of HTTP may end the stream without `last_data`."""
    last_types: tuple[str, ...] = ()
    """`type` of the chunk that is the last; without this and `last_data`, the framing of HTTP ends the stream."""
    last_field: str = "type"
    """The field that has these values, or the name of the event."""
    choices: str | None = None
    """The list of choices of a chunk, each of which ends; a stream whose choices ended needs no `last_data`."""
    finish: str | None = None
    """The field of a choice that is set when it ends, like `finish_reason`."""
    names: tuple[tuple[str, str], ...] = ()
    """The model of the data by the name of the event, if the name selects it."""


@dataclass(frozen=True, slots=True)
class Pages:
    """A list in pages. Values of a response are paths into it, like `("data",)`."""

    items: tuple[str, ...]
    """The list of items."""
    parameter: str
    """The argument that selects the next page."""
    next: tuple[str, ...]
    """The value of this argument for the next page; without it, the page is the last."""
    more: tuple[str, ...] | None = None
    """Whether there is another page."""


@dataclass(frozen=True, slots=True)
class Job:
    """An operation that starts a job, and the one that polls it. Values of a response are paths into it."""

    poll: str
    """The name of the polling operation."""
    id: tuple[str, ...]
    """The id, in the response of the first operation."""
    parameter: str
    """The argument of the polling operation that takes the id."""
    interval: tuple[str, ...] | None = None
    """Milliseconds to the next poll if the name ends with `_ms`, else seconds."""
    failed: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    """Values of a state that say that the job failed."""
    running: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    """Values of a state that say that the job runs, beside status 202."""


@dataclass(frozen=True, eq=False)
class Operation(Generic[Response, Chunk]):
    """An operation of the API: an HTTP method and a path. Models are imported on first use."""

    name: str
    """The name of the client's method, and the operationId in openapi.yaml."""
    method: str
    """The HTTP method, in upper case."""
    path: str
    """The path template, like `/v1/models/{model}`, without the query of its key."""
    models: str
    """The module that defines the models."""
    _: KW_ONLY
    query: tuple[tuple[str, str], ...] = ()
    """The query of the path's key: names with a value, or with the template of an argument."""
    parameters: tuple[Parameter, ...] = ()
    parameters_type: str | None = None
    """The model of the arguments of the parameters."""
    body: Body | None = None
    responses: tuple[ResponseType, ...] = ()
    events: EventStream | None = None
    """The event stream, if a response can be one."""
    server: str | None = None
    """The base URL of the operation, for clients that call a region of PolarGrid."""
    requires_key: bool = True
    """Whether the API key is sent."""
    accepts_idempotency_key: bool = False
    """Whether the header Idempotency-Key, the same for each attempt of a call, makes a retry safe."""
    deprecated: bool = False
    pages: Pages | None = None
    job: Job | None = None

    @cached_property
    def body_kind(self) -> BodyKind | None:
        """How the body is encoded; None if the operation has none."""
        return self.body.kind if self.body else None

    @cached_property
    def parameters_model(self) -> type[BaseModel] | None:
        """The model of the arguments of the parameters; None if there are none."""
        return self._resolve(self.parameters_type)  # type: ignore[no-any-return]

    @cached_property
    def request_type(self) -> type[BaseModel] | None:
        """The model of the request body; None if it is no object with fields."""
        kind = self.request_annotation
        return kind if hasattr(kind, "model_fields") else None

    @cached_property
    def request_adapter(self) -> TypeAdapter[Any] | None:
        """The validator of a JSON body that is a list, a map, a union or a scalar; None for any other."""
        kind = self.request_annotation
        is_other = self.body is not None and kind is not None and not hasattr(kind, "model_fields")
        return self.adapter(str(self.body.type)) if self.body and is_other else None

    @cached_property
    def request_annotation(self) -> Any:
        """What the name of the body's type stands for; None for text and binary data."""
        return self._resolve(self.body.type) if self.body and self.body.type not in (None, "str") else None

    @cached_property
    def response_model(self) -> Any:
        """The model of a JSON response, or the union of its models; None if the operation has none."""
        types = [item.type for item in self.responses if item.media_type.endswith("json") and item.type]
        return self._resolve(" | ".join(types) or None)

    @cached_property
    def chunk_type(self) -> TypeAdapter[Any] | None:
        """The parser of an event's data; None if the operation has no event stream, or one of text."""
        return self.adapter(self.events.type) if self.events and self.events.type != "str" else None

    def adapter(self, expression: str) -> TypeAdapter[Any]:
        """Return the parser of a type of a response."""
        if expression not in self._adapters:
            from pydantic import TypeAdapter

            self._adapters[expression] = TypeAdapter(self._resolve(expression))
        return self._adapters[expression]

    @cached_property
    def _adapters(self) -> dict[str, TypeAdapter[Any]]:
        return {}

    def _resolve(self, expression: str | None) -> Any:
        """Return the type that an expression of generated code names."""
        if expression is None:
            return None
        return eval(expression, {"Any": Any, **vars(import_module(self.models))})  # noqa: S307 - it is generated
