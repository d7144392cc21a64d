"""Reads a body that is passed on as bytes, beside the caller: for `with_streaming_response`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from polargrid_codec.event_stream import ByteStreamDecoder

#: Bytes of a JSON body that are kept to be read; of a longer one, and of audio, nothing is recorded.
MAX_BODY_BYTES = 1_000_000


class BodyObserver:
    """Shows an observer the chunks of an event stream; a JSON body is kept until it is complete."""

    def __init__(
        self,
        decoder: ByteStreamDecoder | None,
        on_data: Callable[[bytes], object],
        on_chunk: Callable[[Any], object],
        on_body: Callable[[bytes], object],
    ) -> None:
        self._decoder, self._on_data, self._on_chunk, self._on_body = decoder, on_data, on_chunk, on_body
        self._body: bytearray | None = bytearray()

    def feed(self, data: bytes) -> None:
        """Read bytes as they arrive; what does not match is the caller's to see."""
        self._on_data(data)
        if self._decoder is not None:
            try:
                for chunk in self._decoder.feed(data):
                    self._on_chunk(chunk)
            except Exception:  # noqa: BLE001 - the caller parses it, and gets the exception
                self._decoder = None
            self._body = None
        elif self._body is not None:
            self._body += data
            if len(self._body) > MAX_BODY_BYTES or not self._body.startswith((b"{", b"[")):
                self._body = None

    def finish(self) -> None:
        """Show a JSON body that is complete."""
        if self._body:
            self._on_body(bytes(self._body))
