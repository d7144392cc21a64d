"""Requests that the transcript checks share: a recording, and its transcripts in each format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from polargrid_contract.cache import cache_per_client, cached
from polargrid_contract.checks.requests import UPLOAD_OPERATIONS, send
from polargrid_contract.checks.speech import decode_speech, speak
from polargrid_contract.client import OperationMissing, ServerClient
from polargrid_contract.exchange import Exchange, Upload
from polargrid_contract.readers.audio import UnreadableError, generate_tone
from polargrid_contract.readers.subtitles import parse_srt, parse_vtt

_FORMATS = {
    "transcribe": ("json", "verbose_json", "text", "srt", "vtt"),
    "translate": ("verbose_json", "srt", "vtt"),
}
_MIN_LOUDNESS = 0.001
_BOUNDARY = "polargrid-contract"
FORM_HEADERS = {"content-type": f"multipart/form-data; boundary={_BOUNDARY}"}


@cache_per_client
def load_recording(client: ServerClient) -> tuple[bytes, bool]:
    """Return a recording and whether it contains speech: the server's own if it generates any, otherwise a tone."""
    try:
        audio = decode_speech(speak(client))
    except (OperationMissing, UnreadableError):
        return generate_tone(), False
    return (audio.repeat(), True) if audio.loudness > _MIN_LOUDNESS else (generate_tone(), False)


def transcribe(client: ServerClient, operation: str, response_format: str) -> Exchange:
    """Request a transcript of the recording; an equal request is sent only once."""
    form = {"model": client.model("speech-to-text"), "response_format": response_format, "temperature": "0"}
    upload = Upload("speech.wav", load_recording(client)[0], "audio/wav")
    return cached(
        client,
        (operation, response_format),
        lambda: client.require(send(client, operation, form=form, uploads=[upload])),
    )


def list_operations(client: ServerClient) -> list[str]:
    """Return the operations of the server. Raises OperationMissing if it has none of them."""
    supported, reasons = [], []
    for operation in UPLOAD_OPERATIONS:
        try:
            transcribe(client, operation, "verbose_json")
            supported.append(operation)
        except OperationMissing as reason:
            reasons.append(str(reason))
    if not supported:
        raise OperationMissing("; ".join(reasons))
    return supported


def iter_transcripts(client: ServerClient) -> Iterator[tuple[str, Exchange]]:
    """Yield the transcript in each format of each operation."""
    for operation in list_operations(client):
        for response_format in _FORMATS[operation]:
            yield response_format, transcribe(client, operation, response_format)


def iter_verbose_transcripts(client: ServerClient) -> Iterator[tuple[Exchange, dict[str, Any]]]:
    """Yield the verbose transcript of each operation, with its parsed body."""
    for operation in list_operations(client):
        exchange = transcribe(client, operation, "verbose_json")
        if exchange.status == 200 and isinstance(exchange.json(), dict):
            yield exchange, exchange.json()


def parse_text(response_format: str, exchange: Exchange) -> str:
    """Return the text of a transcript. Raises ValueError if it is not of the format."""
    match response_format:
        case "json" | "verbose_json":
            response = exchange.json()
            if not isinstance(response, dict) or not isinstance(response.get("text"), str):
                raise ValueError("no field `text`")  # noqa: TRY004 - the value is wrong
            return str(response["text"])
        case "text":
            if isinstance(exchange.json(), dict):
                raise ValueError("JSON instead of text")  # noqa: TRY004 - as above
            return exchange.body.decode("utf-8-sig")
        case _:
            parse = parse_srt if response_format == "srt" else parse_vtt
            return " ".join(cue.text for cue in parse(exchange.body))


def encode_form(fields: dict[str, str]) -> bytes:
    parts = (
        f'--{_BOUNDARY}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return ("".join(parts) + f"--{_BOUNDARY}--\r\n").encode()
