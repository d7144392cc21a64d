"""Health: a fast response with a known status, and current timestamps."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from polargrid_contract.checks.bodies import read_object
from polargrid_contract.checks.latency import ROUNDS, confirm, measure_latency
from polargrid_contract.checks.long_text import OPERATION, measure_baseline, require_long
from polargrid_contract.checks.requests import select
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Profile, Violation

_POLARGRID: tuple[Profile, ...] = ("polargrid",)
_MAX_CLOCK_DIFFERENCE = 600  # seconds; a wrong time zone gives a larger difference
_MAX_SECONDS = 2.0
_WITH_TIMESTAMP = ("health", "get_gpu_status", "get_gpu_memory")
_STATUSES = ("healthy", "degraded", "unhealthy")


@check(
    "timestamps-current",
    on=_WITH_TIMESTAMP,
    rationale="A timestamp of another zone or unit makes an old response look new.",
    reference="openapi.yaml, Timestamp",
    profiles=_POLARGRID,
)
def check_timestamps(client: ServerClient) -> Iterator[Violation]:
    """Timestamps have a time zone and are near now, by our clock or the server's."""
    for operation in select(client, lambda it: it.name in _WITH_TIMESTAMP):
        exchange = client.send(operation.name)
        timestamp = str(read_object(client, exchange).get("timestamp"))
        if not any(abs(_parse_timestamp(timestamp) - now) < _MAX_CLOCK_DIFFERENCE for now in _clocks(exchange)):
            now_text = datetime.now(UTC).isoformat(timespec="seconds")
            expected = f"about {now_text}, with a time zone"
            yield client.violation(exchange, expected=expected, actual=timestamp)


@check(
    "health-is-fast",
    on=("health",),
    rationale="Clients select the nearest healthy region by it.",
    reference="SDK reference, health",
    profiles=_POLARGRID,
    exclusive=True,
)
def check_health(client: ServerClient) -> Iterator[Violation]:
    """The response takes at most two seconds of work and has a documented status that matches its backend."""
    exchange = client.send("health")
    if exchange.seconds > _MAX_SECONDS:
        latency = measure_latency(client, but="health")
        limit = _MAX_SECONDS + latency.floor + latency.uncertainty
        exchange = min((client.send("health") for _ in range(ROUNDS)), key=lambda it: it.seconds)
        if exchange.seconds > limit:
            expected, actual = f"a response within {limit:.1f} s", f"{exchange.seconds:.1f} s"
            yield client.violation(exchange, expected=expected, actual=actual)
    body = read_object(client, exchange)
    if body["status"] not in _STATUSES:
        yield client.violation(exchange, expected=" or ".join(_STATUSES), actual=str(body["status"]))
    if body["status"] == "healthy" and body["backend"]["healthy"] is False:
        expected = "degraded or unhealthy, since the backend is not healthy"
        yield client.violation(exchange, expected=expected, actual="healthy")


@check(
    "health-while-generating",
    on=("health",),
    rationale="A region that waits for its own texts before it reports its health seems to be down when it is used.",
    reference="SDK reference, health",
    profiles=_POLARGRID,
    exclusive=True,
)
def check_health_while_generating(client: ServerClient) -> Iterator[Violation]:
    """While a text is generated, the response takes at most two seconds of work as well."""
    baseline, latency = measure_baseline(client), measure_latency(client, but="health")
    require_long(baseline, _MAX_SECONDS)
    limit = _MAX_SECONDS + latency.floor + latency.uncertainty

    def measure() -> Violation | None:
        exchange = _request_while_generating(client, baseline.body)
        if exchange.seconds <= limit:
            return None
        expected = f"a response within {limit:.1f} s, while a text is generated"
        return client.violation(exchange, expected=expected, actual=f"{exchange.seconds:.1f} s")

    yield from confirm(measure)


def _request_while_generating(client: ServerClient, body: dict[str, Any]) -> Exchange:
    """Request the health when a text begins, and leave the text then."""
    responses: list[Exchange] = []

    def request_health(data: bytes) -> bool:
        if data:
            responses.append(client.send("health"))
        return bool(data)

    client.send(OPERATION, {**body, "stream": True}, stop_after=request_health)
    if not responses:
        raise CheckSkipped("no text is generated")  # other checks report it
    return responses[0]


def _clocks(exchange: Exchange) -> Iterator[float]:
    """The current time by our clock and by the server's."""
    yield time.time()
    try:
        yield parsedate_to_datetime(exchange.response_headers.get("date", "")).timestamp()
    except ValueError:
        return


def _parse_timestamp(text: str) -> float:
    """Seconds since 1970; 0 if the text is not a timestamp with a time zone."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return 0.0
    return parsed.timestamp() if parsed.tzinfo else 0.0
