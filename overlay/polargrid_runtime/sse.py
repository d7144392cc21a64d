"""Server-sent events, by the WHATWG standard (HTML, 9.2.6); pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One server-sent event. `data` is UTF-8, its lines joined by LF."""

    data: bytes
    name: str
    id: str


class EventTooLargeError(ValueError):
    """A line or an event exceeds the limit."""


class EventDecoder:
    """Takes the bytes of one stream, cut anywhere, and returns its events.

    `limit` bounds an event, in bytes.
    """

    def __init__(self, limit: int = 8 * 1024 * 1024) -> None:
        self._limit = limit
        self._line = bytearray()  # the incomplete line
        self._data: list[bytes] = []  # of the incomplete event
        self._data_size = 0
        self._started = False
        self._after_cr = False
        self._name = ""
        self._id = ""

    def feed(self, data: bytes) -> Iterator[Event]:
        """Return the events that these bytes complete; how the stream is cut makes no difference."""
        for line in self._split_lines(data):
            if self._data_size + len(line) > self._limit:
                raise self._too_large_error()
            if line.startswith(b"data:"):
                self._add(line[6:] if line.startswith(b"data: ") else line[5:])
            elif line:
                self._read_field(line)
            else:
                if self._data:
                    yield Event(b"\n".join(self._data), self._name or "message", self._id)
                self._data, self._data_size, self._name = [], 0, ""
        if self._data_size + len(self._line) > self._limit:
            raise self._too_large_error()

    def decode_single(self, data: bytes) -> bytes | None:
        """Return the data of an event if these bytes are one event of one line, as most servers send them.

        Returns None for anything else, which is for `feed`.
        """
        if not (data.startswith(b"data: ") and data.find(b"\n") == len(data) - 2 and data.endswith(b"\n")):
            return None
        if self._data or self._line or self._name or self._after_cr or not self._started:
            return None
        return data[6:-2] if b"\r" not in data and len(data) <= self._limit else None

    def flush(self) -> bytes:
        """Return the data of the event whose end is missing, at the end of the stream; it is not complete."""
        return b"\n".join(self._data) or bytes(self._line)

    def _split_lines(self, data: bytes) -> list[bytes]:
        """Split into complete lines. A CR ends a line at once; an LF after it belongs to it, even in later data."""
        if not data:
            return []
        if self._after_cr:
            data = data.removeprefix(b"\n")
        if not self._started:
            data = bytes(self._line) + data
            self._line.clear()
            self._started = not _BOM.startswith(data)  # until then it may be part of a BOM
            data = data.removeprefix(_BOM) if self._started else data
        self._after_cr = data.endswith(b"\r")
        lines = _LINE_END.split(data) if b"\r" in data else data.split(b"\n")
        tail = lines.pop()
        if lines and self._line:
            lines[0] = bytes(self._line) + lines[0]
            self._line.clear()
        self._line += tail
        return lines

    def _read_field(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":  # a line without a colon
            self._add(value)
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")
        elif field == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")
        # a comment, `retry` and unknown fields are ignored

    def _add(self, value: bytes) -> None:
        self._data.append(value)
        self._data_size += len(value) + 1

    def _too_large_error(self) -> EventTooLargeError:
        return EventTooLargeError(f"event exceeds max_event_bytes, {self._limit} bytes")
