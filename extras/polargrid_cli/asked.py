"""What a command is given to read: words of the command line, and stdin."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

STDIN = "-"


def text(words: Sequence[str]) -> str | None:
    """The words as a text, `-` among them being what stdin holds; without words stdin alone.

    None where nothing is given and stdin is a terminal.
    """
    if not words:
        if sys.stdin is not None and sys.stdin.isatty():
            return None
        words = (STDIN,)
    if words.count(STDIN) > 1:
        raise click.UsageError("stdin can be read only once: give one `-`.")
    found = _joined(words)
    if not found.strip():
        raise click.UsageError("There is no text: give it as arguments or on stdin.")
    return found


def _joined(words: Sequence[str]) -> str:
    if STDIN not in words:
        return " ".join(words)
    place = words.index(STDIN)
    parts = (" ".join(words[:place]), _stdin_text(), " ".join(words[place + 1 :]))
    return "\n\n".join(part for part in parts if part)


def stdin_bytes() -> bytes:
    """All that stdin holds; nothing where it is closed."""
    if sys.stdin is None:
        return b""
    return sys.stdin.buffer.read()


def _stdin_text() -> str:
    try:
        return stdin_bytes().decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"stdin is no UTF-8 text: {error.reason} at byte {error.start}") from error
