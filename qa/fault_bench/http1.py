"""HTTP/1.1 on a socket, read strictly and written byte by byte, so that a change sees and controls the dialect."""

from __future__ import annotations

import re
import select
import socket
from collections.abc import Callable, Iterator
from http import HTTPStatus

from qa.fault_bench.messages import Headers, Request, Response

_READ_BYTES = 256 * 1024
_MAX_LINE = 64 * 1024
_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ((?:https?://[^/? ]+)?/[!-~\x80-\xff]*) (HTTP/1\.[01])")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00\r\n]*)")
_STATUSES_WITHOUT_BODY = (204, 304)


class InvalidHTTPError(Exception):
    """The bytes are no HTTP/1.1, or in a dialect that only the edge may judge."""


class ClientLeftError(ConnectionError):
    """The client closed its connection before the end of the response."""


class Reader:
    """Reads messages from a socket; `raw` is what was read of the current message."""

    def __init__(self, connection: socket.socket, *, wait: Callable[[], None] = lambda: None) -> None:
        self.raw = bytearray()
        self.reads = 0
        self._connection = connection
        self._wait = wait
        self._buffer = bytearray()

    @property
    def has_more(self) -> bool:
        """Whether bytes of the next message have arrived already."""
        return bool(self._buffer)

    def start_message(self) -> None:
        self.raw.clear()
        self.reads = 0

    def take_rest(self) -> bytes:
        """Everything that arrived but belongs to no message that was read."""
        rest = bytes(self.raw + self._buffer)
        self.raw.clear()
        self._buffer.clear()
        return rest

    def read_line(self) -> bytes:
        """Read a line, without its end; an empty one at the end of the connection raises EOFError."""
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _MAX_LINE:
                raise InvalidHTTPError("a line is too long")
            if not self._fill():
                if self._buffer:
                    raise InvalidHTTPError("the connection ends within a line")
                raise EOFError
        line = self._take(end + 1)
        if not line.endswith(b"\r\n"):
            raise InvalidHTTPError("a line ends with LF alone")
        return line[:-2]

    def read_headers(self) -> Headers:
        """Read the headers and the empty line behind them."""
        headers = []
        while line := self.read_line():
            match = _HEADER.fullmatch(line)
            if not match:
                raise InvalidHTTPError("invalid header")
            name, value = (group.decode("latin-1") for group in match.groups())
            headers.append((name, value.rstrip(" \t")))
        return tuple(headers)

    def iter_bytes(self, length: int) -> Iterator[bytes]:
        """Yield so many bytes as they arrive. Raises EOFError if the connection ends before."""
        while length:
            if not self._buffer and not self._fill():
                raise EOFError
            data = self._take(min(length, len(self._buffer)))
            length -= len(data)
            yield data

    def iter_chunks(self) -> Iterator[bytes]:
        """Yield the data of a chunked body as it arrives."""
        while True:
            try:
                size = int(re.fullmatch(rb"([0-9A-Fa-f]+)(?:;.*)?", self.read_line())[1], 16)  # type: ignore[index]
            except (TypeError, ValueError):
                raise InvalidHTTPError("invalid size of a chunk") from None
            if not size:
                self.read_headers()  # the trailers
                return
            yield from self.iter_bytes(size)
            if self.read_line():
                raise InvalidHTTPError("a chunk is longer than its size")

    def iter_until_end(self) -> Iterator[bytes]:
        """Yield what arrives until the connection ends."""
        while self._buffer or self._fill():
            yield self._take(len(self._buffer))

    def _fill(self) -> bool:
        self._wait()
        try:
            data = self._connection.recv(_READ_BYTES)
        except ConnectionError:
            return False
        self.reads += 1
        self._buffer += data
        return bool(data)

    def _take(self, length: int) -> bytes:
        data = bytes(self._buffer[:length])
        del self._buffer[:length]
        self.raw += data
        return data


def read_request(reader: Reader, send: Callable[[bytes], None]) -> Request | None:
    """Read a request; None at the end of the connection. `send` sends 100 Continue where the client waits for it.

    Raises InvalidHTTPError or EOFError; `reader.take_rest()` then has all that was read of it.
    """
    reader.start_message()
    try:
        line = reader.read_line() or reader.read_line()  # an empty line may precede a request
    except EOFError:
        return None
    match = _REQUEST_LINE.fullmatch(line)
    if not match:
        raise InvalidHTTPError("invalid request line")
    method, target, version = (group.decode("latin-1") for group in match.groups())
    headers = reader.read_headers()
    names = [name.lower() for name, _ in headers]
    values = dict(zip(names, (value for _, value in headers), strict=True))
    has_host = names.count("host") == 1 or version == "HTTP/1.0"
    is_chunked, length = "transfer-encoding" in names, values.get("content-length", "0")
    if not has_host or names.count("content-length") > 1 or not re.fullmatch(r"[0-9]{1,18}", length):
        raise InvalidHTTPError("invalid framing")
    if is_chunked and (
        values["transfer-encoding"].lower() != "chunked" or "content-length" in names or version == "HTTP/1.0"
    ):
        raise InvalidHTTPError("invalid framing")
    has_body = is_chunked or int(length) > 0
    waits = values.get("expect", "").lower() == "100-continue" and version != "HTTP/1.0"
    if waits and has_body and not reader.has_more:
        send(b"HTTP/1.1 100 Continue\r\n\r\n")
    reader.reads = 0
    body = b"".join(reader.iter_chunks() if is_chunked else reader.iter_bytes(int(length)))
    return Request(
        method,
        target,
        headers,
        body,
        version=version,
        chunked=is_chunked,
        packets=max(1, reader.reads),
        is_pipelined=reader.has_more,
    )


def keeps_connection(request: Request) -> bool:
    """Whether the client wants to send another request on the connection."""
    options = {option.strip().lower() for option in request.header("connection").split(",")}
    return "keep-alive" in options if request.version == "HTTP/1.0" else "close" not in options


def read_response(reader: Reader, method: str) -> tuple[int, Headers, Iterator[bytes]]:
    """Read the head of a response and return its status, its headers, and its body as it arrives."""
    status = 100
    while 100 <= status < 200:
        reader.start_message()
        status = int(reader.read_line().split(b" ")[1])
        headers = reader.read_headers()
    values = {name.lower(): value for name, value in headers}
    if method == "HEAD" or status in _STATUSES_WITHOUT_BODY:
        return status, headers, iter(())
    if "transfer-encoding" in values:
        return status, headers, reader.iter_chunks()
    if "content-length" in values:
        return status, headers, reader.iter_bytes(int(values["content-length"]))
    return status, headers, reader.iter_until_end()


def encode_request(request: Request, host: str) -> bytes:
    """Encode a request as the proxy sends it: with a length, and without what is about the client's connection."""
    dropped = {"host", "connection", "keep-alive", "content-length", "transfer-encoding"}
    headers = [("host", host), *((name, value) for name, value in request.headers if name.lower() not in dropped)]
    headers = [pair for pair in headers if (pair[0].lower(), pair[1].lower()) != ("expect", "100-continue")]
    has_length = request.body or request.chunked or request.header("content-length")
    headers += [("content-length", str(len(request.body)))] if has_length else []
    lines = [f"{request.method} {request.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body


def encode_head(response: Response, headers: Headers) -> bytes:
    """Encode the head of a response."""
    reason = response.wire.reason
    if reason is None:
        reason = HTTPStatus(response.status).phrase if response.status in {*HTTPStatus} else ""
    lines = [f"HTTP/1.1 {response.status} {reason}"]
    lines += [f"{name}{response.wire.colon}{value}" for name, value in headers]
    return response.wire.line_end.join(line.encode("latin-1") for line in (*lines, "", ""))


def has_no_body(method: str, status: int) -> bool:
    """Whether no body may follow the head of a response."""
    return method == "HEAD" or status in _STATUSES_WITHOUT_BODY or status < 200


def is_closed(connection: socket.socket) -> bool:
    """Whether the other side has closed the connection."""
    readable, _, _ = select.select([connection], [], [], 0)
    try:
        return bool(readable) and not connection.recv(1, socket.MSG_PEEK)
    except ConnectionError:
        return True
