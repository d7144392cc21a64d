"""Text responses of chat and completion, streamed or complete."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from polargrid_cli import output

if TYPE_CHECKING:
    from polargrid.types import ChatCompletionResponse, CompletionResponse, Stream


def print_chat_stream(stream: Stream[Any], parts: list[str]) -> None:
    """Print a streamed message; `parts` receives its text, even if the stream fails."""
    _print_stream(stream, lambda choice: choice.delta.content, parts)


def print_completion_stream(stream: Stream[Any]) -> None:
    """Print a streamed completion."""
    _print_stream(stream, lambda choice: choice.text, [])


def print_response(
    response: ChatCompletionResponse | CompletionResponse,
    text_of: Callable[[Any], str | None],
    *,
    json_output: bool,
) -> None:
    """Print a complete response, as text or as JSON."""
    if json_output:
        output.print_json(response)
        return
    for choice in response.choices[:1]:
        output.print_line(text_of(choice) or "")
        _note_truncation(choice.finish_reason)


def _print_stream(stream: Stream[Any], text_of: Callable[[Any], str | None], parts: list[str]) -> None:
    finish_reason = None
    try:
        with stream:
            for chunk in stream:
                for choice in chunk.choices[:1]:
                    if text := text_of(choice):
                        parts.append(text)
                        output.print_text(text)
                    finish_reason = choice.finish_reason or finish_reason
    finally:
        if parts and not parts[-1].endswith("\n"):  # the next output starts on its own line
            output.print_text("\n")
    _note_truncation(finish_reason)


def _note_truncation(finish_reason: str | None) -> None:
    if finish_reason == "length":
        output.print_note("response truncated at the token limit; raise it with --max-tokens")
