"""Streams of chat and completion: when their bytes come, and what becomes of a stream that nobody reads."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from polargrid_contract.check import Fault, check
from polargrid_contract.checks.streams import TEXTS, offered, request, told
from polargrid_contract.exchange import Exchange
from polargrid_contract.server import Server
from polargrid_contract.streamed import Stream

_PROVES_NOTHING = 0.15  # seconds: what is made faster may well come at once
_FEWEST = 12  # pieces of text that show a spread
_AT_ONCE = 0.9  # the share of the pieces that makes a burst
_SHORTEST_BURST = 0.02  # seconds
_LEAVERS = 6
_PATIENCE = 10.0  # seconds, and five times what the same takes without leavers
_LONG = "Write a story of five thousand words about a lighthouse and all the ships that pass it. Do not stop."


def comes_at_once(times: Sequence[float], making: float) -> bool:
    """Whether nearly all pieces came together, though making them took `making` seconds."""
    if making < _PROVES_NOTHING or len(times) < _FEWEST:
        return False
    window = max(_SHORTEST_BURST, 0.05 * making)
    need = int(_AT_ONCE * len(times))
    return any(times[start + need - 1] - times[start] <= window for start in range(len(times) - need + 1))


@check(
    "stream-comes-over-time",
    on=TEXTS,
    why="A stream is there to be read while it is made; held back and sent at once it is a slow plain answer.",
    source="API overview, Streaming",
)
def comes_over_time(server: Server) -> Iterator[Fault]:
    for operation in offered(server):
        first = Stream(told(server, operation, stream=True))
        if not _held_back(server, first, told(server, operation)):
            continue
        # Once is no proof on a busy machine.
        plain = server.ask(operation, request(server, operation))
        again = Stream(server.ask(operation, request(server, operation, stream=True)))
        if _held_back(server, again, plain):
            times = again.text_times
            expected = f"pieces over the {plain.seconds:.2f} s that they take to make"
            came = f"{len(times)} pieces between {times[0]:.2f} and {times[-1]:.2f} s"
            yield server.fault(again.exchange, expected=expected, came=came)


def _held_back(server: Server, stream: Stream, plain: Exchange) -> bool:
    if not comes_at_once(stream.text_times, plain.seconds):
        return False
    # What is spent before the first token is no making of pieces.
    before = server.ask(plain.operation, request(server, plain.operation, max_tokens=1)).seconds
    return comes_at_once(stream.text_times, plain.seconds - before)


@check(
    "stream-left-is-ended",
    on=("chat_completion",),
    why="A client that leaves must free its place, or a few closed windows keep everybody else waiting.",
    source="API overview, Streaming",
)
def left_is_ended(server: Server) -> Iterator[Fault]:
    operation = "chat_completion"
    server.offered(told(server, operation))
    short = request(server, operation, max_tokens=1)
    usual = server.ask(operation, short).seconds
    bound = _PATIENCE + 5 * usual
    body = request(server, operation, _LONG, max_tokens=2048, stream=True)
    if server.ask(operation, body, leave_after=_something).status != 200:
        body["max_tokens"] = 256  # a small context
    began = time.monotonic()
    for count in range(1, _LEAVERS):
        left = server.ask(operation, body, leave_after=_something)
        if left.status == 429 or time.monotonic() - began > bound:
            came = f"{left.status} {time.monotonic() - began:.1f} s later"
            yield server.fault(
                left, expected=f"the place of {count} clients that left, within {bound:.1f} s", came=came
            )
            return
    after = server.ask(operation, short)
    if after.status != 200 or after.seconds > bound:
        expected = f"an answer within {bound:.1f} s ({usual:.1f} s before), as {_LEAVERS} clients left"
        yield server.fault(after, expected=expected, came=f"{after.status} after {after.seconds:.1f} s")


def _something(body: bytes) -> bool:
    return len(body) > 0
