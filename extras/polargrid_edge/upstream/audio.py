"""Speech and transcripts from upstream servers."""

from __future__ import annotations

import io
import wave
from collections.abc import AsyncGenerator, Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from polargrid_edge.backends.transcription import SAMPLE_RATE, LazyTranscript, Segment, Transcript, Word
from polargrid_edge.upstream.call import current_call
from polargrid_edge.upstream.errors import unavailable_error
from polargrid_edge.upstream.group import ModelGroup

Json = dict[str, Any]


class UpstreamSpeech:
    """The servers of a speech model. Use it on the event loop of the edge."""

    def __init__(self, group: ModelGroup) -> None:
        self._group = group

    def speak(self, body: Json, headers: dict[str, str]) -> AsyncGenerator[bytes]:
        """Iterate over the audio in the format of the request. Closing it ends the request. Raises `EdgeError`.

        `headers` are those of the request to a server.
        """
        return self._group.iter_bytes("/v1/audio/speech", body, headers)


class UpstreamTranscription:
    """The servers of a transcription model, as `TranscriptionBackend`. Thread-safe; it blocks."""

    def __init__(self, group: ModelGroup) -> None:
        self._group = group

    def close(self) -> None:
        """Nothing to free."""

    def transcribe(self, samples: NDArray[np.float32], **options: Any) -> Transcript:
        """Transcribe mono samples at `SAMPLE_RATE` as a whole."""
        return self.start(samples, **options).complete()

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
        """Transcribe mono samples at `SAMPLE_RATE`. Raises `EdgeError`."""
        del stopped
        call = current_call.get()
        path = "/v1/audio/transcriptions" if task == "transcribe" else "/v1/audio/translations"
        fields = {"language": language, "prompt": prompt, "temperature": temperature}
        form: Json = {name: str(value) for name, value in fields.items() if value is not None}
        form["response_format"] = "verbose_json"
        if words:
            form["timestamp_granularities[]"] = ["segment", "word"]
        files = {"file": ("audio.wav", _to_wav(samples), "audio/wav")}
        response = call.run(self._group.request(path, form, call.headers, files=files))
        duration = len(samples) / SAMPLE_RATE
        try:
            segments = _read_segments(response, duration)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise unavailable_error(self._group.name, f"sent an invalid transcript: {error!r}") from None
        spoken = response.get("language")
        return LazyTranscript(spoken if isinstance(spoken, str) else language or "", duration, iter(segments))


def _to_wav(samples: NDArray[np.float32]) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def _read_segments(response: Json, duration: float) -> list[Segment]:
    """The segments; of a server that sends none, the text as one."""
    words = [_read_word(word) for word in response.get("words") or ()]
    items = response.get("segments") or [{"start": 0.0, "end": duration, "text": response["text"]}]
    segments = []
    end = 0.0
    for number, item in enumerate(items):
        start = min(max(float(item["start"]), end), duration)
        end = min(max(float(item["end"]), start), duration)
        segments.append(
            Segment(
                id=number,
                seek=int(item.get("seek") or 0),
                start=start,
                end=end,
                text=str(item["text"]),
                tokens=[int(token) for token in item.get("tokens") or ()],
                temperature=float(item.get("temperature") or 0.0),
                avg_logprob=min(float(item.get("avg_logprob") or 0.0), 0.0),
                compression_ratio=float(item.get("compression_ratio") or 1.0),
                no_speech_prob=float(item.get("no_speech_prob") or 0.0),
                words=tuple(
                    word for word in words if start <= word.start < end or (number == 0 and word.start < start)
                ),
            )
        )
    return segments


def _read_word(word: Json) -> Word:
    return Word(str(word["word"]).strip(), float(word["start"]), float(word["end"]))
