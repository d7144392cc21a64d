"""The bytes of a response, parsed by llhttp, without I/O. The result does not depend on where the bytes are cut."""

from __future__ import annotations

import re
from enum import Enum
from typing import cast

import httptools

from polargrid_fast.exceptions import ReadError, RemoteProtocolError

#: Bytes of status line and headers, interim responses included.
MAX_HEAD_SIZE = 100 * 1024
#: A block of this many bytes without a byte of the body ends a chunked response: extensions and trailers are bounded.
MAX_FRAMING_SIZE = 64 * 1024

_PREFIX = b"HTTP/1."
#: RFC 9112, 4; llhttp also accepts other protocols and versions. The reason may be missing, as in h11.
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] [1-9][0-9]{2}(?: [^\x00-\x08\x0a-\x1f\x7f]*)?\r\n")
_CONTENT_LENGTH = re.compile(rb"(?im)^content-length:[ \t]*([0-9]+(?:[ \t]*,[ \t]*[0-9]+)*)[ \t]*\r\n")
#: Not allowed in trailers (RFC 9110, 6.5.1); llhttp would change its framing.
_FRAMING_FIELDS = frozenset({b"transfer-encoding", b"content-length"})
_SWITCHING_PROTOCOLS = 101


class Framing(Enum):
    """How the end of a body is found (RFC 9112, 6.3)."""

    NONE = "none"
    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"


class ResponseParser:
    """Parses the responses of one connection, one after the other."""

    def __init__(self) -> None:
        self._llhttp = httptools.HttpResponseParser(self)
        self.reset("GET")

    def reset(self, method: str) -> None:
        """Expect the response to the next request."""
        self.status = 0
        self.headers: dict[str, str] = {}
        self.has_head = self.is_complete = self.keep_alive = self.has_extra_data = False
        self.buffered_bytes = 0  # of the body, not taken yet
        self._method = method
        self._chunks: list[bytes] = []
        self._fields: list[tuple[bytes, bytes]] = []
        self._partial_head = bytearray()
        self._head_size = self._content_length = self._body_size = 0
        self._block_size = self._block_start = 0
        self._tail = b""
        self._is_message_complete = False
        self._framing = Framing.NONE

    def feed(self, data: bytes) -> None:
        """Parse the next bytes of the connection. Raises RemoteProtocolError where they are not HTTP/1.1."""
        if not self.has_head:
            data = self._feed_heads(data)
        if not data:
            return
        if self.is_complete:
            self.has_extra_data = True
        elif self._framing is Framing.CHUNKED:
            self._feed_chunked(data)
        elif self._framing is Framing.LENGTH:
            missing = self._content_length - self._body_size
            self._execute(data[:missing] if len(data) > missing else data)
            self.has_extra_data = len(data) > missing
        else:
            self.on_body(data)
        self.is_complete = self._is_message_complete

    def end(self, *, is_clean: bool = True) -> None:
        """Note the end of the stream; over TLS it is clean where the server announced it. Raises if it is too early."""
        if self.is_complete:
            return
        if not self.has_head:
            where = "in the middle of the response headers" if self._head_size else "without sending a response"
            raise RemoteProtocolError(f"server disconnected {where}")
        if self._framing is not Framing.CLOSE:
            expected = f" of {self._content_length}" if self._framing is Framing.LENGTH else ""
            raise RemoteProtocolError(f"server disconnected after {self._body_size}{expected} bytes of the body")
        if not is_clean:
            raise ReadError("TLS connection was cut without close_notify; the response may be truncated")
        self.is_complete = True

    def take_body(self) -> bytes:
        """The bytes of the body since the last time."""
        chunks, self._chunks, self.buffered_bytes = self._chunks, [], 0
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    # The head: llhttp gets each in one piece, so that its bytes are judged alike wherever they were cut.

    def _feed_heads(self, data: bytes) -> bytes:
        """Parse interim responses and the head of the final one; return the bytes behind it."""
        while data and not self.has_head:
            end, received = self._find_head_end(data)
            if self._head_size + (end or len(received)) > MAX_HEAD_SIZE:
                raise RemoteProtocolError(f"response headers are longer than {MAX_HEAD_SIZE} bytes")
            if not end:
                if received[: len(_PREFIX)] != _PREFIX[: len(received)]:
                    raise RemoteProtocolError(f"invalid status line {bytes(received[:40])!r}")
                return b""
            self._head_size += end
            head, data = bytes(received[:end]), bytes(received[end:])
            self._partial_head = bytearray()
            self._parse_head(head)
        return data

    def _find_head_end(self, data: bytes) -> tuple[int, bytes | bytearray]:
        """Where the head ends, 0 where it does not; and all of its bytes so far."""
        start, received = 0, cast("bytes | bytearray", data)
        if self._partial_head:
            start = max(0, len(self._partial_head) - 2)
            self._partial_head += data
            received = self._partial_head
        end = received.find(b"\n\r\n", start)
        bare = received.find(b"\n\n", start, len(received) if end < 0 else end + 2)  # invalid, but complete
        if bare >= 0:
            return bare + 2, received
        if end < 0 and received is data:
            self._partial_head += data
        return end + 3 if end >= 0 else 0, received

    def _parse_head(self, head: bytes) -> None:
        if not _STATUS_LINE.match(head):
            raise RemoteProtocolError(f"invalid status line {head[:40]!r}")
        self._fields = []
        self._is_message_complete = False
        try:
            self._execute(head)
        except RemoteProtocolError:
            mended = _merge_content_lengths(head)
            if mended is None:
                raise
            self._fields = []
            self._llhttp = httptools.HttpResponseParser(self)
            self._execute(mended)
        status = self._llhttp.get_status_code()
        if status == _SWITCHING_PROTOCOLS:
            raise RemoteProtocolError("unexpected 101: the request did not ask for another protocol")
        if status < 200:
            return
        self.status, self.headers, self.has_head = status, _join_fields(self._fields), True
        self._choose_framing()
        self.is_complete = self._is_message_complete

    def _choose_framing(self) -> None:
        coding = self.headers.get("transfer-encoding")
        if coding is not None and coding.lower() != "chunked":
            raise RemoteProtocolError(f"unsupported Transfer-Encoding {coding!r}")
        if self._is_message_complete:
            return
        if self._method == "HEAD":  # httptools cannot say so to llhttp, which now waits for a body
            self.keep_alive = self._llhttp.should_keep_alive()
            self._llhttp = httptools.HttpResponseParser(self)
            self._is_message_complete = True
        elif coding is not None:
            self._framing = Framing.CHUNKED
        elif "content-length" in self.headers:
            self._framing, self._content_length = Framing.LENGTH, int(self.headers["content-length"])
        else:
            self._framing = Framing.CLOSE

    # The body

    def _feed_chunked(self, data: bytes) -> None:
        """Parse in blocks counted from the start of the body, so that the bound does not depend on the cuts."""
        position = 0
        while position < len(data) and not self._is_message_complete:
            size = min(len(data) - position, MAX_FRAMING_SIZE - self._block_size)
            block = data if size == len(data) else data[position : position + size]
            self._execute(block)
            self._tail = (self._tail + block)[-5:] if size < 5 else block[-5:]
            position += size
            self._block_size += size
            if self._block_size == MAX_FRAMING_SIZE and not self._is_message_complete:
                if self._body_size == self._block_start:
                    raise RemoteProtocolError(f"chunk extensions or trailers are longer than {MAX_FRAMING_SIZE} bytes")
                self._block_size, self._block_start = 0, self._body_size
        if self._is_message_complete:  # llhttp skips empty lines behind a response, which are surplus as well
            is_exact = self._tail.endswith(b"\r\n\r\n") and self._tail[0] not in b"\r\n"
            self.has_extra_data |= position < len(data) or not is_exact

    def _execute(self, data: bytes) -> None:
        try:
            self._llhttp.feed_data(data)
        except httptools.HttpParserCallbackError as error:
            if error.__context__ is not None:  # such as KeyboardInterrupt, raised inside of a callback
                raise error.__context__ from None
            raise RemoteProtocolError(f"invalid response: {error}") from error
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not (self.has_head and self._is_message_complete):
                raise RemoteProtocolError(f"invalid response: {error}") from error
            self.has_extra_data = True

    # What llhttp calls. Bytes behind a complete response are not a response: nothing was requested.

    def on_message_begin(self) -> None:
        if self.has_head and self._is_message_complete:
            self.has_extra_data = True

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.has_head:
            self._fields.append((name, value))
        elif not self._is_message_complete and name.lower() in _FRAMING_FIELDS:
            raise RemoteProtocolError(f"invalid trailer {name.decode('latin-1')!r}")

    def on_body(self, body: bytes) -> None:
        if self.has_extra_data:
            return
        self._chunks.append(body)
        self.buffered_bytes += len(body)
        self._body_size += len(body)

    def on_message_complete(self) -> None:
        if not self._is_message_complete:
            self._is_message_complete, self.keep_alive = True, self._llhttp.should_keep_alive()


def _join_fields(fields: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers by lower-case name; equal names joined (RFC 9110, 5.3), in linear time."""
    headers: dict[str, str] = {}
    repeated: dict[str, list[str]] = {}
    for name, value in fields:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1").strip(" \t")
        if key in headers:
            repeated.setdefault(key, [headers[key]]).append(text)
        else:
            headers[key] = text
    headers.update((key, ", ".join(values)) for key, values in repeated.items())
    return headers


def _merge_content_lengths(head: bytes) -> bytes | None:
    """The head with one Content-Length of several equal ones (RFC 9112, 6.3); None where there is nothing to merge."""
    lengths = [value.strip() for values in _CONTENT_LENGTH.findall(head) for value in values.split(b",")]
    if len(lengths) < 2 or len(set(lengths)) > 1:
        return None
    return b"%bcontent-length: %b\r\n\r\n" % (_CONTENT_LENGTH.sub(b"", head)[:-2], lengths[0])
