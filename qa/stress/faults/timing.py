"""Time: responses that stall, drip, or are slow."""

from __future__ import annotations

import asyncio

from qa.stress.exchange import Exchange
from qa.stress.faults.registry import RARE, fault


@fault(weight=RARE)
async def stall_before(exchange: Exchange) -> None:
    """The server takes the request, and sends nothing."""
    await exchange.wait_for_close()


@fault(weight=RARE)
async def stall_inside(exchange: Exchange) -> None:
    """The response stalls anywhere."""
    await exchange.send(exchange.cut(exchange.response.encode()))
    await exchange.wait_for_close()


@fault(weight=RARE)
async def drip_forever(exchange: Exchange) -> None:
    """The response arrives in a byte per 20 ms, and does not end before the deadline."""
    data = exchange.response.encode_head("content-length: 100000") + bytes(400)
    await exchange.send_pieces(data, (1, 1), 0.02)


@fault(weight=RARE)
async def drip_body(exchange: Exchange) -> None:
    """The head arrives at once, the body in a byte per 20 ms, and does not end before the deadline."""
    await exchange.send(exchange.response.encode_head("content-length: 100000"))
    await exchange.send_pieces(exchange.response.body + b" " * 400, (1, 1), 0.02)


@fault()
async def pieces(exchange: Exchange) -> None:
    """The response arrives in packets of any size."""
    response = exchange.response.encode()
    await exchange.send_pieces(response, (1, max(10, len(response) // 20)))


@fault()
async def slow_start(exchange: Exchange) -> None:
    """The server works for up to 30 ms."""
    await exchange.pause(0, 0.03)
    await exchange.send(exchange.response.encode())


@fault()
async def slow_end(exchange: Exchange) -> None:
    """The last byte of the response arrives up to 30 ms later."""
    response = exchange.response.encode()
    await exchange.send(response[:-1])
    await exchange.pause(0, 0.03)
    await exchange.send(response[-1:])


@fault(weight=RARE)
async def late_head(exchange: Exchange) -> None:
    """The response arrives about when the client's timeout ends."""
    await asyncio.sleep(exchange.random.uniform(0.2, 0.9))
    await exchange.send(exchange.response.encode())
