"""Speech from text: Kokoro by onnxruntime, and hibari's built-in voice where Kokoro's files are missing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from threading import RLock
from typing import Any, Final

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from hibari import tts as hibari  # type: ignore[import-untyped]
from hibari.g2p import G2P  # type: ignore[import-untyped]
from numpy.typing import NDArray

from polargrid_edge.audio import change_tempo
from polargrid_edge.catalog import VOICES

Samples = NDArray[np.float32]

STAND_IN: Final = "heart"
"""The voice in hibari's own wheel, which speaks where Kokoro's model or the voice's file is missing."""

_RATE = 24_000
_SILENCE_SECONDS = 0.25
# Kokoro takes fewer than 510 phonemes, and hurries when it is given nearly as many.
_MOST_PHONEMES = 400
# hibari's time grows with the cube of the signs and digits in what is written without a space; letters are cheap.
_LONG_WORD = re.compile(r"(?<!\S)(?![^\W\d_]{1,48}\W?(?!\S))\S{25,}")
_PART_OF_WORD = re.compile(r"\S{1,23}\W|\S{1,24}")
_UNSPOKEN = frozenset(';:,.!?—…"()“” ˈˌ')
# Outside of these the models no longer keep to the speed they are asked for: at 2 they lag by a tenth.
_SLOWEST, _FASTEST = 0.5, 1.5


class UnknownVoiceError(ValueError):
    """No voice has the name; `message` lists those there are."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.message = f"There is no voice {name!r}. Voices: {', '.join(sorted(VOICES))}."
        super().__init__(self.message)


class SpeechBackend:
    """Speaks English with Kokoro's voices, known by Kokoro's names and by OpenAI's. Safe to use from many threads."""

    sample_rate: Final = _RATE

    def __init__(self, model: Path | None, voices: Mapping[str, Path], *, threads: int = 1) -> None:
        """`model` is Kokoro's ONNX file, `voices` the style files that are there, by Kokoro's voice names."""
        self._styles = {voice: _style(path) for voice, path in voices.items()} if model else {}
        self._engines: _Engines | None = _Engines(model, threads)

    @property
    def voices(self) -> tuple[str, ...]:
        """Every name `speak` takes."""
        return tuple(sorted(VOICES))

    def speaker(self, voice: str) -> str:
        """The voice that really speaks: `af_alloy` for `alloy`, `STAND_IN` for one whose file is missing.

        Raises `UnknownVoiceError`.
        """
        if voice not in VOICES:
            raise UnknownVoiceError(voice)
        kokoro_name = VOICES[voice].name.removesuffix(".bin")
        return kokoro_name if kokoro_name in self._styles else STAND_IN

    def speak(self, text: str, voice: str, speed: float = 1.0) -> Iterator[Samples]:
        """The text spoken, as mono samples at `sample_rate`: a piece a sentence, each made when it is asked for.

        `speed` is from 0.25 to 4. Text with nothing to say is a short silence. Raises `UnknownVoiceError`, and
        `ValueError` for another speed, both at once.
        """
        speaker = self.speaker(voice)
        if not 0.25 <= speed <= 4.0:
            raise ValueError(f"The speed must be from 0.25 to 4, and {speed:g} is not.")
        engines = self._engines
        if engines is None:
            raise RuntimeError("The speech model was closed.")
        phonemes = (engines.british if speaker.startswith("b") else engines.american).of(text)
        if engines.kokoro is None or speaker == STAND_IN:
            return _paced(engines.heart.say, phonemes, speed)
        return _paced(partial(engines.kokoro.say, self._styles[speaker]), phonemes, speed)

    def close(self) -> None:
        """Frees the models' memory, once what is being spoken is finished; nothing can be spoken afterwards."""
        self._engines = None


def _paced(say: Callable[[str, float], Samples], sentences: Iterable[str], speed: float) -> Iterator[Samples]:
    pace = min(max(speed, _SLOWEST), _FASTEST)
    spoken = False
    for phonemes in sentences:
        samples = say(phonemes, pace)
        yield samples if pace == speed else change_tempo(samples, _RATE, speed / pace)
        spoken = True
    if not spoken:
        yield np.zeros(round(_RATE * _SILENCE_SECONDS), np.float32)


class _Engines:
    """All that takes memory."""

    def __init__(self, model: Path | None, threads: int) -> None:
        self.kokoro = _Kokoro(model, threads) if model else None
        self.heart = _Heart()
        self.american, self.british = _Phonemes(british=False), _Phonemes(british=True)


class _Kokoro:
    def __init__(self, model: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # A thread that spins while it waits takes the core from the other models.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session: Any = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        vocabulary = Path(hibari.ASSETS, "vocab.json").read_text("utf-8")
        self._ids: dict[str, int] = json.loads(vocabulary)

    def say(self, style: Samples, phonemes: str, speed: float) -> Samples:
        ids = [self._ids[phoneme] for phoneme in phonemes if phoneme in self._ids]
        inputs = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": style[len(ids)],
            "speed": np.array([speed], np.float32),
        }
        (samples,) = self._session.run(None, inputs)
        return np.asarray(samples, np.float32).reshape(-1)


class _Heart:
    """hibari's built-in voice, loaded when it first speaks; always the same samples for the same phonemes."""

    def __init__(self) -> None:
        self._lock = RLock()

    def say(self, phonemes: str, speed: float) -> Samples:
        with self._lock:
            voice = self._voice
        return np.asarray(voice.from_phonemes(phonemes, speed, seed=0), np.float32)

    @cached_property
    def _voice(self) -> Any:
        return hibari.Hibari(STAND_IN)


class _Phonemes:
    """English text to phonemes by hibari, loaded when it is first asked."""

    def __init__(self, *, british: bool) -> None:
        self._british = british
        self._lock = RLock()

    def of(self, text: str) -> Iterator[str]:
        """Phonemes with something to say in them, at most `_MOST_PHONEMES` at once, none across two sentences."""
        for sentence in hibari.Hibari.split_sentences(text):
            with self._lock:
                phonemes = self._read(_LONG_WORD.sub(_in_parts, sentence))
            yield from (part for part in _cut(phonemes) if not _UNSPOKEN.issuperset(part))

    @cached_property
    def _g2p(self) -> Any:
        return G2P(british=self._british)

    def _read(self, sentence: str) -> str:
        try:
            return str(self._g2p(sentence))
        except Exception:  # noqa: BLE001 # hibari fails in many ways on odd numbers; the other words can be read
            words = sentence.split()
            return " ".join(filter(None, map(self._read, words))) if len(words) > 1 else ""


def _in_parts(word: re.Match[str]) -> str:
    return " ".join(_PART_OF_WORD.findall(word[0]))


def _cut(phonemes: str) -> Iterator[str]:
    """Cuts what is too long: at the last clause that fits, else at the last word, else anywhere."""
    while len(phonemes) > _MOST_PHONEMES:
        head = phonemes[:_MOST_PHONEMES]
        end = max(head.rfind(f"{mark} ") + 1 for mark in ",;:—") or head.rfind(" ") or -1
        end = end if end > 0 else _MOST_PHONEMES
        yield phonemes[:end]
        phonemes = phonemes[end:].lstrip()
    yield phonemes


def _style(path: Path) -> Samples:
    return np.fromfile(path, "<f4").reshape(-1, 1, 256)
