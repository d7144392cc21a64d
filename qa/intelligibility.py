"""`python -m qa.intelligibility`: whether Whisper understands the speech of the edge.

Speaks a sentence with Kokoro through every audio format, and with the fallback voice at several speeds; transcribes it
and prints the share of its words that the transcript has. Also checks the times after a silence, and a hiss without
speech. The results depend on the models, so this is a program and not a test. Exits with 1 if a result is too low.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Final

import numpy as np

from polargrid_edge.backends.speech import SpeechBackend
from polargrid_edge.backends.transcription import SAMPLE_RATE, TranscriptionBackend
from polargrid_edge.media.audio import FORMATS, decode, encode
from polargrid_edge.models import files
from polargrid_edge.models.catalog import Catalog
from polargrid_edge.models.voices import KOKORO_NAMES, VOICES

_SENTENCE: Final = "The quick brown fox jumps over the lazy dog, and nothing on the quiet farm was a surprise."
_VOICE: Final = "af_bella"
_MIN_SHARE: Final = 0.8
_SPEEDS: Final = (0.5, 1.0, 2.0)
_PROMPTS: Final = ("A fable about a fox.", "<|endoftext|><|notimestamps|>", "fox " * 1000)
_SILENCE_SECONDS: Final = 5


def share_of_words(text: str) -> float:
    """The share of the words of the sentence that the text has."""
    expected, actual = (set(re.findall(r"[a-z]+", string.lower())) for string in (_SENTENCE, text))
    return len(expected & actual) / len(expected)


def open_models() -> tuple[SpeechBackend, SpeechBackend, TranscriptionBackend]:
    """Kokoro, the fallback voice, and Whisper."""
    catalog = Catalog()
    speech = catalog.resolve("tts-1").files
    paths = files.ensure([*speech, VOICES[_VOICE]])
    kokoro = SpeechBackend(paths[speech[0].name], {_VOICE: paths[f"{_VOICE}.bin"]}, KOKORO_NAMES)
    whisper = TranscriptionBackend(files.ensure(catalog.resolve("whisper-1").files))
    return kokoro, SpeechBackend(None, {}, KOKORO_NAMES), whisper


def measure() -> Iterator[tuple[str, float, bool]]:
    """Yield the name of a measurement, its value, and whether it is good enough."""
    kokoro, fallback, whisper = open_models()
    speech = list(kokoro.speak(_SENTENCE, _VOICE))
    for name in FORMATS:
        if name != "pcm":  # it has no header to decode
            samples = decode(b"".join(encode(speech, kokoro.sample_rate, name)))
            share = share_of_words(whisper.transcribe(samples, language="en").text)
            yield f"Kokoro as {name}", share, share > _MIN_SHARE
    for speed in _SPEEDS:
        chunks = fallback.speak(_SENTENCE, "alloy", speed)
        share = share_of_words(
            whisper.transcribe(decode(b"".join(encode(chunks, fallback.sample_rate, "flac"))), language="en").text
        )
        yield f"fallback voice at speed {speed:g}", share, share > _MIN_SHARE
    samples = decode(b"".join(encode(speech, kokoro.sample_rate, "wav")))
    for prompt in _PROMPTS:
        share = share_of_words(whisper.transcribe(samples, language="en", prompt=prompt).text)
        yield f"prompt {prompt[:20]!r}", share, share > _MIN_SHARE
    silence = np.zeros(_SILENCE_SECONDS * SAMPLE_RATE, np.float32)
    late = whisper.transcribe(np.concatenate([silence, samples]), language="en")
    start = late.segments[0].start if late.segments else 0.0
    yield f"start after {_SILENCE_SECONDS} s of silence", start, abs(start - _SILENCE_SECONDS) <= 1
    hiss = np.random.default_rng(0).standard_normal(3 * SAMPLE_RATE).astype(np.float32) * 0.01
    words = len(whisper.transcribe(hiss).text.split())
    yield "words in a hiss", words, words == 0


def main() -> int:
    passed = True
    for name, value, is_good in measure():
        print(f"{name:36} {value:5.2f}  {'passed' if is_good else 'FAILED'}", flush=True)
        passed = passed and is_good
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
