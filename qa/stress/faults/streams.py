"""Event streams and streamed audio: how they end, and what is between the events."""

from __future__ import annotations

import json

from qa.stress.exchange import Exchange
from qa.stress.faults.registry import RARE, fault
from qa.stress.payloads import EVENTS, STREAMS, build_event, build_events, encode_chunk, tool_deltas

_ERROR_EVENT = b'data: {"error": {"message": "the model failed", "type": "server_error"}}\n\n'


def _split(exchange: Exchange) -> int:
    """A position between two pieces of the response, before the event that has the finish reason."""
    pieces = exchange.response.pieces
    return exchange.random.randint(0, max(0, len(pieces) - (2 if exchange.operation in EVENTS else 1)))


async def _send_events(exchange: Exchange, events: list[bytes]) -> None:
    exchange.response.pieces = [event for event in events if event]
    await exchange.send(exchange.response.encode())


@fault(STREAMS)
async def stream_cut(exchange: Exchange) -> None:
    """The connection closes between two events, perhaps before the first."""
    exchange.response.pieces = exchange.response.pieces[: _split(exchange)]
    await exchange.send(exchange.response.encode_chunked(last=b""))
    exchange.connection.close()


@fault(STREAMS)
async def stream_reset(exchange: Exchange) -> None:
    """The connection is reset between two events."""
    exchange.response.pieces = exchange.response.pieces[: _split(exchange)]
    await exchange.send(exchange.response.encode_chunked(last=b""))
    exchange.connection.reset()


@fault(EVENTS)
async def stream_short(exchange: Exchange) -> None:
    """The stream ends in its framing, without a finish reason and [DONE]."""
    await _send_events(exchange, exchange.response.pieces[: _split(exchange)])


@fault(EVENTS)
async def stream_without_done(exchange: Exchange) -> None:
    """The stream has a finish reason, and no [DONE]."""
    await _send_events(exchange, exchange.response.pieces[:-1])


@fault(EVENTS)
async def stream_only_done(exchange: Exchange) -> None:
    """[DONE] is the only event."""
    await _send_events(exchange, exchange.response.pieces[-1:])


@fault(EVENTS)
async def stream_error(exchange: Exchange) -> None:
    """An error event, first or between two others."""
    at = _split(exchange)
    await _send_events(exchange, [*exchange.response.pieces[:at], _ERROR_EVENT, *exchange.response.pieces[at:]])


@fault(EVENTS)
async def stream_invalid(exchange: Exchange) -> None:
    """An event is junk, or cut."""
    at = _split(exchange)
    junk = exchange.random.choice([b"data: {\n\n", b"data: \xff\n\n", b"data: Bad Gateway\n\n", b'data: "text"\n\n'])
    await _send_events(exchange, [*exchange.response.pieces[:at], junk, *exchange.response.pieces[at:]])


@fault(EVENTS)
async def stream_comments(exchange: Exchange) -> None:
    """Comments, ids, names and empty events; this is legal."""
    noise = [b": keep-alive\n\n", b"id: 7\n", b"retry: 10\n\n", b"\n", b"event: ping\ndata: {}\n\n", b"data:\n\n"]
    events = [data for event in exchange.response.pieces for data in (exchange.random.choice(noise), event)]
    await _send_events(exchange, events)


@fault(EVENTS)
async def stream_lines(exchange: Exchange) -> None:
    """Lines end with CR LF or CR, and packets anywhere; this is legal."""
    end = exchange.random.choice([b"\r\n", b"\r"])
    exchange.response.pieces = [event.replace(b"\n", end) for event in exchange.response.pieces]
    response = exchange.response.encode()
    await exchange.send_pieces(response, (1, max(10, len(response) // 50)))


@fault(EVENTS)
async def stream_line_huge(exchange: Exchange) -> None:
    """A line of 3 MB, more than the client takes."""
    exchange.response.pieces.insert(_split(exchange), b"data: " + b"a" * 3_000_000)
    await exchange.send(exchange.response.encode())


@fault(EVENTS)
async def stream_after_done(exchange: Exchange) -> None:
    """Events follow [DONE]."""
    await _send_events(exchange, [*exchange.response.pieces, build_event({"content": "more"})])


@fault(EVENTS, weight=RARE)
async def stream_open(exchange: Exchange) -> None:
    """The response does not end after [DONE]."""
    await exchange.send(exchange.response.encode_chunked(last=b""))
    await exchange.wait_for_close()


@fault(STREAMS)
async def stream_end_late(exchange: Exchange) -> None:
    """The last chunk follows up to 10 ms later, about when the client stops waiting for it."""
    await exchange.send(exchange.response.encode_chunked(last=b""))
    await exchange.pause(0, 0.01)
    await exchange.send(b"0\r\n\r\n")


@fault(EVENTS, weight=RARE)
async def stream_silent(exchange: Exchange) -> None:
    """Comments keep the connection alive for longer than the deadline, without an event."""
    await exchange.send(exchange.response.encode_head("transfer-encoding: chunked"))
    for _ in range(400):
        await exchange.send(encode_chunk(b": keep-alive\n\n"))
        await exchange.pause(0.01, 0.03)


@fault(("tools",))
async def tools_same_index(exchange: Exchange) -> None:
    """Two tool calls with ids of their own, and the same index."""
    await _send_events(exchange, build_events(tool_deltas(exchange.instruction.nonce, indexes=(0, 0)), "tool_calls"))


@fault(("tools",))
async def tools_without_index(exchange: Exchange) -> None:
    """Two tool calls with ids of their own, and no index."""
    deltas = json.loads(json.dumps(tool_deltas(exchange.instruction.nonce)))
    for delta in deltas:
        del delta["tool_calls"][0]["index"]
    await _send_events(exchange, build_events(deltas, "tool_calls"))
