"""Faults of audio: speech, transcripts, translations."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from qa.fault_bench.faults.seeded import (
    SPEECH,
    UPLOAD_OPERATIONS,
    change_json,
    change_request,
    change_speech,
    change_transcript,
    fault,
)
from qa.fault_bench.messages import Forward, Request, Response, build_response

_WAV_HEADER = 44
ModifySpeech = Callable[[Request, Response], Response]


def _speech(name: str, description: str, modify: ModifySpeech) -> None:
    fault(name, "audio", description, on=SPEECH)(change_speech(modify))


def _transcript(name: str, description: str, response_format: str, modify: Callable[[str], str]) -> None:
    fault(name, "audio", description, on=UPLOAD_OPERATIONS)(change_transcript(response_format, modify))


def _verbose(name: str, description: str, modify: Callable[[Any], Any]) -> None:
    def modify_segments(_: Request, body: Any) -> None:
        if "segments" in body:
            modify(body)

    fault(name, "audio", description, on=UPLOAD_OPERATIONS)(change_json(UPLOAD_OPERATIONS, modify_segments))


def _format(request: Request) -> str:
    return str(request.json.get("response_format", "mp3"))


def _wav(modify: Callable[[bytes], bytes]) -> ModifySpeech:
    return lambda request, response: (
        response.with_body(modify(response.body)) if _format(request) == "wav" else response
    )


def _pcm(modify: Callable[[bytes], bytes]) -> ModifySpeech:
    return lambda request, response: (
        response.with_body(modify(response.body)) if _format(request) == "pcm" else response
    )


def _swap_bytes(data: bytes) -> bytes:
    even = data[: len(data) // 2 * 2]
    return b"".join(even[offset + 1 : offset + 2] + even[offset : offset + 1] for offset in range(0, len(even), 2))


def _first_half(data: bytes) -> bytes:
    return data[: len(data) // 4 * 2]


def _truncate_stream(request: Request, response: Response) -> Response:
    if not request.json.get("stream"):
        return response
    return replace(response, chunks=((response.chunks[-1][0], _first_half(response.body)),))


def _buffer(_: Request, response: Response) -> Response:
    return replace(response, chunks=tuple((response.chunks[-1][0], data) for _, data in response.chunks))


def _reverse_times(body: Any) -> None:
    """Give each segment the times of its counterpart from the end; a single segment is split first."""
    segments = body["segments"]
    if len(segments) < 2:
        half, words = body["duration"] / 2, body["text"].split()
        texts = " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])
        template = segments[0] if segments else {}
        segments[:] = [
            {**template, "id": n, "start": n * half, "end": (n + 1) * half, "text": texts[n]} for n in range(2)
        ]
    reversed_times = [(segment["start"], segment["end"]) for segment in reversed(segments)]
    for segment, times in zip(segments, reversed_times, strict=True):
        segment["start"], segment["end"] = times


def _double_rate(data: bytes) -> bytes:
    """Double the sample rate and the byte rate in a WAV header."""
    rates = (int.from_bytes(data[offset : offset + 4], "little") * 2 for offset in (24, 28))
    return data[:24] + b"".join(rate.to_bytes(4, "little") for rate in rates) + data[32:]


def _silence(data: bytes) -> bytes:
    return data[:_WAV_HEADER] + bytes(len(data) - _WAV_HEADER)


_speech("A01", "Raw samples are declared as WAV.", _wav(lambda data: data[_WAV_HEADER:]))
_speech("A08", "The audio is empty.", lambda _, response: response.with_body(b""))
_speech("A09", "Speech is silence.", _wav(_silence))
_speech("A10", "A WAV header has twice the sample rate.", _wav(_double_rate))
_speech("A11", "Every format is audio/mpeg.", lambda _, response: response.with_header("content-type", "audio/mpeg"))
_speech("A12", "Streamed speech loses its second half.", _truncate_stream)
_speech("A15", "Samples have the other byte order.", _pcm(_swap_bytes))
_speech("A17", "Speech is truncated to its first half.", _pcm(_first_half))
fault("A18", "audio", "Streamed speech is buffered until all is generated.", on=SPEECH, timed=True)(
    change_speech(_buffer)
)
_speech("A21", "pcm has a WAV header.", _pcm(lambda data: b"RIFF\0\0\0\0WAVEfmt " + bytes(28) + data))
_speech(
    "A22",
    "A WAV header declares more data than the file has.",
    _wav(lambda data: data[:40] + b"\0\0\0\x7f" + data[44:]),
)
_transcript("A04", "The times of SRT have dots.", "srt", lambda text: re.sub(r"(:\d\d),(\d{3})", r"\1.\2", text))
_transcript("A05", "WebVTT has no header.", "vtt", lambda text: text.removeprefix("WEBVTT").lstrip())
_transcript("A14", "A transcript as text is JSON.", "text", lambda text: f'{{"text": "{text.strip()}"}}')
_transcript("A23", "SRT is numbered from 0.", "srt", lambda text: re.sub(r"(?m)^1$", "0", text, count=1))
_transcript("A24", "WebVTT has another text.", "vtt", lambda text: re.sub(r"(?m)^[A-Z][a-z].*$", "Thank you.", text))
_transcript("A25", "Every cue lasts hours.", "srt", lambda text: re.sub(r"--> 00:", "--> 07:", text))
_verbose("A06", "The times of segments are reversed.", _reverse_times)
_verbose("A07", "A segment is missing.", lambda body: body["segments"].pop())
_verbose("A13", "The duration is in milliseconds.", lambda body: body.update(duration=body["duration"] * 1000))
_verbose("A16", "The task is unknown.", lambda body: body.update(task="listen"))
_verbose("A26", "Every recording has the same text.", lambda body: body.update(text="Thanks for watching!"))

fault("A02", "audio", "Every format is encoded as mp3.", on=SPEECH)(
    change_request(SPEECH, lambda request: request.with_fields(response_format="mp3"))
)
fault("A03", "audio", "speed is ignored.", on=SPEECH)(
    change_request(SPEECH, lambda request: request.with_fields(speed=...))
)


@fault("A19", "audio", "A file that is not a recording gets an empty transcript.", on=UPLOAD_OPERATIONS)
def transcribe_garbage(request: Request, forward: Forward) -> Response:
    response = forward(request)
    is_rejected = request.operation in UPLOAD_OPERATIONS and response.status == 400
    return build_response(200, {"text": ""}) if is_rejected else response


@fault("A20", "audio", "An unknown voice is replaced silently.", on=SPEECH)
def replace_voice(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if request.operation in SPEECH and response.status == 404 and request.json.get("model") != "no-such-model-1":
        return forward(request.with_fields(voice="alloy")).with_header("x-pg-voice", None)
    return response
