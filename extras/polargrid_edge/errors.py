"""The error of the API: an HTTP status and an error envelope. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_TYPES: Final = {
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "server_error",
    501: "server_error",
    503: "server_error",
}
# A message quotes what the client sent, which may be megabytes.
_MAX_MESSAGE: Final = 500


class EdgeError(Exception):
    """An error response. `param` names the invalid field, `details` has a message for each invalid field."""

    def __init__(
        self,
        status: int,
        message: str,
        code: str,
        *,
        param: str | None = None,
        details: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = escape(shorten(message))
        self.type = _TYPES.get(status, "invalid_request_error")
        self.code = code
        self.param = param
        self.details = details
        self.headers = dict(headers or {})

    def envelope(self) -> dict[str, Any]:
        """The response body; fields without a value are omitted."""
        error: dict[str, Any] = {"message": self.message, "type": self.type, "code": self.code}
        if self.param is not None:
            error["param"] = escape(shorten(self.param))
        if self.details:
            error["details"] = {escape(name): escape(text) for name, text in self.details.items()}
        return {"error": error}


class ModelFileError(EdgeError):
    """A file from which no model can be loaded: 503. The message names the file, and says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(503, message, "model_unavailable")


def invalid_request(message: str, param: str | None = None, code: str = "invalid_value") -> EdgeError:
    """The error for a request that cannot be served as it is: 400."""
    return EdgeError(400, message, code, param=param)


def internal_error() -> EdgeError:
    """The error for a failure of the edge itself; the details are in the log, not in the response."""
    return EdgeError(
        500, "Internal error of the edge; its log has the details under this request's id", "internal_error"
    )


def not_implemented_error(operation: str) -> EdgeError:
    """The error for an operation of the specification that no service implements: 501."""
    message = f"The local edge does not implement the operation {operation!r}; call a hosted region"
    return EdgeError(501, message, "not_implemented")


# A process that takes over listens after some seconds; a client with other endpoints goes there at once.
_RESTART_SECONDS: Final = 5


def stopping_error() -> EdgeError:
    """The error for a request that a stopping edge no longer serves: 503."""
    headers = {"Retry-After": str(_RESTART_SECONDS)}
    return EdgeError(503, "The edge is shutting down", "model_unavailable", headers=headers)


def shorten(text: str) -> str:
    """Cut a text to the length of a message."""
    return text if len(text) <= _MAX_MESSAGE else text[: _MAX_MESSAGE - 1] + "…"


def escape(text: str) -> str:
    """A text that does nothing to the terminal or log that shows it: control and invisible characters are escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
