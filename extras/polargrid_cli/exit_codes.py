"""Exit statuses by kind of failure, and the one-line message on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

import click

from polargrid.errors import (
    AuthenticationError,
    BillingError,
    NetworkError,
    PolarGridError,
    RateLimitError,
    ValidationError,
)
from polargrid_cli import output

OK, FAILED, USAGE, AUTH, RATE_LIMIT, PARTIAL, CONTRACT_FAILED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 130
_EXIT_CODES: tuple[tuple[type[PolarGridError], int], ...] = (
    (ValidationError, USAGE),
    (AuthenticationError, AUTH),
    (BillingError, AUTH),
    (RateLimitError, RATE_LIMIT),
)
_OPERATION_EXIT_CODES = {"failed": FAILED, "partial": PARTIAL}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def run_command(command: Callable[[], object]) -> int:
    """Run a command and return its exit status; expected failures are one line on stderr, bugs are raised."""
    try:
        exit_code = command()
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_stdout()
        return OK  # the reader of the pipe has read enough
    except KeyboardInterrupt:
        _end_line()
        return INTERRUPTED
    except (click.ClickException, PolarGridError, OSError, ModuleNotFoundError) as error:
        if isinstance(error, ModuleNotFoundError) and (error.name or "polargrid").startswith("polargrid"):
            raise
        output.print_note(f"{_command_path(error)}: {describe_error(error)}")
        return exit_code_for(error)
    return exit_code if isinstance(exit_code, int) else OK


def exit_code_for(error: Exception) -> int:
    """Return the exit status for a failure."""
    if isinstance(error, click.ClickException):
        return error.exit_code
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
    if urlsplit(url).hostname in _LOOPBACK:
        return []  # the message says how to start one
    return [f"run `polargrid doctor` to diagnose the connection to {url}"]


def _describe_os_error(error: Exception) -> str:
    reason = getattr(error, "strerror", None) or str(error)
    name = getattr(error, "filename", None)
    return f"{name}: {reason}" if name else reason


def _command_path(error: Exception) -> str:
    """Return the failed command as the user typed it."""
    context = getattr(error, "ctx", None) or click.get_current_context(silent=True)
    if context is None:
        return "polargrid"
    return " ".join(filter(None, (context.command_path, context.invoked_subcommand)))


def _end_line() -> None:
    """Move the shell's prompt below the ^C that the terminal printed."""
    if sys.stderr.isatty():
        click.echo(err=True)


def _discard_stdout() -> None:
    """Redirect a closed stdout, so that flushing its buffer at exit does not fail again."""
    try:
        file = sys.stdout.fileno()
    except (OSError, ValueError):  # no file descriptor, as in a test
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), file)
