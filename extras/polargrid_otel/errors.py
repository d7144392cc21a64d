"""How errors are recorded: by class, and by a message that has no key, and no contents unless they are recorded."""

from __future__ import annotations

from typing import Any

from opentelemetry.trace import Span, StatusCode

from polargrid.errors import APIResponseValidationError, PolarGridError
from polargrid_otel import conventions as names
from polargrid_otel.texts import Redact, replace_surrogates


def error_type(error: BaseException) -> str:
    """Return `error.type`: the name of the class, which `polargrid.errors` documents."""
    return type(error).__qualname__


def error_message(error: BaseException, redact: Redact, *, with_contents: bool) -> str:
    """Return the message of an error of the SDK; that of any other may hold anything, and is left out.

    What the SDK quotes of a response that does not match, or of an error response without a message of its own, is
    recorded with contents only.
    """
    if not isinstance(error, PolarGridError):
        return ""
    if not with_contents:
        if isinstance(error, APIResponseValidationError):
            return ""
        status = f"HTTP {error.status_code}"
        if error.message.startswith(status):
            return status
    return redact(replace_surrogates(error.message))


def record_error(span: Span, error: BaseException, message: str) -> None:
    """Set the status of a span, and add the event of an exception."""
    kind = error_type(error)
    span.set_attribute(names.ERROR_TYPE, kind)
    span.set_status(StatusCode.ERROR, message or kind)
    span.add_event(names.EXCEPTION_EVENT, exception_attributes(error, message))


def exception_attributes(error: BaseException, message: str) -> dict[str, Any]:
    """Return the attributes of an exception. Its traceback is left out: it shows the code and data of the program."""
    module = type(error).__module__
    name = error_type(error) if module == "builtins" else f"{module}.{error_type(error)}"
    return {names.EXCEPTION_TYPE: name, **({names.EXCEPTION_MESSAGE: message} if message else {})}
