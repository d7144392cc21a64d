"""`polargrid transcribe`"""

from __future__ import annotations

from typing import Any

import click

from polargrid_cli import options
from polargrid_cli.transcription import transcription_options, write_transcripts


@click.command()
@transcription_options
@click.option("--language", metavar="CODE", help="Language of the audio, like en or fr.  [default: detected]")
@options.pass_client_options
def transcribe(client_options: dict[str, Any], /, files: tuple[str, ...], **request: Any) -> int:
    """Transcribe audio files.

    `-` reads audio from stdin. The exit status is 5 if only some of several files can be transcribed.
    """
    return write_transcripts(client_options, lambda client: client.transcribe, files, **request)
