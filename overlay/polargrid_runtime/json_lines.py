"""Streams of JSON texts: one for each line (JSON Lines, NDJSON), or for each record of RFC 7464; pure."""

from __future__ import annotations

from collections.abc import Iterator

from polargrid_runtime.sse import Event, EventTooLargeError

JSON_LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines",
              "application/jsonlines", "application/json-seq")  # fmt: skip
_SEPARATOR = b"\x1e"  # of RFC 7464


class LineDecoder:
    """Takes the bytes of one stream, cut anywhere, and returns its lines as events.

    `limit` bounds a line, in bytes.
    """

    def __init__(self, limit: int = 8 * 1024 * 1024) -> None:
        self._limit = limit
        self._line = bytearray()  # the incomplete line

    def feed(self, data: bytes) -> Iterator[Event]:
        """Return the lines that these bytes complete, except for empty ones."""
        *lines, tail = data.split(b"\n")
        for line in lines:
            if len(self._line) + len(line) > self._limit:
                raise self._too_large_error()
            text = (bytes(self._line) + line).strip(_SEPARATOR + b" \t\r")
            self._line.clear()
            if text:
                yield Event(text, "message", "")
        if len(self._line) + len(tail) > self._limit:
            raise self._too_large_error()
        self._line += tail

    def decode_single(self, data: bytes) -> bytes | None:
        """Return the line if these bytes are one line, as most servers send them; None for anything else."""
        is_line = not self._line and data.find(b"\n") == len(data) - 1 and len(data) <= self._limit
        return data.strip(_SEPARATOR + b" \t\r\n") or None if is_line else None

    def flush(self) -> bytes:
        """Return the last line, which may lack its end."""
        line = bytes(self._line).strip(_SEPARATOR + b" \t\r")
        self._line.clear()
        return line

    def _too_large_error(self) -> EventTooLargeError:
        return EventTooLargeError(f"line exceeds max_event_bytes, {self._limit} bytes")
