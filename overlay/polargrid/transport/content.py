"""The content of an answer: unpacked as its Content-Encoding says, within bounds; pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO

from polargrid.errors import NetworkError, ServerError

#: What the SDK asks for, and so what it must be able to unpack.
ACCEPTED = "gzip, deflate"
_SLICE = 64 * 1024  # bytes unpacked at a time: a bomb of zeros is met before it fills the memory


class Unpacker:
    """Takes the bytes of one answer as they were sent, cut anywhere, and returns them unpacked."""

    def __init__(self, encoding: str | None) -> None:
        self._encoding = (encoding or "identity").strip().lower()
        if self._encoding not in ("identity", "gzip", "x-gzip", "deflate"):
            raise ServerError(f"The answer is packed as {self._encoding!r}, which was not asked for")
        self._packed = self._encoding != "identity"
        self._head = b""  # its first two bytes, which tell whether it has a frame
        if self._packed:
            self._stream = zlib.decompressobj(47)  # 32 + 15: gzip or zlib, by its first bytes

    def feed(self, data: bytes) -> Iterable[bytes]:
        """What these bytes unpack to, in slices."""
        return self._slices(data) if self._packed else (data,)

    def _slices(self, data: bytes) -> Iterator[bytes]:
        if len(self._head) < 2:
            data = self._head + data
            self._head = data[:2]
            if len(data) < 2:
                return
            if self._encoding == "deflate" and not _is_framed(self._head):
                self._stream = zlib.decompressobj(-15)  # some servers send deflate without its frame
        more = False
        while data or more:
            if self._stream.eof:  # gzip may hold several members, one after the other
                self._stream = zlib.decompressobj(47)
            try:
                piece = self._stream.decompress(data, _SLICE)
            except zlib.error as error:
                raise ServerError(f"The answer is no {self._encoding}: {error}") from error
            data = self._stream.unconsumed_tail or self._stream.unused_data
            more = len(piece) == _SLICE and not self._stream.eof  # there may be, even where all bytes are taken in
            if piece:
                yield piece

    def end(self) -> None:
        """The answer is over. Raises NetworkError where its end is missing."""
        if self._head and not self._stream.eof:
            raise NetworkError(f"The answer's {self._encoding} breaks off")


def _is_framed(head: bytes) -> bool:
    """Whether it begins as gzip (RFC 1952, 2.3.1) or zlib (RFC 1950, 2.2) does."""
    return head == b"\x1f\x8b" or (head[0] & 15 == 8 and int.from_bytes(head, "big") % 31 == 0)


class Body:
    """Gathers an answer whole, up to `limit` bytes unpacked."""

    def __init__(self, encoding: str | None, limit: int) -> None:
        self._unpacker, self._limit = Unpacker(encoding), limit
        self._content = BytesIO()  # what it holds is handed out without a copy
        self.complete = False

    def feed(self, data: bytes) -> None:
        """The next bytes as they were sent; none are the end."""
        if not data:
            self._unpacker.end()
            self.complete = True
        for piece in self._unpacker.feed(data):
            room = self._limit - self._content.tell()
            self._content.write(piece if len(piece) <= room else piece[:room])
            if len(piece) > room:
                raise ServerError(f"The answer is longer than max_body_bytes, {self._limit} bytes")

    @property
    def content(self) -> bytes:
        """What came so far."""
        return self._content.getvalue()
