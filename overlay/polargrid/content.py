"""The content of an answer: unpacked as its Content-Encoding says, within bounds; pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

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
        self._stream = zlib.decompressobj(47)  # 32 + 15: gzip or zlib, by its first bytes
        self._begun = False

    def feed(self, data: bytes) -> Iterable[bytes]:
        """What these bytes unpack to, in slices."""
        return self._slices(data) if self._packed else (data,)

    def _slices(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._stream.eof:  # gzip may hold several members, one after the other
                self._stream = zlib.decompressobj(47)
            try:
                piece = self._stream.decompress(data, _SLICE)
            except zlib.error as error:
                if self._begun or self._encoding != "deflate":
                    raise ServerError(f"The answer is no {self._encoding}: {error}") from error
                self._stream, self._begun = zlib.decompressobj(-15), True  # some servers send deflate without its frame
                continue
            self._begun = True
            data = self._stream.unconsumed_tail or self._stream.unused_data
            if piece:
                yield piece

    def end(self) -> None:
        """The answer is over. Raises NetworkError where its end is missing."""
        if self._packed and self._begun and not self._stream.eof:
            raise NetworkError(f"The answer's {self._encoding} breaks off")


class Body:
    """Gathers an answer whole, up to `limit` bytes unpacked."""

    def __init__(self, encoding: str | None, limit: int) -> None:
        self._unpacker, self._limit, self._size = Unpacker(encoding), limit, 0
        self._pieces: list[bytes] = []
        self.complete = False

    def feed(self, data: bytes) -> None:
        """The next bytes as they were sent; none are the end."""
        if not data:
            self._unpacker.end()
            self.complete = True
        for piece in self._unpacker.feed(data):
            self._size += len(piece)
            if self._size > self._limit:
                raise ServerError(f"The answer is longer than max_body_bytes, {self._limit} bytes")
            self._pieces.append(piece)

    @property
    def content(self) -> bytes:
        """What came so far."""
        return b"".join(self._pieces)
