"""Shared part of `polargrid transcribe` and `polargrid translate`: audio files to text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from polargrid.errors import PolarGridError
from polargrid_cli import exit_codes, failures, options, output, stdin
from polargrid_cli.client import connect
from polargrid_cli.transcript_targets import EXTENSIONS, Target, select_format, select_targets

if TYPE_CHECKING:
    from pydantic import BaseModel
    from rich.progress import Progress

    from polargrid import PolarGridSync


def transcription_options(command: options.Command) -> options.Command:
    """Add the arguments and options of both commands."""
    return options.add_options(
        command,
        click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(allow_dash=True)),
        options.model_option("whisper-1", "speech-to-text"),
        click.option(
            "--format",
            "response_format",
            type=click.Choice(list(EXTENSIONS)),
            help="[default: by the extension of -o, else text]",
        ),
        click.option("--prompt", metavar="TEXT", help="Words or names that are likely to occur."),
        click.option(
            "-o",
            "--output",
            "target",
            metavar="PATH",
            type=click.Path(path_type=Path),
            help="Output file, or a folder for one file each; `-` is stdout. Prints what it writes.",
        ),
        options.json_flag("Same as --format json."),
    )


def write_transcripts(
    client_options: Mapping[str, Any],
    operation: Callable[[PolarGridSync], Callable[..., BaseModel | str]],
    files: Sequence[str],
    *,
    target: Path | None,
    response_format: str | None,
    json_output: bool,
    **request: Any,
) -> int:
    """Transcribe each file and print or write the text.

    Return PARTIAL if some files fail, or the exit status of the first failure if all do. An authentication error ends
    the run, as it would repeat for every file.
    """
    response_format = select_format(response_format, target, json_output=json_output)
    targets = select_targets(files, target, response_format)
    request = {**options.drop_none(request), "response_format": response_format}
    errors: list[PolarGridError | OSError] = []
    with connect(client_options) as client, _make_progress(len(files)) as progress:
        transcribe = operation(client)
        for item in targets:
            try:
                with _show(progress, item.source):
                    source = stdin.read_bytes() if item.source == stdin.STDIN else item.source
                    transcript = transcribe(source, request)
                _write(transcript, item, is_only=len(files) == 1)
            except BrokenPipeError:
                raise
            except (PolarGridError, OSError) as error:
                if len(files) == 1 or exit_codes.exit_code_for(error) == exit_codes.AUTH:
                    raise
                errors.append(error)
                failures.report(item.source, error)
    if errors and len(errors) == len(files):
        return exit_codes.exit_code_for(errors[0])
    return exit_codes.PARTIAL if errors else exit_codes.OK


def _make_progress(count: int) -> Any:
    """A bar on stderr that counts the files, if there are several and it is a terminal; else nothing."""
    if count < 2 or not sys.stderr.isatty():
        return nullcontext()
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    progress = Progress(*columns, console=output.make_console(stderr=True), transient=True, redirect_stderr=True)
    progress.add_task("", total=count)
    return progress


@contextmanager
def _show(progress: Progress | None, name: str) -> Iterator[None]:
    """Show that a file is being transcribed."""
    if progress is None:
        with output.spinner(f"{name} …"):
            yield
        return
    (task,) = progress.task_ids
    progress.update(task, description=output.escape_controls(name))
    try:
        yield
    finally:
        progress.advance(task)


def _write(transcript: BaseModel | str, target: Target, *, is_only: bool) -> None:
    """Print a transcript, with the name of its file if there are several, or write it to a file."""
    text = transcript if isinstance(transcript, str) else output.format_json(transcript) + "\n"
    if target.path is not None:
        target.path.write_text(text, encoding="utf-8")
        output.print_line(str(target.path))
    elif is_only:
        output.print_line(text)
    elif isinstance(transcript, str):
        output.print_line(f"==> {target.source} <==\n{transcript}")
    else:
        output.print_json({"file": target.source, **output.dump_response(transcript)}, on_one_line=True)
