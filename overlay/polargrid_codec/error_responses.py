"""Responses and events that are errors, or match no operation: the exception of each; pure."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from polargrid_runtime.errors import (
    APIResponseValidationError,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    BillingError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    PolarGridError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    TimeoutError,  # noqa: A004 - the documented name
    UnprocessableEntityError,
    ValidationError,
)
from polargrid_runtime.response import ResponseMeta

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_EXCERPT_LENGTH = 200  # characters of a response that a message quotes
_EXCERPT_SOURCE = 8192  # bytes that they are taken from, for white space is not quoted
_MAX_TEXT = 32 * 1024  # characters of a response that its exception holds
_TEXT_SOURCE = 64 * 1024  # bytes that they are taken from
Redactor = Callable[[str], str]  # removes the key

_BY_STATUS: dict[int, type[PolarGridError]] = {
    400: BadRequestError,
    **dict.fromkeys((413, 415), ValidationError),
    422: UnprocessableEntityError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    402: BillingError,
    404: NotFoundError,
    408: RequestTimeoutError,
    409: ConflictError,
    429: RateLimitError,
}
# Values of an error's `type` or `code`, of PolarGrid and of other OpenAI-compatible servers.
_BY_TYPE: dict[str, type[PolarGridError]] = {
    "authentication_error": AuthenticationError,
    "permission_error": PermissionDeniedError,
    **dict.fromkeys(("billing_error", "insufficient_quota"), BillingError),
    **dict.fromkeys(("rate_limit_error", "rate_limit_exceeded"), RateLimitError),
    "invalid_request_error": BadRequestError,
    "not_found_error": NotFoundError,
    "timeout_error": TimeoutError,
}
_STRING_FIELDS = frozenset({"code", "type", "param", "status", "request_id"})
_ARGUMENTS = ("code", "type", "param", "details")


def from_response(status: int, headers: Mapping[str, str], body: bytes, redact: Redactor = str) -> PolarGridError:
    """Build the exception of an error response; the names of `headers` are in lower case."""
    fields: dict[str, Any] = {}
    data: Any = None
    with suppress(ValueError, RecursionError):  # not JSON
        data = json.loads(body)
        fields = _error_fields(data)
    text = _decode(body, redact)
    kind = _BY_STATUS.get(status) or (InternalServerError if status >= 500 or status < 400 else APIStatusError)
    return kind(
        fields.pop("message", None) or f"HTTP {status}{_excerpt(body, redact)}",
        status_code=status,
        request_id=headers.get("x-request-id") or fields.pop("request_id", None),
        retry_after=parse_retry_after(headers),
        body=_error_body(data, text),
        text=text,
        **{name: fields[name] for name in _ARGUMENTS if name in fields},
    )


def from_event(data: Mapping[str, Any], request_id: str | None) -> PolarGridError:
    """Build the exception of an error event in a stream; its `type`, code or status selects the class."""
    fields = _error_fields(data)
    kind = _BY_TYPE.get(fields.get("type", "")) or _BY_TYPE.get(fields.get("code", ""))
    if kind is None:
        status = fields.get("status") or fields.get("code") or ""
        kind = _BY_STATUS.get(int(status) if len(status) == 3 and status.isdecimal() else 0, ServerError)
    arguments = {name: fields[name] for name in _ARGUMENTS if name in fields}
    message = fields.get("message") or "error event without a message"
    return kind(message, request_id=request_id, body=_error_body(data, ""), **arguments)


def refuse_request(error: ValidationError) -> BadRequestError:
    """Build the exception of a request that is refused before it is sent, as a server would refuse it with 400."""
    facts = {"code": error.code, "param": error.param, "details": error.details, "sent": error.sent}
    refusal = BadRequestError(error.message, type="invalid_request_error", **facts)
    refusal.__cause__ = error.__cause__
    return refusal


def redirect_error(
    status: int, headers: Mapping[str, str], body: bytes, message: str, redact: Redactor = str
) -> InternalServerError:
    """Build the exception of a redirect, which is not followed."""
    text, request_id = _decode(body, redact), headers.get("x-request-id")
    return InternalServerError(message, status_code=status, request_id=request_id, body=text, text=text)


def invalid_response(
    message: str, body: bytes, meta: ResponseMeta, redact: Redactor = str
) -> APIResponseValidationError:
    """Build the exception of a response that does not match its operation; it quotes the beginning of the body."""
    message += _excerpt(body, redact)
    status, text = meta.status_code or 200, _decode(body, redact)
    return APIResponseValidationError(message, status_code=status, request_id=meta.request_id, body=text, text=text)


def _error_body(data: Any, text: str) -> Any:
    """Return the error as OpenAI's SDK shows it: the object below `error`, any other JSON, or text."""
    if data is None:
        return text
    return data.get("error", data) if isinstance(data, Mapping) else data


def _decode(body: bytes, redact: Redactor) -> str:
    """Return the beginning of a body; the key is removed first, for the cut would leave a part of it."""
    return redact(body[:_TEXT_SOURCE].decode("utf-8", "replace"))[:_MAX_TEXT]


def _error_fields(data: Any) -> dict[str, Any]:
    """Read both shapes of an error: below `error`, or at the top level."""
    if not isinstance(data, Mapping):
        return {}
    inner = data.get("error")
    fields = dict(inner) if isinstance(inner, Mapping) else dict(data)
    if isinstance(inner, str):
        fields.setdefault("message", inner)
    detail = fields.get("detail")
    if isinstance(detail, str):
        fields.setdefault("message", detail)
    elif detail is not None:
        fields.setdefault("details", detail)
    if not isinstance(fields.get("message"), str):
        fields.pop("message", None)
    for name in _STRING_FIELDS & fields.keys():  # some servers number their codes; any other type is dropped
        fields[name] = str(fields[name]) if isinstance(fields[name], str | int) else None
    return {name: value for name, value in fields.items() if value is not None}


def _excerpt(body: bytes, redact: Redactor) -> str:
    """Quote the beginning of a body; the key is removed first, for the cut would leave a part of it."""
    text = redact(" ".join(body[:_EXCERPT_SOURCE].decode("utf-8", "replace").split()))
    if not text:
        return " with an empty body"
    return f": {text[:_EXCERPT_LENGTH]}{'…' if len(text) > _EXCERPT_LENGTH else ''}"


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from `retry-after-ms`, or from `Retry-After` in seconds or as a date (RFC 9110, 10.2.3)."""
    milliseconds = _parse_number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _parse_number(value)
    if seconds is not None or not value:
        return seconds
    date = _parse_date(value)
    now = _parse_date(headers.get("date", ""))  # the server's clock, by which it meant the date
    return None if date is None else max(0.0, date - (time.time() if now is None else now))


def _parse_date(text: str) -> float | None:
    from datetime import UTC  # rare, and slow to import
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()  # an HTTP date is in GMT
    except (ValueError, OverflowError):
        return None


def _parse_number(text: str | None) -> float | None:
    number = float(text) if text and _NUMBER.fullmatch(text) else None
    return number if number is not None and number < float("inf") else None
