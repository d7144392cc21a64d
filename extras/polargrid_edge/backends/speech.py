"""Text to speech: Kokoro by onnxruntime, and hibari's built-in voice where Kokoro's files are missing."""

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

from polargrid_edge.media.audio import change_tempo

Samples = NDArray[np.float32]

FALLBACK_VOICE: Final = "heart"
"""The voice in hibari's own wheel, used where Kokoro's model or the voice's file is missing."""

_RATE = 24_000
_SILENCE_SECONDS = 0.25
# Kokoro accepts fewer than 510 phonemes, and speaks too fast near that number.
_MAX_PHONEMES = 400
# hibari's time grows with the cube of the number of signs and digits in a word; letters are cheap.
_LONG_WORD = re.compile(r"(?<!\S)(?![^\W\d_]{1,48}\W?(?!\S))\S{25,}")
_WORD_PART = re.compile(r"\S{1,23}\W|\S{1,24}")
_UNSPOKEN = frozenset(';:,.!?—…"()“” ˈˌ')
# Outside of this range the models do not follow the requested speed: at 2 they are a tenth too slow.
_MIN_SPEED, _MAX_SPEED = 0.5, 1.5


class UnknownVoiceError(ValueError):
    """No voice has the name; `message` lists the voices."""

    def __init__(self, name: str, available: Iterable[str]) -> None:
        self.name = name
        self.message = f"unknown voice {name!r}; expected one of: {', '.join(available)}"
        super().__init__(self.message)


class SpeechBackend:
    """Synthesize English speech with Kokoro's voices. Thread-safe."""

    sample_rate: Final = _RATE

    def __init__(
        self, model: Path | None, styles: Mapping[str, Path], voices: Mapping[str, str], *, threads: int = 1
    ) -> None:
        """Load the models.

        `model` is Kokoro's ONNX file, `styles` the paths of the available style files by Kokoro's name of the voice,
        `voices` Kokoro's name by each name that `speak` accepts.
        """
        self._voices = dict(voices)
        self._styles = {voice: _load_style(path) for voice, path in styles.items()} if model else {}
        self._engines: _Engines | None = _Engines(model, threads)

    @property
    def voices(self) -> tuple[str, ...]:
        """Every name that `speak` accepts."""
        return tuple(sorted(self._voices))

    def speaker(self, voice: str) -> str:
        """The voice that speaks: `af_alloy` for `alloy`, `FALLBACK_VOICE` for a voice whose file is missing.

        Raises `UnknownVoiceError`.
        """
        if voice not in self._voices:
            raise UnknownVoiceError(voice, self.voices)
        kokoro_name = self._voices[voice]
        return kokoro_name if kokoro_name in self._styles else FALLBACK_VOICE

    def speak(self, text: str, voice: str, speed: float = 1.0) -> Iterator[Samples]:
        """Synthesize the text lazily, an array of mono samples at `sample_rate` per sentence.

        `speed` is from 0.25 to 4. Text without a word is a short silence. Raises `UnknownVoiceError`, and
        `ValueError` for another speed, before the first sentence.
        """
        speaker = self.speaker(voice)
        if not 0.25 <= speed <= 4.0:
            raise ValueError(f"speed {speed:g} is out of range; expected 0.25 to 4")
        engines = self._engines
        if engines is None:
            raise RuntimeError("the speech model is closed")
        phonemes = (engines.british if speaker.startswith("b") else engines.american).convert(text)
        if engines.kokoro is None or speaker == FALLBACK_VOICE:
            return speak_sentences(engines.heart.say, phonemes, speed)
        return speak_sentences(partial(engines.kokoro.say, self._styles[speaker]), phonemes, speed)

    def close(self) -> None:
        """Free the memory of the models once the current speech is finished; `speak` fails from now on."""
        self._engines = None


def speak_sentences(say: Callable[[str, float], Samples], sentences: Iterable[str], speed: float) -> Iterator[Samples]:
    """Call `say` with a speed that the models follow, and change the tempo for the rest of `speed`."""
    pace = min(max(speed, _MIN_SPEED), _MAX_SPEED)
    has_speech = False
    for phonemes in sentences:
        samples = say(phonemes, pace)
        yield samples if pace == speed else change_tempo(samples, _RATE, speed / pace)
        has_speech = True
    if not has_speech:
        yield np.zeros(round(_RATE * _SILENCE_SECONDS), np.float32)


class _Engines:
    """The models in memory."""

    def __init__(self, model: Path | None, threads: int) -> None:
        self.kokoro = _Kokoro(model, threads) if model else None
        self.heart = _Heart()
        self.american, self.british = _PhonemeConverter(british=False), _PhonemeConverter(british=True)


class _Kokoro:
    def __init__(self, model: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # A thread that spins while it waits blocks a core that the other models need.
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
    """hibari's built-in voice, loaded on first use; the same phonemes give the same samples."""

    def __init__(self) -> None:
        self._lock = RLock()

    def say(self, phonemes: str, speed: float) -> Samples:
        with self._lock:
            voice = self._voice
        return np.asarray(voice.from_phonemes(phonemes, speed, seed=0), np.float32)

    @cached_property
    def _voice(self) -> Any:
        return hibari.Hibari(FALLBACK_VOICE)


class _PhonemeConverter:
    """Convert English text to phonemes by hibari, which is loaded on first use."""

    def __init__(self, *, british: bool) -> None:
        self._british = british
        self._lock = RLock()

    def convert(self, text: str) -> Iterator[str]:
        """Iterate over the parts of the text that can be spoken: at most `_MAX_PHONEMES`, from one sentence."""
        for sentence in hibari.Hibari.split_sentences(text):
            with self._lock:
                phonemes = self._convert_sentence(split_long_words(sentence))
            yield from (part for part in _split_phonemes(phonemes) if not _UNSPOKEN.issuperset(part))

    @cached_property
    def _g2p(self) -> Any:
        return G2P(british=self._british)

    def _convert_sentence(self, sentence: str) -> str:
        try:
            return str(self._g2p(sentence))
        except Exception:  # noqa: BLE001 # hibari fails in many ways on odd numbers; the other words can be converted
            words = sentence.split()
            return " ".join(filter(None, map(self._convert_sentence, words))) if len(words) > 1 else ""


def split_long_words(text: str) -> str:
    """Split words with signs or digits into parts that hibari converts in a short time."""
    return _LONG_WORD.sub(lambda word: " ".join(_WORD_PART.findall(word[0])), text)


def _split_phonemes(phonemes: str) -> Iterator[str]:
    """Split long phonemes: after the last clause that fits, else after the last word, else at the limit."""
    while len(phonemes) > _MAX_PHONEMES:
        head = phonemes[:_MAX_PHONEMES]
        end = max(head.rfind(f"{mark} ") + 1 for mark in ",;:—") or head.rfind(" ") or -1
        end = end if end > 0 else _MAX_PHONEMES
        yield phonemes[:end]
        phonemes = phonemes[end:].lstrip()
    yield phonemes


def _load_style(path: Path) -> Samples:
    return np.fromfile(path, "<f4").reshape(-1, 1, 256)
