"""Answers with a transcript: in the format that was asked for, or as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from polargrid_edge.media.subtitles import to_srt, to_vtt
from polargrid_testing.arguments import check_number, check_texts
from polargrid_testing.fake.text import Delay, Json, list_delays, split_text
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.samples import EVENT_STREAM
from polargrid_testing.steps import Answer, Piece, render_event

_SECONDS_PER_WORD = 0.4


class _Cue(NamedTuple):
    start: float
    end: float
    text: str


@dataclass(frozen=True)
class TranscriptScript:
    """What a recording says, and how a stream of it is cut."""

    text: str = ""
    language: str = "en"
    duration: float | None = None
    """Seconds; None: 0.4 for each word."""
    segments: Sequence[str] | None = None
    """The texts of segments; None: one segment."""
    chunks: Sequence[str] | None = None
    delay: Delay = 0.0
    polls: int = 1
    """How often a job is still running when its state is read."""

    @property
    def seconds(self) -> float:
        """The duration of the recording."""
        return round(_SECONDS_PER_WORD * len(self.text.split()), 3) if self.duration is None else self.duration


def read_transcript(value: Any, options: TranscriptScript) -> TranscriptScript:
    """Return what a value of a rule says: a text, or a mapping with `text`, `language`, `duration` and `segments`."""
    fields = {"text": value} if isinstance(value, str) else value
    if value is None:
        fields = {"text": "".join(options.chunks or options.segments or ())}
    allowed = {"text", "language", "duration", "segments"}
    if not isinstance(fields, Mapping) or "text" not in fields or fields.keys() - allowed:
        raise TypeError(
            f"cannot answer with the transcript {value!r}; expected a text, or a mapping with `text` and, if you want, "
            "`language`, `duration` and `segments`"
        )
    segments = fields.get("segments", options.segments)
    check_texts("segments", segments)
    if not isinstance(fields["text"], str):
        raise TypeError(f"text: expected a text, got {fields['text']!r}")
    if fields.get("duration") is not None:
        check_number("duration", fields["duration"])
    return replace(options, **fields)


def build_transcript(value: Any, request: ReceivedRequest, _number: int, options: TranscriptScript) -> Answer:
    """Return the answer to a request for a transcript, which may be of a translation."""
    script = read_transcript(value, options)
    if request.operation.startswith("stream_"):
        return _build_stream(script)
    form = request.form
    body, media_type = _FORMATS[form.get("response_format") or "json"], "application/json"
    content = body(script, request)
    if isinstance(content, str):
        media_type = "text/vtt" if form.get("response_format") == "vtt" else "text/plain"
    data = content.encode() if isinstance(content, str) else json.dumps(content, ensure_ascii=False).encode()
    return Answer(200, {"content-type": media_type}, data, sum(list_delays(script.delay, 1)))


def _list_cues(script: TranscriptScript) -> list[_Cue]:
    """Return the segments, each with a share of the time by its words."""
    texts = [script.text] if script.segments is None else list(script.segments)
    counts = [len(text.split()) or 1 for text in texts]
    ends = [round(script.seconds * sum(counts[: number + 1]) / sum(counts), 3) for number in range(len(texts))]
    return [_Cue(start, end, text) for start, end, text in zip([0.0, *ends], ends, texts, strict=False)]


def _list_words(script: TranscriptScript) -> Iterator[Json]:
    words = script.text.split()
    for number, word in enumerate(words):
        start, end = (round(script.seconds * index / len(words), 3) for index in (number, number + 1))
        yield {"word": word, "start": start, "end": end}


def _build_verbose(script: TranscriptScript, request: ReceivedRequest) -> Json:
    segments = [
        {
            "id": number,
            "seek": 0,
            "start": cue.start,
            "end": cue.end,
            "text": cue.text,
            "tokens": [],
            "temperature": 0.0,
            "avg_logprob": -0.1,
            "compression_ratio": 1.0,
            "no_speech_prob": 0.0,
        }
        for number, cue in enumerate(_list_cues(script))
    ]
    body: dict[str, Any] = {
        "task": "translate" if request.operation == "translate" else "transcribe",
        "language": script.language,
        "duration": script.seconds,
        "text": script.text,
        "segments": segments,
    }
    if "word" in request.form.get("timestamp_granularities[]", ()):
        body["words"] = list(_list_words(script))
    return body


_FORMATS: Mapping[str, Any] = {
    "json": lambda script, _request: {"text": script.text},
    "text": lambda script, _request: script.text,
    "srt": lambda script, _request: to_srt(_list_cues(script)),
    "vtt": lambda script, _request: to_vtt(_list_cues(script)),
    "verbose_json": _build_verbose,
}


def _build_stream(script: TranscriptScript) -> Answer:
    chunks = script.chunks if script.chunks is not None else script.segments or split_text(script.text)
    delays = list_delays(script.delay, len(chunks))
    events: list[tuple[float, Json]] = [
        (delay, {"type": "transcript.text.delta", "delta": chunk}) for chunk, delay in zip(chunks, delays, strict=True)
    ]
    end = {"type": "transcript.text.done", "text": script.text, "duration": script.seconds, "language": script.language}
    pieces = [
        Piece(render_event(json.dumps(event, ensure_ascii=False)), delay) for delay, event in [*events, (0.0, end)]
    ]
    return Answer(200, {"content-type": EVENT_STREAM}, tuple(pieces))
