"""`polargrid speak`: a text -> an audio file."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from polargrid.types import AudioFormat
from polargrid_cli import output
from polargrid_cli.connection import connected

STDOUT = "-"
_OTHER_ENDINGS = {"ogg": AudioFormat.OPUS, "oga": AudioFormat.OPUS, "raw": AudioFormat.PCM}
_PLAYED_AS_THEY_COME = (AudioFormat.OPUS, AudioFormat.PCM)


def speak(
    connection: Mapping[str, Any], text: str, *, file: str | None, audio_format: str | None, **request: Any
) -> None:
    """Write the audio of a text, to a file or to stdout."""
    target = _target(file)
    form = _format(audio_format, target)
    asked = {name: value for name, value in request.items() if value is not None}
    asked |= {"input": text, "response_format": form}
    with connected(connection) as client:
        if target is None and form in _PLAYED_AS_THEY_COME:
            with client.text_to_speech_stream(asked) as stream:
                for piece in stream:
                    _print(piece)
            return
        with output.waiting("Speaking …"):
            audio = client.text_to_speech(asked)
    if target is None:
        _print(audio)
        return
    target.write_bytes(audio)
    output.note(f"{target}: {len(audio):,} bytes")


def _target(file: str | None) -> Path | None:
    """Where the audio goes; None is stdout. Told before anything is asked for."""
    if file not in (None, STDOUT):
        path = Path(str(file))
        if path.is_dir() or not path.parent.is_dir():
            raise click.UsageError(f"{path} cannot be written: its folder is not there, or it is a folder.")
        return path
    if sys.stdout.isatty():
        raise click.UsageError("Audio is not for a terminal: name a file with -o, or pipe stdout into a player.")
    return None


def _format(named: str | None, target: Path | None) -> AudioFormat:
    ending = named or (target.suffix.lower().removeprefix(".") if target else AudioFormat.MP3)
    try:
        return _OTHER_ENDINGS.get(ending) or AudioFormat(ending)
    except ValueError as error:
        known = ", ".join(AudioFormat)
        raise click.UsageError(
            f"{ending!r} is no audio format: --format or the file's ending is one of {known}."
        ) from error


def _print(audio: bytes) -> None:
    sys.stdout.buffer.write(audio)
    sys.stdout.buffer.flush()
