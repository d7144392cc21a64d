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
        self._line_parts: list[bytes] = []  # of the unfinished line; joined once, when it ends
        self._line_size = 0
        self._data_size = 0  # of the unfinished event
        self._started = False
        self._after_cr = False
        self._data: list[bytes] = []
        self._name = ""
        self._id = ""

    def feed(self, data: bytes) -> list[Event]:
        """The events that these bytes complete."""
        return [event for line in self._lines(data) if (event := self._line(line)) is not None]

    def _lines(self, data: bytes) -> Iterator[bytes]:
        """Whole lines. A CR ends a line at once; an LF that comes right after it, even later, belongs to it."""
        if not data:
            return
        if self._after_cr:
            data = data.removeprefix(b"\n")
        if not self._started:
            data = b"".join([*self._line_parts, data])
            self._line_parts = []
            self._started = not _BOM.startswith(data)  # else it may still become a BOM
            data = data.removeprefix(_BOM) if self._started else data
        self._after_cr = data.endswith(b"\r")
        *ended, rest = _LINE_END.split(data)
        if ended:
            ended[0] = b"".join([*self._line_parts, ended[0]])
            self._line_parts, self._line_size = [], 0
            yield from ended
        self._line_parts.append(rest)
        self._line_size += len(rest)
        self._check_size()

    def _line(self, line: bytes) -> Event | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._data_size += len(value)
            self._check_size()
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")
        elif field == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")
        return None  # a comment, `retry`, or a field of another name

    def _dispatch(self) -> Event | None:
        event = Event(b"\n".join(self._data), self._name or "message", self._id) if self._data else None
        self._data, self._data_size, self._name = [], 0, ""
        return event

    def _check_size(self) -> None:
        if self._line_size + self._data_size > self._limit:
            raise EventTooLargeError(f"an event is longer than {self._limit} bytes")
