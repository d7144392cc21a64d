"""A chat from its options to its end: one question, or an interactive chat."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polargrid_cli import output
from polargrid_cli.chat import attachments
from polargrid_cli.chat.commands import Chat
from polargrid_cli.chat.conversation import Conversation
from polargrid_cli.chat.history import History, is_kept_by_default, lines_path, load_last
from polargrid_cli.client import connect
from polargrid_cli.streaming import PlainPrinter, Printer, print_chat_stream, print_response

if TYPE_CHECKING:
    from polargrid import PolarGridSync


@dataclass(frozen=True)
class Display:
    """How a response is printed."""

    stream: bool
    json_output: bool
    markdown: bool

    def make_printer(self) -> Printer:
        """Return what prints one response: drawn Markdown in a terminal, else text."""
        if not (self.markdown and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"):
            return PlainPrinter()
        from polargrid_cli.chat.markdown import MarkdownPrinter

        return MarkdownPrinter()


def start_chat(model: str, *, is_model_chosen: bool, go_on: bool, history: bool | None) -> Chat:
    """Return a new chat, or the last one that was saved. Raises UsageError if there is none."""
    keep = is_kept_by_default() or go_on if history is None else history
    conversation, saved = load_last() if go_on else (Conversation(model), History())
    if is_model_chosen:
        conversation.model = model
    return Chat(conversation, saved if keep else None)


def run_chat(
    client_options: Mapping[str, Any], chat: Chat, question: str | None, files: Sequence[Path], display: Display
) -> None:
    """Answer the question; without one, start an interactive chat."""
    if question is not None:
        question = attachments.add_files(question, files)
    with connect(client_options) as client:
        if question is not None:
            _answer(client, chat, question, display)
            return
        from polargrid_cli.chat.repl import run_repl

        lines = _lines_path() if chat.history is not None else None
        run_repl(chat, lambda chat, question: _ask_interactively(client, chat, question, display), lines, files)


def _answer(client: PolarGridSync, chat: Chat, question: str, display: Display) -> None:
    """Print the response to one question; what arrives before Ctrl-C is saved as well."""
    request = chat.conversation.build_request(question)
    parts: list[str] = []
    try:
        if display.stream:
            print_chat_stream(client.chat_completion_stream(request), parts, display.make_printer())
            return
        with output.spinner("Waiting for the response …"):
            response = client.chat_completion(request)
        parts += [choice.message.content or "" for choice in response.choices[:1]]
        printer = None if display.json_output else display.make_printer()
        print_response(response, lambda choice: choice.message.content, printer)
    finally:
        failure = sys.exception()
        if "".join(parts) and (failure is None or isinstance(failure, KeyboardInterrupt)):
            chat.conversation.add_turn(question, "".join(parts))
            chat.save()


def _ask_interactively(client: PolarGridSync, chat: Chat, question: str, display: Display) -> str:
    """Print the response and return its text, which Ctrl-C cuts."""
    parts: list[str] = []
    try:
        request = chat.conversation.build_request(question)
        print_chat_stream(client.chat_completion_stream(request), parts, display.make_printer())
    except KeyboardInterrupt:
        if not parts:
            output.print_text("\n")  # below the ^C that the terminal printed
    return "".join(parts)


def _lines_path() -> Path | None:
    try:
        return lines_path()
    except OSError as error:
        output.print_note(f"lines are not saved: {error.filename}: {error.strerror or error}")
        return None
