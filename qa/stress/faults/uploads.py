"""Uploads, and responses that precede the end of the request."""

from __future__ import annotations

import asyncio

from qa.stress.exchange import Exchange
from qa.stress.faults.registry import RARE, fault
from qa.stress.payloads import UPLOADS

_TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 2\r\n\r\n{}"


@fault(reads_body=False)
async def early_response(exchange: Exchange) -> None:
    """The response precedes the rest of the request, which is read; this is legal."""
    await exchange.read(exchange.random.randint(0, exchange.request.length))
    await exchange.send(exchange.response.encode())
    await exchange.read()


@fault(UPLOADS, reads_body=False)
async def early_close(exchange: Exchange) -> None:
    """413 at once, and the connection closes."""
    await exchange.send(_TOO_LARGE)
    exchange.connection.close()


@fault(UPLOADS, reads_body=False)
async def early_rejection(exchange: Exchange) -> None:
    """413 at once, and the rest of the request is read."""
    await exchange.send(_TOO_LARGE)
    await exchange.read()


@fault(UPLOADS, weight=RARE, reads_body=False)
async def early_stop(exchange: Exchange) -> None:
    """413 at once, and the rest of the request is not read."""
    await exchange.read(1000)
    await exchange.send(_TOO_LARGE)
    await asyncio.sleep(2)
    exchange.connection.reset()


@fault(UPLOADS, weight=RARE, reads_body=False)
async def stop_reading(exchange: Exchange) -> None:
    """The server stops reading."""
    await exchange.read(1000)
    await asyncio.sleep(2)
    exchange.connection.reset()


@fault(UPLOADS, reads_body=False)
async def read_slowly(exchange: Exchange) -> None:
    """The server reads in pieces, with pauses."""
    while exchange.unread:
        await exchange.read(max(1000, exchange.request.length // 10))
        await asyncio.sleep(0.002)
    await exchange.send(exchange.response.encode())


@fault(reads_body=False)
async def reset_upload(exchange: Exchange) -> None:
    """The connection is reset inside the request."""
    await exchange.read(exchange.random.randint(0, exchange.request.length))
    exchange.connection.reset()


@fault(reads_body=False)
async def close_upload(exchange: Exchange) -> None:
    """The connection closes inside the request."""
    await exchange.read(exchange.random.randint(0, exchange.request.length))
    exchange.connection.close()


@fault(UPLOADS, reads_body=False)
async def early_success(exchange: Exchange) -> None:
    """The right response at once, and the connection closes with a part of the request unread."""
    await exchange.read(exchange.random.randint(0, exchange.request.length))
    await exchange.send(exchange.response.encode())
    exchange.connection.close()
