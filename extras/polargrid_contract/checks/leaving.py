"""Clients that leave, and a stream that another client keeps reading meanwhile.

What a client that leaves does to others shows only while the others wait, and only if the server knows of it before
they are done. So both are recorded: when each client left, and what arrived for the other one after that.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Self

from polargrid_contract.checks.wire_requests import build_raw, connect, finish
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.extensions.event_streams import check_last
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.readers.event_stream import Stream

_EVENT = b"data:"  # the start of an event; networks and servers cut the bytes anywhere
_REJECTION_SECONDS = 0.02


def leave_stream(client: ServerClient, operation: str, body: Mapping[str, Any], patience: float) -> bool:
    """Leave a stream after its first event, or when none arrives for `patience` seconds; return whether it was open."""
    exchange = client.send(operation, dict(body), stop_after=lambda data: _EVENT in data, leave_after=patience)
    waited_in_vain = not exchange.status and "Timeout" in exchange.error
    is_open = exchange.status == 200 and find_break(client, exchange) != ""
    return waited_in_vain or is_open


def leave_early(
    client: ServerClient, operation: DocumentedOperation, request: Mapping[str, Any], seconds: float
) -> bool:
    """Send a whole request and leave after so many seconds; return whether the server had not responded by then."""
    raw = build_raw(client, operation, **request)
    with connect(client, raw) as connection:
        connection.send(raw.encode())
        has_response = connection.receive(lambda data, is_closed: bool(data) or is_closed, seconds)
        if has_response:
            finish(client, operation, (raw,), connection, seconds)
    return not has_response


def leave_midway(client: ServerClient, operation: DocumentedOperation, request: Mapping[str, Any]) -> bool:
    """Leave in the middle of the body of a request; return whether the server had not responded by then."""
    raw = build_raw(client, operation, **request)
    with connect(client, raw) as connection:
        connection.send(raw.head + raw.payload[: len(raw.payload) // 2])
        # As long as it takes to see that the server rejects the head.
        return not connection.receive(lambda data, is_closed: bool(data) or is_closed, _REJECTION_SECONDS)


def find_break(client: ServerClient, exchange: Exchange) -> str:
    """Describe why a stream is incomplete; empty if it is complete."""
    if exchange.error:
        return exchange.error
    declared = next(iter(client.operations[exchange.operation].event_streams), None)
    return next(check_last(declared.rules, Stream(exchange)), "") if declared else ""


class _Arrival(NamedTuple):
    """How many events of a stream have arrived, and when."""

    at: float
    events: int


class WatchedStream:
    """A stream that a thread reads, until it is over or this client leaves it; the end of the context leaves it."""

    def __init__(self, client: ServerClient, operation: str, body: Mapping[str, Any]) -> None:
        self._arrivals: list[_Arrival] = []
        self._changed = threading.Condition()
        self._is_wanted = True
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="contract-watched")
        self._reading = self._executor.submit(client.send, operation, dict(body), stop_after=self._receive)
        self._reading.add_done_callback(lambda _: self._notify())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_wanted = False
        self._executor.shutdown()

    @property
    def events(self) -> int:
        """How many events have arrived."""
        return self._arrivals[-1].events if self._arrivals else 0

    @property
    def is_over(self) -> bool:
        """Whether nothing more arrives."""
        return self._reading.done()

    def wait(self, events: int, *, since: float = float("-inf")) -> bool:
        """Wait until so many events have arrived after a reading of time.monotonic; return False if it is over then."""

        def has_arrived() -> bool:
            before = max((it.events for it in self._arrivals if it.at <= since), default=0)
            return self.events - before >= events

        with self._changed:
            self._changed.wait_for(lambda: has_arrived() or self.is_over)
            return has_arrived()

    def leave(self) -> Exchange:
        """Leave the stream with the next bytes that arrive, unless it is over, and return its exchange."""
        self._is_wanted = False
        return self._reading.result()

    def _receive(self, body: bytes) -> bool:
        self._arrivals.append(_Arrival(time.monotonic(), body.count(_EVENT)))
        self._notify()
        return not self._is_wanted

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()
