"""The connection: refused, closed, reset, at every moment of an exchange and after it."""

from __future__ import annotations

from qa.stress.exchange import Exchange
from qa.stress.faults import registry
from qa.stress.faults.registry import RARE, add_address, fault
from qa.stress.payloads import EVENTS, JSON

_SOON = 0.01  # seconds: the longest time from a response to what follows it

add_address("refuse", registry.REFUSED, "The server refuses the connection.")
add_address("close-at-once", registry.CLOSED, "The server closes each new connection.")
add_address("reset-at-once", registry.RESET, "The server resets each new connection.")
add_address("silent-address", registry.SILENT, "The server accepts, and sends nothing, no handshake either.", RARE)
add_address("other-protocol", registry.NOT_TLS, "The server speaks TLS where HTTP is expected, and the reverse.")


@fault(weight=20)
async def none(exchange: Exchange) -> None:
    """No fault."""
    await exchange.send(exchange.response.encode())


@fault()
async def close_before(exchange: Exchange) -> None:
    """The server takes the request, and closes."""
    exchange.connection.close()


@fault()
async def close_later(exchange: Exchange) -> None:
    """The server takes the request, works for up to 50 ms, and closes."""
    await exchange.pause(0, 0.05)
    exchange.connection.close()


@fault()
async def close_next(exchange: Exchange) -> None:
    """The server responds, takes the next request on the connection, and closes."""
    exchange.connection.next_fault = "close-before"
    await exchange.send(exchange.response.encode())


@fault()
async def reset_next(exchange: Exchange) -> None:
    """The server responds, takes the next request on the connection, and resets."""
    exchange.connection.next_fault = "reset-before"
    await exchange.send(exchange.response.encode())


@fault()
async def reset_before(exchange: Exchange) -> None:
    """The server takes the request, and resets."""
    exchange.connection.reset()


@fault()
async def close_inside(exchange: Exchange) -> None:
    """The server closes inside the response."""
    await exchange.send(exchange.cut(exchange.response.encode()))
    exchange.connection.close()


@fault()
async def abort_inside(exchange: Exchange) -> None:
    """The server closes inside the response, over TLS without close_notify."""
    await exchange.send(exchange.cut(exchange.response.encode()))
    exchange.connection.abort()


@fault()
async def reset_inside(exchange: Exchange) -> None:
    """The server resets inside the response."""
    await exchange.send(exchange.cut(exchange.response.encode()))
    exchange.connection.reset()


@fault()
async def close_after(exchange: Exchange) -> None:
    """The server closes after the response, without a header that says so."""
    await exchange.send(exchange.response.encode())
    exchange.connection.close()


@fault()
async def abort_after(exchange: Exchange) -> None:
    """The same, over TLS without close_notify."""
    await exchange.send(exchange.response.encode())
    exchange.connection.abort()


@fault()
async def reset_after(exchange: Exchange) -> None:
    """The server resets after the response."""
    await exchange.send(exchange.response.encode())
    exchange.connection.reset()


@fault(weight=2)
async def close_soon(exchange: Exchange) -> None:
    """The server closes up to 10 ms after the response."""
    await exchange.send(exchange.response.encode())
    exchange.connection.schedule(exchange.random.uniform(0, _SOON), exchange.connection.close)


@fault(weight=2)
async def reset_soon(exchange: Exchange) -> None:
    """The server resets up to 10 ms after the response."""
    await exchange.send(exchange.response.encode())
    exchange.connection.schedule(exchange.random.uniform(0, _SOON), exchange.connection.reset)


@fault()
async def half_close(exchange: Exchange) -> None:
    """The server closes its direction after the response, and still takes a request."""
    exchange.connection.next_fault = "close-before"
    await exchange.send(exchange.response.encode())
    exchange.connection.shut_down_writes()


@fault()
async def end_by_close(exchange: Exchange) -> None:
    """The response has no length, and ends with the connection; this is legal."""
    await exchange.send(exchange.response.encode_head() + exchange.response.body)
    exchange.connection.close()


@fault()
async def cut_by_reset(exchange: Exchange) -> None:
    """The response has no length, and a reset ends it too early."""
    await exchange.send(exchange.response.encode_head() + exchange.cut(exchange.response.body))
    exchange.connection.reset()


@fault()
async def cut_by_abort(exchange: Exchange) -> None:
    """The same, over TLS by closing without close_notify."""
    await exchange.send(exchange.response.encode_head() + exchange.cut(exchange.response.body))
    if exchange.connection.is_tls:
        exchange.connection.abort()
    else:
        exchange.connection.reset()


@fault((*JSON, *EVENTS))
async def cut_by_close(exchange: Exchange) -> None:
    """The response has no length, and ends too early; its format shows it."""
    cut = exchange.response.body.partition(b"finish_reason" if exchange.operation in EVENTS else b"}")[0]
    await exchange.send(exchange.response.encode_head() + exchange.cut(cut))
    exchange.connection.close()


def _follow_late(exchange: Exchange, stray: bytes) -> None:
    """Send a response that no call expects up to 10 ms later."""

    async def follow() -> None:
        exchange.connection.is_shifted = True
        await exchange.send(stray)

    exchange.connection.schedule(exchange.random.uniform(0, _SOON), follow)


@fault(weight=4)
async def late_response(exchange: Exchange) -> None:
    """A second response follows up to 10 ms after the right one."""
    await exchange.send(exchange.response.encode())
    _follow_late(exchange, exchange.build_stray("late-response"))


@fault(weight=2)
async def late_response_keyed(exchange: Exchange) -> None:
    """The same, and both responses have the idempotency key of their request."""
    key = f"idempotency-key: {exchange.request.headers.get('idempotency-key')}"
    exchange.response.headers.append(key)
    await exchange.send(exchange.response.encode())
    _follow_late(exchange, exchange.build_stray("late-response-keyed", key))


@fault()
async def surplus_response(exchange: Exchange) -> None:
    """A second response follows in the same packet."""
    await exchange.send(exchange.response.encode() + exchange.build_stray("surplus-response"))


@fault()
async def surplus_junk(exchange: Exchange) -> None:
    """Bytes follow the response in the same packet."""
    await exchange.send(exchange.response.encode() + exchange.random.randbytes(exchange.random.randint(1, 2000)))


@fault()
async def late_junk(exchange: Exchange) -> None:
    """Bytes follow up to 10 ms after the response."""
    junk = exchange.random.randbytes(exchange.random.randint(1, 200))
    await exchange.send(exchange.response.encode())
    exchange.connection.schedule(exchange.random.uniform(0, _SOON), lambda: exchange.send(junk))


@fault()
async def late_timeout(exchange: Exchange) -> None:
    """408 follows up to 10 ms after the response, as some servers send before they close an idle connection."""
    await exchange.send(exchange.response.encode())

    async def end() -> None:
        exchange.connection.is_shifted = True
        await exchange.send(exchange.build_timeout("late-timeout"))
        exchange.connection.close()

    exchange.connection.schedule(exchange.random.uniform(0, _SOON), end)
