"""Exit statuses by kind of failure, and a description of it on one line."""

from __future__ import annotations

import click

from polargrid.errors import (
    APIConnectionError,
    AuthenticationError,
    BillingError,
    NetworkError,
    NotFoundError,
    PolarGridError,
    RateLimitError,
    ValidationError,
)
from polargrid_cli.loopback import is_loopback

OK, FAILED, USAGE, AUTH, RATE_LIMIT, PARTIAL, CONTRACT_FAILED, NOT_FOUND, UNREACHABLE = range(9)
INTERRUPTED = 130
_EXIT_CODES: tuple[tuple[type[PolarGridError], int], ...] = (
    (ValidationError, USAGE),
    (AuthenticationError, AUTH),
    (BillingError, AUTH),
    (RateLimitError, RATE_LIMIT),
    (NotFoundError, NOT_FOUND),
)
_OPERATION_EXIT_CODES = {"failed": FAILED, "partial": PARTIAL}


def exit_code_for(error: Exception) -> int:
    """Return the exit status for a failure."""
    if isinstance(error, click.ClickException):
        return error.exit_code
    if isinstance(error, APIConnectionError) and not error.sent:  # no connection, or none in time
        return UNREACHABLE
    return next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), FAILED)


def exit_code_for_status(status: str) -> int:
    """Return the exit status for the `status` field of a response to a model or GPU operation."""
    return _OPERATION_EXIT_CODES.get(status, OK)


def describe_error(error: Exception) -> str:
    """Describe a failure on one line, with what to do about it if that is known."""
    if isinstance(error, click.ClickException):
        message = error.format_message()
    elif isinstance(error, PolarGridError):
        message = "; ".join([str(error), *_hints(error)])
    elif isinstance(error, ModuleNotFoundError):  # of an optional extra
        message = f"missing package {error.name}; install it with: pip install 'polargrid[all]'"
    else:
        message = _describe_os_error(error)
    return " ".join(message.split())


def _hints(error: PolarGridError) -> list[str]:
    if isinstance(error, AuthenticationError):
        return ["run `polargrid doctor` to see which key is used"]
    if isinstance(error, RateLimitError) and error.retry_after:
        return [f"retry in {error.retry_after:.0f} s"]
    url = (error.meta and error.meta.base_url) or ""
    if not isinstance(error, NetworkError) or error.sent or not url:
        return []
    if is_loopback(url):
        return []  # the message says how to start one
    return [f"run `polargrid doctor` to diagnose the connection to {url}"]


def _describe_os_error(error: Exception) -> str:
    reason = getattr(error, "strerror", None) or str(error)
    name = getattr(error, "filename", None)
    return f"{name}: {reason}" if name else reason
