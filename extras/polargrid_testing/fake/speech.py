"""Answers with audio: a tone, or the bytes of the script, in the format that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from polargrid_testing.fake.document import select_media_type
from polargrid_testing.fake.text import Delay, list_delays
from polargrid_testing.fake.tone import render_tone
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.steps import Answer, Piece

_PIECES = 4


@dataclass(frozen=True)
class SpeechScript:
    """How long a voice speaks, and how a stream of it is cut."""

    seconds: float = 1.0
    chunks: Sequence[bytes] | None = None
    delay: Delay = 0.0


def build_speech(value: Any, request: ReceivedRequest, _number: int, script: SpeechScript) -> Answer:
    """Return the answer to a request: `value` is audio as bytes, or seconds of a tone."""
    body = request.json if isinstance(request.json, dict) else {}
    seconds = value if isinstance(value, (int, float)) else script.seconds
    if value is not None and (not isinstance(value, (bytes, int, float)) or isinstance(value, bool)):
        raise TypeError(
            f"cannot answer speech with {value!r}; expected bytes in the format of the request, seconds of a tone, "
            "an Answer, or a function that returns one"
        )
    data = value if isinstance(value, bytes) else render_tone(body.get("response_format") or "mp3", seconds)
    headers = {"content-type": select_media_type(request.operation, 200, body)}
    chunks = list(script.chunks or ()) if data == b"".join(script.chunks or ()) else _split(data)
    delays = list_delays(script.delay, len(chunks))
    if not body.get("stream"):
        return Answer(200, headers, data, sum(delays))
    return Answer(200, headers, tuple(Piece(chunk, delay) for chunk, delay in zip(chunks, delays, strict=True)))


def _split(data: bytes) -> list[bytes]:
    size = max(2, -(-len(data) // _PIECES) // 2 * 2)  # even, so that no sample of PCM is cut
    return [data[start : start + size] for start in range(0, len(data), size)] or [b""]
