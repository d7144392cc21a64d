"""HTTP/1.1 without the leniency of h11, and with limits for what it leaves unlimited.

A request that two servers may understand in different ways is an attack on the one behind (request smuggling), so it
ends the connection. h11 accepts lines that end with LF alone, folded headers, and a length together with chunks.
"""

from __future__ import annotations

import re
from typing import Final

import h11
from h11._receivebuffer import ReceiveBuffer

MAX_HEAD_BYTES: Final = 64 * 1024
MAX_HEADERS: Final = 100
_MAX_CHUNK_LINE: Final = 256
# A chunk costs as much time as kilobytes of a body, and a body of 25 MiB could have as many chunks as bytes.
MIN_CHUNK_BYTES: Final = 64
SMALL_CHUNKS: Final = 16_384
_VERSIONS: Final = (b"1.0", b"1.1")
_ABSOLUTE: Final = re.compile(rb"https?://([^/?#@]+)(/[^?]*)?(\?.*)?", re.IGNORECASE)


class StrictConnection(h11.Connection):
    """A server's side of a connection; `error` is why the request is invalid, without its content."""

    error = ""

    def __init__(self) -> None:
        super().__init__(h11.SERVER, MAX_HEAD_BYTES)
        self._receive_buffer = _StrictBuffer()
        self._spare_chunks = 0.0

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        try:
            event = super().next_event()
            if isinstance(event, h11.Request):
                event = _to_origin_form(event)
                _check_request(event)
                self._spare_chunks = SMALL_CHUNKS
            elif isinstance(event, h11.Data):
                self._spare_chunks += len(event.data) / MIN_CHUNK_BYTES - event.chunk_start
                if self._spare_chunks < 0:
                    raise h11.RemoteProtocolError(
                        f"more than {SMALL_CHUNKS:,} chunks, of less than {MIN_CHUNK_BYTES} bytes on average"
                    )
        except h11.RemoteProtocolError as error:
            # h11 quotes the invalid line as bytes; the line may have a key.
            self.error = str(error).partition(": b")[0]
            raise
        return event


def _to_origin_form(request: h11.Request) -> h11.Request:
    """Replace a target in absolute form, which a server must accept, and Host by its authority (RFC 9112, 3.2.2)."""
    match = _ABSOLUTE.fullmatch(request.target)
    if match is None:
        return request
    headers = [(b"host", match[1]), *((name, value) for name, value in request.headers if name != b"host")]
    target = (match[2] or b"/") + (match[3] or b"")
    return h11.Request(method=request.method, target=target, headers=headers, http_version=request.http_version)


def _check_request(request: h11.Request) -> None:
    names = {name for name, _ in request.headers}
    if b"transfer-encoding" in names and (b"content-length" in names or request.http_version == b"1.0"):
        raise h11.RemoteProtocolError("Transfer-Encoding with Content-Length or in HTTP/1.0")
    if request.http_version not in _VERSIONS:
        raise h11.RemoteProtocolError("unsupported version of HTTP")
    if not request.target.startswith(b"/"):
        raise h11.RemoteProtocolError("the target of the request does not start with /")


class _StrictBuffer(ReceiveBuffer):
    """The lines of h11's input: each ends with CRLF."""

    def maybe_extract_lines(self) -> list[bytearray] | None:
        """The lines of a head, or of the trailers behind the last chunk."""
        before = len(self)
        lines = super().maybe_extract_lines()
        if lines is None:
            return None
        size = before - len(self)
        # h11 removes LF or CRLF from each line, and from the empty line behind them.
        if size != sum(len(line) + 2 for line in lines) + 2:
            raise h11.LocalProtocolError("a line ends with LF alone")
        if size > MAX_HEAD_BYTES or len(lines) > MAX_HEADERS + 1:
            raise h11.LocalProtocolError(f"more than {MAX_HEADERS} headers or {MAX_HEAD_BYTES // 1024} KiB of them")
        if any(line.startswith((b" ", b"\t")) for line in lines):
            raise h11.LocalProtocolError("a header is folded into several lines")
        return lines

    def maybe_extract_next_line(self) -> bytearray | None:
        """The line before a chunk: its size, and extensions that nobody needs."""
        line = super().maybe_extract_next_line()
        if len(self if line is None else line) > _MAX_CHUNK_LINE:
            raise h11.LocalProtocolError("the size of a chunk is too long")
        if line is not None and (b"\r" in line[:-2] or line[:-2] != line[:-2].strip()):
            raise h11.LocalProtocolError("illegal chunk header")
        return line
