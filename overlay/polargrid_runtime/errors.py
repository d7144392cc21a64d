"""The exceptions of the SDK; programs import them from `polargrid.errors`, which draws their tree."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from polargrid_runtime.response import ResponseMeta

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "AuthenticationError",
    "BadRequestError",
    "BillingError",
    "ConflictError",
    "ContentFilterFinishReasonError",
    "InternalServerError",
    "JobFailedError",
    "LengthFinishReasonError",
    "NetworkError",
    "NotFoundError",
    "PermissionDeniedError",
    "PolarGridError",
    "RateLimitError",
    "RequestTimeoutError",
    "ServerError",
    "StreamInterruptedError",
    "TimeoutError",
    "UnprocessableEntityError",
    "ValidationError",
]
#: Headers of the body as it was sent; the body of a `response` is decoded.
_CODING_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class PolarGridError(Exception):
    """The base class. Every attribute except `message`, `sent` and `partial` may be None.

    OpenAI's SDK creates its exceptions with `request`, `response` and `body`; these are accepted as well.
    """

    meta: ResponseMeta | None = None
    """Metadata of the call: attempts, last region, elapsed time."""
    sent: bool = True
    """Whether the request may have reached a server; False if no connection was made."""
    partial: str = ""
    """Text that a stream produced before the error."""
    target: Sequence[str] = ()
    """The method and the URL of the request, without its query; `request` is made of them."""

    def __init__(
        self,
        message: str = "",
        request: Any = None,
        *,
        status_code: int | None = None,
        code: str | None = None,
        type: str | None = None,
        param: str | None = None,
        details: Any = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        sent: bool = True,
        body: Any = None,
        text: str | None = None,
        response: Any = None,
    ) -> None:
        super().__init__(message)
        is_of_caller = response is not None or request is not None
        fields = body if is_of_caller and isinstance(body, Mapping) else {}
        self.message = message
        """What is wrong, in a sentence."""
        self.status_code: int | None = status_code if response is None else response.status_code
        """The HTTP status of the response."""
        self.code: str | None = code or fields.get("code")
        """The error as a name that programs can compare: `model_not_found`."""
        self.type: str | None = type or fields.get("type")
        """The kind of error as the API names it: `invalid_request_error`."""
        self.param: str | None = param or fields.get("param")
        """The field that is invalid."""
        self.details = details
        """Every invalid field, or what the server adds."""
        self.request_id: str | None = (
            request_id or (response is not None and response.headers.get("x-request-id")) or None
        )
        """The id of the request, to quote in a report."""
        self.retry_after = retry_after
        """Seconds to wait before the next attempt, if the server says so."""
        self.sent = sent
        self.body: Any = body
        """The error that the server sent: the object below `error`, any other JSON, or text."""
        self._text, self._request, self._response = text, request, response

    @property
    def request(self) -> httpx.Request | Any:
        """The request: its method and URL, without query, headers and body. None if none was made.

        Type checkers accept `error.request.url` without a question for None, as OpenAI's SDK has it.
        """
        if self._request is None and self.target:
            import httpx

            return httpx.Request(*self.target)
        if self._request is None and self._response is not None:
            return self._response.request
        return self._request

    @property
    def response(self) -> httpx.Response | Any:
        """The response: its status, headers and decoded body, without the key. None if there was none.

        It is a copy: reading, closing or keeping it has no effect on a connection.
        """
        if self._response is None and self._text is not None and self.status_code is not None:
            import httpx

            headers = {} if self.meta is None else self.meta.headers
            shown = {name: value for name, value in headers.items() if name not in _CODING_HEADERS}
            copy = httpx.Response(self.status_code, headers=shown, content=self._text.encode(), request=self.request)
            copy.encoding = "utf-8"  # also if the server sent the text in another one
            return copy
        return self._response

    def __str__(self) -> str:
        facts = (self.status_code and f"HTTP {self.status_code}", self.request_id and f"request {self.request_id}")
        details = ", ".join(fact for fact in facts if fact)
        return f"{self.message} ({details})" if details else self.message


class APIError(PolarGridError):
    """A call failed."""


class APIConnectionError(APIError):
    """There is no response, or not all of it."""

    def __init__(self, message: str = "connection error", request: Any = None, **fields: Any) -> None:
        super().__init__(message, request, **fields)


class APIStatusError(APIError):
    """The server responded with an error, or the request is one that it would refuse: then `status_code` is None."""


class ValidationError(APIStatusError):
    """The request is invalid; `message` names the field and `details` lists every invalid field."""


class BadRequestError(ValidationError):
    """The request is invalid: rejected before sending, or with status 400."""


class UnprocessableEntityError(ValidationError):
    """The request is invalid (422)."""


class AuthenticationError(APIStatusError):
    """The API key is missing, invalid, or lacks permission."""


class PermissionDeniedError(AuthenticationError):
    """The API key lacks permission (403)."""


class BillingError(APIStatusError):
    """No credit left."""


class NotFoundError(APIStatusError):
    """Unknown model, voice or path."""


class ConflictError(APIStatusError):
    """The request is in conflict with another one (409)."""


class RateLimitError(APIStatusError):
    """Too many requests; `retry_after` says how many seconds to wait."""


class ServerError(APIError):
    """The server failed, or its response does not match the operation."""


class InternalServerError(ServerError, APIStatusError):
    """The server failed: its status is 5xx, or a redirect, which is not followed."""


class APIResponseValidationError(ServerError):
    """The response does not match the operation."""


class LengthFinishReasonError(APIResponseValidationError):
    """The model's text was cut off, so that it has no object; `completion` is the response."""

    def __init__(
        self, message: str = "the text of the model is truncated", *, completion: Any = None, **fields: Any
    ) -> None:
        super().__init__(message, **fields)
        self.completion = completion


class ContentFilterFinishReasonError(APIResponseValidationError):
    """A content filter ended the model's text, so that it has no object; `completion` is the response."""

    def __init__(
        self, message: str = "a content filter ended the text of the model", *, completion: Any = None, **fields: Any
    ) -> None:
        super().__init__(message, **fields)
        self.completion = completion


class JobFailedError(PolarGridError):
    """A job failed or was cancelled; `job` is its state."""

    job: Any = None
    """The response with the state of the job."""


class TimeoutError(APIConnectionError, builtins.TimeoutError):
    """A timeout or the deadline passed."""

    def __init__(self, message: Any = "request timed out", request: Any = None, **fields: Any) -> None:
        if not isinstance(message, str):  # OpenAI's SDK has the request first
            message, request = "request timed out", message
        super().__init__(message, request, **fields)


class RequestTimeoutError(TimeoutError, APIStatusError):
    """The server waited too long for the request (408)."""


class NetworkError(APIConnectionError):
    """No connection, or it broke."""


class StreamInterruptedError(NetworkError):
    """A stream ended early; `partial` holds its text."""


for _name in __all__:
    globals()[_name].__module__ = "polargrid.errors"  # as a traceback and a pickle name it
