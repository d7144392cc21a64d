"""Questions read from a terminal: with a history, several lines, and completion of commands."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from prompt_toolkit.key_binding import KeyBindings

PROMPT = "> "
CONTINUATION = "... "
BLOCK = '"""'

#: Reads a line after a prompt; None at the end of the input.
ReadLine = Callable[[str], str | None]


def make_line_reader(lines: Path | None, words: Callable[[], list[str]]) -> ReadLine:
    """Return a reader for the terminal, or for a stdin whose prompts nobody can see.

    The history of lines is in a file, or lost at the end. Tab completes a line to one of the words.
    """
    screen = next((stream for stream in (sys.stdout, sys.stderr) if stream is not None and stream.isatty()), None)
    return _read_plain if screen is None else _make_prompt(screen, lines, words)


def read_question(read_line: ReadLine) -> str | None:
    """Read a line, or the lines between two lines of three quotation marks; None at the end of the input."""
    line = read_line(PROMPT)
    if line is None or not line.lstrip().startswith(BLOCK):
        return line
    text = line.lstrip().removeprefix(BLOCK)
    while not text.rstrip().endswith(BLOCK):
        if (line := read_line(CONTINUATION)) is None:
            return text
        text = f"{text}\n{line}" if text else line
    return text.rstrip().removesuffix(BLOCK).strip("\n")


def _read_plain(prompt: str) -> str | None:
    print(prompt, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    return line.removesuffix("\n") if line else None


def _make_prompt(screen: Any, lines: Path | None, words: Callable[[], list[str]]) -> ReadLine:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.history import FileHistory, History, InMemoryHistory
    from prompt_toolkit.output import create_output

    history: History = FileHistory(lines) if lines is not None else InMemoryHistory()
    session: PromptSession[str] = PromptSession(
        history=history,
        output=create_output(stdout=screen),
        completer=WordCompleter(words, sentence=True),
        complete_while_typing=False,
        enable_open_in_editor=True,
        key_bindings=_make_key_bindings(),
        prompt_continuation=CONTINUATION,
    )

    def read_line(prompt: str) -> str | None:
        try:
            return session.prompt(prompt)
        except EOFError:
            return None

    return read_line


def _make_key_bindings() -> KeyBindings:
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    bindings = KeyBindings()

    @bindings.add("escape", "enter")
    def add_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @bindings.add("c-c")
    @bindings.add("<sigint>")
    def discard_or_end(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt, style="class:aborting")

    return bindings
