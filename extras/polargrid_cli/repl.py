"""Interactive mode of `polargrid chat`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from polargrid.errors import PolarGridError
from polargrid_cli import exit_codes, output
from polargrid_cli.streaming import print_chat_stream

if TYPE_CHECKING:
    from polargrid import PolarGridSync

PROMPT = "> "
BANNER = "Ctrl-C stops a response, Ctrl-D ends the chat."


def run_repl(client: PolarGridSync, request: Mapping[str, Any]) -> None:
    """Read questions and print responses until stdin ends; a failed question is not part of the conversation."""
    with suppress(ImportError):  # not available on Windows
        import readline  # noqa: F401 - the import gives `input` line editing and history
    output.print_note(BANNER)
    messages: list[Mapping[str, Any]] = list(request["messages"])
    while (question := _read_question()) is not None:
        if not question.strip():
            continue
        turn = [*messages, {"role": "user", "content": question}]
        if content := _print_reply(client, {**request, "messages": turn}):
            messages = [*turn, {"role": "assistant", "content": content}]


def _read_question() -> str | None:
    """Read a line from the terminal; None at its end."""
    if sys.stdout.isatty():
        try:
            return input(PROMPT)
        except EOFError:
            output.print_text("\n")
            return None
    print(PROMPT, end="", file=sys.stderr, flush=True)  # stdout is a file, which gets the responses only
    line = sys.stdin.readline()
    return line.removesuffix("\n") if line else None


def _print_reply(client: PolarGridSync, request: Mapping[str, Any]) -> str:
    """Print the model's reply and return its text, which Ctrl-C cuts; empty if the request fails."""
    parts: list[str] = []
    try:
        print_chat_stream(client.chat_completion_stream(request), parts)
    except KeyboardInterrupt:
        if not parts:
            output.print_text("\n")  # below the ^C that the terminal printed
    except PolarGridError as error:
        if exit_codes.exit_code_for(error) == exit_codes.AUTH:  # every other question would fail the same
            raise
        output.print_note(exit_codes.describe_error(error))
        return ""
    return "".join(parts)
