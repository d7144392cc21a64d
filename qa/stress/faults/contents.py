"""What a response contains, in the right framing: another type, JSON that is none."""

from __future__ import annotations

from qa.stress.exchange import Exchange
from qa.stress.faults.registry import fault
from qa.stress.payloads import JSON, OPERATIONS


async def _send_body(exchange: Exchange, body: bytes, media_type: str | None = None) -> None:
    exchange.response.pieces = [body]
    exchange.response.media_type = media_type or exchange.response.media_type
    await exchange.send(exchange.response.encode_head(exchange.response.length) + body)


@fault()
async def no_content(exchange: Exchange) -> None:
    """204 without a body."""
    await exchange.send(b"HTTP/1.1 204 No Content\r\n\r\n")


@fault()
async def no_content_with_body(exchange: Exchange) -> None:
    """204 with a body, which its status forbids."""
    exchange.response.status = "204 No Content"
    await exchange.send(exchange.response.encode())


@fault()
async def empty(exchange: Exchange) -> None:
    """The body is empty."""
    await _send_body(exchange, b"")


@fault()
async def html(exchange: Exchange) -> None:
    """A page with status 200."""
    await _send_body(exchange, b"<html><body>Sign in to the network</body></html>", "text/html")


@fault(JSON)
async def json_cut(exchange: Exchange) -> None:
    """The JSON ends early, and its length is right."""
    await _send_body(exchange, exchange.cut(exchange.response.body))


@fault(JSON)
async def json_encoding(exchange: Exchange) -> None:
    """The JSON has a byte that is not UTF-8, a lone surrogate, or is repeated."""
    body = exchange.response.body
    bad = exchange.random.choice([body[:-3] + b"\xff" + body[-3:], b'{"id": "\\ud800", ' + body[1:], body * 2])
    await _send_body(exchange, bad)


@fault(JSON)
async def json_numbers(exchange: Exchange) -> None:
    """A field is NaN, or a number of 6,000 digits."""
    number = exchange.random.choice([b"NaN", b"-Infinity", b"9" * 6_000, b"1e999"])
    await _send_body(exchange, b'{"extra": ' + number + b", " + exchange.response.body[1:])


@fault(JSON)
async def json_deep(exchange: Exchange) -> None:
    """The JSON is nested 20,000 levels deep."""
    await _send_body(exchange, b'{"extra": ' + b"[" * 20_000 + b"]" * 20_000 + b", " + exchange.response.body[1:])


@fault(JSON)
async def json_other(exchange: Exchange) -> None:
    """The JSON has another type, or null instead of the choices."""
    await _send_body(exchange, exchange.random.choice([b"null", b"[]", b'"text"', b"{}", b'{"choices": null}']))


@fault(tuple(operation for operation in OPERATIONS if operation not in JSON))
async def json_instead(exchange: Exchange) -> None:
    """JSON, perhaps an error, instead of a stream or of audio."""
    await _send_body(exchange, b'{"error": {"message": "busy"}}', "application/json")
