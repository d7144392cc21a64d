"""Statuses: busy servers, gateways, redirects, errors that quote."""

from __future__ import annotations

import asyncio
import json

from qa.stress.exchange import Exchange
from qa.stress.faults.registry import RARE, fault

_BUSY = ("408 Request Timeout", "409 Conflict", "500 Internal Server Error", "502 Bad Gateway", "504 Gateway Timeout")
_FINAL = ("400 Bad Request", "401 Unauthorized", "402 Payment Required", "404 Not Found", "418 I'm a teapot")
_ERROR = b'{"error": {"message": "no", "type": "error", "code": 7}}'


async def _send_error(exchange: Exchange, status: str, body: bytes = _ERROR, *headers: str) -> None:
    response = exchange.response
    response.status, response.media_type, response.pieces = status, "application/json", [body]
    await exchange.send(response.encode_head(*headers, response.length) + body)


@fault()
async def rate_limit(exchange: Exchange) -> None:
    """429, with a Retry-After that is short, invalid, or an hour."""
    header = exchange.random.choice(["retry-after-ms: 3", "retry-after: 0", "retry-after: soon", "retry-after: 3600"])
    await _send_error(exchange, "429 Too Many Requests", _ERROR, header)


@fault()
async def service_unavailable(exchange: Exchange) -> None:
    """503, at every attempt."""
    await _send_error(exchange, "503 Service Unavailable")


@fault()
async def temporary_error(exchange: Exchange) -> None:
    """A status that is worth a retry; every second time the right response."""
    if exchange.random.random() < 0.5:
        await exchange.send(exchange.response.encode())
    else:
        await _send_error(exchange, exchange.random.choice(_BUSY))


@fault()
async def client_error(exchange: Exchange) -> None:
    """A status that is not worth a retry."""
    await _send_error(exchange, exchange.random.choice(_FINAL))


@fault()
async def gateway(exchange: Exchange) -> None:
    """502 in HTML, or without a body, and the connection closes."""
    body = exchange.random.choice([b"", b"<html>" + b"<p>" * 30_000])
    await _send_error(exchange, "502 Bad Gateway", body, "connection: close")
    exchange.connection.close()


@fault()
async def error_cut(exchange: Exchange) -> None:
    """The body of an error is shorter than its length."""
    exchange.response.status = "500 Internal Server Error"
    await exchange.send(exchange.response.encode_head("content-length: 1000") + _ERROR)
    exchange.connection.close()


@fault(weight=RARE)
async def error_endless(exchange: Exchange) -> None:
    """The body of an error does not end."""
    exchange.response.status = "500 Internal Server Error"
    await exchange.send(exchange.response.encode_head("transfer-encoding: chunked"))
    for _ in range(400):
        await exchange.send(b"5\r\nhello\r\n")
        await asyncio.sleep(0.02)


@fault()
async def redirect(exchange: Exchange) -> None:
    """A redirect to another host, or without a location."""
    headers = exchange.random.choice([["location: http://127.0.0.1:1/"], []])
    await _send_error(exchange, exchange.random.choice(["302 Found", "307 Temporary Redirect"]), b"", *headers)


@fault()
async def key_quote(exchange: Exchange) -> None:
    """An error quotes the key, with the escapes that JSON allows."""
    key = exchange.request.headers["authorization"]
    escaped = "".join(f"\\u{ord(letter):04x}" if letter == "_" else letter for letter in key).replace("/", "\\/")
    shown = exchange.random.choice([json.dumps(key), f'"{escaped}"'])
    await _send_error(exchange, "401 Unauthorized", f'{{"error": {{"message": {shown}, "code": {shown}}}}}'.encode())
