"""Content-Encoding: decompression of response bodies within bounds; pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from polargrid_runtime.errors import NetworkError, ServerError

#: The Accept-Encoding of every request.
ACCEPT_ENCODING = "gzip, deflate"
_SLICE = 64 * 1024  # bytes of output at a time: a decompression bomb is detected before it fills the memory
_INPUT_SLICE = (
    16 * 1024
)  # bytes of input at a time: zlib copies what it leaves, for each slice of output and each member
_MAX_MEMBERS = 10_000  # of a gzip body
_MAX_EMPTY_INPUT = 256 * 1024  # bytes in a row without output: headers, padding, empty members and blocks


class Decompressor:
    """Takes the bytes of one body as they were sent, cut anywhere, and returns them decompressed."""

    def __init__(self, encoding: str | None) -> None:
        self._encoding = (encoding or "identity").strip().lower()
        if self._encoding not in ("identity", "gzip", "x-gzip", "deflate"):
            raise ServerError(f"unsupported Content-Encoding {self._encoding!r}")
        self._is_compressed = self._encoding != "identity"
        self._head = b""  # the first two bytes: they say whether there is a header
        self._members, self._empty_input = 1, 0
        if self._is_compressed:
            self._stream = zlib.decompressobj(47)  # 32 + 15: gzip or zlib, by its first bytes

    def feed(self, data: bytes) -> Iterable[bytes]:
        """Decompress the next bytes, in slices."""
        return self._decompress(data) if self._is_compressed else (data,)

    def _decompress(self, data: bytes) -> Iterator[bytes]:
        if len(self._head) < 2:
            data = self._head + data
            self._head = data[:2]
            if len(data) < 2:
                return
            if self._encoding == "deflate" and not _has_header(self._head):
                self._stream = zlib.decompressobj(-15)  # some servers send deflate without the zlib header
        for start in range(0, len(data), _INPUT_SLICE):
            yield from self._decompress_slice(data[start : start + _INPUT_SLICE])

    def _decompress_slice(self, data: bytes) -> Iterator[bytes]:
        has_more_output = False
        self._empty_input += len(data)
        while data or has_more_output:
            if self._stream.eof:
                data = data.lstrip(b"\0")  # some servers pad gzip with zeros, as tapes do
                if not data:
                    break
                self._stream = zlib.decompressobj(47)  # gzip may hold several members
                self._members += 1
            try:
                output = self._stream.decompress(data, _SLICE)
            except zlib.error as error:
                raise ServerError(f"invalid {self._encoding} body: {error}") from error
            data = self._stream.unconsumed_tail or self._stream.unused_data
            has_more_output = len(output) == _SLICE and not self._stream.eof  # even if all input was consumed
            if output:
                self._empty_input = len(data)
                yield output
            if self._members > _MAX_MEMBERS:
                raise ServerError(f"{self._encoding} body has more than {_MAX_MEMBERS} members")
        if self._empty_input > _MAX_EMPTY_INPUT:
            raise ServerError(f"{self._encoding} body has more than {_MAX_EMPTY_INPUT} bytes without content")

    def finish(self) -> None:
        """End the body. Raises NetworkError if it is truncated."""
        if self._head and not self._stream.eof:
            raise NetworkError(f"truncated {self._encoding} body")


def _has_header(head: bytes) -> bool:
    """Whether it starts like gzip (RFC 1952, 2.3.1) or zlib (RFC 1950, 2.2)."""
    return head == b"\x1f\x8b" or (head[0] & 15 == 8 and int.from_bytes(head, "big") % 31 == 0)
