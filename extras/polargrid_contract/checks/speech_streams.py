"""Streamed speech: it is of the requested format, as plain speech is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from polargrid_contract.checks.requests import describe_status
from polargrid_contract.checks.speech import AUDIO_FORMATS, STREAMED_FORMATS, TEXT, decode_speech, speak
from polargrid_contract.checks.streamed_client import stream_texts
from polargrid_contract.client import ServerClient
from polargrid_contract.readers.audio import UnreadableError
from polargrid_contract.registry import check
from polargrid_contract.results import Violation

_SHORT_TEXT = "Hi."
_MIN_LOUDNESS = 0.001


@check(
    "speech-stream-formats",
    on=("text_to_speech",),
    rationale="A player that starts before the end needs the same type, container and codec as one that waits.",
    reference="openapi.yaml, TextToSpeechRequest.stream and AudioFormat",
    profiles=("polargrid",),
)
def check_formats(client: ServerClient) -> Iterator[Violation]:
    """Streamed speech has the type of each format, decodes as it, and is no silence."""
    streamed = stream_texts(client)  # shares the responses of other checks
    for name, (media_types, container, codec) in AUDIO_FORMATS.items():
        exchange = speak(streamed, TEXT if name in STREAMED_FORMATS else _SHORT_TEXT, response_format=name)
        if exchange.status != 200 or not re.fullmatch(media_types, exchange.media_type):
            actual = describe_status(exchange) if exchange.status != 200 else exchange.media_type or "no content type"
            yield client.violation(exchange, expected=f"200 and a media type of {name}", actual=actual)
            continue
        try:
            audio = decode_speech(exchange)
        except UnreadableError as error:
            yield client.violation(exchange, expected=name, actual=str(error))
            continue
        if not re.fullmatch(container, audio.container) or not re.fullmatch(codec, audio.codec):
            yield client.violation(exchange, expected=name, actual=f"{audio.container} with {audio.codec}")
        elif not len(audio.samples) or audio.loudness < _MIN_LOUDNESS:
            yield client.violation(exchange, expected="speech", actual="silence")
