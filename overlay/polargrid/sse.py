"""Bytes -> server-sent events, as the WHATWG standard has it (HTML, 9.2.6); pure."""

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
    """A line or an event is longer than the decoder takes."""


class Decoder:
    """Takes the bytes of one stream, cut anywhere, and returns its events.

    `limit` bounds what is kept of an unfinished event, in bytes.
    """

    def __init__(self, limit: int = 8 * 1024 * 1024) -> None:
        self._limit = limit
        self._rest = bytearray()  # of the unfinished line
        self._data: list[bytes] = []  # of the unfinished event
        self._data_size = 0
        self._started = False
        self._after_cr = False
        self._name = ""
        self._id = ""

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that these bytes complete: the same ones, and the same error after them, however they are cut."""
        for line in self._lines(data):
            if self._data_size + len(line) > self._limit:
                raise self._too_large()
            if line.startswith(b"data:"):
                self._add(line[6:] if line.startswith(b"data: ") else line[5:])
            elif line:
                self._field(line)
            else:
                if self._data:
                    yield Event(b"\n".join(self._data), self._name or "message", self._id)
                self._data, self._data_size, self._name = [], 0, ""
        if self._data_size + len(self._rest) > self._limit:
            raise self._too_large()

    def _lines(self, data: bytes) -> list[bytes]:
        """Whole lines. A CR ends a line at once; an LF that comes right after it, even later, belongs to it."""
        if not data:
            return []
        if self._after_cr:
            data = data.removeprefix(b"\n")
        if not self._started:
            data = bytes(self._rest) + data
            self._rest.clear()
            self._started = not _BOM.startswith(data)  # else it may still become a BOM
            data = data.removeprefix(_BOM) if self._started else data
        self._after_cr = data.endswith(b"\r")
        lines = _LINE_END.split(data) if b"\r" in data else data.split(b"\n")
        rest = lines.pop()
        if lines and self._rest:
            lines[0] = bytes(self._rest) + lines[0]
            self._rest.clear()
        self._rest += rest
        return lines

    def _field(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":  # a line without a colon
            self._add(value)
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")
        elif field == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")
        # else a comment, `retry`, or a field of another name

    def _add(self, value: bytes) -> None:
        self._data.append(value)
        self._data_size += len(value) + 1

    def _too_large(self) -> EventTooLargeError:
        return EventTooLargeError(f"an event is longer than {self._limit} bytes")
