"""Speech to text, in its own language or in English: Whisper by faster-whisper."""

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
"""What `transcribe` takes, in Hz."""

# A prompt is words: a marker of the model's own in it would end or redirect the transcript.
_MARKER = re.compile(r"<\|[^|]*\|>")


@dataclass(frozen=True)
class Segment:
    """Some words of a transcript; `start` and `end` in seconds, `seek` in hundredths of a second."""

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


@dataclass(frozen=True)
class Transcript:
    """What was said; `language` as an ISO 639 code, `duration` of the audio in seconds."""

    text: str
    language: str
    duration: float
    segments: list[Segment]


class TranscriptionBackend:
    """A Whisper model in memory. Safe to use from many threads, which take turns."""

    def __init__(self, files: Mapping[str, Path], *, threads: int | None = None) -> None:
        """Loads the model from its model.bin, config.json, tokenizer.json and vocabulary.txt, wherever each lies.

        One core is left to the other models unless `threads` says otherwise.
        """
        self._model: Any = _load(files, threads or max((os.cpu_count() or 1) - 1, 1))

    @property
    def languages(self) -> list[str]:
        """The codes `transcribe` takes."""
        return sorted(self._loaded().supported_languages)

    def transcribe(
        self,
        samples: NDArray[np.float32],
        *,
        task: Literal["transcribe", "translate"] = "transcribe",
        language: str | None = None,
        prompt: str | None = None,
        temperature: float | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> Transcript:
        """The words in mono samples at `SAMPLE_RATE`; "translate" gives them in English.

        Without a language the model listens for one; without a temperature it starts at 0 and raises it where it is
        unsure. `stopped` is asked between segments: when it says True, the transcript ends there. Silence gives no
        text. Raises `ValueError` for a language the model does not know.
        """
        found, about = self._loaded().transcribe(
            samples,
            task=task,
            language=self._known(language),
            initial_prompt=_MARKER.sub("", prompt) if prompt else None,
            # Whisper makes words up where nobody speaks.
            vad_filter=True,
            **({} if temperature is None else {"temperature": temperature}),
        )
        duration = len(samples) / SAMPLE_RATE
        segments = list(_segments(_until(stopped, found), duration))
        text = "".join(segment.text for segment in segments).strip()
        return Transcript(text, str(about.language), duration, segments)

    def close(self) -> None:
        """Frees the model's memory; nothing can be transcribed afterwards."""
        model, self._model = self._model, None
        if model is not None:
            model.model.unload_model()

    def _loaded(self) -> Any:
        if self._model is None:
            raise RuntimeError("The transcription model was closed.")
        return self._model

    def _known(self, language: str | None) -> str | None:
        if language is None or language.lower() in self.languages:
            return language and language.lower()
        raise ValueError(f"The language {language!r} is not known. Languages: {', '.join(self.languages)}.")


def _load(files: Mapping[str, Path], threads: int) -> Any:
    with ExitStack() as stack:
        # Open files, so that 145 MB are not in memory twice; only the tokenizer must come as bytes.
        contents: dict[str, Any] = {name: stack.enter_context(path.open("rb")) for name, path in files.items()}
        contents["tokenizer.json"] = files["tokenizer.json"].read_bytes()
        # With the files given the first argument is only a name: nothing is looked up on a hub.
        name = str(files["model.bin"].parent)
        return WhisperModel(name, device="cpu", compute_type="int8", cpu_threads=threads, files=contents)


def _until(stopped: Callable[[], bool] | None, found: Iterable[Any]) -> Iterator[Any]:
    """Asks before each segment is made, for making it is the work."""
    segments = iter(found)
    while not (stopped and stopped()):
        try:
            yield next(segments)
        except StopIteration:
            return


def _segments(found: Iterable[Any], duration: float) -> Iterator[Segment]:
    """Whisper's segments as plain Python values, in order and within the audio, which Whisper's own overrun."""
    start = 0.0
    for number, segment in enumerate(found):
        start = min(max(float(segment.start), start), duration)
        yield Segment(
            id=number,
            seek=int(segment.seek),
            start=start,
            end=min(max(float(segment.end), start), duration),
            text=str(segment.text),
            tokens=[int(token) for token in segment.tokens],
            temperature=float(segment.temperature or 0.0),
            avg_logprob=min(float(segment.avg_logprob), 0.0),
            compression_ratio=float(segment.compression_ratio),
            no_speech_prob=float(segment.no_speech_prob),
        )
