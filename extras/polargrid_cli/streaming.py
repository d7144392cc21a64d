"""A streamed text, printed as it comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from polargrid.types import Stream
from polargrid_cli import output


def print_chat(stream: Stream[Any], said: list[str]) -> None:
    """Print a message; its pieces are gathered in `said`, however the stream ends."""
    _print(stream, lambda choice: choice.delta.content, said)


def print_text(stream: Stream[Any], said: list[str]) -> None:
    """The same for a text that is continued."""
    _print(stream, lambda choice: choice.text, said)


def tell_cut(finish_reason: str | None) -> None:
    """Tell the person where an answer is not all that there was to say."""
    if finish_reason == "length":
        output.note("The answer was cut at its limit of tokens; --max-tokens raises it.")


def _print(stream: Stream[Any], text_of: Callable[[Any], str | None], said: list[str]) -> None:
    finish_reason = None
    try:
        with stream:
            for chunk in stream:
                for choice in chunk.choices[:1]:
                    if piece := text_of(choice):
                        said.append(piece)
                        output.write(piece)
                    finish_reason = choice.finish_reason or finish_reason
    finally:
        if said and not said[-1].endswith("\n"):  # whatever comes next begins on a line of its own
            output.write("\n")
    tell_cut(finish_reason)
