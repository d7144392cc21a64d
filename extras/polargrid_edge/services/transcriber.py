"""From an upload to a transcript: what all operations on recordings share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, cast

from polargrid_edge.errors import invalid_request
from polargrid_edge.workers.audio import AudioDecoder

if TYPE_CHECKING:
    from polargrid_edge.backends.transcription import LazyTranscript, Transcript, TranscriptionBackend
    from polargrid_edge.models.catalog import Model
    from polargrid_edge.models.pool import ModelPool, Timing
    from polargrid_edge.settings import EdgeSettings

Task = Literal["transcribe", "translate"]

# The sample rate at which the duration of a recording is measured, in Hz.
_COARSE_RATE = 1_000


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording and how to transcribe it; `fields` are those of the request."""

    file: BinaryIO
    model: Model
    fields: Mapping[str, Any]
    task: Task = "transcribe"
    words: bool = False


def primary_language(tag: str | None) -> str | None:
    """The language of a tag like `es-ES`, without its region, in lower case; None for an empty one: detect it."""
    language = re.split("[-_]", tag or "")[0].lower()
    return language or None


class Transcriber:
    """Decodes recordings and transcribes them. Methods block, and raise `EdgeError` or `AudioError`."""

    def __init__(self, settings: EdgeSettings, pool: ModelPool) -> None:
        self._settings = settings
        self._pool = pool
        self._decoder = AudioDecoder()

    def close(self) -> None:
        """End the process that decodes."""
        self._decoder.close()

    def measure(self, file: BinaryIO, stopped: Callable[[], bool]) -> float:
        """The duration of a recording in seconds."""
        return len(self._decode(file, _COARSE_RATE, stopped)) / _COARSE_RATE

    def transcribe(self, recording: Recording, timing: Timing, stopped: Callable[[], bool]) -> Transcript:
        """The transcript as a whole."""
        with self._start(recording, timing, stopped) as (backend, arguments):
            return backend.transcribe(**arguments)

    @contextmanager
    def start(self, recording: Recording, timing: Timing, stopped: Callable[[], bool]) -> Iterator[LazyTranscript]:
        """A transcript whose segments are computed within the context."""
        with self._start(recording, timing, stopped) as (backend, arguments):
            yield backend.start(**arguments)

    @contextmanager
    def _start(
        self, recording: Recording, timing: Timing, stopped: Callable[[], bool]
    ) -> Iterator[tuple[TranscriptionBackend, dict[str, Any]]]:
        fields = recording.fields
        samples = self._decode(recording.file, 16_000, stopped)
        arguments = {
            "samples": samples,
            "task": recording.task,
            "language": primary_language(fields.get("language")),
            "prompt": fields.get("prompt"),
            "temperature": fields.get("temperature"),
            "words": recording.words,
            "stopped": stopped,
        }
        with self._pool.lease(recording.model, timing) as leased:
            try:
                yield cast("TranscriptionBackend", leased), arguments
            except ValueError as error:
                raise invalid_request(str(error), "language" if "language" in fields else None) from error

    def _decode(self, file: BinaryIO, rate: int, stopped: Callable[[], bool]) -> Any:
        limit = self._settings.upload_seconds
        return self._decoder.decode(file, rate=rate, limit_seconds=limit, is_stopped=stopped)
