"""Streams of transcripts: the first text arrives before the rest of a long recording is transcribed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import NamedTuple

from polargrid_contract.checks.latency import confirm, measure_latency
from polargrid_contract.checks.requests import send
from polargrid_contract.checks.transcript_requests import load_recording
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange, Upload
from polargrid_contract.readers.audio import decode_audio
from polargrid_contract.readers.event_stream import Stream
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation

# Whisper transcribes windows of 30 seconds, each as a whole, and servers may leave out the pauses.
_SHORT_SECONDS, _LONG_SECONDS = 20, 38
_MIN_REST_SECONDS = 0.25  # a rest that is transcribed faster may arrive with the beginning
_LATE_SHARE = 0.6  # of the rest
_CLEAR_SHARE = 0.45  # while other checks run: what is later is measured again alone


class _Measurement(NamedTuple):
    """Seconds of a short and a long transcript, and the stream of the long one."""

    short: float
    long: float
    stream: Exchange

    @property
    def rest(self) -> float:
        return self.long - self.short


@check(
    "transcript-stream-incremental",
    on=("stream_transcription",),
    rationale="A client shows a long transcript while it is made; a buffered stream is a slow plain response.",
    reference="openapi.yaml, stream_transcription",
    profiles=("polargrid",),
    exclusive=True,
    tries_beside=True,
)
def check_incremental(client: ServerClient) -> Iterator[Violation]:
    """The first text of a long recording arrives about when a shorter transcript does, not when all of it could."""
    resolution = measure_latency(client).resolution

    def measure() -> Violation | None:
        it = _measure(client)
        first = _find_first_text(it.stream)
        is_measurable = it.rest >= max(_MIN_REST_SECONDS, resolution)
        if not client.is_alone and not (is_measurable and _is_early(it, first, _CLEAR_SHARE)):
            client.require_alone()
        if not is_measurable:
            raise CheckSkipped(f"speech that is transcribed in {max(it.rest, 0.0):.2f} s shows no timing")
        if first is None or _is_early(it, first, _LATE_SHARE):
            return None
        expected = f"the first text before the rest is transcribed, in {it.rest:.2f} s"
        actual = f"the first text after {first:.2f} s; a shorter transcript takes {it.short:.2f} s"
        return client.violation(it.stream, expected=expected, actual=actual)

    yield from confirm(measure)


def _measure(client: ServerClient) -> _Measurement:
    """Request transcripts that no other request shares, nor disturbs."""
    recording = load_recording(client)
    audio = decode_audio(recording.data)
    few, many = (
        audio.repeat(max(1, round_(seconds / (recording.seconds + 1))))
        for seconds, round_ in ((_SHORT_SECONDS, math.floor), (_LONG_SECONDS, math.ceil))
    )
    short, long = (_request(client, "transcribe", data).seconds for data in (few, many))
    return _Measurement(short, long, _request(client, "stream_transcription", many))


def _is_early(measurement: _Measurement, first: float | None, share: float) -> bool:
    """Whether the first text came before this share of the rest could be transcribed."""
    return first is not None and first - measurement.short <= share * measurement.rest


def _request(client: ServerClient, operation: str, data: bytes) -> Exchange:
    form = {"model": client.model("speech-to-text"), "temperature": "0"}
    return client.require(send(client, operation, form=form, uploads=[Upload("speech.wav", data, "audio/wav")]))


def _find_first_text(exchange: Exchange) -> float | None:
    """Return when the first event with text arrived, in seconds; None if there is none, which another check reports."""
    for event in Stream(exchange).events:
        try:
            if json.loads(event.data)["delta"]:
                return event.seconds
        except (ValueError, KeyError, TypeError):
            continue
    return None
