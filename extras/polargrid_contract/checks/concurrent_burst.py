"""Sends about a hundred different requests at once, and keeps each with its response."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from polargrid_contract.cache import cache_per_client
from polargrid_contract.checks.concurrent_probes import Probe, build_probes
from polargrid_contract.checks.requests import TEXT_OPERATIONS
from polargrid_contract.client import ServerClient, read_retry_after
from polargrid_contract.exchange import Exchange
from polargrid_contract.registry import CheckSkipped
from polargrid_contract.shared import BUSY_STATUSES

_MAX_SECONDS = 30.0  # that a request waits for Retry-After
_MAX_RESETS = 3
_RESETS = ("ReadError", "WriteError")  # as httpx names what the system reports
_MAX_GENERATION_SECONDS = 20.0  # of all texts, as measured alone; a slower server gets fewer of them


@dataclass(frozen=True)
class Answer:
    """A probe and its response; None, with the reason, if there was no connection."""

    probe: Probe
    exchange: Exchange | None
    error: str = ""

    @property
    def is_rejected_for_load(self) -> bool:
        """Whether the server was still busy after the last attempt, and said when to come back."""
        exchange = self.exchange
        return exchange is not None and exchange.status in BUSY_STATUSES and "retry-after" in exchange.response_headers

    @property
    def is_expected(self) -> bool:
        """Whether the response has a status that the probe expects."""
        return self.exchange is not None and self.exchange.status in self.probe.statuses


@cache_per_client
def send_burst(client: ServerClient) -> list[Answer]:
    """Send all probes at once, each again while the server is busy. Raises CheckSkipped if there is none to send."""
    probes = limit_texts(build_probes(client))
    if not probes:
        raise CheckSkipped("no request succeeds alone, so there is nothing to send at once")
    start = threading.Event()

    def send_probe(probe: Probe) -> Answer:
        start.wait()
        return _send_until_served(client, probe)

    with ThreadPoolExecutor(len(probes), thread_name_prefix="contract-burst") as executor:
        futures = [executor.submit(send_probe, probe) for probe in probes]
        start.set()
        return [future.result() for future in futures]


def limit_texts(probes: Sequence[Probe]) -> list[Probe]:
    """Leave out texts that a slow server would take too long for: of each so many, one stays."""
    alone = [probe.alone.seconds for probe in probes if probe.alone is not None]
    latency = min(alone, default=0.0)  # of a request that generates nothing
    texts = [probe.alone.seconds - latency for probe in probes if _is_text(probe) and probe.alone is not None]
    step = max(1, math.ceil(sum(texts) / _MAX_GENERATION_SECONDS))
    numbers = iter(range(len(probes)))
    return [probe for probe in probes if not _is_text(probe) or next(numbers) % step == 0]


def _is_text(probe: Probe) -> bool:
    return probe.operation in TEXT_OPERATIONS and probe.statuses == (200,)


def _send_until_served(client: ServerClient, probe: Probe) -> Answer:
    """Send a request again after each Retry-After, until all of them together exceed a bound.

    A system whose queue of connections is full refuses or resets one, before the server knows of it: a few times, that
    is no fault of the server.
    """
    waited, resets = 0.0, 0
    while True:
        answer = _send(client, probe)
        exchange = answer.exchange
        is_busy = answer.is_rejected_for_load
        is_reset = exchange is None or (not exchange.status and exchange.error.startswith(_RESETS))
        resets += is_reset
        if not is_busy and not (is_reset and resets <= _MAX_RESETS):
            return answer
        if exchange is not None and exchange.status == 429:
            client.shared.rate_limited.append(exchange)
        waited += (delay := read_retry_after(exchange) if exchange is not None else 1.0)
        if waited > _MAX_SECONDS:
            return answer
        client.clock.sleep(delay)


def _send(client: ServerClient, probe: Probe) -> Answer:
    try:
        return Answer(probe, client.send(probe.operation, **probe.options))
    except httpx.ConnectError as error:
        return Answer(probe, None, f"{type(error).__name__}: {error}")
