"""What can go wrong, as exceptions.

PolarGridError                  everything below; catch this to catch all
├── ValidationError             the request is malformed: told before it is sent, or by status 400, 413, 415, 422
├── AuthenticationError         no key, or one that is not valid (401), or not allowed (403)
├── BillingError                no credit is left (402)
├── NotFoundError               no such model, voice or path (404)
├── RateLimitError              too many requests (429); `retry_after` says how long to wait
├── ServerError                 the edge failed (5xx), or its answer is not what the operation promises
├── TimeoutError                it took too long; also a builtin TimeoutError
└── NetworkError                no connection, or it broke
    └── StreamInterruptedError  a stream ended before its end

An error in the middle of a stream carries the text that came before it in `partial`, whatever its class.
"""

from __future__ import annotations

import builtins
import json
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polargrid_runtime.response import ResponseMeta as Meta

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_QUOTED = 200  # characters of a strange answer that an error shows


class PolarGridError(Exception):
    """Anything that failed. Every attribute but `message`, `sent` and `partial` may be None."""

    meta: Meta | None = None
    """How the call went: its attempts, the region that was asked last, the time it took."""
    sent: bool = True
    """Whether the request may have reached an edge; False where no connection was made, or none was tried."""
    partial: str = ""
    """The text of a stream that came before the error."""

    def __init__(
        self,
        message: str,
        *,
        status_code: int | None = None,
        code: str | None = None,
        type: str | None = None,
        param: str | None = None,
        details: Any = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        """What is wrong, in a sentence."""
        self.status_code = status_code
        """The HTTP status of the answer."""
        self.code = code
        """The error by a name that programs can compare: `model_not_found`."""
        self.type = type
        """The kind of error as the API names it: `invalid_request_error`."""
        self.param = param
        """The field at fault."""
        self.details = details
        """More about it, field by field."""
        self.request_id = request_id
        """The id of the request; name it when you report a problem."""
        self.retry_after = retry_after
        """How long to wait before the next try, in seconds, where the edge said so."""

    def __str__(self) -> str:
        facts = [str(self.status_code)] if self.status_code else []
        facts += [f"request {self.request_id}"] if self.request_id else []
        return f"{self.message} ({', '.join(facts)})" if facts else self.message


class ValidationError(PolarGridError):
    """The request is malformed; `message` names the field and `details` lists every fault."""


class AuthenticationError(PolarGridError):
    """There is no API key, or it is not valid here."""


class BillingError(PolarGridError):
    """No credit is left."""


class NotFoundError(PolarGridError):
    """There is no such model, voice or path."""


class RateLimitError(PolarGridError):
    """Too many requests; `retry_after` says how long to wait, in seconds."""


class ServerError(PolarGridError):
    """The edge failed, or answered something that the operation does not promise."""


class TimeoutError(PolarGridError, builtins.TimeoutError):
    """It took longer than `timeout`."""


class NetworkError(PolarGridError):
    """There was no connection, or it broke."""


class StreamInterruptedError(NetworkError):
    """A stream ended before its end; what came is in `partial`."""


_BY_STATUS: dict[int, builtins.type[PolarGridError]] = {
    400: ValidationError,
    401: AuthenticationError,
    402: BillingError,
    403: AuthenticationError,
    404: NotFoundError,
    408: TimeoutError,
    413: ValidationError,
    415: ValidationError,
    422: ValidationError,
    429: RateLimitError,
}
# What stands in an error's `type` or `code`, here and at other servers that speak OpenAI's API.
_BY_TYPE: dict[str, builtins.type[PolarGridError]] = {
    "invalid_request_error": ValidationError,
    "authentication_error": AuthenticationError,
    "permission_error": AuthenticationError,
    "billing_error": BillingError,
    "insufficient_quota": BillingError,
    "not_found_error": NotFoundError,
    "rate_limit_error": RateLimitError,
    "rate_limit_exceeded": RateLimitError,
    "timeout_error": TimeoutError,
}
_TEXTS = frozenset({"code", "type", "param", "status", "request_id"})  # and `message`


def from_answer(status: int, headers: Mapping[str, str], body: bytes) -> PolarGridError:
    """The exception of an answer whose status is an error; `headers` are looked up in lower case."""
    facts = _facts(_json(body))
    kind = _BY_STATUS.get(status) or (ServerError if status >= 500 or status < 400 else PolarGridError)
    return kind(
        facts.pop("message", None) or f"The edge answered {status}{_quoted(body)}",
        status_code=status,
        request_id=headers.get("x-request-id") or facts.pop("request_id", None),
        retry_after=_retry_after(headers),
        **{name: facts[name] for name in ("code", "type", "param", "details") if name in facts},
    )


def from_event(data: Mapping[str, Any], request_id: str | None) -> PolarGridError:
    """The exception of an error that came inside a stream: its class is that of its `type`, code or status."""
    facts = _facts(data)
    kind = _BY_TYPE.get(facts.get("type", "")) or _BY_TYPE.get(facts.get("code", ""))
    if kind is None:
        status = facts.get("status") or facts.get("code") or ""
        kind = _BY_STATUS.get(int(status) if len(status) == 3 and status.isdecimal() else 0, ServerError)
    known = {name: facts[name] for name in ("code", "type", "param", "details") if name in facts}
    return kind(facts.get("message") or "The edge reported an error in the stream", request_id=request_id, **known)


def unexpected(what: str, body: bytes, *, status: int, request_id: str | None) -> ServerError:
    """The exception of an answer that is not what the operation promises; it quotes the beginning."""
    return ServerError(f"{what}{_quoted(body)}", status_code=status, request_id=request_id)


def _facts(data: Any) -> dict[str, Any]:
    """The fields of both shapes of an error: under `error`, or at the top level."""
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
    told = {name: _text(value) if name in _TEXTS else value for name, value in fields.items()}
    return {name: value for name, value in told.items() if value is not None}


def _text(value: Any) -> str | None:
    """A fact that is text; servers that number their codes are understood, what else is none is left out."""
    return str(value) if isinstance(value, str | int) else None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _quoted(body: bytes) -> str:
    text = " ".join(body[: 4 * _QUOTED].decode("utf-8", "replace").split())
    if not text:
        return " with nothing in it"
    return f": {text[:_QUOTED]}{'…' if len(text) > _QUOTED else ''}"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds until the next try, from `retry-after-ms` or `Retry-After` in seconds or as a date (RFC 9110, 10.2.3)."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None or not text:
        return seconds
    from email.utils import parsedate_to_datetime  # rare, and slow to import

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    number = float(text) if text and _NUMBER.fullmatch(text) else None
    return number if number is not None and number < float("inf") else None
