"""Text responses of chat and completion, streamed or complete."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from polargrid_cli import output

if TYPE_CHECKING:
    from polargrid.types import ChatCompletionResponse, CompletionResponse, Stream


class Printer(Protocol):
    """Prints the parts of a response as they arrive."""

    def write(self, text: str) -> None: ...

    def finish(self) -> None: ...


class PlainPrinter:
    """Prints text unchanged, and ends it with a line break."""

    def __init__(self) -> None:
        self._last = "\n"

    def write(self, text: str) -> None:
        """Print a part."""
        output.print_text(text)
        self._last = text[-1]

    def finish(self) -> None:
        """End the line, so that the next output starts on its own."""
        if self._last != "\n":
            output.print_text("\n")


def print_chat_stream(stream: Stream[Any], parts: list[str], printer: Printer | None = None) -> None:
    """Print a streamed message; `parts` receives its text, even if the stream fails."""
    _print_stream(stream, lambda choice: choice.delta.content, parts, printer or PlainPrinter())


def print_completion_stream(stream: Stream[Any]) -> None:
    """Print a streamed completion."""
    _print_stream(stream, lambda choice: choice.text, [], PlainPrinter())


def print_response(
    response: ChatCompletionResponse | CompletionResponse,
    text_of: Callable[[Any], str | None],
    printer: Printer | None,
) -> None:
    """Print a complete response; as JSON without a printer."""
    if printer is None:
        output.print_json(response)
        return
    for choice in response.choices[:1]:
        printer.write(text_of(choice) or "\n")
        printer.finish()
        _note_truncation(choice.finish_reason)


def _print_stream(
    stream: Stream[Any], text_of: Callable[[Any], str | None], parts: list[str], printer: Printer
) -> None:
    finish_reason = None
    try:
        with stream:
            for chunk in stream:
                for choice in chunk.choices[:1]:
                    if text := text_of(choice):
                        parts.append(text)
                        printer.write(text)
                    finish_reason = choice.finish_reason or finish_reason
    finally:
        printer.finish()
    _note_truncation(finish_reason)


def _note_truncation(finish_reason: str | None) -> None:
    if finish_reason == "length":
        output.print_note("response truncated at the token limit; raise it with --max-tokens")
