"""A request -> a Call, an answer -> a model; pure.

Each message is validated once, by the Pydantic type that its operation names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

import attrs
import pydantic

from polargrid import errors
from polargrid.extra import Extra
from polargrid.files import Upload, upload
from polargrid_runtime.operation import Operation
from polargrid_runtime.response import ResponseMeta as Meta
from polargrid_runtime.response import ResponseModel, attach_meta


@attrs.frozen
class Call:
    """One request, ready to be sent as often as needed."""

    operation: Operation[Any, Any]
    method: str
    path: str
    query: Mapping[str, Any]
    stream: bool
    """Whether the answer is asked for in pieces."""
    headers: Mapping[str, str]
    extra_headers: Mapping[str, str] = attrs.field(repr=False)
    content: bytes | None = None
    form: Mapping[str, str | list[str]] | None = None
    file: Upload | None = None


def encode(
    operation: Operation[Any, Any],
    request: Any,
    file: Any = None,
    parameters: Mapping[str, Any] | None = None,
    extra: Extra = Extra(),  # noqa: B008 - it is frozen
    *,
    stream: bool = False,
) -> Call:
    """The call of an operation. Only fields that were set are sent.

    Raises ValidationError, naming the field, for anything the operation does not take.
    """
    model = _validated(operation, _with_more(request, extra.body) if extra.body else request, stream=stream)
    path, query = operation.build_path(parameters or {}), operation.build_query(parameters or {})
    headers = {"Accept": "text/event-stream" if stream and operation.event else _accepted(operation)}
    body: dict[str, Any] = {}
    if operation.file:
        body = {"form": _form(model), "file": upload(file, operation.file)}
    elif model is not None:
        headers["Content-Type"] = "application/json"
        body = {"content": _json(model)}
    query = {**query, **extra.query} if extra.query else query
    return Call(operation, operation.method, path, query, stream, headers, extra.headers, **body)


def _with_more(request: Any, fields: Mapping[str, Any]) -> Any:
    """The request with more fields; one that is not made of fields is refused as it is."""
    if request is None or isinstance(request, Mapping):
        return {**(request or {}), **fields}
    if isinstance(request, pydantic.BaseModel):
        return {**request.model_dump(exclude_unset=True, by_alias=True), **fields}
    return request


@cache
def _accepted(operation: Operation[Any, Any]) -> str:
    return ", ".join(operation.responses) or "*/*"


def _validated(operation: Operation[Any, Any], request: Any, *, stream: bool) -> pydantic.BaseModel | None:
    kind = operation.request_type
    if kind is None or (request is None and all(not field.is_required() for field in kind.model_fields.values())):
        return None
    try:
        model = kind.model_validate(request)
    except pydantic.ValidationError as error:
        raise validation_error(error, kind.__name__) from error
    if "stream" not in kind.model_fields:
        return model
    if stream:
        return model.model_copy(update={"stream": True})
    if getattr(model, "stream", None):
        raise errors.ValidationError(f"stream: use {operation.name}_stream for a streamed answer", param="stream")
    return model


def validation_error(error: pydantic.ValidationError, kind: str) -> errors.ValidationError:
    """Ours, from Pydantic's: the message names the first field, `details` holds every fault, none the input."""
    faults = [{"field": ".".join(map(str, item["loc"])), "message": item["msg"]} for item in error.errors()]
    first = f"{faults[0]['field'] or kind}: {faults[0]['message']}"
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return errors.ValidationError(first + more, param=faults[0]["field"] or None, details=faults)


def _json(model: pydantic.BaseModel) -> bytes:
    try:
        return model.model_dump_json(exclude_unset=True, by_alias=True).encode()
    except ValueError as error:  # PydanticSerializationError: a lone surrogate, an object that JSON has no form for
        raise errors.ValidationError(f"{type(model).__name__}: {error}") from error


def _form(model: pydantic.BaseModel | None) -> dict[str, str | list[str]]:
    fields = model.model_dump(mode="json", exclude_unset=True, by_alias=True) if model else {}
    return {
        name: [_text(item) for item in value] if isinstance(value, list) else _text(value)
        for name, value in fields.items()
        if value is not None
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def decode(operation: Operation[Any, Any], headers: Mapping[str, str], body: bytes, meta: Meta) -> Any:
    """The answer of an operation, by its media type. Raises ServerError where it is not what was promised."""
    answer = _decoded(operation, headers, body, meta)
    if isinstance(answer, ResponseModel):
        attach_meta(answer, meta)
    return answer


def _decoded(operation: Operation[Any, Any], headers: Mapping[str, str], body: bytes, meta: Meta) -> Any:
    kind = answer_kind(operation, headers)
    try:
        if kind == "bytes" and body:
            return body
        if kind == "str":
            return body.decode()
        if kind == "json" and operation.response_type:
            return operation.response_type.validate_json(body)
    except ValueError as error:  # Pydantic's and Unicode's are both
        kind = operation.responses.get("application/json", "text")
        fault = f"{operation.name}: the answer is not the {kind} it should be"
        raise errors.unexpected(fault, body, status=meta.status_code or 200, request_id=meta.request_id) from error
    if not operation.responses:
        return None
    fault = f"{operation.name}: the answer is {headers.get('content-type') or 'of no type'}, which it should not be"
    raise errors.unexpected(fault, body, status=meta.status_code or 200, request_id=meta.request_id)


def answer_kind(operation: Operation[Any, Any], headers: Mapping[str, str]) -> str | None:
    """`json`, `str` or `bytes`, or None for a media type that the operation does not answer."""
    return _kind_of(operation, headers.get("content-type", ""))


@lru_cache(maxsize=256)
def _kind_of(operation: Operation[Any, Any], content_type: str) -> str | None:
    media = content_type.partition(";")[0].strip().lower()
    kinds = set(operation.responses.values())
    if media.endswith("json") and "application/json" in operation.responses:
        return "json"
    if "bytes" in kinds and (media.startswith("audio/") or media == "application/octet-stream"):
        return "bytes"
    if "str" in kinds and media.startswith("text/") and media not in ("text/html", "text/event-stream"):
        return "str"
    return None


def media_type(headers: Mapping[str, str]) -> str:
    """The media type of an answer, without its parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()
