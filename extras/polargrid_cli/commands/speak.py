"""`polargrid speak`"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from polargrid_cli import options, output, stdin
from polargrid_cli.client import connect
from polargrid_cli.completions import complete_format, complete_voice

if TYPE_CHECKING:
    from polargrid.types import AudioFormat

_STDOUT = "-"
_FORMAT_ALIASES = {"ogg": "opus", "oga": "opus", "raw": "pcm"}
_STREAMABLE = ("opus", "pcm")
_EXAMPLES = """\b
Examples:
  polargrid speak Hello from the edge. -o hello.mp3
  polargrid speak --format opus - < story.txt | mpv -
"""


@click.command(epilog=_EXAMPLES)
@click.argument("text", nargs=-1)
@click.option("-o", "--output", "file", metavar="FILE", help="Output file; `-` is stdout, the default in a pipe.")
@click.option(
    "--format",
    "audio_format",
    metavar="NAME",
    shell_complete=complete_format,
    help="mp3, opus, aac, flac, wav or pcm.  [default: by the file's extension, else mp3]",
)
@click.option(
    "--voice", default="alloy", show_default=True, metavar="NAME", shell_complete=complete_voice, help="Voice."
)
@click.option("--speed", type=float, metavar="NUMBER", help="Speed factor, 0.25 to 4.")
@options.model_option("tts-1", "text-to-speech")
@options.pass_client_options
def speak(
    client_options: dict[str, Any],
    /,
    *,
    text: tuple[str, ...],
    file: str | None,
    audio_format: str | None,
    **request: Any,
) -> None:
    """Convert a text, passed as words or on stdin (`-`), to speech."""
    request = {**options.drop_none(request), "input": stdin.read_text(text)}
    path = _output_path(file)
    request["response_format"] = response_format = _select_format(audio_format, path)
    with connect(client_options) as client:
        if path is None and response_format in _STREAMABLE:
            with client.text_to_speech_stream(request) as stream:
                for chunk in stream:
                    output.print_bytes(chunk)
            return
        with output.spinner("Waiting for the audio …"):
            audio = client.text_to_speech(request)
    if path is None:
        output.print_bytes(audio)
        return
    path.write_bytes(audio)
    output.print_note(f"{path}: {len(audio):,} bytes")


def _output_path(file: str | None) -> Path | None:
    """Return the output file, None for stdout; reject what cannot be written before a request is sent."""
    if file not in (None, _STDOUT):
        path = Path(str(file))
        if path.is_dir() or not path.parent.is_dir():
            raise click.UsageError(f"cannot write {path}; its folder does not exist, or it is a folder itself")
        return path
    if sys.stdout.isatty():
        raise click.UsageError("audio is not written to a terminal; name a file with -o, or pipe stdout to a player")
    return None


def _select_format(name: str | None, path: Path | None) -> AudioFormat:
    from polargrid.types import AudioFormat

    name = name or (path.suffix.lower().removeprefix(".") if path else "mp3")
    try:
        return AudioFormat(_FORMAT_ALIASES.get(name, name))
    except ValueError as error:
        raise click.UsageError(
            f"unknown audio format {name!r}; expected as --format or file extension one of: {', '.join(AudioFormat)}"
        ) from error
