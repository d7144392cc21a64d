"""Invalid and ambiguous HTTP on a socket: 400 and the end of the connection."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import suppress
from email.message import Message
from urllib.parse import urlsplit

import pytest

from polargrid_edge.http.strict_parser import MIN_CHUNK_BYTES, SMALL_CHUNKS
from tests.edge.scripted import CHAT_MODEL, TIMEOUT, ScriptedEdge

KEY = b"Authorization: Bearer pg_local\r\n"
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + KEY
POST = b"POST /v1/models/unload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + KEY
BODY = json.dumps({"model_name": CHAT_MODEL}).encode()
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNK = b"%x\r\n%s\r\n" % (len(BODY), BODY)

INVALID = {
    "length and chunks": POST + LENGTH + CHUNKED + b"\r\n" + CHUNK + b"0\r\n\r\n",
    "chunks and length": POST + CHUNKED + LENGTH + b"\r\n" + CHUNK + b"0\r\n\r\n",
    "length 0 and chunks": POST + b"Content-Length: 0\r\n" + CHUNKED + b"\r\n" + CHUNK + b"0\r\n\r\n",
    "chunks in HTTP/1.0": POST.replace(b"HTTP/1.1", b"HTTP/1.0") + CHUNKED + b"\r\n" + CHUNK + b"0\r\n\r\n",
    "unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNK + b"0\r\n\r\n",
    "coding before chunks": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + CHUNK + b"0\r\n\r\n",
    "chunks twice": POST + CHUNKED + CHUNKED + b"\r\n" + CHUNK + b"0\r\n\r\n",
    "chunks with a vertical tab": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + CHUNK + b"0\r\n\r\n",
    "two lengths": POST + LENGTH + b"Content-Length: 1\r\n\r\n" + BODY,
    "a list of lengths": POST + b"Content-Length: %d, 1\r\n\r\n" % len(BODY) + BODY,
    "a negative length": POST + b"Content-Length: -1\r\n\r\n" + BODY,
    "a length with a sign": POST + b"Content-Length: +%d\r\n\r\n" % len(BODY) + BODY,
    "a hexadecimal length": POST + b"Content-Length: 0x10\r\n\r\n" + BODY,
    "a length with an underscore": POST + b"Content-Length: 1_0\r\n\r\n" + BODY,
    "a length of many digits": POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n" + BODY,
    "an empty length": POST + b"Content-Length: \r\n\r\n" + BODY,
    "LF after the request line": HEALTH.replace(b"\r\n", b"\n", 1) + b"\r\n",
    "LF after a header": HEALTH[:-2] + b"\n\r\n",
    "LF after the head": HEALTH + b"\n",
    "LF only": (HEALTH + b"\r\n").replace(b"\r\n", b"\n"),
    "LF first": b"\n" + HEALTH + b"\r\n",
    "CR in a header": HEALTH + b"X: a\rb\r\n\r\n",
    "CR as the end of a line": HEALTH + b"X: a\rTransfer-Encoding: chunked\r\n\r\n",
    "two CR": HEALTH[:-2] + b"\r\r\n\r\n",
    "NUL in a header": HEALTH + b"X: a\0b\r\n\r\n",
    "space before the colon": HEALTH + b"X : a\r\n\r\n",
    "tab before the colon": HEALTH + b"Transfer-Encoding\t: chunked\r\n\r\n",
    "no colon": HEALTH + b"X\r\n\r\n",
    "no name": HEALTH + b": x\r\n\r\n",
    "a name that is no token": HEALTH + b"X(y): z\r\n\r\n",
    "a folded header": HEALTH + b"X: a\r\n b\r\n\r\n",
    "a folded coding": POST + b"Transfer-Encoding:\r\n\tchunked\r\n\r\n" + CHUNK + b"0\r\n\r\n",
    "a folded request line": b"GET /health HTTP/1.1\r\n Host: localhost\r\n\r\n",
    "no Host": b"GET /health HTTP/1.1\r\n" + KEY + b"\r\n",
    "two Hosts": HEALTH + b"Host: localhost\r\n\r\n",
    "an absolute target without a host": HEALTH.replace(b"/health", b"http:///health") + b"\r\n",
    "an absolute target with a user": HEALTH.replace(b"/health", b"http://localhost@evil.example/health") + b"\r\n",
    "an absolute target of another scheme": HEALTH.replace(b"/health", b"ftp://localhost/health") + b"\r\n",
    "a target without a slash": HEALTH.replace(b"/health", b"health") + b"\r\n",
    "an asterisk": HEALTH.replace(b"GET /health", b"OPTIONS *") + b"\r\n",
    "an authority": HEALTH.replace(b"GET /health", b"CONNECT localhost:80") + b"\r\n",
    "no target": HEALTH.replace(b" /health", b"") + b"\r\n",
    "an empty target": HEALTH.replace(b"/health", b"") + b"\r\n",
    "a space in the target": HEALTH.replace(b"/health", b"/hea lth") + b"\r\n",
    "a target that is not ASCII": HEALTH.replace(b"/health", b"/h\xc3\xa9alth") + b"\r\n",
    "a tab in the request line": HEALTH.replace(b"GET ", b"GET\t") + b"\r\n",
    "two spaces in the request line": HEALTH.replace(b"GET ", b"GET  ") + b"\r\n",
    "a space after the version": HEALTH.replace(b"1.1\r\n", b"1.1 \r\n", 1) + b"\r\n",
    "a method that is no token": HEALTH.replace(b"GET", b"G(T") + b"\r\n",
    "HTTP/0.9": b"GET /health\r\n\r\n",
    "HTTP/1.2": HEALTH.replace(b"HTTP/1.1", b"HTTP/1.2") + b"\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/2.0 with a path": HEALTH.replace(b"HTTP/1.1", b"HTTP/2.0") + b"\r\n",
    "TLS": bytes.fromhex("16030102000100") + b"\0" * 100,
    "too many headers": HEALTH + b"".join(b"X-%d: 1\r\n" % number for number in range(200)) + b"\r\n",
    "a head that is too large": HEALTH + b"X: " + b"x" * 70_000 + b"\r\n\r\n",
    "a head without end": HEALTH + b"X: " + b"x" * 80_000,
    "a negative chunk": POST + CHUNKED + b"\r\n-5\r\n" + BODY,
    "a chunk size with a sign": POST + CHUNKED + b"\r\n+5\r\n" + BODY,
    "a chunk size with 0x": POST + CHUNKED + b"\r\n0x5\r\n" + BODY,
    "a chunk size with an underscore": POST + CHUNKED + b"\r\n1_0\r\n" + BODY,
    "a chunk size with a space": POST + CHUNKED + b"\r\n5 \r\n" + BODY,
    "a space before the chunk size": POST + CHUNKED + b"\r\n 5\r\n" + BODY,
    "a chunk size of many digits": POST + CHUNKED + b"\r\n" + b"0" * 30 + b"5\r\n" + BODY,
    "an empty chunk size": POST + CHUNKED + b"\r\n\r\n" + BODY,
    "LF after a chunk size": POST + CHUNKED + b"\r\n" + CHUNK.replace(b"\r\n", b"\n", 1) + b"0\r\n\r\n",
    "LF after a chunk": POST + CHUNKED + b"\r\n" + CHUNK[:-2] + b"\n0\r\n\r\n",
    "more than the chunk": POST + CHUNKED + b"\r\n" + CHUNK[:-2] + b"x\r\n0\r\n\r\n",
    "a large chunk extension": POST + CHUNKED + b"\r\n" + CHUNK.replace(b"\r\n", b";" + b"x" * 300 + b"\r\n", 1),
    "a chunk extension without end": POST + CHUNKED + b"\r\n5;" + b"x" * 10_000,
    "CR in a chunk extension": POST + CHUNKED + b"\r\n" + CHUNK.replace(b"\r\n", b";a\rb\r\n", 1) + b"0\r\n\r\n",
    "LF after the chunks": POST + CHUNKED + b"\r\n" + CHUNK + b"0\r\n\n",
    "LF in the trailers": POST + CHUNKED + b"\r\n" + CHUNK + b"0\r\nX: a\n\r\n",
    "an invalid trailer": POST + CHUNKED + b"\r\n" + CHUNK + b"0\r\nX : a\r\n\r\n",
}
VALID = {
    "a length": POST + LENGTH + b"\r\n" + BODY,
    "equal lengths": POST + LENGTH * 2 + b"\r\n" + BODY,
    "a chunk": POST + CHUNKED + b"\r\n" + CHUNK + b"0\r\n\r\n",
    "chunks of a byte": POST + CHUNKED + b"\r\n" + b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n",
    "a capital coding": POST + CHUNKED.upper() + b"\r\n" + CHUNK + b"0\r\n\r\n",
    "a chunk extension": POST + CHUNKED + b"\r\n" + CHUNK.replace(b"\r\n", b';a="b"\r\n', 1) + b"0\r\n\r\n",
    "trailers": POST + CHUNKED + b"\r\n" + CHUNK + b"0\r\nX: a\r\nY: b\r\n\r\n",
    "no space after a colon": HEALTH.replace(b"Host: ", b"Host:") + b"\r\n",
    "an empty header": HEALTH + b"X:\r\n\r\n",
    "an absolute target": HEALTH.replace(b"/health", b"http://localhost/health") + b"\r\n",
    "an absolute target and another Host": HEALTH.replace(b"/health", b"HTTP://[::1]:80/health?").replace(
        b"Host: localhost", b"Host: evil.example"
    )
    + b"\r\n",
    "ninety headers": HEALTH + b"".join(b"X-%d: 1\r\n" % number for number in range(90)) + b"\r\n",
}


class Client:
    """A connection on which requests are bytes and responses are read in order."""

    def __init__(self, edge: ScriptedEdge) -> None:
        address = urlsplit(edge.url)
        self._socket = socket.create_connection((address.hostname, address.port or 0), timeout=TIMEOUT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()
        self._socket.close()

    def send(self, data: bytes, step: int = 1_000_000) -> None:
        """Send in pieces; an edge that closes the connection does not wait for the rest."""
        with suppress(ConnectionError):
            for at in range(0, len(data), step):
                self._socket.sendall(data[at : at + step])

    def read_response(self) -> tuple[int, Message, bytes]:
        status = int(self._reader.readline().split()[1])
        headers = http.client.parse_headers(self._reader)
        return status, headers, self._reader.read(int(headers["content-length"]))

    def is_closed(self) -> bool:
        """Wait for data, or the end of the connection."""
        try:
            return self._reader.read(1) == b""
        except ConnectionError:
            return True


@pytest.mark.parametrize("sent", INVALID.values(), ids=INVALID)
def test_invalid_http_ends_the_connection(fake_edge: ScriptedEdge, sent: bytes) -> None:
    """With 400; the request that follows on the connection is not served."""
    with Client(fake_edge) as client:
        client.send(sent)
        status, headers, body = client.read_response()
        assert (status, json.loads(body)["error"]["code"]) == (400, "invalid_http")
        assert headers["connection"] == "close"
        client.send(HEALTH + b"\r\n")
        assert client.is_closed()


@pytest.mark.parametrize("sent", VALID.values(), ids=VALID)
@pytest.mark.parametrize("step", [1, 1_000_000])
def test_valid_http_keeps_the_connection(fake_edge: ScriptedEdge, sent: bytes, step: int) -> None:
    """In one piece, or byte by byte; two requests are served."""
    with Client(fake_edge) as client:
        for _ in range(2):
            client.send(sent, step)
            assert client.read_response()[0] == 200


def test_the_host_of_an_absolute_target_counts(fake_edge: ScriptedEdge) -> None:
    """Not that of Host, behind which another site could hide."""
    with Client(fake_edge) as client:
        client.send(HEALTH.replace(b"/health", b"http://evil.example/health") + b"\r\n")
        status, _, body = client.read_response()
        assert (status, json.loads(body)["error"]["code"]) == (403, "host_not_allowed")


@pytest.mark.parametrize("name", ["length and chunks", "LF after the head", "LF in the trailers", "a folded header"])
def test_invalid_http_is_rejected_byte_by_byte(fake_edge: ScriptedEdge, name: str) -> None:
    """The state of the parser does not depend on how the bytes arrive."""
    with Client(fake_edge) as client:
        client.send(INVALID[name], step=1)
        assert client.read_response()[0] == 400


def build_chunks(size: int, count: int) -> bytes:
    return (b"%x\r\n%s\r\n" % (size, b" " * size)) * count


def test_small_chunks_are_bounded(fake_edge: ScriptedEdge) -> None:
    """Each costs as much time as kilobytes of a body, which could have millions of them."""
    with Client(fake_edge) as client:
        client.send(POST + CHUNKED + b"\r\n" + build_chunks(1, 2 * SMALL_CHUNKS))
        status, headers, body = client.read_response()
        assert (status, headers["connection"]) == (400, "close")
        assert json.loads(body)["error"]["message"] == (
            f"invalid HTTP: more than {SMALL_CHUNKS:,} chunks, of less than {MIN_CHUNK_BYTES} bytes on average"
        )


@pytest.mark.parametrize(("size", "count"), [(1, SMALL_CHUNKS - 1), (MIN_CHUNK_BYTES - 8, SMALL_CHUNKS + 600)])
def test_each_request_has_the_bound_of_chunks(fake_edge: ScriptedEdge, size: int, count: int) -> None:
    """Few small chunks, or many that are larger."""
    with Client(fake_edge) as client:
        for _ in range(2):
            client.send(POST + CHUNKED + b"\r\n" + build_chunks(size, count) + CHUNK + b"0\r\n\r\n")
            assert client.read_response()[0] == 200


def test_pipelined_requests_are_served_in_order(fake_edge: ScriptedEdge) -> None:
    """Until one of them is invalid."""
    with Client(fake_edge) as client:
        client.send(HEALTH + b"\r\n" + VALID["trailers"] + INVALID["LF only"] + HEALTH + b"\r\n")
        assert [client.read_response()[0] for _ in range(3)] == [200, 200, 400]
        assert client.is_closed()


@pytest.mark.parametrize(
    ("sent", "reason"),
    [(HEALTH + b"\n", "a line ends with LF alone"), (HEALTH[:-2] + b"\0\r\n\r\n", "illegal header line")],
)
def test_the_message_has_the_reason_and_not_the_line(fake_edge: ScriptedEdge, sent: bytes, reason: str) -> None:
    """The line may have the key."""
    with Client(fake_edge) as client:
        client.send(sent)
        assert json.loads(client.read_response()[2])["error"]["message"] == f"invalid HTTP: {reason}"
