"""The commands inside a chat: lines like `/model NAME`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from polargrid_cli import output
from polargrid_cli.chat.conversation import Conversation, format_markdown
from polargrid_cli.chat.history import History

_LINE = re.compile(r"/([a-z]+)(?:\s+(.*))?", re.DOTALL)


@dataclass
class Chat:
    """The state of an interactive chat."""

    conversation: Conversation
    history: History | None
    """Where it is saved after each response; None to save nothing."""
    files: list[Path] = field(default_factory=list)
    """Files that go with the next question."""
    failed_question: str | None = None
    """The last question, if it failed: `/retry` asks it again."""
    is_done: bool = False

    def save(self) -> None:
        """Save the conversation in the history."""
        self.failed_question = None
        if self.history is not None:
            self.history.save(self.conversation)


def run_command(chat: Chat, text: str) -> str | None:
    """Run a command of the chat and return the question to ask, if any; any other text is the question."""
    match = _LINE.fullmatch(text.strip())
    if match is None:  # a path like /etc/hosts is text, too
        return text
    name, argument = match[1], (match[2] or "").strip()
    if name not in COMMANDS:
        output.print_note(f"unknown command /{name}; expected one of: {', '.join(f'/{name}' for name in COMMANDS)}")
        return None
    try:
        return COMMANDS[name](chat, argument)
    except OSError as error:
        output.print_note(f"/{name}: {error.filename}: {error.strerror}")
    except click.UsageError as error:
        output.print_note(f"/{name}: {error.format_message()}")
    return None


def _help(_chat: Chat, _argument: str) -> None:
    """List the commands."""
    rows = [(f"/{name}", (run.__doc__ or "").rstrip(".")) for name, run in COMMANDS.items()]
    rows += [('"""', "Start and end a text of several lines"), ("Alt-Enter", "Start a line in a text")]
    width = max(len(name) for name, _ in rows)
    output.print_note("\n".join(f"{name:<{width}}  {text}" for name, text in rows))


def _model(chat: Chat, argument: str) -> None:
    """Show the model, or use another one: /model NAME."""
    chat.conversation.model = argument or chat.conversation.model
    output.print_note(f"model: {chat.conversation.model}")


def _system(chat: Chat, argument: str) -> None:
    """Show the system message, or replace it: /system TEXT; /system - removes it."""
    if argument:
        chat.conversation.set_system(None if argument == "-" else argument)
    output.print_note(f"system message: {chat.conversation.system or 'none'}")


def _file(chat: Chat, argument: str) -> None:
    """Send the text of a file with the next question: /file PATH."""
    path = Path(argument).expanduser()
    if not path.is_file():
        raise click.UsageError(f"there is no file {argument!r}; expected a path")
    chat.files.append(path)
    output.print_note(f"goes with the next question: {', '.join(map(str, chat.files))}")


def _retry(chat: Chat, _argument: str) -> str | None:
    """Ask the last question again; its response is forgotten."""
    question = chat.failed_question or chat.conversation.take_last_question()
    if question is None:
        output.print_note("/retry: there is no question yet")
    return question


def _save(chat: Chat, argument: str) -> None:
    """Write the chat to a file, as Markdown or, for .json, as messages: /save FILE."""
    if not argument:
        raise click.UsageError("name a file: /save chat.md")
    path = Path(argument).expanduser()
    messages = chat.conversation.messages
    is_json = path.suffix.lower() == ".json"
    text = json.dumps(messages, ensure_ascii=False, indent=2) + "\n" if is_json else format_markdown(messages)
    path.write_text(text, encoding="utf-8")
    output.print_note(f"{path}: {len(messages)} messages")


def _new(chat: Chat, _argument: str) -> None:
    """Start a new chat; the system message stays."""
    chat.conversation.clear()
    chat.failed_question = None
    chat.history = History() if chat.history is not None else None
    output.print_note("a new chat")


def _exit(chat: Chat, _argument: str) -> None:
    """End the chat, as Ctrl-D does."""
    chat.is_done = True


COMMANDS: Mapping[str, Callable[[Chat, str], str | None]] = {
    "help": _help,
    "model": _model,
    "system": _system,
    "file": _file,
    "retry": _retry,
    "save": _save,
    "new": _new,
    "exit": _exit,
}
