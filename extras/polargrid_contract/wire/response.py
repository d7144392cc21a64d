"""Read HTTP/1.x responses from bytes without repairing them; pure.

A client library hides what it repairs: a body after HEAD, bytes after a response, a folded header. Here all of it is
kept, and `rules` says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

Framing = Literal["none", "length", "chunked", "close"]

STATUSES_WITHOUT_BODY = (204, 304)
_STATUS_LINE = re.compile(rb"HTTP/(\d)\.(\d) (\d{3})(?: |$)")
_LOOSE_STATUS = re.compile(rb"HTTP/(\d)\.?(\d?)\s+(\d{3})")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]+)")
_SWITCHING_PROTOCOLS = 101


@dataclass(frozen=True)
class Head:
    """A status line and the header lines behind it, as they arrived."""

    raw: bytes
    """All bytes, with the empty line."""

    @cached_property
    def lines(self) -> tuple[bytes, ...]:
        """The lines without their ends and without the empty one; the first is the status line."""
        return tuple(_LINE_END.split(_HEAD_END.split(self.raw)[0]))

    @property
    def status_line(self) -> bytes:
        """The first line."""
        return self.lines[0]

    @cached_property
    def status(self) -> int:
        """The status code; 0 if it cannot be read."""
        match = _STATUS_LINE.match(self.status_line) or _LOOSE_STATUS.match(self.status_line)
        return int(match[3]) if match else 0

    @cached_property
    def version(self) -> tuple[int, int]:
        """The version of HTTP; (0, 0) if it cannot be read."""
        match = _STATUS_LINE.match(self.status_line) or _LOOSE_STATUS.match(self.status_line)
        return (int(match[1]), int(match[2] or 0)) if match else (0, 0)

    @cached_property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Names in lower case and values without white space around them, of the lines that have a colon."""
        pairs = (line.decode("latin-1").partition(":") for line in self.lines[1:])
        return tuple((name.strip().lower(), value.strip(" \t")) for name, colon, value in pairs if colon)

    def values(self, name: str) -> list[str]:
        """Return the values of the header lines with this name, in order."""
        return [value for other, value in self.fields if other == name]

    def tokens(self, name: str) -> list[str]:
        """Return the members of a header that is a list, in lower case."""
        members = (member.strip().lower() for value in self.values(name) for member in value.split(","))
        return [member for member in members if member]

    @property
    def closes(self) -> bool:
        """Whether the connection ends after this response."""
        options = self.tokens("connection")
        return "close" in options or (self.version < (1, 1) and "keep-alive" not in options)


class Chunks(NamedTuple):
    """A chunked body: its content, what is wrong with it, and where it ends."""

    body: bytes
    end: int
    is_complete: bool
    faults: tuple[str, ...] = ()
    trailers: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Response:
    """A final response, with the interim ones before it."""

    head: Head
    interim: tuple[Head, ...]
    framing: Framing
    """How the end of the body is recognized."""
    body: bytes
    """The content, without the chunk sizes."""
    is_complete: bool
    faults: tuple[str, ...] = ()
    """What is wrong with the chunks."""
    trailers: tuple[bytes, ...] = ()

    @property
    def status(self) -> int:
        """The status code; 0 if it cannot be read."""
        return self.head.status


class Reading(NamedTuple):
    """The responses of a connection, and the bytes behind the last one."""

    responses: tuple[Response, ...]
    surplus: bytes

    def has_all(self, count: int) -> bool:
        """Whether so many responses are complete, or the last one is the last of the connection."""
        if not self.responses or not self.responses[-1].is_complete:
            return False
        return len(self.responses) >= count or self.responses[-1].head.closes


def read_responses(data: bytes, methods: Sequence[str], *, is_closed: bool) -> Reading:
    """Read one final response for each request method; `is_closed` says that no more bytes follow.

    A response that is still incomplete is the last one, if its head is complete. Bytes that are no head are surplus.
    """
    responses: list[Response] = []
    position = 0
    for method in methods:
        read = _read_response(data, position, method, is_closed=is_closed)
        if read is None:
            break
        response, position = read
        responses.append(response)
        if not response.is_complete:
            break
    return Reading(tuple(responses), data[position:])


def _read_response(data: bytes, position: int, method: str, *, is_closed: bool) -> tuple[Response, int] | None:
    interim: list[Head] = []
    while True:
        match = _HEAD_END.search(data, position)
        if match is None:
            return None
        head = Head(data[position : match.end()])
        position = match.end()
        if not 100 <= head.status < 200 or head.status == _SWITCHING_PROTOCOLS:
            break
        interim.append(head)
    framing = _frame(head, method)
    rest = data[position:]
    before = tuple(interim)
    if framing == "none":
        return Response(head, before, framing, b"", is_complete=True), position
    if framing == "length":
        length = int(head.values("content-length")[0].partition(",")[0])
        response = Response(head, before, framing, rest[:length], is_complete=len(rest) >= length)
        return response, position + min(length, len(rest))
    if framing == "close":
        return Response(head, before, framing, rest, is_complete=is_closed), len(data)
    chunks = read_chunks(rest)
    response = Response(head, before, framing, chunks.body, chunks.is_complete, chunks.faults, chunks.trailers)
    return response, position + chunks.end


def _frame(head: Head, method: str) -> Framing:
    """RFC 9112, 6.3."""
    if method == "HEAD" or head.status in STATUSES_WITHOUT_BODY or 100 <= head.status < 200:
        return "none"
    if codings := head.tokens("transfer-encoding"):
        return "chunked" if codings[-1] == "chunked" else "close"
    lengths = head.values("content-length")
    if lengths and re.fullmatch(r"[0-9]{1,15}(\s*,\s*[0-9]{1,15})*", lengths[0]):
        return "length"
    return "close"


def read_chunks(data: bytes) -> Chunks:
    """Read a chunked body, as far as it is there."""
    body, position = bytearray(), 0
    faults: list[str] = []
    while True:
        end = data.find(b"\n", position)
        if end < 0:
            return Chunks(bytes(body), len(data), is_complete=False, faults=tuple(faults))
        line = data[position:end]
        match = _CHUNK_SIZE.match(line)
        if match is None:
            faults.append(f"{_quote(line)} instead of the size of a chunk")
            return Chunks(bytes(body), len(data), is_complete=False, faults=tuple(faults))
        if not re.fullmatch(rb"[0-9A-Fa-f]+([ \t]*;[^\r\n]*)?\r", line):
            faults.append(f"the line {_quote(line)} before a chunk")
        position, size = end + 1, int(match[1], 16)
        if size == 0:
            return _read_trailers(data, position, bytes(body), faults)
        body += data[position : position + size]
        position += size
        if position + 2 > len(data):
            return Chunks(bytes(body), len(data), is_complete=False, faults=tuple(faults))
        if data[position : position + 2] != b"\r\n":
            faults.append(f"{_quote(data[position : position + 20])} behind a chunk of {size} bytes, not CRLF")
            position = data.find(b"\n", position) + 1 or len(data)
        else:
            position += 2


def _read_trailers(data: bytes, position: int, body: bytes, faults: list[str]) -> Chunks:
    trailers: list[bytes] = []
    while (end := data.find(b"\n", position)) >= 0:
        line = data[position:end]
        if not line.endswith(b"\r"):
            faults.append("LF instead of CRLF behind the last chunk")
        position = end + 1
        if not line.rstrip(b"\r"):
            return Chunks(body, position, is_complete=True, faults=tuple(faults), trailers=tuple(trailers))
        if b":" not in line:
            faults.append(f"{_quote(line)} behind the last chunk, instead of an empty line")
            return Chunks(body, len(data), is_complete=False, faults=tuple(faults))
        trailers.append(line.rstrip(b"\r"))
    return Chunks(body, len(data), is_complete=False, faults=tuple(faults))


def _quote(data: bytes) -> str:
    return repr(data[:40])[1:]
