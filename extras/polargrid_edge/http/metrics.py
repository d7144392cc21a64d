"""Metrics of the last minute: requests by operation and status, requests in flight, generated tokens. Pure."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Json = dict[str, Any]

WINDOW: Final = 60
"""The length of the window in seconds."""
CLIENT_GONE: Final = "gone"
"""Used in place of a status when the client disconnected before the end of the response."""


@dataclass(slots=True)
class _Second:
    """The requests that ended and the tokens that were generated in one second."""

    at: int
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    tokens: int = 0


class Metrics:
    """Thread-safe counters per second, so memory does not grow with the number of requests.

    `now` is in seconds of one monotonic clock. Every `start` needs a `finish`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_flight: Counter[str] = Counter()
        self._seconds: deque[_Second] = deque(maxlen=WINDOW)

    def start(self, operation: str) -> None:
        with self._lock:
            self._in_flight[operation] += 1

    def finish(self, operation: str, status: int | None, now: float) -> None:
        """Count a request; `status` is None where the client disconnected."""
        with self._lock:
            self._in_flight[operation] -= 1
            self._second(now).requests[operation, CLIENT_GONE if status is None else str(status)] += 1

    def add_tokens(self, tokens: int, now: float) -> None:
        with self._lock:
            self._second(now).tokens += tokens

    def in_flight(self) -> Json:
        """The number of requests in progress by operation."""
        with self._lock:
            return {operation: number for operation, number in self._in_flight.items() if number}

    def _second(self, now: float) -> _Second:
        if not self._seconds or self._seconds[-1].at < int(now):
            self._seconds.append(_Second(int(now)))
        return self._seconds[-1]

    def snapshot(self, now: float) -> Json:
        """The window that ends now: lists have a number for every second, the current second last."""
        first = int(now) - WINDOW + 1
        tokens = [0] * WINDOW
        operations: dict[str, Json] = {}
        with self._lock:
            for second in self._seconds:
                if second.at >= first:
                    tokens[second.at - first] = second.tokens
                    _add_requests(operations, second, second.at - first)
        return {"tokens": tokens, "in_flight": self.in_flight(), "operations": operations}


def _add_requests(operations: dict[str, Json], second: _Second, index: int) -> None:
    for (name, status), number in second.requests.items():
        if name not in operations:
            operations[name] = {"requests": [0] * WINDOW, "statuses": {}}
        requests, statuses = operations[name]["requests"], operations[name]["statuses"]
        requests[index] += number
        statuses[status] = statuses.get(status, 0) + number


class TokenCounter:
    """Count the tokens of one response, chunk by chunk.

    A chunk with text counts as one token, so that tokens count at once; the usage at the end of the response
    corrects the number, which is higher where text was buffered.
    """

    def __init__(self) -> None:
        self._total = 0

    def count(self, chunk: Mapping[str, Any]) -> int:
        """The number of tokens that this chunk adds."""
        usage = chunk.get("usage")
        if usage:
            tokens = max(0, int(usage["completion_tokens"]) - self._total)
        else:
            tokens = sum(_has_text(choice) for choice in chunk["choices"])
        self._total += tokens
        return tokens


def _has_text(choice: Mapping[str, Any]) -> bool:
    return bool(choice.get("text") or choice.get("delta", {}).get("content"))
