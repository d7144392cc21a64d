"""Input of a command: words of the command line, and stdin."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

STDIN = "-"


def is_interactive(words: Sequence[str]) -> bool:
    """Return whether there are no words and stdin is a terminal."""
    return not words and sys.stdin is not None and sys.stdin.isatty()


def read_text(words: Sequence[str]) -> str:
    """Join the words to one text, with `-` replaced by stdin; without words, read stdin."""
    check_single_use(words)
    text = "" if is_interactive(words) else _join_words(words or (STDIN,))
    if not text.strip():
        raise click.UsageError("no text; pass it as arguments or on stdin")
    return text


def read_bytes() -> bytes:
    """Read all of stdin; a closed stdin is empty."""
    return b"" if sys.stdin is None else sys.stdin.buffer.read()


def check_single_use(words: Sequence[str]) -> None:
    """Reject a second `-`, which would find stdin at its end."""
    if words.count(STDIN) > 1:
        raise click.UsageError("stdin can be read only once; pass a single `-`")


def _join_words(words: Sequence[str]) -> str:
    if STDIN not in words:
        return " ".join(words)
    index = words.index(STDIN)
    parts = (" ".join(words[:index]), _decode(read_bytes()), " ".join(words[index + 1 :]))
    return "\n\n".join(part for part in parts if part)


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"stdin is not valid UTF-8: {error.reason} at byte {error.start}") from error
