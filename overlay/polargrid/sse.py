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
        self._rest = b""  # the unfinished line
        self._started = False
        self._after_cr = False
        self._data: list[bytes] = []
        self._size = 0
        self._name = ""
        self._id = ""

    def feed(self, data: bytes) -> list[Event]:
        """The events that these bytes complete."""
        return [event for line in self._lines(data) if (event := self._line(line)) is not None]

    def _lines(self, data: bytes) -> Iterator[bytes]:
        """Whole lines. A CR ends a line at once; an LF that comes right after it, even later, belongs to it."""
        if self._after_cr and data:
            data = data.removeprefix(b"\n")
            self._after_cr = False
        data = self._rest + data
        if not self._started:
            if _BOM.startswith(data):  # it may still become a BOM
                self._rest = data
                return
            data = data.removeprefix(_BOM)
            self._started = True
        self._after_cr = data.endswith(b"\r")
        *lines, self._rest = _LINE_END.split(data)
        self._bound(len(self._rest) + self._size)
        yield from lines

    def _line(self, line: bytes) -> Event | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._size += len(value) + 1
            self._bound(self._size)
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")
        elif field == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")
        return None  # a comment, `retry`, or a field of another name

    def _dispatch(self) -> Event | None:
        event = Event(b"\n".join(self._data), self._name or "message", self._id) if self._data else None
        self._data, self._size, self._name = [], 0, ""
        return event

    def _bound(self, size: int) -> None:
        if size > self._limit:
            raise EventTooLargeError(f"an event is longer than {self._limit} bytes")
