"""The exceptions of the SDK; programs import them from `polargrid.errors`, which draws their tree."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polargrid_runtime.response import ResponseMeta

__all__ = [
    "AuthenticationError",
    "BillingError",
    "JobFailedError",
    "NetworkError",
    "NotFoundError",
    "PolarGridError",
    "RateLimitError",
    "ServerError",
    "StreamInterruptedError",
    "TimeoutError",
    "ValidationError",
]


class PolarGridError(Exception):
    """The base class. Every attribute except `message`, `sent` and `partial` may be None."""

    meta: ResponseMeta | None = None
    """Metadata of the call: attempts, last region, elapsed time."""
    sent: bool = True
    """Whether the request may have reached a server; False if no connection was made."""
    partial: str = ""
    """Text that a stream produced before the error."""

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
        sent: bool = True,
    ) -> None:
        super().__init__(message)
        self.message = message
        """What is wrong, in a sentence."""
        self.status_code = status_code
        """The HTTP status of the response."""
        self.code = code
        """The error as a name that programs can compare: `model_not_found`."""
        self.type = type
        """The kind of error as the API names it: `invalid_request_error`."""
        self.param = param
        """The field that is invalid."""
        self.details = details
        """Every invalid field, or what the server adds."""
        self.request_id = request_id
        """The id of the request, to quote in a report."""
        self.retry_after = retry_after
        """Seconds to wait before the next attempt, if the server says so."""
        self.sent = sent

    def __str__(self) -> str:
        facts = (self.status_code and f"HTTP {self.status_code}", self.request_id and f"request {self.request_id}")
        details = ", ".join(fact for fact in facts if fact)
        return f"{self.message} ({details})" if details else self.message


class ValidationError(PolarGridError):
    """The request is invalid; `message` names the field and `details` lists every invalid field."""


class AuthenticationError(PolarGridError):
    """The API key is missing, invalid, or lacks permission."""


class BillingError(PolarGridError):
    """No credit left."""


class NotFoundError(PolarGridError):
    """Unknown model, voice or path."""


class RateLimitError(PolarGridError):
    """Too many requests; `retry_after` says how many seconds to wait."""


class ServerError(PolarGridError):
    """The server failed, or its response does not match the operation."""


class JobFailedError(PolarGridError):
    """A job failed or was cancelled; `job` is its state."""

    job: Any = None
    """The response with the state of the job."""


class TimeoutError(PolarGridError, builtins.TimeoutError):
    """A timeout or the deadline passed."""


class NetworkError(PolarGridError):
    """No connection, or it broke."""


class StreamInterruptedError(NetworkError):
    """A stream ended early; `partial` holds its text."""


for _name in __all__:
    globals()[_name].__module__ = "polargrid.errors"  # as a traceback and a pickle name it
