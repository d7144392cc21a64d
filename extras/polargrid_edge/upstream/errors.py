"""Map the errors of upstream servers to those of the edge. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from polargrid_edge.errors import EdgeError

_TOO_LONG: Final = re.compile(
    r"context[ _](length|size|window)|exceed_context_size|maximum (model|sequence|input) length|max_model_len"
    r"|`?inputs`? tokens \+ `?max_new_tokens`?|longer than the model's",
    re.IGNORECASE,
)
_CODES: Final[Mapping[int, str]] = {404: "model_not_found", 429: "rate_limit_exceeded"}
_TEXT_CODE: Final = re.compile(r"[a-z][a-z0-9_]*")
_UNAVAILABLE: Final = "model_unavailable"
# Statuses of the API that mean the same when an upstream server sends them.
_CLIENT_ERRORS: Final = (400, 409, 413, 422)


class UpstreamError(EdgeError):
    """The error of a response of an upstream server, whose status was `upstream_status`."""

    upstream_status = 0


def to_edge_error(server: str, status: int, body: bytes, headers: Mapping[str, str]) -> UpstreamError:
    """The error of a response of an upstream server, in the words of the edge.

    The key of the upstream server is the edge's, so 401 and 403 are no fault of the client: 503.
    """
    error = _map_error(server, status, body, headers)
    error.upstream_status = status
    return error


def _map_error(server: str, status: int, body: bytes, headers: Mapping[str, str]) -> UpstreamError:
    message, code, param = read_error(body)
    message = message or f"HTTP {status} without a message"
    if status in (401, 403):
        return UpstreamError(503, f"{server} rejects the key of this edge (HTTP {status}): {message}", _UNAVAILABLE)
    if status in (429, 503):
        retry_after = headers.get("retry-after")
        response_headers = {"Retry-After": retry_after} if retry_after and retry_after.strip().isdecimal() else None
        return UpstreamError(status, message, _CODES.get(status, _UNAVAILABLE), headers=response_headers)
    if status in _CLIENT_ERRORS and is_context_length(message, code):
        return UpstreamError(400, message, "context_length_exceeded", param=param)
    if status in _CLIENT_ERRORS:
        return UpstreamError(status, message, code or "invalid_value", param=param)
    if status == 404:
        return UpstreamError(404, f"{server}: {message}", "model_not_found", param="model")
    return UpstreamError(503, f"{server} failed (HTTP {status}): {message}", _UNAVAILABLE)


def is_context_length(message: str, code: str | None) -> bool:
    """Whether an error says that a prompt, or it and the response, is longer than the context."""
    return code == "context_length_exceeded" or bool(_TOO_LONG.search(message))


def read_error(body: bytes) -> tuple[str, str | None, str | None]:
    """The message, the code and the field of an error in any of the forms of servers.

    An integer code, which repeats the status, is none.
    """
    try:
        data: Any = json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace").strip(), None, None
    return read_error_object(data)


def read_error_object(data: Any) -> tuple[str, str | None, str | None]:
    """As `read_error`, of parsed JSON: OpenAI's `error`, FastAPI's `detail`, or an `error` that is a text."""
    match data:
        case {"error": {"message": message} as error}:
            return str(message), _read_code(error), _read_param(error)
        case {"error": str(message)} | {"detail": str(message)}:
            return message, _read_code(data, "error_type"), None
        case {"message": str(message)}:
            return message, _read_code(data), _read_param(data)
        case {"detail": [{"msg": str(message)}, *_]}:
            return message, None, None
        case _:
            return json.dumps(data, ensure_ascii=False), None, None


def _read_code(error: Mapping[str, Any], *names: str) -> str | None:
    """The first text among the code and what stands in its place that is a name for programs."""
    for name in ("code", *names):
        value = error.get(name)
        if isinstance(value, str) and _TEXT_CODE.fullmatch(value):
            return value
    return None


def _read_param(error: Mapping[str, Any]) -> str | None:
    param = error.get("param")
    return param if isinstance(param, str) and param else None


def event_error(server: str, event: Mapping[str, Any]) -> EdgeError | None:
    """The error in an event of a stream; None for an event without one."""
    if not event.get("error") and event.get("object") != "error":
        return None
    message, code, param = read_error_object(dict(event))
    status = (event["error"].get("code") if isinstance(event.get("error"), dict) else None) or event.get("code")
    if is_context_length(message, code):
        return EdgeError(400, message, "context_length_exceeded", param=param)
    if status == 429:
        return EdgeError(429, message, "rate_limit_exceeded")
    if isinstance(status, int) and status in _CLIENT_ERRORS:
        return EdgeError(status, message, code or "invalid_value", param=param)
    return EdgeError(503, f"{server} failed: {message}", _UNAVAILABLE)


def unavailable_error(server: str, reason: str) -> EdgeError:
    """The error of a server that does not answer."""
    return EdgeError(503, f"{server} {reason}", _UNAVAILABLE, headers={"Retry-After": "1"})
