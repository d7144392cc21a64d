"""How a command ends: its exit status by the kind of what failed, and one sentence about it on stderr."""

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

DONE, FAILED, USAGE, KEY, RATE_LIMIT, PARTLY, BROKEN_CONTRACT, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 130
_STATUSES: tuple[tuple[type[PolarGridError], int], ...] = (
    (ValidationError, USAGE),
    (AuthenticationError, KEY),
    (BillingError, KEY),
    (RateLimitError, RATE_LIMIT),
)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class CommandError(click.ClickException):
    """What a command says of a failure, and the exit status that it has."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status


def run(command: Callable[[], object]) -> int:
    """The exit status of a command; what failed is told on stderr, in a sentence. A mistake of ours is raised."""
    try:
        status = command()
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
        return DONE  # who read our output has enough of it
    except KeyboardInterrupt:
        _close_line()
        return INTERRUPTED
    except (click.ClickException, PolarGridError, OSError) as error:
        output.note(f"{_command_of(error)}: {sentence(error)}")
        return status_of(error)
    return status if isinstance(status, int) else DONE


def status_of(error: Exception) -> int:
    """The exit status by the kind of a failure."""
    if isinstance(error, CommandError):
        return error.status
    if isinstance(error, click.ClickException):
        return error.exit_code
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), FAILED)


def sentence(error: Exception) -> str:
    """What failed, on one line, and what to do about it where that is known."""
    if isinstance(error, click.ClickException):
        told = error.format_message()
    elif isinstance(error, PolarGridError):
        told = "; ".join([str(error), *_advice(error)])
    else:
        told = _of_the_system(error)
    return " ".join(told.split())


def _advice(error: PolarGridError) -> list[str]:
    """What to do about it."""
    if isinstance(error, AuthenticationError):
        return ["`polargrid doctor` says where the key comes from"]
    if isinstance(error, RateLimitError) and error.retry_after:
        return [f"try again in {error.retry_after:.0f} s"]
    url = (error.meta and error.meta.base_url) or ""
    if not isinstance(error, NetworkError) or error.sent or not url:
        return []
    if urlsplit(url).hostname in _LOOPBACK:
        return [f"is there an edge at {url}? `polargrid serve` starts one"]
    return [f"`polargrid doctor` looks for what is wrong on the way to {url}"]


def _of_the_system(error: Exception) -> str:
    reason = getattr(error, "strerror", None) or str(error)
    name = getattr(error, "filename", None)
    return f"{name}: {reason}" if name else reason


def _command_of(error: Exception) -> str:
    """The command that failed, as it was typed."""
    context = getattr(error, "ctx", None) or click.get_current_context(silent=True)
    if context is None:
        return "polargrid"
    return " ".join(filter(None, (context.command_path, context.invoked_subcommand)))


def _close_line() -> None:
    """The terminal has written ^C; the prompt begins on a line of its own."""
    if sys.stderr.isatty():
        click.echo(err=True)


def _forget_stdout() -> None:
    """What is still held for a closed pipe must not fail again when Python ends."""
    try:
        file = sys.stdout.fileno()
    except (OSError, ValueError):  # no file below it, as in a test
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), file)
