"""Interactive mode of `polargrid chat`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from polargrid.errors import PolarGridError
from polargrid_cli import exit_codes, output
from polargrid_cli.chat import attachments, prompt
from polargrid_cli.chat.commands import COMMANDS, Chat, run_command
from polargrid_cli.completions import list_models

#: Prints the response to a question and returns its text, which Ctrl-C cuts. Raises PolarGridError.
Ask = Callable[[Chat, str], str]
BANNER = "Ctrl-C stops a response, Ctrl-D ends the chat, Alt-Enter starts a line; /help lists the commands."


def run_repl(chat: Chat, ask: Ask, lines: Path | None, files: Sequence[Path]) -> None:
    """Read questions and print responses until stdin ends; a failed question is not part of the conversation.

    Files go with the first question. `lines` is the file with the history of lines.
    """
    output.print_note(BANNER)
    chat.files = list(files)
    read_line = prompt.make_line_reader(lines, _list_words)
    while not chat.is_done and (text := prompt.read_question(read_line)) is not None:
        question = run_command(chat, text)
        if question and question.strip():
            _answer(chat, ask, question)


def _list_words() -> list[str]:
    """What Tab completes: the commands, and `/model` with the names of models."""
    context = click.get_current_context(silent=True)
    names = list_models(context, "chat") if context else []
    return [*(f"/{name}" for name in COMMANDS), *(f"/model {name}" for name in names)]


def _answer(chat: Chat, ask: Ask, question: str) -> None:
    """Print the response to a question, and save it; files that cannot be sent stay for the next question."""
    files, chat.files = chat.files, []
    try:
        question = attachments.add_files(question, files)
        if response := ask(chat, question):
            chat.conversation.add_turn(question, response)
            chat.save()
    except PolarGridError as error:
        if exit_codes.exit_code_for(error) == exit_codes.AUTH:  # every other question would fail the same
            raise
        chat.failed_question = question
        output.print_note(exit_codes.describe_error(error))
