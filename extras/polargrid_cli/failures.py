"""Failures on stderr: a line of text, or one of JSON if the command has `--json`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from polargrid.errors import PolarGridError
from polargrid_cli import output
from polargrid_cli.exit_codes import describe_error, exit_code_for

_JSON = "polargrid_cli.json"
_HELP: Any = getattr(click.exceptions, "NoArgsIsHelpError", ())  # since click 8.2; before, it was no error
_FIELDS = ("status_code", "code", "param", "request_id", "retry_after")


def request_json(context: click.Context) -> None:
    """Make the failures of a command line JSON."""
    context.meta[_JSON] = True  # shared by the contexts of all commands of the line


def is_json(context: click.Context | None) -> bool:
    """Return whether the failures of a command line are JSON."""
    return context is not None and bool(context.meta.get(_JSON))


def has_json_option(words: Sequence[str]) -> bool:
    """Return whether a command line has `--json`, as far as it can be known before it is parsed."""
    options = words[: words.index("--")] if "--" in words else words
    return "--json" in options


def report_end(error: Exception, *, as_json: bool, exit_status: int | None = None) -> None:
    """Write the failure that ended a command to stderr, with the exit status, by default that of the error."""
    if isinstance(error, click.ClickException) and isinstance(error, _HELP) and not as_json:
        error.show()  # of a group without a command: its help, with line breaks
    elif as_json:
        status = exit_code_for(error) if exit_status is None else exit_status
        _print_json({"error": to_json(error), "exit_status": status})
    else:
        output.print_note(f"{_command_path(error)}: {describe_error(error)}")


def report(subject: str, error: Exception) -> None:
    """Write the failure of one of several files to stderr; the command goes on."""
    if is_json(click.get_current_context(silent=True)):
        _print_json({"file": subject, "error": to_json(error)})
    else:
        output.print_note(f"{subject}: {describe_error(error)}")


def to_json(error: Exception) -> dict[str, Any]:
    """Return the fields of a failure that are known; `type` is the name of its class in `polargrid.errors`."""
    names = _FIELDS if isinstance(error, PolarGridError) else ()
    fields = {name: getattr(error, name) for name in names}
    present = {name: value for name, value in fields.items() if value is not None}
    return {"message": describe_error(error), "type": type(error).__name__, **present}


def _print_json(fields: dict[str, Any]) -> None:
    output.print_note(json.dumps(fields, ensure_ascii=False))


def _command_path(error: Exception) -> str:
    """Return the failed command as the user typed it."""
    context = getattr(error, "ctx", None) or click.get_current_context(silent=True)
    if context is None:
        return "polargrid"
    return " ".join(filter(None, (context.command_path, context.invoked_subcommand)))
