"""Decode the audio of uploads in a worker: a few hundred bytes can claim gigabytes of tables or hours of sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np

from polargrid_edge.media.audio import AudioError, Samples, iter_samples
from polargrid_edge.workers.process import RejectedError, WorkerError, WorkerProcess

if TYPE_CHECKING:
    from polargrid_edge.workers.child import Handler

MAX_MEMORY_BYTES: Final = 512 * 1024**2
"""The memory of the decoder, beyond that of the process; the samples leave it as they are decoded."""
_GRACE_SECONDS: Final = 10.0
# Slow machines decode hundreds of seconds of audio in a second.
_MIN_SPEED: Final = 20.0


class AudioDecoder:
    """Decodes uploads, one at a time, within bounds of memory and time that all uploads share. Thread-safe."""

    def __init__(self, *, memory_bytes: int = MAX_MEMORY_BYTES, grace_seconds: float = _GRACE_SECONDS) -> None:
        """A file may take `grace_seconds`, and a second for each 20 seconds of its audio."""
        self._worker = WorkerProcess("audio", memory_bytes=memory_bytes)
        self._memory_bytes = memory_bytes
        self._grace_seconds = grace_seconds

    def decode(
        self,
        file: bytes | BinaryIO,
        *,
        rate: int = 16_000,
        limit_seconds: float,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> Samples:
        """Decode the audio of a file to mono samples at `rate` Hz; `is_stopped` ends it early with an error.

        Raises `AudioError` for a file that is not audio, has more than `limit_seconds` of it, or reaches a bound.
        """
        data = bytearray()
        max_seconds = self._grace_seconds + limit_seconds / _MIN_SPEED

        def is_late(seconds: float) -> bool:
            return is_stopped() or seconds > self._grace_seconds + len(data) / 4 / rate / _MIN_SPEED

        options = {"rate": rate, "limit_seconds": limit_seconds}
        try:
            self._worker.call(options, file, data.extend, max_seconds=max_seconds, is_late=is_late)
        except RejectedError as error:
            raise AudioError(str(error)) from None
        except WorkerError as error:
            raise AudioError(self._describe(error)) from None
        return np.frombuffer(data, np.float32)

    def close(self) -> None:
        """End the worker."""
        self._worker.close()

    def _describe(self, error: WorkerError) -> str:
        match error.reason:
            case "memory":
                return f"decoding the file needs more than {self._memory_bytes // 1024**2} MiB of memory"
            case "time":
                return f"decoding the file takes too long: over {self._grace_seconds:g} seconds for little audio"
            case _:
                return "the file is not audio in a supported format: the decoder fails on it"


def load_handler() -> Handler:
    """Return the handler of the worker."""
    return _handle


def _handle(options: Any, content: bytes) -> Iterator[bytes]:
    for samples in iter_samples(content, rate=options["rate"], limit_seconds=options["limit_seconds"]):
        yield samples.tobytes()
