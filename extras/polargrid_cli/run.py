"""Run a command: every failure ends with an exit status and a message, not a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import click

from polargrid.errors import PolarGridError
from polargrid_cli import failures
from polargrid_cli.exit_codes import INTERRUPTED, OK, exit_code_for


def run_command(command: Callable[[], object], *, as_json: Callable[[], bool]) -> int:
    """Run a command and return its exit status; expected failures are one line on stderr, bugs are raised.

    `as_json` says whether that line is JSON, when there is one.
    """
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
        failures.report_end(error, as_json=as_json())
        return exit_code_for(error)
    return exit_code if isinstance(exit_code, int) else OK


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
