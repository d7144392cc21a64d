"""`polargrid chat` where nothing is asked: a talk in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from polargrid.errors import PolarGridError
from polargrid_cli import exits, output, streaming

if TYPE_CHECKING:
    from polargrid import PolarGridSync

PROMPT = "> "
WELCOME = "Ctrl-C ends an answer, Ctrl-D the talk."


def hold(client: PolarGridSync, request: Mapping[str, Any]) -> None:
    """Ask, answer, and remember, until the end of stdin. What fails is told, and can be asked again."""
    with suppress(ImportError):  # Windows has none
        import readline  # noqa: F401 - to import it gives `input` its editing and its history
    output.note(WELCOME)
    messages: list[Mapping[str, Any]] = list(request["messages"])
    while (question := _question()) is not None:
        if not question.strip():
            continue
        asked = [*messages, {"role": "user", "content": question}]
        if said := _answer(client, {**request, "messages": asked}):
            messages = [*asked, {"role": "assistant", "content": said}]


def _question() -> str | None:
    """A line of the terminal; None at the end of it."""
    if sys.stdout.isatty():
        try:
            return input(PROMPT)
        except EOFError:
            output.write("\n")
            return None
    print(PROMPT, end="", file=sys.stderr, flush=True)  # stdout is a file, for the answers alone
    line = sys.stdin.readline()
    return line.removesuffix("\n") if line else None


def _answer(client: PolarGridSync, request: Mapping[str, Any]) -> str:
    """What the model says: all of it, or what came before Ctrl-C; nothing where it failed."""
    said: list[str] = []
    try:
        streaming.print_chat(client.chat_completion_stream(request), said)
    except KeyboardInterrupt:
        if not said:
            output.write("\n")  # below the ^C of the terminal
    except PolarGridError as error:
        if exits.status_of(error) == exits.KEY:  # no other question would fare better
            raise
        output.note(exits.sentence(error))
        return ""
    return "".join(said)
