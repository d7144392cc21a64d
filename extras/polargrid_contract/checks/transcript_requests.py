"""Requests that the transcript checks share: a recording, and its transcripts in each form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from polargrid_contract.cache import cached
from polargrid_contract.checks.requests import UPLOAD_OPERATIONS, send
from polargrid_contract.checks.speech import decode_speech, speak
from polargrid_contract.client import OperationMissing, ServerClient
from polargrid_contract.exchange import Exchange, Upload
from polargrid_contract.readers.audio import UnreadableError, decode_audio
from polargrid_contract.readers.recordings import HELLO, HELLO_TEXT
from polargrid_contract.readers.subtitles import parse_srt, parse_vtt
from polargrid_contract.readers.transcripts import Transcript, read_cues, read_verbose

SPOKEN_TEXT = "The lamp is green. The cat sleeps."
FORMATS = ("json", "verbose_json", "text", "srt", "vtt")
_MIN_LOUDNESS = 0.001
_BOUNDARY = "polargrid-contract"
FORM_HEADERS = {"content-type": f"multipart/form-data; boundary={_BOUNDARY}"}


class Recording(NamedTuple):
    """A WAV file, in which a text is spoken twice."""

    data: bytes
    text: str
    seconds: float


def load_recording(client: ServerClient) -> Recording:
    """Return a recording: the server's own speech if it generates any, otherwise that of the contract."""
    return cached(client.base, "recording", lambda: _record_speech(client))


def _record_speech(client: ServerClient) -> Recording:
    audio, text = decode_audio(HELLO), HELLO_TEXT
    try:
        speech = decode_speech(speak(client, SPOKEN_TEXT))
        if speech.loudness > _MIN_LOUDNESS:
            audio, text = speech, SPOKEN_TEXT
    except (OperationMissing, UnreadableError):
        pass  # the checks of speech report it
    data = audio.repeat()
    return Recording(data, text, decode_audio(data).seconds)


def request_transcript(client: ServerClient, operation: str, **fields: str) -> Exchange:
    """Request a transcript of the recording at temperature 0, without a cache."""
    form = {"model": client.model("speech-to-text"), "temperature": "0", **fields}
    upload = Upload("speech.wav", load_recording(client).data, "audio/wav")
    return client.require(send(client, operation, form=form, uploads=[upload]))


def transcribe(client: ServerClient, operation: str, **fields: str) -> Exchange:
    """Request a transcript of the recording; an equal request is sent only once."""
    name = ("transcript", operation, *fields.items())
    return cached(client.base, name, lambda: request_transcript(client, operation, **fields))


def list_operations(client: ServerClient) -> list[str]:
    """Return those of them that the client sees. Raises OperationMissing if the server has none of them."""
    supported, reasons = [], []
    for operation in (it.name for it in client.profile_operations if it.name in UPLOAD_OPERATIONS):
        try:
            transcribe(client, operation, response_format="verbose_json")
            supported.append(operation)
        except OperationMissing as reason:
            reasons.append(reason)
    if reasons and not supported:
        raise reasons[0]
    return supported


def iter_transcripts(client: ServerClient) -> Iterator[tuple[str, Exchange]]:
    """Yield the transcript in each format of each operation."""
    for operation in list_operations(client):
        for response_format in FORMATS:
            yield response_format, transcribe(client, operation, response_format=response_format)


def iter_verbose_transcripts(client: ServerClient) -> Iterator[Exchange]:
    """Yield the verbose transcript of each operation, if it is one."""
    for operation in list_operations(client):
        exchange = transcribe(client, operation, response_format="verbose_json")
        if exchange.status == 200 and isinstance(exchange.json(), dict):
            yield exchange


def read_transcript(response_format: str, exchange: Exchange) -> Transcript:
    """Read a transcript in one of its formats. Raises ValueError if the body is of another format."""
    match response_format:
        case "json" | "verbose_json":
            response = exchange.json()
            if not isinstance(response, dict) or not isinstance(response.get("text"), str):
                raise ValueError("no field `text`")  # noqa: TRY004 - the value is wrong
            return Transcript(response["text"]) if response_format == "json" else read_verbose(response)
        case "text":
            if isinstance(exchange.json(), dict):
                raise ValueError("JSON instead of text")  # noqa: TRY004 - as above
            return Transcript(exchange.body.decode("utf-8-sig"))
        case _:
            return read_cues((parse_srt if response_format == "srt" else parse_vtt)(exchange.body))


def encode_form(fields: dict[str, str]) -> bytes:
    parts = (
        f'--{_BOUNDARY}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return ("".join(parts) + f"--{_BOUNDARY}--\r\n").encode()
