"""A recording to upload: half a second of silence as WAV, made here so that no file has to be shipped."""

from __future__ import annotations

import io
import wave


def _silence(seconds: float = 0.5, rate: int = 16_000) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(rate)
        audio.writeframes(bytes(2 * int(seconds * rate)))
    return file.getvalue()


SILENCE = _silence()
