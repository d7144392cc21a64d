"""Response bodies: from bytes to models, each validated once; pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from polargrid import errors
from polargrid_runtime.lenient import describe_mismatch
from polargrid_runtime.operation import Operation
from polargrid_runtime.response import ResponseMeta, ResponseModel

Kind = Literal["json", "str", "bytes"]


def parse_response(
    operation: Operation[Any, Any],
    headers: Mapping[str, str],
    body: bytes,
    meta: ResponseMeta,
    redact: errors.Redactor = str,
) -> Any:
    """Parse the body by its media type. Raises ServerError if it does not match the operation."""
    kind = response_kind(operation, headers)
    try:
        if kind == "bytes" and body:
            return body
        if kind == "str":
            return body.decode()
        if kind == "json" and operation.response_type:
            response = operation.response_type.validate_json(body)
            if isinstance(response, ResponseModel):
                object.__setattr__(response, "_meta", meta)  # as attach_meta does
            return response
    except ValueError as error:  # of Pydantic, or UnicodeDecodeError; not the cause: it quotes the body, and so the key
        expected = describe_json(operation) if kind == "json" else "UTF-8 text"
        message = f"{operation.name}: response does not match {expected} ({describe_mismatch(error, redact)})"
    else:
        if not operation.responses:
            return None
        message = unexpected_media_type(operation, headers)
    raise errors.invalid_response(message, body, meta, redact)


def describe_json(operation: Operation[Any, Any]) -> str:
    """The types of JSON responses; empty if there is none."""
    return " | ".join(item.type or "" for item in operation.responses if item.media_type.endswith("json"))


def unexpected_media_type(operation: Operation[Any, Any], headers: Mapping[str, str]) -> str:
    """The message of a response whose media type the operation does not have."""
    media = headers.get("content-type")
    return f"{operation.name}: {f'unexpected Content-Type {media!r}' if media else 'no Content-Type'} in the response"


def response_kind(operation: Operation[Any, Any], headers: Mapping[str, str]) -> Kind | None:
    """How to read a response, by its media type; None for one that the operation does not have."""
    return _classify(operation, headers.get("content-type", ""))


@lru_cache(maxsize=256)
def _classify(operation: Operation[Any, Any], content_type: str) -> Kind | None:
    media = content_type.partition(";")[0].strip().lower()
    types = {item.type for item in operation.responses}
    if media.endswith("json") and describe_json(operation):
        return "json"
    if "bytes" in types and (media.startswith("audio/") or media == "application/octet-stream"):
        return "bytes"
    if "str" in types and media.startswith("text/") and media not in ("text/html", "text/event-stream"):
        return "str"
    return None


def media_type(headers: Mapping[str, str]) -> str:
    """The media type of a response, without parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def join_headers(headers: Any) -> dict[str, str]:
    """An httpx.Headers as a dict; `dict(headers)` would compare each name with all others."""
    values: dict[str, list[str]] = {}
    for name, value in headers.multi_items():
        values.setdefault(name, []).append(value)
    return {name: ", ".join(items) for name, items in values.items()}
