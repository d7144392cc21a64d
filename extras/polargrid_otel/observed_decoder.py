"""A decoder that shows each chunk to an observer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from polargrid_codec.event_stream import ByteStreamDecoder
from polargrid_runtime import errors


class ObservedDecoder(ByteStreamDecoder):
    """Passes on what another decoder decodes."""

    def __init__(
        self,
        decoder: ByteStreamDecoder,
        on_data: Callable[[bytes], object],
        observe: Callable[[Any], Any],
        on_end: Callable[[], object] | None = None,
    ) -> None:
        self._decoder, self._on_data, self._observe, self._on_end = decoder, on_data, observe, on_end

    @property
    def started(self) -> bool:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether it yielded a chunk."""
        return self._decoder.started

    @property
    def done(self) -> bool:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether it decoded the last event."""
        return self._decoder.done

    def feed(self, data: bytes) -> Iterable[Any]:
        self._on_data(data)
        return map(self._observe, self._decoder.feed(data))

    def finish(self) -> Iterable[Any]:
        chunks = self._decoder.finish()
        if self._on_end is not None:
            self._on_end()
        return map(self._observe, chunks)

    def to_error(self, error: errors.PolarGridError) -> errors.PolarGridError:
        return self._decoder.to_error(error)
