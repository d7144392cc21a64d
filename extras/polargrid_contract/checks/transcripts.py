"""Transcripts and translations: formats, times, segments and words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from polargrid_contract.checks.requests import UPLOAD_OPERATIONS
from polargrid_contract.checks.shapes import read_field, read_objects
from polargrid_contract.checks.transcript_requests import (
    FORM_HEADERS,
    encode_form,
    iter_transcripts,
    iter_verbose_transcripts,
    list_operations,
    load_recording,
    read_transcript,
)
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange, Upload
from polargrid_contract.readers.subtitles import find_time_error, parse_srt, parse_vtt
from polargrid_contract.readers.transcripts import is_same_text, word_recall
from polargrid_contract.registry import check
from polargrid_contract.results import Violation

_MEDIA_TYPES = {
    "json": ("application/json",),
    "verbose_json": ("application/json",),
    "text": ("text/plain",),
    "srt": ("text/plain", "application/x-subrip", "text/srt", "text/x-subrip"),
    "vtt": ("text/vtt",),
}
_TOLERANCE = 0.5  # seconds that a segment may end after the recording, since models round their times
_MIN_RECALL = 0.6


@check(
    "transcript-formats",
    on=UPLOAD_OPERATIONS,
    rationale="A player shows subtitles only in the declared format.",
    reference="openapi.yaml, TranscriptionFormat; WebVTT, 4.1",
)
def check_formats(client: ServerClient) -> Iterator[Violation]:
    """Each format parses and has one of its media types."""
    for name, exchange in iter_transcripts(client):
        if exchange.status != 200:
            actual = f"status {exchange.status}: {exchange.text[:150]}"
            yield client.violation(exchange, expected=f"200 for {name}", actual=actual)
            continue
        is_openai = client.target.profile == "openai"
        media_types = _MEDIA_TYPES[name] + (("text/plain",) if is_openai and name == "vtt" else ())
        if exchange.media_type not in media_types:
            actual = exchange.media_type or "no content type"
            yield client.violation(exchange, expected=f"{media_types[0]} for {name}", actual=actual)
        try:
            read_transcript(name, exchange)
        except ValueError as error:
            yield client.violation(exchange, expected=name, actual=f"{error}: {exchange.text[:200]!r}")


@check(
    "transcript-subtitle-times",
    on=UPLOAD_OPERATIONS,
    rationale="Players show cues in order.",
    reference="WebVTT, 4.1; SubRip as players read it",
)
def check_subtitle_times(client: ServerClient) -> Iterator[Violation]:
    """Cues are in order, one at a time, and within the recording."""
    limit = load_recording(client).seconds + _TOLERANCE
    for name, exchange in iter_transcripts(client):
        if name not in {"srt", "vtt"} or exchange.status != 200:
            continue
        try:
            cues = (parse_srt if name == "srt" else parse_vtt)(exchange.body)
        except ValueError:
            continue  # check_formats reports it
        if error := find_time_error([(cue.start, cue.end) for cue in cues], limit):
            yield client.violation(
                exchange, expected="cues in order, one at a time, within the recording", actual=error
            )


@check(
    "transcript-words",
    on=UPLOAD_OPERATIONS,
    rationale="A transcript has the words of the recording.",
    reference="API overview, Transcription",
)
def check_words(client: ServerClient) -> Iterator[Violation]:
    """The transcript has most words of the spoken text."""
    spoken = load_recording(client).text
    for exchange in iter_verbose_transcripts(client):
        text = read_field(exchange, "text", kind=str)
        if word_recall(spoken, text) < _MIN_RECALL:
            yield client.violation(exchange, expected=f"most words of {spoken!r}", actual=repr(text))


@check(
    "transcript-segments",
    on=UPLOAD_OPERATIONS,
    rationale="Segments contain the text in order, with times within the recording.",
    reference="openapi.yaml, TranscriptionSegment",
)
def check_segments(client: ServerClient) -> Iterator[Violation]:
    """Ids count from 0, times are in order and do not overlap, and the joined segments equal the text."""
    for exchange in iter_verbose_transcripts(client):
        segments = [_read_segment(exchange, index) for index in range(len(read_objects(exchange, "segments")))]
        text = read_field(exchange, "text", kind=str)
        ids = [segment["id"] for segment in segments]
        if ids != list(range(len(segments))):
            yield client.violation(exchange, expected="ids from 0", actual=str(ids))
        times = [(segment["start"], segment["end"]) for segment in segments]
        if error := find_time_error(times, read_field(exchange, "duration", kind=float) + _TOLERANCE):
            yield client.violation(exchange, expected="segments in order, within the recording", actual=error)
        # A segment starts with the space before it, or has none on either side.
        texts = [segment["text"] for segment in segments]
        if not any(is_same_text(joined.join(texts), text) for joined in ("", "\n")):
            expected = f"segments that add up to {text!r}"
            yield client.violation(exchange, expected=expected, actual=repr(texts))


@check(
    "transcript-metadata",
    on=UPLOAD_OPERATIONS,
    rationale="A verbose transcript has the task, the language and the duration of the recording.",
    reference="openapi.yaml, VerboseTranscriptionResponse",
)
def check_metadata(client: ServerClient) -> Iterator[Violation]:
    """Task and duration match the request, and the language is not empty."""
    seconds = load_recording(client).seconds
    for exchange in iter_verbose_transcripts(client):
        response = exchange.json()
        if response.get("task") != exchange.operation:
            yield client.violation(exchange, expected=f"task {exchange.operation}", actual=str(response.get("task")))
        if not isinstance(response.get("language"), str) or not response["language"]:
            yield client.violation(exchange, expected="a language", actual=repr(response.get("language")))
        if abs(read_field(exchange, "duration", kind=float) - seconds) > 0.1 * seconds + 0.2:
            expected = f"a duration of {seconds:.2f} s"
            yield client.violation(exchange, expected=expected, actual=str(response["duration"]))


@check(
    "transcript-rejects-non-audio",
    on=UPLOAD_OPERATIONS,
    rationale="An upload that is not audio is a client error and reported as one.",
    reference="openapi.yaml, BadRequest",
)
def check_rejections(client: ServerClient) -> Iterator[Violation]:
    """Text, an empty file and a form without a file get 400."""
    statuses = {400, 415, 422} if client.target.profile == "openai" else {400}
    form = {"model": client.model("speech-to-text"), "response_format": "json"}
    for operation in list_operations(client):
        exchanges = {
            name: client.send(operation, form=form, uploads=[Upload(name, data, "audio/wav")])
            for name, data in (("text.wav", b"This is not a recording. " * 40), ("empty.wav", b""))
        }
        content = encode_form(form)
        exchanges["a form without a file"] = client.send(operation, content=content, headers=FORM_HEADERS)
        for name, exchange in exchanges.items():
            if exchange.status not in statuses:
                actual = f"status {exchange.status}: {exchange.text[:150]}"
                yield client.violation(exchange, expected=f"400 for {name}", actual=actual)


def _read_segment(exchange: Exchange, index: int) -> dict[str, Any]:
    """The fields of a segment that checks read. Raises UnexpectedResponse for another shape."""
    kinds: dict[str, type] = {"id": int, "start": float, "end": float, "text": str}
    return {name: read_field(exchange, "segments", index, name, kind=kind) for name, kind in kinds.items()}
