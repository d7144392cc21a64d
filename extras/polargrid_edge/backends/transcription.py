"""Speech to text, in the language of the speech or in English: Whisper by faster-whisper."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from faster_whisper import WhisperModel  # type: ignore[import-untyped]
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""The sample rate that `transcribe` expects, in Hz."""

# A prompt is text: one of the model's special tokens in it would end or redirect the transcript.
_SPECIAL_TOKEN = re.compile(r"<\|[^|]*\|>")


@dataclass(frozen=True)
class Word:
    """A word of a transcript; `start` and `end` in seconds."""

    word: str
    start: float
    end: float


@dataclass(frozen=True)
class Segment:
    """A part of a transcript; `start` and `end` in seconds, `seek` in hundredths of a second.

    `words` are empty unless they are requested.
    """

    id: int
    seek: int
    start: float
    end: float
    text: str
    tokens: list[int]
    temperature: float
    avg_logprob: float
    compression_ratio: float
    no_speech_prob: float
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class LazyTranscript:
    """A transcript in progress: iterating over `segments` computes them; the other fields are as in `Transcript`."""

    language: str
    duration: float
    segments: Iterator[Segment]

    def complete(self) -> Transcript:
        """Compute the segments that are left, and return the whole transcript."""
        segments = list(self.segments)
        text = "".join(segment.text for segment in segments).strip()
        return Transcript(text, self.language, self.duration, segments)


@dataclass(frozen=True)
class Transcript:
    """A transcript; `language` is an ISO 639 code, `duration` that of the audio in seconds."""

    text: str
    language: str
    duration: float
    segments: list[Segment]


class TranscriptionBackend:
    """A Whisper model in memory. Thread-safe; concurrent calls run one after another."""

    def __init__(
        self,
        files: Mapping[str, Path],
        *,
        threads: int | None = None,
        load_model: Callable[[Mapping[str, Path], int], Any] | None = None,
    ) -> None:
        """Load the model from the paths of its model.bin, config.json, tokenizer.json and vocabulary.txt.

        By default it uses all cores but one, which is for the other models.
        """
        self._model: Any = (load_model or _load_model)(files, threads or max((os.cpu_count() or 1) - 1, 1))

    @property
    def languages(self) -> list[str]:
        """The codes that `transcribe` accepts."""
        return sorted(self._get_model().supported_languages)

    def transcribe(
        self,
        samples: NDArray[np.float32],
        *,
        task: Literal["transcribe", "translate"] = "transcribe",
        language: str | None = None,
        prompt: str | None = None,
        temperature: float | None = None,
        words: bool = False,
        stopped: Callable[[], bool] | None = None,
    ) -> Transcript:
        """Transcribe mono samples at `SAMPLE_RATE` as a whole; see `start`."""
        lazy = self.start(
            samples,
            task=task,
            language=language,
            prompt=prompt,
            temperature=temperature,
            words=words,
            stopped=stopped,
        )
        return lazy.complete()

    def start(
        self,
        samples: NDArray[np.float32],
        *,
        task: Literal["transcribe", "translate"] = "transcribe",
        language: str | None = None,
        prompt: str | None = None,
        temperature: float | None = None,
        words: bool = False,
        stopped: Callable[[], bool] | None = None,
    ) -> LazyTranscript:
        """Start to transcribe mono samples at `SAMPLE_RATE`; the task "translate" gives English text.

        Without a language the model detects it, now; without a temperature it starts at 0 and raises it where it is
        unsure. With `words` the segments have the times of their words, which takes longer. `stopped` is called before
        each segment: True ends the transcript. Silence has no segments. Raises `ValueError` for an unknown language.
        """
        segment_stream, info = self._get_model().transcribe(
            samples,
            task=task,
            language=self._validate_language(language),
            initial_prompt=_SPECIAL_TOKEN.sub("", prompt) if prompt else None,
            # Without the filter Whisper invents words in silence.
            vad_filter=True,
            **({"word_timestamps": True} if words else {}),
            **({} if temperature is None else {"temperature": temperature}),
        )
        duration = len(samples) / SAMPLE_RATE
        segments = _convert_segments(_iter_until(stopped, segment_stream), duration)
        return LazyTranscript(str(info.language), duration, segments)

    def close(self) -> None:
        """Free the model's memory; `transcribe` fails from now on."""
        model, self._model = self._model, None
        if model is not None:
            model.model.unload_model()

    def _get_model(self) -> Any:
        if self._model is None:
            raise RuntimeError("the transcription model is closed")
        return self._model

    def _validate_language(self, language: str | None) -> str | None:
        if language is None or language.lower() in self.languages:
            return language and language.lower()
        raise ValueError(f"unknown language {language!r}; expected one of: {', '.join(self.languages)}")


def _load_model(files: Mapping[str, Path], threads: int) -> Any:
    with ExitStack() as stack:
        # Open files, so that 145 MB are not in memory twice; only the tokenizer must be bytes.
        contents: dict[str, Any] = {name: stack.enter_context(path.open("rb")) for name, path in files.items()}
        contents["tokenizer.json"] = files["tokenizer.json"].read_bytes()
        # With `files` the first argument is only a name: the library does not access a hub.
        name = str(files["model.bin"].parent)
        return _RememberingModel(name, device="cpu", compute_type="int8", cpu_threads=threads, files=contents)


class _RememberingModel(WhisperModel):  # type: ignore[misc]
    """Whisper that encodes the same 30 seconds of sound once, which takes most of the time of a transcript.

    The library encodes them for the language and again for the text. A client that requests several formats sends them
    once more. An encoding depends on the sound only, so it is the same each time.
    """

    _encoded: tuple[NDArray[np.float32], Any] | None = None

    def encode(self, features: NDArray[np.float32]) -> Any:
        encoded = self._encoded
        if encoded is None or not np.array_equal(encoded[0], features):
            encoded = self._encoded = features, super().encode(features)
        return encoded[1]

    def detect_language(  # pyright: ignore[reportIncompatibleMethodOverride] - the caller names its arguments
        self, audio: Any = None, features: Any = None, **options: Any
    ) -> Any:
        # The text is read without the last frame, so the language is as well: then both have the same sound.
        if features is not None and features.shape[-1] > 1:
            features = features[..., :-1]
        return super().detect_language(audio, features, **options)


def _iter_until(stopped: Callable[[], bool] | None, segment_stream: Iterable[Any]) -> Iterator[Any]:
    """Check before each segment, because computing the next segment is the work."""
    segments = iter(segment_stream)
    while not (stopped and stopped()):
        try:
            yield next(segments)
        except StopIteration:
            return


def _convert_segments(segments: Iterable[Any], duration: float) -> Iterator[Segment]:
    """Convert Whisper's segments to plain values, one after another and within the audio."""
    end = 0.0
    for number, segment in enumerate(segments):
        start = min(max(float(segment.start), end), duration)
        end = min(max(float(segment.end), start), duration)
        yield Segment(
            id=number,
            seek=int(segment.seek),
            start=start,
            end=end,
            text=str(segment.text),
            tokens=[int(token) for token in segment.tokens],
            temperature=float(segment.temperature or 0.0),
            avg_logprob=min(float(segment.avg_logprob), 0.0),
            compression_ratio=float(segment.compression_ratio),
            no_speech_prob=float(segment.no_speech_prob),
            words=tuple(_convert_words(getattr(segment, "words", None) or (), duration)),
        )


def _convert_words(words: Iterable[Any], duration: float) -> Iterator[Word]:
    """Convert Whisper's words, which begin with a space, as segments are converted."""
    start = 0.0
    for word in words:
        start = min(max(float(word.start), start), duration)
        yield Word(str(word.word).strip(), start, min(max(float(word.end), start), duration))
