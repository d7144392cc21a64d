"""What a command says: data on stdout, notes on stderr, and nothing that a terminal would obey.

A model's answer may hold escape sequences that move the cursor, set the title or fill the clipboard. What goes to a
terminal shows them as JSON would write them; what goes to a file or a pipe is the answer as it came.
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

_OBEYED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # Unicode's controls, formats, surrogates and separators of lines
_NEEDED = frozenset("\n\t\u200c\u200d")  # joiners: words of Persian and Hindi, and families of emoji
_BAR = 32  # characters


class _Harmless(dict[int, str]):
    """For str.translate: what each character shows as; each is looked at once."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        obeyed = unicodedata.category(sign) in _OBEYED and sign not in _NEEDED
        self[code] = shown = json.dumps(sign)[1:-1] if obeyed else sign
        return shown


_HARMLESS = _Harmless()


def harmless(text: str) -> str:
    """The text with everything escaped that a terminal would obey, as JSON escapes it."""
    return text if text.isascii() and text.isprintable() else text.translate(_HARMLESS)


def write(text: str) -> None:
    """A piece of an answer, at once."""
    sys.stdout.write(harmless(text) if sys.stdout.isatty() else text)
    sys.stdout.flush()


def line(text: str) -> None:
    """An answer, on a line of its own."""
    write(text if text.endswith("\n") else f"{text}\n")


def note(text: str) -> None:
    """A sentence for the person, beside the data."""
    print(harmless(text), file=sys.stderr, flush=True)


def as_json(answer: BaseModel | Mapping[str, Any], *, on_one_line: bool = False) -> None:
    """An answer with the fields that came."""
    line(json_text(answer if isinstance(answer, Mapping) else fields(answer), on_one_line=on_one_line))


def json_text(data: Any, *, on_one_line: bool = False) -> str:
    """The data as JSON."""
    return json.dumps(data, ensure_ascii=False, indent=None if on_one_line else 2)


def fields(answer: BaseModel) -> dict[str, Any]:
    """An answer's fields, as they came."""
    return answer.model_dump(mode="json", exclude_unset=True)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, bars: Sequence[float | None] = ()) -> None:
    """Rows, drawn for a terminal, with a bar at the end of each (a share of 1) where there are some.

    Elsewhere a line each, with tabs between the cells and neither head nor bars.
    """
    if rows and sys.stdout.isatty():
        console().print(drawn(columns, rows, bars=bars))
        return
    for row in rows:
        line("\t".join(" ".join(cell.split()) for cell in row))


def drawn(columns: Sequence[str], rows: Sequence[Sequence[str]], *, bars: Sequence[float | None] = ()) -> Table:
    """The same as rich draws it."""
    from rich.bar import Bar
    from rich.table import Table
    from rich.text import Text

    found = Table(box=None, pad_edge=False, header_style="bold", show_header=any(columns))
    for column in columns:
        found.add_column(column, overflow="fold")
    for index, row in enumerate(rows):
        share = bars[index] if bars else None
        bar = [] if share is None else [Bar(1.0, 0.0, share, width=_BAR, color="cyan")]
        found.add_row(*[Text(harmless(" ".join(cell.split()))) for cell in row], *bar)
    return found


def console(*, err: bool = False) -> Console:
    """A console of rich's, which takes no text for markup. It honours NO_COLOR."""
    from rich.console import Console

    return Console(stderr=err, highlight=False, markup=False, emoji=False, soft_wrap=False)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Something turns on stderr, where a person sees it, while a command waits for an answer."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.text import Text

    with console(err=True).status(Text(harmless(what))):
        yield
