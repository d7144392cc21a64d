"""A client that leaves ends its generation: its slot serves the next one, whether the response is streamed or plain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from polargrid_contract.checks.latency import confirm, measure_latency
from polargrid_contract.checks.long_text import OPERATION, Baseline, measure_baseline, require_long, send_short
from polargrid_contract.checks.requests import describe_status
from polargrid_contract.checks.stream_requests import send_cached
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation

_STREAMING_CLIENTS = 6  # more than the slots of most servers
_PLAIN_CLIENTS = 10  # they leave at once, and wait for nothing themselves
_STAY_SHARE = 0.1  # of the long generation, for a client that waits for a plain response
_STAY_SECONDS = (0.05, 0.1)  # at least and at most
_WAITING_SHARE = 0.8  # of the long generation, that must not be waited for
_TOLERANCE = 1.0  # seconds until a server notices, for all clients together


Leave = Callable[[Baseline], tuple[Exchange, float]]
"""Sends the request for the long text, and leaves; returns the exchange and when the text began, 0 if it did not."""


class Waiting(NamedTuple):
    """What the clients waited for beyond their own requests, and the last response."""

    seconds: float
    limit: float
    exchange: Exchange


@check(
    "stream-cancelled-on-disconnect",
    on=(OPERATION,),
    rationale="A client that disconnects frees its slot; otherwise a few closed windows block all other clients.",
    reference="API overview, Streaming",
    exclusive=True,
    tries_beside=True,
)
def check_stream(client: ServerClient) -> Iterator[Violation]:
    """After several clients left their streams, the next request does not wait for their texts."""

    def leave(baseline: Baseline) -> tuple[Exchange, float]:
        exchange = client.send(OPERATION, {**baseline.body, "stream": True}, stop_after=_has_data)
        return exchange, exchange.seconds

    yield from _require_free_slots(client, leave, _STREAMING_CLIENTS, "streams")


@check(
    "plain-cancelled-on-disconnect",
    on=(OPERATION,),
    rationale="A client that gives up before its plain response frees its slot, or retries multiply the load.",
    reference="API overview, Chat",
    exclusive=True,
    tries_beside=True,
)
def check_plain(client: ServerClient) -> Iterator[Violation]:
    """After several clients left before their plain responses, the next request does not wait for their texts."""

    def leave(baseline: Baseline) -> tuple[Exchange, float]:
        require_long(baseline)
        # The server sees the request for as long as the client stays, whatever the distance.
        least, most = _STAY_SECONDS
        stay = max(least, min(_STAY_SHARE * baseline.long_seconds, most))
        exchange = client.send(OPERATION, baseline.body, leave_after=stay)
        if exchange.status == 200:
            raise CheckSkipped("the server responds before a client can leave")
        return exchange, 0.0

    yield from _require_free_slots(client, leave, _PLAIN_CLIENTS, "plain responses")


def _require_free_slots(client: ServerClient, leave: Leave, count: int, kind: str) -> Iterator[Violation]:
    """Report that the next request waits for the texts of clients that left."""
    client.require(send_cached(client, OPERATION))
    baseline = measure_baseline(client)

    def measure() -> Violation | None:
        waiting = _measure_waiting(client, baseline, leave, count)
        status = waiting.exchange.status
        if status == 429 and client.target.profile == "openai":
            raise CheckSkipped("the server limits the rate of requests, so that they show no slots")
        if status == 200 and waiting.seconds <= waiting.limit:
            require_long(baseline)
            return None
        client.require_alone()
        expected = f"status 200 without waiting, within {waiting.limit:.1f} s, after {count} clients left their {kind}"
        is_late = f"status 200 after waiting {waiting.seconds:.1f} s"
        actual = is_late if status == 200 else describe_status(waiting.exchange)
        return client.violation(waiting.exchange, expected=expected, actual=actual)

    yield from confirm(measure, rounds=2)


def _measure_waiting(client: ServerClient, baseline: Baseline, leave: Leave, count: int) -> Waiting:
    """Let several clients leave, then request a short text; subtract what each of these takes without the others."""
    latency = measure_latency(client)
    # A server may have to finish a step of the text that nobody reads, which takes no longer than a short text.
    tolerance = max(0.0, baseline.normal_seconds - latency.floor) + latency.uncertainty + baseline.spread_seconds
    limit = max(_TOLERANCE, _WAITING_SHARE * baseline.long_seconds)
    waited = 0.0
    for _ in range(count):
        exchange, began = _retry_if_busy(client, lambda: leave(baseline))
        waited += max(0.0, began - baseline.normal_seconds)
        limit += tolerance if began else 0.0
        if exchange.status == 429 or waited > limit:
            return Waiting(waited, limit, exchange)
    after, seconds = _retry_if_busy(client, lambda: send_short(client))
    return Waiting(waited + max(0.0, seconds - baseline.normal_seconds), limit + tolerance, after)


def _retry_if_busy(client: ServerClient, send: Callable[[], tuple[Exchange, float]]) -> tuple[Exchange, float]:
    """Send again, once, if the server is busy: it may need a moment to notice that a client left."""
    exchange, seconds = send()
    if exchange.status == 429:
        client.clock.sleep(_TOLERANCE)
        exchange, seconds = send()
    return exchange, seconds


def _has_data(body: bytes) -> bool:
    return b"data:" in body
