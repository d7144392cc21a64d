"""Shared part of `polargrid transcribe` and `polargrid translate`: audio files to text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from polargrid.errors import PolarGridError
from polargrid_cli import exit_codes, options, output, stdin
from polargrid_cli.client import connect

if TYPE_CHECKING:
    from pydantic import BaseModel

    from polargrid import PolarGridSync

_EXTENSIONS = {"text": "txt", "json": "json", "verbose_json": "json", "srt": "srt", "vtt": "vtt"}
_SUBTITLES = ("srt", "vtt")


def transcription_options(command: options.Command) -> options.Command:
    """Add the arguments and options of both commands."""
    return options.add_options(
        command,
        click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(allow_dash=True)),
        options.model_option("whisper-1"),
        click.option("--format", "response_format", type=click.Choice(list(_EXTENSIONS)), help="[default: text]"),
        click.option("--prompt", metavar="TEXT", help="Words or names that are likely to occur."),
        click.option(
            "-o",
            "--output-dir",
            "folder",
            type=click.Path(file_okay=False, exists=True, path_type=Path),
            metavar="FOLDER",
            help="Write one file for each audio file to this folder, and print its path.",
        ),
        click.option("--json", "json_output", is_flag=True, help="Same as --format json."),
    )


def write_transcripts(
    client_options: Mapping[str, Any],
    operation: Callable[[PolarGridSync], Callable[..., BaseModel | str]],
    files: Sequence[str],
    *,
    folder: Path | None,
    response_format: str | None,
    json_output: bool,
    **request: Any,
) -> int:
    """Transcribe each file and print or write the text.

    Return PARTIAL if some files fail, or the exit status of the first failure if all do. An authentication error ends
    the run, as it would repeat for every file.
    """
    response_format = _select_format(response_format, json_output=json_output)
    _check_files(files, folder, response_format)
    request = {**options.drop_none(request), "response_format": response_format}
    failures: list[PolarGridError | OSError] = []
    with connect(client_options) as client:
        transcribe = operation(client)
        for file in files:
            try:
                with output.spinner(f"{file} …"):
                    transcript = transcribe(stdin.read_bytes() if file == stdin.STDIN else file, request)
                if folder:
                    _write_transcript(transcript, _output_path(file, folder, response_format))
                else:
                    _print_transcript(transcript, file if len(files) > 1 else None)
            except BrokenPipeError:
                raise
            except (PolarGridError, OSError) as error:
                if len(files) == 1 or exit_codes.exit_code_for(error) == exit_codes.AUTH:
                    raise
                failures.append(error)
                output.print_note(f"{file}: {exit_codes.describe_error(error)}")
    if failures and len(failures) == len(files):
        return exit_codes.exit_code_for(failures[0])
    return exit_codes.PARTIAL if failures else exit_codes.OK


def _select_format(response_format: str | None, *, json_output: bool) -> str:
    if json_output and response_format not in (None, "json"):
        raise click.UsageError(f"--json and --format {response_format} conflict; pass one of them")
    return "json" if json_output else response_format or "text"


def _check_files(files: Sequence[str], folder: Path | None, response_format: str) -> None:
    """Reject what cannot be read or written before a request is sent."""
    stdin.check_single_use(files)
    if folder is None:
        if len(files) > 1 and response_format in _SUBTITLES:
            raise click.UsageError("subtitles of several files need an output folder; pass one with -o")
        return
    paths = [_output_path(file, folder, response_format) for file in files]
    if duplicate := next((path for path in paths if paths.count(path) > 1), None):
        raise click.UsageError(f"two of the files have the same output file {duplicate}")


def _output_path(file: str, folder: Path, response_format: str) -> Path:
    return folder / f"{'stdin' if file == stdin.STDIN else Path(file).stem}.{_EXTENSIONS[response_format]}"


def _write_transcript(transcript: BaseModel | str, path: Path) -> None:
    path.write_text(_format_transcript(transcript), encoding="utf-8")
    output.print_line(str(path))


def _print_transcript(transcript: BaseModel | str, file: str | None) -> None:
    """Print a transcript, with the name of its file if there are several."""
    if file is None:
        output.print_line(_format_transcript(transcript))
    elif isinstance(transcript, str):
        output.print_line(f"==> {file} <==\n{transcript}")
    else:
        output.print_json({"file": file, **output.dump_response(transcript)}, on_one_line=True)


def _format_transcript(transcript: BaseModel | str) -> str:
    return transcript if isinstance(transcript, str) else output.format_json(transcript) + "\n"
