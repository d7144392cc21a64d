"""speak, transcribe, translate"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from polargrid_cli.commands import options

Command = TypeVar("Command", bound=Callable[..., Any])
_FORMATS = ("text", "json", "verbose_json", "srt", "vtt")


def _voices(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from polargrid.types import TTSVoice

    return [CompletionItem(voice) for voice in TTSVoice if voice.startswith(incomplete)]


_SPEAK_EXAMPLES = """\b
Examples:
  polargrid speak Hello from the edge. -o hello.mp3
  polargrid speak --format opus - < story.txt | mpv -
"""


@click.command(epilog=_SPEAK_EXAMPLES)
@click.argument("text", nargs=-1)
@click.option("-o", "--output", "file", metavar="FILE", help="Where to; `-` is stdout, which a pipe need not name.")
@click.option(
    "--format",
    "audio_format",
    metavar="NAME",
    help="mp3, opus, aac, flac, wav or pcm.  [default: as the file's name ends, else mp3]",
)
@click.option("--voice", default="alloy", show_default=True, metavar="NAME", shell_complete=_voices, help="Who speaks.")
@click.option("--speed", type=float, metavar="NUMBER", help="0.25 to 4, as a factor.")
@options.model("tts-1")
@options.connects
def speak(connection: dict[str, Any], /, text: tuple[str, ...], **given: Any) -> None:
    """Speak a text, given as words or on stdin (`-`)."""
    from polargrid_cli import asked
    from polargrid_cli.speak import speak as run

    said = asked.text(text)
    if said is None:
        raise click.UsageError("There is no text: give it as arguments or on stdin.")
    run(connection, said, **given)


def _recordings(command: Command) -> Command:
    """What is taken and written by both ways to write a recording down."""
    for option in (
        click.option("--json", "json_output", is_flag=True, help="The same as --format json."),
        click.option(
            "-o",
            "--output-dir",
            "folder",
            type=click.Path(file_okay=False, exists=True, path_type=Path),
            metavar="FOLDER",
            help="Write a file for each recording here, and its name to stdout.",
        ),
        click.option("--prompt", metavar="TEXT", help="Words or names that are likely to come."),
        click.option("--format", "response_format", type=click.Choice(_FORMATS), help="[default: text]"),
        options.model("whisper-1"),
        click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(allow_dash=True)),
    ):
        command = option(command)
    return command


def _format(response_format: str | None, json_output: bool) -> str:
    if json_output and response_format not in (None, "json"):
        raise click.UsageError(f"--json and --format {response_format} are two formats; give one.")
    return "json" if json_output else response_format or "text"


@click.command()
@_recordings
@click.option("--language", metavar="CODE", help="The language spoken, like en or fr; found out where not given.")
@options.connects
def transcribe(
    connection: dict[str, Any], /, files: tuple[str, ...], response_format: str | None, json_output: bool, **given: Any
) -> int:
    """Write down what is said in recordings.

    A `-` is a recording on stdin.     The exit status is 5 where some of several files could not be written down.
    """
    from polargrid_cli import transcripts

    form = _format(response_format, json_output)
    return transcripts.run(connection, files, lambda client: client.transcribe, response_format=form, **given)


@click.command()
@_recordings
@options.connects
def translate(
    connection: dict[str, Any], /, files: tuple[str, ...], response_format: str | None, json_output: bool, **given: Any
) -> int:
    """Write down in English what is said in recordings.

    A `-` is a recording on stdin. The exit status is 5 where some of several files could not be written down.
    """
    from polargrid_cli import transcripts

    form = _format(response_format, json_output)
    return transcripts.run(connection, files, lambda client: client.translate, response_format=form, **given)
