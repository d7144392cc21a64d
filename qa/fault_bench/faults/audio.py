"""Faults of audio: speech, transcripts, translations."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from qa.fault_bench.faults.seeded import FORMS, SPEECH, answering, asking, fault, sounding, writing
from qa.fault_bench.messages import Answer, Asked, Forward, told

_WAV_HEADER = 44


def _speech(name: str, what: str, spoil: Any) -> None:
    fault(name, "audio", what, on=SPEECH)(sounding(spoil))


def _transcript(name: str, what: str, form: str, spoil: Any) -> None:
    fault(name, "audio", what, on=FORMS)(writing(form, spoil))


def _verbose(name: str, what: str, spoil: Any) -> None:
    def where_segments(_: Asked, body: Any) -> None:
        if "segments" in body:
            spoil(body)

    fault(name, "audio", what, on=FORMS)(answering(FORMS, where_segments))


def _form(asked: Asked) -> str:
    return str(asked.json.get("response_format", "mp3"))


def _wav(change: Any) -> Any:
    return lambda asked, answer: answer.with_body(change(answer.body)) if _form(asked) == "wav" else answer


def _pcm(change: Any) -> Any:
    return lambda asked, answer: answer.with_body(change(answer.body)) if _form(asked) == "pcm" else answer


def _swapped(data: bytes) -> bytes:
    even = data[: len(data) // 2 * 2]
    return b"".join(even[place + 1 : place + 2] + even[place : place + 1] for place in range(0, len(even), 2))


def _half_streamed(asked: Asked, answer: Answer) -> Answer:
    if not asked.json.get("stream"):
        return answer
    half = answer.body[: len(answer.body) // 4 * 2]
    return replace(answer, parts=((answer.parts[-1][0], half),))


def _late(asked: Asked, answer: Answer) -> Answer:
    return replace(answer, parts=tuple((answer.parts[-1][0], data) for _, data in answer.parts))


def _backwards(body: Any) -> None:
    parts = body["segments"]
    length = body["duration"]
    if len(parts) < 2:
        half = length / 2
        words = body["text"].split()
        text = " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])
        blank = parts[0] if parts else {}
        parts[:] = [{**blank, "id": n, "start": n * half, "end": (n + 1) * half, "text": text[n]} for n in range(2)]
    for part, times in zip(parts, [(part["start"], part["end"]) for part in reversed(parts)], strict=True):
        part["start"], part["end"] = times


_speech("A01", "Bare samples are called WAV.", _wav(lambda data: data[_WAV_HEADER:]))
_speech("A08", "The audio is empty.", lambda _, answer: answer.with_body(b""))
_speech("A09", "Speech is silence.", _wav(lambda data: data[:_WAV_HEADER] + bytes(len(data) - _WAV_HEADER)))
_speech("A10", "A WAV header tells twice the sample rate.", _wav(lambda data: data[:24] + _twice(data) + data[32:]))
_speech("A11", "Every format is called audio/mpeg.", lambda _, a: a.with_header("content-type", "audio/mpeg"))
_speech("A12", "Streamed speech loses its second half.", _half_streamed)
_speech("A15", "Samples are in the other byte order.", _pcm(_swapped))
_speech("A17", "Speech is cut off after half.", _pcm(lambda data: data[: len(data) // 4 * 2]))
fault("A18", "audio", "Streamed speech is held back until all is made.", on=SPEECH, timed=True)(sounding(_late))
_speech("A21", "pcm has a WAV header.", _pcm(lambda data: b"RIFF\0\0\0\0WAVEfmt " + bytes(28) + data))
_speech("A22", "A WAV header tells a size of data that is not there.", _wav(lambda d: d[:40] + b"\0\0\0\x7f" + d[44:]))
_transcript("A04", "The times of SRT have dots.", "srt", lambda text: re.sub(r"(:\d\d),(\d{3})", r"\1.\2", text))
_transcript("A05", "WebVTT has no header.", "vtt", lambda text: text.removeprefix("WEBVTT").lstrip())
_transcript("A14", "A transcript as text is JSON.", "text", lambda text: f'{{"text": "{text.strip()}"}}')
_transcript("A23", "SRT is numbered from 0.", "srt", lambda text: re.sub(r"(?m)^1$", "0", text, count=1))
_transcript("A24", "WebVTT tells another text.", "vtt", lambda text: re.sub(r"(?m)^[A-Z][a-z].*$", "Thank you.", text))
_transcript("A25", "Every cue lasts hours.", "srt", lambda text: re.sub(r"--> 00:", "--> 07:", text))
_verbose("A06", "Segments run backwards.", _backwards)
_verbose("A07", "A segment is lost.", lambda body: body["segments"].pop())
_verbose("A13", "The duration is in milliseconds.", lambda body: body.update(duration=body["duration"] * 1000))
_verbose("A16", "The task is another one.", lambda body: body.update(task="listen"))
_verbose("A26", "Every recording says the same.", lambda body: body.update(text="Thanks for watching!"))

fault("A02", "audio", "Whatever the format, mp3 comes.", on=SPEECH)(
    asking(SPEECH, lambda asked: asked.wanting(response_format="mp3"))
)
fault("A03", "audio", "speed is ignored.", on=SPEECH)(asking(SPEECH, lambda asked: asked.wanting(speed=...)))


@fault("A19", "audio", "What is no recording is answered by an empty transcript.", on=FORMS)
def garbage_heard(asked: Asked, forward: Forward) -> Answer:
    answer = forward(asked)
    return told(200, {"text": ""}) if asked.operation in FORMS and answer.status == 400 else answer


@fault("A20", "audio", "An unknown voice is replaced without a word.", on=SPEECH)
def other_voice(asked: Asked, forward: Forward) -> Answer:
    answer = forward(asked)
    if asked.operation in SPEECH and answer.status == 404 and asked.json.get("model") != "no-such-model-1":
        return forward(asked.wanting(voice="alloy")).with_header("x-pg-voice", None)
    return answer


def _twice(header: bytes) -> bytes:
    """Rate and bytes a second of a WAV header, doubled."""
    numbers = (int.from_bytes(header[at : at + 4], "little") * 2 for at in (24, 28))
    return b"".join(number.to_bytes(4, "little") for number in numbers)
