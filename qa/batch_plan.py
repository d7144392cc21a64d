"""What the server of `qa.batch_server` does when, and the rows that a client could have had that knows it.

Pure; time is in seconds since the server started.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

FAULTS = ("429", "503", "slow", "dies")
_SLOWER = 5
_LEAST_PLACES = 2000  # simulated, so that the mean of few places is exact to 1 in 1,000


@dataclass(frozen=True)
class ServerPlan:
    """The capacity of a server, and a fault in the last `fault_seconds` of each `period`."""

    latency: float = 0.0
    """Mean seconds of a row."""
    spread: float = 0.0
    """The times are even in this part of the mean below and above it."""
    places: int = 10_000
    """Rows that it processes at once; one more gets 429."""
    fault: str = ""
    """429 or 503 for each request, rows that take five times as long, or all connections closed (`dies`)."""
    period: float = 20.0
    fault_seconds: float = 2.0

    def has_fault(self, now: float, *kinds: str) -> bool:
        """Whether a fault of one of these kinds happens."""
        return self.fault in kinds and now % self.period >= self.period - self.fault_seconds

    def next_fault(self, now: float) -> float:
        """When the next fault starts."""
        return math.floor((now + self.fault_seconds) / self.period) * self.period + self.period - self.fault_seconds

    def fault_end(self, now: float) -> float:
        """When the fault ends that happens."""
        return (math.floor(now / self.period) + 1) * self.period

    def draw_seconds(self, now: float, source: random.Random) -> float:
        """Return the seconds of a row that starts now."""
        seconds = self.latency * (1 + self.spread * source.uniform(-1, 1))
        return seconds * (_SLOWER if self.has_fault(now, "slow") else 1)


def count_ideal_rows(plan: ServerPlan, start: float, stop: float, seed: int = 0) -> float:
    """Return how many rows end between two times if each place has a row whenever the server takes one."""
    source = random.Random(seed)  # noqa: S311 - a simulation
    count = max(plan.places, _LEAST_PLACES)
    return sum(_count_of_place(plan, start, stop, source) for _ in range(count)) * plan.places / count


def _count_of_place(plan: ServerPlan, start: float, stop: float, source: random.Random) -> int:
    now, rows = start, 0
    while now < stop:
        if plan.has_fault(now, "429", "503", "dies"):
            now = plan.fault_end(now)
            continue
        end = now + plan.draw_seconds(now, source)
        if plan.fault == "dies" and (death := plan.next_fault(now)) < end:
            now = plan.fault_end(death)
            continue
        rows += end <= stop
        now = end
    return rows
