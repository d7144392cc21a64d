"""`polargrid translate`"""

from __future__ import annotations

from typing import Any

import click

from polargrid_cli import options
from polargrid_cli.transcription import transcription_options, write_transcripts


@click.command()
@transcription_options
@options.pass_client_options
def translate(client_options: dict[str, Any], /, files: tuple[str, ...], **request: Any) -> int:
    """Translate audio files into English text.

    `-` reads audio from stdin. The exit status is 5 if only some of several files can be translated.
    """
    return write_transcripts(client_options, lambda client: client.translate, files, **request)
