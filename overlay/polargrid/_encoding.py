"""Requests: from a model or a mapping to what is sent, validated once; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

import attrs
import pydantic

from polargrid import errors
from polargrid._files import Upload, prepare_upload
from polargrid._invalid_fields import to_validation_error
from polargrid._json import encode_json, to_jsonable
from polargrid_runtime.operation import Operation

_HEADER_NAME = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")  # RFC 9110, 5.6.2
#: Headers that the SDK sets: another value would change the request, or make it unreadable.
_RESERVED_HEADERS = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-encoding", "content-length", "content-type"}
    | {"expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "user-agent"}
)


@attrs.frozen
class EncodedRequest:
    """A request that can be sent to any endpoint, any number of times."""

    operation: Operation[Any, Any]
    target: str
    """The path and the query."""
    stream: bool
    """Whether the response is streamed."""
    headers: Mapping[str, str]
    extra_headers: Mapping[str, str] = attrs.field(repr=False)
    content: bytes | None = None
    form: Mapping[str, str | list[str]] | None = None
    upload: Upload | None = None

    @property
    def path(self) -> str:
        """The target without its query, which may hold secrets: what a log shows."""
        return self.target.partition("?")[0]

    @property
    def file_field(self) -> str:
        """The form field of the upload."""
        body = self.operation.body
        return body.files[0].name if body and body.files else "file"

    @property
    def is_replayable(self) -> bool:
        """Whether it can be sent a second time."""
        return self.upload is None or self.upload.is_replayable


def build_request(
    operation: Operation[Any, Any],
    request: Any,
    file: Any = None,
    parameters: Mapping[str, Any] | None = None,
    *,
    stream: bool,
    extra_headers: Mapping[str, str],
    extra_query: Mapping[str, Any],
    extra_body: Mapping[str, Any],
) -> EncodedRequest:
    """Encode the request of an operation; only fields that are set are sent.

    Raises ValidationError, naming the field, for anything that the operation does not accept.
    """
    model = _validate(operation, request, extra_body, stream=stream)
    headers = {"Accept": operation.events.media_type if stream and operation.events else _accept(operation)}
    body: dict[str, Any] = {}
    if operation.body and operation.body.files:
        field = operation.body.files[0]
        body = {"form": _encode_form(model), "upload": prepare_upload(file, field.name)}
    elif model is not None:
        headers["Content-Type"] = operation.body.media_type if operation.body else "application/json"
        body = {"content": encode_json(model, type(model).__name__)}
    target = operation.path
    if operation.parameters or operation.query or extra_query:
        arguments = parameters or {}
        query = {**operation.build_query(arguments), **extra_query}
        target = operation.build_path(arguments) + (f"?{_encode_query(query)}" if query else "")
    return EncodedRequest(operation, target, stream, headers, extra_headers, **body)


def _merge_extra_body(kind: type[pydantic.BaseModel], request: Any, extra_body: Mapping[str, Any]) -> Any:
    """Anything but a model of the operation or a mapping is left to validation."""
    if request is None or isinstance(request, Mapping):
        return {**(request or {}), **extra_body}
    return {**to_jsonable(request), **extra_body} if isinstance(request, kind) else request


@cache
def _accept(operation: Operation[Any, Any]) -> str:
    return ", ".join(dict.fromkeys(item.media_type for item in operation.responses if item.media_type)) or "*/*"


def _validate(
    operation: Operation[Any, Any], request: Any, extra_body: Mapping[str, Any], *, stream: bool
) -> pydantic.BaseModel | None:
    kind = operation.request_type
    is_empty = request is None and not extra_body
    if kind is None or (is_empty and all(not field.is_required() for field in kind.model_fields.values())):
        return None
    try:
        request = _merge_extra_body(kind, request, extra_body) if extra_body else request
        model = kind.model_validate(request)
    except pydantic.ValidationError as error:
        raise to_validation_error(error, kind.__name__, request) from error
    except Exception as error:  # of a mapping of the caller
        raise errors.ValidationError(f"{kind.__name__}: cannot read it: {error or type(error).__name__}") from error
    if "stream" not in kind.model_fields:
        return model
    if stream:
        return model.model_copy(update={"stream": True})
    if getattr(model, "stream", None):
        message = f"stream: call {operation.name}_stream, or create(stream=True); the stream has its headers in `meta`"
        raise errors.ValidationError(message, param="stream")
    return model


def _encode_form(model: pydantic.BaseModel | None) -> dict[str, str | list[str]]:
    fields = json.loads(encode_json(model, type(model).__name__)) if model else {}
    return {
        name: [_to_text(item) for item in value] if isinstance(value, list) else _to_text(value)
        for name, value in fields.items()
        if value is not None
    }


def _encode_query(query: Mapping[str, Any]) -> str:
    """Encode as httpx does: true and false in lower case, None as an empty value, a list as repeated names."""
    pairs = [
        (name, item)
        for name, value in query.items()
        for item in (value if isinstance(value, list | tuple) else [value])
    ]
    return urlencode([(name, "" if item is None else _to_text(item)) for name, item in pairs])


def _to_text(value: Any) -> str:
    return str.__str__(value) if isinstance(value, str) else json.dumps(value)  # `str` of an enum is its name


def validate_fields(value: Any, option: str = "extra_body") -> dict[str, Any]:
    """Return the value of `extra_body`, or of another mapping. Raises ValidationError, naming the option."""
    if value is not None and not (isinstance(value, Mapping) and all(isinstance(key, str) for key in value)):
        raise errors.ValidationError(f'{option}: expected a mapping, like {{"name": "value"}}', param=option)
    return dict(value or {})


def normalize_headers(value: Any) -> dict[str, str]:
    """Return the value of `extra_headers`, the names in lower case. Raises ValidationError, naming the header."""
    fields = validate_fields(value, "extra_headers")
    headers = {name.lower(): _to_text(text) if isinstance(text, str) else text for name, text in fields.items()}
    for name, text in headers.items():
        message = ""
        if name in _RESERVED_HEADERS:
            alternative = "; pass the key as api_key" if name == "authorization" else ""
            message = f"header {name!r} is set by the SDK and cannot be overridden{alternative}"
        elif not name or set(name) - _HEADER_NAME:
            message = f"invalid header name {name!r}"
        elif not isinstance(text, str) or not text.isascii() or not text.replace("\t", " ").isprintable():
            message = f"invalid value of header {name!r}; expected printable ASCII"
        if message:
            raise errors.ValidationError(f"extra_headers: {message}", param="extra_headers")
    return headers


def validate_query(value: Any) -> dict[str, Any]:
    """Return the value of `extra_query`. Raises ValidationError, naming the parameter."""
    fields = validate_fields(value, "extra_query")
    for name, field in fields.items():
        items = field if isinstance(field, list | tuple) else [field]
        try:
            is_valid = all(item is None or isinstance(item, str | int | float) for item in items)
            "".join([name, *map(str, items)]).encode()
        except UnicodeEncodeError:  # a lone surrogate
            is_valid = False
        if not is_valid:
            message = f"extra_query: invalid value of {name!r}; expected text, a number, or a list of these"
            raise errors.ValidationError(message, param="extra_query")
    return fields
