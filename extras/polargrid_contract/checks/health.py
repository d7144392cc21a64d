"""Health: a fast response with a known status, and current timestamps."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.registry import check
from polargrid_contract.results import Profile, Violation

_POLARGRID: tuple[Profile, ...] = ("polargrid",)
_MAX_CLOCK_DIFFERENCE = 600  # seconds; a wrong time zone gives a larger difference
_MAX_SECONDS = 2.0
_STATUSES = ("healthy", "degraded", "unhealthy")


@check(
    "timestamps-current",
    on=("health", "get_gpu_status", "get_gpu_memory"),
    rationale="A timestamp of another zone or unit makes an old response look new.",
    reference="openapi.yaml, Timestamp",
    profiles=_POLARGRID,
)
def check_timestamps(client: ServerClient) -> Iterator[Violation]:
    """Timestamps have a time zone and are near now, by our clock or the server's."""
    for operation in ("health", "get_gpu_status", "get_gpu_memory"):
        exchange = client.send(operation)
        timestamp = str(exchange.json()["timestamp"])
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
)
def check_health(client: ServerClient) -> Iterator[Violation]:
    """The response takes at most two seconds and has a documented status that matches its backend."""
    exchange = client.send("health")
    if exchange.seconds > _MAX_SECONDS:
        exchange = client.send("health")  # one slow response is no evidence
    if exchange.seconds > _MAX_SECONDS:
        expected, actual = f"a response within {_MAX_SECONDS} s", f"{exchange.seconds:.1f} s"
        yield client.violation(exchange, expected=expected, actual=actual)
    if exchange.status != 200:
        return
    body = exchange.json()
    if body["status"] not in _STATUSES:
        yield client.violation(exchange, expected=" or ".join(_STATUSES), actual=str(body["status"]))
    if body["status"] == "healthy" and body["backend"]["healthy"] is False:
        expected = "degraded or unhealthy, since the backend is not healthy"
        yield client.violation(exchange, expected=expected, actual="healthy")


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
