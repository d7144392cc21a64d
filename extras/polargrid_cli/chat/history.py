"""Saved conversations: a JSON file each, in the user's state folder, which only the user can read.

`POLARGRID_STATE` moves the folder. The newest conversations are kept, and the others are deleted.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from polargrid_cli import output
from polargrid_cli.chat.conversation import Conversation

KEPT = 200
_LINES_SIZE = 256 * 1024  # bytes of the lines of the prompt


def state_folder() -> Path:
    """Return the folder for what the command remembers."""
    if folder := os.environ.get("POLARGRID_STATE"):
        return Path(folder).expanduser()
    from platformdirs import user_state_path

    return user_state_path("polargrid")


def is_kept_by_default() -> bool:
    """Whether a person is at a terminal: the questions of scripts are not saved unless they say so."""
    return any(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


class History:
    """The file of one conversation."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def save(self, conversation: Conversation) -> None:
        """Write the conversation; a failure is a note, and not the end of a chat."""
        try:
            if self._path is None:
                folder = _make_folder("chats")
                self._path = folder / f"{time.strftime('%Y%m%dT%H%M%S')}-{time.time_ns() % 10**9:09}-{os.getpid()}.json"
                _delete_oldest(folder)
            data = {"version": 1, "model": conversation.model, "messages": conversation.messages}
            _write_private(self._path, json.dumps(data, ensure_ascii=False, indent=1))
        except OSError as error:
            output.print_note(f"the chat is not saved: {error.filename or state_folder()}: {error.strerror or error}")


def load_last() -> tuple[Conversation, History]:
    """Return the conversation that was saved last, and its file. Raises UsageError if there is none."""
    folder = state_folder() / "chats"
    paths = sorted(folder.glob("*.json"), key=_read_time_of_change, reverse=True)
    if not paths:
        raise click.UsageError(f"-c: there is no saved chat in {folder}; start one without -c")
    return _parse(paths[0]), History(paths[0])


def lines_path() -> Path:
    """Return the file for the lines typed at the prompt, which exists and is private."""
    path = _make_folder() / "chat-lines"
    os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
    if path.stat().st_size > _LINES_SIZE:
        newest = path.read_bytes()[-_LINES_SIZE // 2 :]
        _write_private(path, newest[newest.find(b"\n# ") + 1 :].decode("utf-8", "replace"))  # from a whole entry
    return path


def _parse(path: Path) -> Conversation:
    try:
        data: Any = json.loads(path.read_text("utf-8"))
        messages = [{"role": str(item["role"]), "content": str(item["content"])} for item in data["messages"]]
        return Conversation(str(data["model"]), messages)
    except (ValueError, KeyError, TypeError) as error:
        raise click.UsageError(f"-c: {path} is not a saved chat: {error}; delete it") from error


def _make_folder(name: str = "") -> Path:
    """Create the state folder, or a folder in it, which only the user can read; one that exists stays as it is."""
    folder = state_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / name).mkdir(mode=0o700, exist_ok=True)
    return folder / name


def _write_private(path: Path, text: str) -> None:
    """Replace a file; it is never there in part, and only the user can read it."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(text)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _delete_oldest(folder: Path) -> None:
    for path in sorted(folder.glob("*.json"), key=_read_time_of_change)[: -KEPT + 1]:
        with suppress(OSError):  # another command deletes it as well
            path.unlink()


def _read_time_of_change(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # deleted in between
        return 0
