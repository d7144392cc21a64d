"""Markdown that is drawn while it arrives: complete blocks are printed, the last one is drawn again as it grows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from rich.live import Live
from rich.markdown import Markdown
from rich.segment import Segment, Segments

from polargrid_cli import output

if TYPE_CHECKING:
    from markdown_it.token import Token

_REFRESHES = 10  # a second


class MarkdownPrinter:
    """Prints a response as it arrives."""

    def __init__(self) -> None:
        self._console = output.make_console()
        # Without HTML, tags are text: rich would leave them out.
        self._parser = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])
        self._pending = ""
        self._printed_lines = False
        self._live = Live(
            console=self._console,
            get_renderable=self._draw_pending,
            refresh_per_second=_REFRESHES,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def write(self, text: str) -> None:
        """Print what is complete with this text."""
        self._pending += output.escape_controls(text)
        if not self._live.is_started:
            self._live.start()
        if "\n" in text:
            self._print_complete()

    def finish(self) -> None:
        """Print the rest."""
        rest, self._pending = self._pending, ""
        if self._live.is_started:
            self._live.stop()
        self._print(rest)

    def _print_complete(self) -> None:
        """Print all blocks but the last one, which may go on."""
        starts = [token.map[0] for token in self._parser.parse(self._pending) if token.level == 0 and token.map]
        if len(starts) > 1:
            lines = self._pending.splitlines(keepends=True)
            self._pending = "".join(lines[starts[-1] :])
            self._print("".join(lines[: starts[-1]]))

    def _print(self, text: str) -> None:
        if not text.strip():
            return
        if self._printed_lines:
            self._console.print()
        self._console.print(self._parse(text))
        self._printed_lines = True

    def _draw_pending(self) -> Segments:
        """The last lines of the block that arrives, as many as fit on the screen."""
        height = max(self._console.height - 3, 1)
        lines = self._console.render_lines(self._parse(self._pending), pad=False)[-height:]
        if self._printed_lines:
            lines = [[], *lines]
        return Segments([segment for line in lines for segment in (*line, Segment.line())][:-1])

    def _parse(self, text: str) -> Markdown:
        # Links are shown with their addresses: what a model calls a link may lead elsewhere.
        markdown = Markdown(text, hyperlinks=False, justify="default")  # "left" fills lines with spaces
        markdown.parsed = self._parser.parse(text)
        for token in _flatten(markdown.parsed):
            if token.type == "softbreak":  # models write verses and addresses without Markdown's signs of a line break
                token.type = "hardbreak"
        return markdown


def _flatten(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flatten(token.children or [])
