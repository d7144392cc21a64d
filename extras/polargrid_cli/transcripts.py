"""`polargrid transcribe` and `polargrid translate`: recordings -> what is said in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from polargrid.errors import PolarGridError
from polargrid_cli import asked, exits, output
from polargrid_cli.connection import connected

if TYPE_CHECKING:
    from pydantic import BaseModel

    from polargrid import PolarGridSync

ENDINGS = {"text": "txt", "json": "json", "verbose_json": "json", "srt": "srt", "vtt": "vtt"}
_SUBTITLES = ("srt", "vtt")


def run(
    connection: Mapping[str, Any],
    files: Sequence[str],
    method: Callable[[PolarGridSync], Callable[..., BaseModel | str]],
    *,
    folder: Path | None,
    response_format: str,
    **request: Any,
) -> int:
    """Write down each recording. The exit status is PARTLY where some could not be; where none could, why the first.

    A key that is refused ends the run: no other file would fare better.
    """
    if files.count(asked.STDIN) > 1:
        raise click.UsageError("stdin can be read only once: give one `-`.")
    if len(files) > 1 and response_format in _SUBTITLES and folder is None:
        raise click.UsageError("Subtitles of several files need a folder: name one with -o.")
    written = [_written(file, folder, response_format) for file in files] if folder else []
    if twice := next((path for path in written if written.count(path) > 1), None):
        raise click.UsageError(f"Two of the files would be written to {twice}.")
    options = {name: value for name, value in request.items() if value is not None}
    failures: list[PolarGridError | OSError] = []
    with connected(connection) as client:
        transcribed = method(client)
        for file in files:
            try:
                with output.waiting(f"{file} …"):
                    transcript = transcribed(_recording(file), {**options, "response_format": response_format})
                place = _written(file, folder, response_format) if folder else None
                _tell(transcript, file, several=len(files) > 1, place=place)
            except BrokenPipeError:
                raise
            except (PolarGridError, OSError) as error:
                if len(files) == 1 or exits.status_of(error) == exits.KEY:
                    raise
                failures.append(error)
                output.note(f"{file}: {exits.sentence(error)}")
    return _status(failures, len(files))


def _recording(file: str) -> str | bytes:
    return asked.stdin_bytes() if file == asked.STDIN else file


def _written(file: str, folder: Path, response_format: str) -> Path:
    """Where the transcript of a file is written."""
    return folder / f"{'stdin' if file == asked.STDIN else Path(file).stem}.{ENDINGS[response_format]}"


def _tell(transcript: BaseModel | str, file: str, *, several: bool, place: Path | None) -> None:
    """One transcript: in a file of its own, or on stdout, where several are told apart."""
    if place is not None:
        place.write_text(_text(transcript), encoding="utf-8")
        output.line(str(place))
    elif not several:
        output.line(_text(transcript))
    elif isinstance(transcript, str):
        output.line(f"==> {file} <==\n{transcript}")
    else:
        output.as_json({"file": file, **output.fields(transcript)}, on_one_line=True)


def _text(transcript: BaseModel | str) -> str:
    if isinstance(transcript, str):
        return transcript
    return output.json_text(output.fields(transcript)) + "\n"


def _status(failures: Sequence[Exception], files: int) -> int:
    if not failures:
        return exits.DONE
    return exits.PARTLY if len(failures) < files else exits.status_of(failures[0])
