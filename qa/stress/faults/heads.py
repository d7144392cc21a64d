"""Status line and headers: junk, pieces, repetitions, contradictions."""

from __future__ import annotations

import asyncio

from qa.stress.exchange import Exchange
from qa.stress.faults.registry import RARE, fault

_INTERIM = (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n")


async def _send_with(exchange: Exchange, *headers: str) -> None:
    """Send the body in its length, with more headers."""
    response = exchange.response
    await exchange.send(response.encode_head(*headers, response.length) + response.body)


@fault()
async def head_junk(exchange: Exchange) -> None:
    """Random bytes instead of a response."""
    await exchange.send(exchange.random.randbytes(exchange.random.randint(1, 500)))
    exchange.connection.close()


@fault()
async def head_echo(exchange: Exchange) -> None:
    """The server sends a request instead of a response."""
    await exchange.send(b"POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n")
    exchange.connection.close()


@fault()
async def head_pieces(exchange: Exchange) -> None:
    """The head arrives in packets of a few bytes."""
    response = exchange.response.encode()
    end = response.index(b"\r\n\r\n") + 4
    await exchange.send_pieces(response[:end], (1, 20))
    await exchange.send(response[end:])


@fault()
async def head_cut(exchange: Exchange) -> None:
    """The connection closes inside the head."""
    await exchange.send(exchange.cut(exchange.response.encode_head(exchange.response.length)))
    exchange.connection.close()


@fault()
async def interim(exchange: Exchange) -> None:
    """Interim responses precede the response; this is legal."""
    for _ in range(exchange.random.randint(1, 10)):
        await exchange.send(exchange.random.choice(_INTERIM))
    await exchange.send(exchange.response.encode())


@fault(weight=RARE)
async def interim_forever(exchange: Exchange) -> None:
    """102 is sent for longer than the deadline."""
    for _ in range(400):
        await exchange.send(b"HTTP/1.1 102 Processing\r\n\r\n")
        await asyncio.sleep(0.02)


@fault()
async def header_huge(exchange: Exchange) -> None:
    """A header of 300 kB."""
    await _send_with(exchange, f"x-huge: {'a' * 300_000}")


@fault()
async def headers_many(exchange: Exchange) -> None:
    """3,000 headers."""
    await _send_with(exchange, *(f"x-{number % 7}: a" for number in range(3_000)))


@fault()
async def header_not_ascii(exchange: Exchange) -> None:
    """A header, and the request id, are not ASCII."""
    await _send_with(exchange, "x-request-id: caf\xe9", "x-other: \xff")


@fault()
async def header_invalid(exchange: Exchange) -> None:
    """A header has no valid name, or a control character in its value."""
    await _send_with(exchange, exchange.random.choice(["x y: 1", ": 1", "x\x00: 1", "x: a\x00b", "nothing", "x : 1"]))


@fault()
async def header_fold(exchange: Exchange) -> None:
    """A header continues on the next line, an obsolete form."""
    await _send_with(exchange, "x-folded: one\r\n two")


@fault()
async def line_feeds(exchange: Exchange) -> None:
    """The lines of the head end with LF alone."""
    head = exchange.response.encode_head(exchange.response.length)
    await exchange.send(head.replace(b"\r\n", b"\n") + exchange.response.body)


@fault()
async def length_twice(exchange: Exchange) -> None:
    """Content-Length twice, with the same value."""
    await _send_with(exchange, exchange.response.length)


@fault()
async def lengths_differ(exchange: Exchange) -> None:
    """Content-Length twice, with two values."""
    await _send_with(exchange, f"content-length: {exchange.random.randint(0, 5)}")


@fault()
async def length_invalid(exchange: Exchange) -> None:
    """Content-Length is no number."""
    length = exchange.random.choice(["-1", "+7", "0x10", "1e3", "", "9" * 40])
    await exchange.send(exchange.response.encode_head(f"content-length: {length}") + exchange.response.body)


@fault()
async def length_and_chunks(exchange: Exchange) -> None:
    """Content-Length and Transfer-Encoding together."""
    exchange.response.headers.append(f"content-length: {exchange.random.randint(0, 50)}")
    await exchange.send(exchange.response.encode_chunked())


@fault()
async def coding_twice(exchange: Exchange) -> None:
    """Transfer-Encoding is `chunked, chunked`, or unknown."""
    encoding = exchange.random.choice([b"chunked, chunked", b"gzip, chunked", b"x-unknown"])
    response = exchange.response.encode_chunked()
    await exchange.send(response.replace(b"transfer-encoding: chunked", b"transfer-encoding: " + encoding))
    exchange.connection.close()


@fault()
async def http10(exchange: Exchange) -> None:
    """HTTP/1.0, with a length or until the connection closes."""
    exchange.response.version = "HTTP/1.0"
    framing = exchange.random.choice([[], [exchange.response.length]])
    await exchange.send(exchange.response.encode_head(*framing) + exchange.response.body)
    exchange.connection.close()


@fault()
async def version_wrong(exchange: Exchange) -> None:
    """The status line has another version, or no valid status."""
    line = exchange.random.choice([b"HTTP/2.0 200 OK", b"HTTP/1.1 2000 OK", b"HTTP/1.1 OK", b"ICY 200 OK", b"HTTP/1.1"])
    await exchange.send(exchange.response.encode().replace(b"HTTP/1.1 200 OK", line, 1))


@fault()
async def upgrade(exchange: Exchange) -> None:
    """101: the server switches protocols."""
    exchange.response.status = "101 Switching Protocols"
    await _send_with(exchange, "upgrade: websocket", "connection: upgrade")


@fault()
async def connection_close(exchange: Exchange) -> None:
    """`Connection: close`, and the connection closes."""
    exchange.response.headers.append("connection: close")
    await exchange.send(exchange.response.encode())
    exchange.connection.close()


@fault()
async def close_header_only(exchange: Exchange) -> None:
    """`Connection: close`, and the connection stays open."""
    exchange.response.headers.append("connection: close")
    await exchange.send(exchange.response.encode())
    await exchange.wait_for_close()
    exchange.connection.close()
