"""Requests: from a model or a mapping to what is sent, validated once; pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any

import attrs
import pydantic

from polargrid_codec.bodies import FormPart, encode_form, encode_text, encode_urlencoded, prepare_uploads
from polargrid_codec.files import Upload
from polargrid_codec.invalid_fields import to_validation_error
from polargrid_codec.jsonable import encode_json, is_of_api, to_jsonable
from polargrid_codec.objects import adapt, find_shape, model_shape
from polargrid_codec.parameters import encode_parameters, to_text
from polargrid_runtime import errors
from polargrid_runtime.operation import RESERVED_HEADERS, Body, Operation
from polargrid_runtime.request import open_model

_PLAIN_TYPES = frozenset({str, bool, type(None)})
_MAX_BITS = 64  # Python refuses to write an integer of more than 4,300 digits
_HEADER_NAME = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")  # RFC 9110, 5.6.2


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
    form: tuple[FormPart, ...] | None = None
    """The fields of a form, without its files; None if a file is the body."""
    uploads: tuple[tuple[str, Upload], ...] = ()
    """The form field of each file, and the file."""

    @property
    def path(self) -> str:
        """The target without its query, which may hold secrets: what a log shows."""
        return self.target.partition("?")[0]

    @property
    def is_replayable(self) -> bool:
        """Whether it can be sent a second time."""
        return not self.uploads or all(upload.is_replayable for _, upload in self.uploads)


def build_request(
    operation: Operation[Any, Any],
    request: Any,
    files: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    *,
    stream: bool,
    extra_headers: Mapping[str, str],
    extra_query: Mapping[str, Any],
    extra_body: Mapping[str, Any],
) -> EncodedRequest:
    """Encode the request of an operation; only fields that are set are sent.

    `files` and `parameters` are by the names of arguments. Raises ValidationError, naming the field or the argument,
    for anything that the operation does not accept.
    """
    headers = {"Accept": operation.events.media_type if stream and operation.events else _accept(operation)}
    target = operation.path
    if operation.parameters or operation.query or extra_query:
        target, added = encode_parameters(operation, parameters or {}, extra_query)
        headers |= added
    body: dict[str, Any] = {}
    if operation.body_kind == "json":
        is_plain = _is_plain(request, extra_body)
        model = _validate(operation, request, extra_body, stream=stream, is_plain=is_plain)
        if model is not None:
            body["content"] = _encode_model(model, is_plain=is_plain)
        elif operation.request_adapter is not None:
            body = _encode_value(operation, request, extra_body)
    elif operation.body is not None:
        body = _encode_body(operation, operation.body, request, files or {}, extra_body, stream=stream)
    if operation.body is not None and "content" in body:
        headers["Content-Type"] = operation.body.media_type
    elif operation.body_kind == "binary" and body["uploads"]:
        headers["Content-Type"] = body["uploads"][0][1].media_type
    return EncodedRequest(operation, target, stream, headers, extra_headers, **body)


def _encode_body(
    operation: Operation[Any, Any],
    body: Body,
    request: Any,
    files: Mapping[str, Any],
    extra_body: Mapping[str, Any],
    *,
    stream: bool,
) -> dict[str, Any]:
    """Return the fields of EncodedRequest for a body that is not JSON."""
    if body.kind == "text":
        return {} if request is None and not body.required else {"content": encode_text(request)}
    if body.kind == "binary":
        return {"uploads": prepare_uploads(body, files)}
    is_plain = _is_plain(request, extra_body)
    model = _validate(operation, request, extra_body, stream=stream, is_plain=is_plain)
    if body.kind == "urlencoded":
        return {"content": encode_urlencoded(model, extra_body, body)}
    return {"form": encode_form(model, extra_body, body), "uploads": prepare_uploads(body, files)}


def _encode_model(model: pydantic.BaseModel, *, is_plain: bool) -> bytes:
    """Encode a validated request: what was plain JSON by Pydantic, which is fast; it changes objects of the caller."""
    with suppress(Exception):  # of Pydantic: encode_json explains it
        if is_plain:
            content = model.__pydantic_serializer__.to_json(model, by_alias=True, exclude_unset=True, warnings=False)
            if b"null" not in content:  # it may stand for the infinite number that the text "inf" became
                return content
    return encode_json(model, type(model).__name__)


def _is_plain(request: Any, extra_body: Mapping[str, Any]) -> bool:
    """Whether a request is plain JSON; one that is nested too deeply for the question is not."""
    try:
        return _is_plain_json(request) and _is_plain_json(extra_body)
    except RecursionError:
        return False


def _is_plain_json(value: Any) -> bool:
    """Whether Pydantic writes the value as `encode_json` does, or rejects it.

    It differs for subclasses, infinite and long numbers, and keys that are no text or have a lone surrogate, as a key
    that is not ASCII may. Raises RecursionError for a value that is nested too deeply.
    """
    kind = type(value)
    if kind in _PLAIN_TYPES:
        return True
    if kind is dict:
        return all(type(name) is str and name.isascii() and _is_plain_json(item) for name, item in value.items())
    if kind is list:
        return all(map(_is_plain_json, value))
    if kind is int:
        return bool(value.bit_length() <= _MAX_BITS)
    return kind is float and math.isfinite(value)


def _encode_value(operation: Operation[Any, Any], request: Any, extra_body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of EncodedRequest for JSON that is a list, a map, a union or a scalar."""
    body, adapter = operation.body, operation.request_adapter
    assert body is not None  # noqa: S101 - it has a type
    assert adapter is not None  # noqa: S101
    name = str(body.type)
    if request is None and not extra_body and not body.required:
        return {}
    if extra_body and not isinstance(request, Mapping | None):
        raise errors.ValidationError("extra_body: the body has no fields, as it is not an object", param="extra_body")
    request = {**(request or {}), **extra_body} if extra_body else request
    try:
        if not _is_plain(request, {}):
            request = adapt(request, find_shape(operation.request_annotation))
        return {"content": encode_json(adapter.validate_python(request), name)}
    except pydantic.ValidationError as error:
        raise to_validation_error(error, name, request) from error


def _merge_extra_body(kind: type[pydantic.BaseModel], request: Any, extra_body: Mapping[str, Any]) -> Any:
    """Anything but a model of the operation or a mapping is left to validation."""
    if request is None or isinstance(request, Mapping):
        return {**(request or {}), **extra_body}
    return {**to_jsonable(request), **extra_body} if isinstance(request, kind) else request


def _open(kind: type[pydantic.BaseModel], request: Any, extra_body: Mapping[str, Any]) -> type[pydantic.BaseModel]:
    """Return the model of a request with `extra_body`, of which a closed one accepts every field, and only of it."""
    opened = open_model(kind)
    if opened is not kind:
        names = {name for pair in kind.model_fields.items() for name in (pair[0], pair[1].alias)}
        own = {} if request is None else request if isinstance(request, Mapping) else to_jsonable(request)
        added = {name: value for name, value in extra_body.items() if name in names}
        kind.model_validate({**own, **added})
    return opened


def _needs_body(operation: Operation[Any, Any], kind: type[pydantic.BaseModel]) -> bool:
    """Whether a body must be sent even if no field is provided."""
    is_required = operation.body is not None and operation.body.required
    return is_required and any(field.is_required() for field in kind.model_fields.values())


@cache
def _accept(operation: Operation[Any, Any]) -> str:
    return ", ".join(dict.fromkeys(item.media_type for item in operation.responses if item.media_type)) or "*/*"


def _validate(
    operation: Operation[Any, Any], request: Any, extra_body: Mapping[str, Any], *, stream: bool, is_plain: bool
) -> pydantic.BaseModel | None:
    kind = operation.request_type
    if kind is None or (request is None and not extra_body and not _needs_body(operation, kind)):
        return None
    has_stream = "stream" in kind.model_fields
    try:
        if not is_plain:
            request = request if is_of_api(type(request)) else adapt(request, model_shape(kind))
            extra_body = adapt(extra_body, model_shape(kind)) if extra_body else extra_body
        if stream and has_stream and isinstance(request, Mapping):
            request = {**request, "stream": True}
        if extra_body:
            opened = _open(kind, request, extra_body)
            request, kind = _merge_extra_body(kind, request, extra_body), opened
        model = kind.model_validate(request)
    except pydantic.ValidationError as error:
        raise to_validation_error(error, kind.__name__, request) from error
    except Exception as error:  # of a mapping of the caller
        raise errors.ValidationError(f"{kind.__name__}: cannot read it: {error or type(error).__name__}") from error
    if stream and has_stream:
        return model if request is not model else model.model_copy(update={"stream": True})
    if has_stream and getattr(model, "stream", None):
        message = f"stream: call {operation.name}_stream, or create(stream=True); the stream has its headers in `meta`"
        raise errors.ValidationError(message, param="stream")
    return model


def validate_fields(value: Any, option: str = "extra_body") -> dict[str, Any]:
    """Return the value of `extra_body`, or of another mapping. Raises ValidationError, naming the option."""
    if value is not None and not (isinstance(value, Mapping) and all(isinstance(key, str) for key in value)):
        raise errors.ValidationError(f'{option}: expected a mapping, like {{"name": "value"}}', param=option)
    return dict(value or {})


def normalize_headers(value: Any, option: str = "extra_headers") -> dict[str, str]:
    """Return the value of `extra_headers`, the names in lower case. Raises ValidationError, naming the header."""
    fields = validate_fields(value, option)
    headers = {name.lower(): to_text(text) if isinstance(text, str) else text for name, text in fields.items()}
    for name, text in headers.items():
        message = ""
        if name in RESERVED_HEADERS:
            alternative = "; pass the key as api_key" if name == "authorization" else ""
            message = f"header {name!r} is set by the SDK and cannot be overridden{alternative}"
        elif not name or set(name) - _HEADER_NAME:
            message = f"invalid header name {name!r}"
        elif not isinstance(text, str) or not text.isascii() or not text.replace("\t", " ").isprintable():
            message = f"invalid value of header {name!r}; expected printable ASCII"
        if message:
            raise errors.ValidationError(f"{option}: {message}", param=option)
    return headers


def validate_query(value: Any, option: str = "extra_query") -> dict[str, Any]:
    """Return the value of `extra_query`. Raises ValidationError, naming the parameter."""
    fields = validate_fields(value, option)
    for name, field in fields.items():
        items = field if isinstance(field, list | tuple) else [field]
        try:
            is_valid = all(item is None or isinstance(item, str | int | float) for item in items)
            "".join([name, *map(str, items)]).encode()
        except UnicodeEncodeError:  # a lone surrogate
            is_valid = False
        if not is_valid:
            message = f"{option}: invalid value of {name!r}; expected text, a number, or a list of these"
            raise errors.ValidationError(message, param=option)
    return fields
