"""Output of a command: data on stdout, notes on stderr, no control sequences to a terminal.

A model's response may contain escape sequences that move the cursor, set the title or write to the clipboard. For a
terminal they are escaped as in JSON; a file or a pipe receives the response unchanged.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel
    from rich.console import Console
    from rich.table import Table

# Unicode categories: control, format, surrogate, line and paragraph separator.
_CONTROL_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_ALLOWED = frozenset("\n\t\u200c\u200d")  # the joiners are part of Persian and Hindi words and of emoji sequences
BAR_WIDTH = 32  # characters


class _ControlEscaper(dict[int, str]):
    """Table for `str.translate` that computes the entry of each character once."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        is_control = unicodedata.category(char) in _CONTROL_CATEGORIES and char not in _ALLOWED
        self[code] = text = json.dumps(char)[1:-1] if is_control else char
        return text


_CONTROL_ESCAPER = _ControlEscaper()


def escape_controls(text: str) -> str:
    """Escape all characters that a terminal interprets, as JSON escapes them."""
    return text if text.isascii() and text.isprintable() else text.translate(_CONTROL_ESCAPER)


def print_text(text: str) -> None:
    """Write part of a response to stdout and flush it."""
    sys.stdout.write(escape_controls(text) if sys.stdout.isatty() else text)
    sys.stdout.flush()


def print_line(text: str) -> None:
    """Write a text to stdout, ended by one line break."""
    print_text(text if text.endswith("\n") else f"{text}\n")


def print_bytes(data: bytes) -> None:
    """Write binary data to stdout and flush it."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def print_note(text: str) -> None:
    """Write a message to stderr, apart from the data."""
    print(escape_controls(text), file=sys.stderr, flush=True)


def print_json(response: BaseModel | Mapping[str, Any], *, on_one_line: bool = False) -> None:
    """Write a response to stdout as JSON."""
    print_line(format_json(response, on_one_line=on_one_line))


def format_json(response: BaseModel | Mapping[str, Any], *, on_one_line: bool = False) -> str:
    """Format a response as JSON."""
    data = response if isinstance(response, Mapping) else dump_response(response)
    return json.dumps(data, ensure_ascii=False, indent=None if on_one_line else 2)


def dump_response(response: BaseModel) -> dict[str, Any]:
    """Return the fields that the server sent."""
    return response.model_dump(mode="json", exclude_unset=True)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, bars: Sequence[float | None] = ()) -> None:
    """Draw a table in a terminal, with a bar (a fraction of 1) after each row if there are `bars`.

    Elsewhere each row is a line with tabs between its cells, without header and bars.
    """
    if rows and sys.stdout.isatty():
        make_console().print(build_table(columns, rows, bars=bars))
        return
    for row in rows:
        print_line("\t".join(" ".join(cell.split()) for cell in row))


def build_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, bars: Sequence[float | None] = ()) -> Table:
    """Build the table for rich to draw."""
    from rich.bar import Bar
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", show_header=any(columns))
    for column in columns:
        table.add_column(column, overflow="fold")
    for index, row in enumerate(rows):
        fraction = bars[index] if bars else None
        bar = [] if fraction is None else [Bar(1.0, 0.0, fraction, width=BAR_WIDTH, color="cyan")]
        table.add_row(*[Text(escape_controls(" ".join(cell.split()))) for cell in row], *bar)
    return table


def make_console(*, stderr: bool = False) -> Console:
    """Create a rich console that prints text literally; it honours NO_COLOR."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=False)


@contextmanager
def spinner(message: str) -> Iterator[None]:
    """Show a spinner on stderr, if that is a terminal, while a command waits for a response."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.text import Text

    with make_console(stderr=True).status(Text(escape_controls(message))):
        yield
