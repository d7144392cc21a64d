"""Recordings to upload: a sentence that the local edge spoke, and silence, which is quicker to hear."""

from __future__ import annotations

import io
import wave
from importlib import resources

#: "Hello from the edge.", two seconds of Ogg Opus.
HELLO = resources.files("polargrid_contract").joinpath("hello.ogg").read_bytes()


def _silence(seconds: float = 0.5, rate: int = 16_000) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(rate)
        audio.writeframes(bytes(2 * int(seconds * rate)))
    return file.getvalue()


SILENCE = _silence()
