"""What was asked of an edge in the last minute: requests by operation and status, tokens, who still waits. Pure."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Json = dict[str, Any]

WINDOW: Final = 60
"""How many seconds are kept."""
GONE: Final = "gone"
"""In place of a status: the client left before its answer had."""


@dataclass(slots=True)
class _Second:
    """What ended, and what was made, in one second."""

    at: int
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    tokens: int = 0


class Traffic:
    """Counts. A second's counts stand for all its requests, so that the memory is bounded; threads may share it.

    `now` is in seconds, of one clock that never goes back. Whatever began must end.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_flight: Counter[str] = Counter()
        self._seconds: deque[_Second] = deque(maxlen=WINDOW)

    def began(self, operation: str) -> None:
        with self._lock:
            self._in_flight[operation] += 1

    def ended(self, operation: str, status: int | None, now: float) -> None:
        """`status` is None where the client left."""
        with self._lock:
            self._in_flight[operation] -= 1
            self._second(now).requests[operation, GONE if status is None else str(status)] += 1

    def made(self, tokens: int, now: float) -> None:
        with self._lock:
            self._second(now).tokens += tokens

    def _second(self, now: float) -> _Second:
        if not self._seconds or self._seconds[-1].at < int(now):
            self._seconds.append(_Second(int(now)))
        return self._seconds[-1]

    def told(self, now: float) -> Json:
        """The window that ends now: lists have a number for each second, the one that still runs last."""
        first = int(now) - WINDOW + 1
        tokens = [0] * WINDOW
        operations: dict[str, Json] = {}
        with self._lock:
            for second in self._seconds:
                if second.at >= first:
                    tokens[second.at - first] = second.tokens
                    _add(operations, second, second.at - first)
            in_flight = {operation: number for operation, number in self._in_flight.items() if number}
        return {"tokens": tokens, "in_flight": in_flight, "operations": operations}


def _add(operations: dict[str, Json], second: _Second, index: int) -> None:
    for (name, status), number in second.requests.items():
        if name not in operations:
            operations[name] = {"requests": [0] * WINDOW, "statuses": {}}
        requests, statuses = operations[name]["requests"], operations[name]["statuses"]
        requests[index] += number
        statuses[status] = statuses.get(status, 0) + number


class TokenCount:
    """The tokens of one answer, chunk by chunk.

    A chunk with text is taken for one token, so that they count as they come; what it really was (several, where text
    was held back) comes with the usage.
    """

    def __init__(self) -> None:
        self._counted = 0

    def of(self, chunk: Mapping[str, Any]) -> int:
        """How many more tokens there are with this chunk."""
        usage = chunk.get("usage")
        if usage:
            more = max(0, int(usage["completion_tokens"]) - self._counted)
        else:
            more = sum(_has_text(choice) for choice in chunk["choices"])
        self._counted += more
        return more


def _has_text(choice: Mapping[str, Any]) -> bool:
    return bool(choice.get("text") or choice.get("delta", {}).get("content"))
