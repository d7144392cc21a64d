"""A model of one region: its places, how long a row takes, and when it refuses, slows down or dies."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Phase = tuple[float, float]  # from and to, in seconds


@dataclass(frozen=True)
class Plan:
    """What a server does; each function takes the time."""

    places: Callable[[float], int]
    """Rows that it processes at once; one more gets 429, unless it can wait."""
    seconds: float = 1.0
    """The mean time of a row; the times are log-normal."""
    spread: float = 0.4
    """The standard deviation of their logarithm."""
    network: float = 0.02
    """Seconds of a round trip without processing."""
    line: int = 0
    """Rows that wait for a place before one is refused."""
    storms: tuple[Phase, ...] = ()
    """Times in which each new row is refused."""
    storm_status: int = 429
    breaks: bool = False
    """Whether a storm also ends the rows that are processed."""
    outages: tuple[Phase, ...] = ()
    """Times in which nothing connects, and at whose start each row in flight fails."""
    slow: tuple[Phase, ...] = ()
    """Times in which a row takes `slow_factor` times as long."""
    slow_factor: float = 5.0
    retry_after: float | None = None
    """Seconds that a refusal names, if it does."""
    rows_per_minute: int | None = None
    """A rate limit, counted by whole minutes; its responses have `x-ratelimit-*` headers."""

    def is_in(self, phases: tuple[Phase, ...], now: float) -> bool:
        return any(start <= now < end for start, end in phases)


@dataclass
class Server:
    """The rows that a server processes, and those that wait."""

    plan: Plan
    random: random.Random
    busy: int = 0
    waiting: list[object] = field(default_factory=list)
    minute: int = -1
    rows_of_minute: int = 0

    def refuses(self, now: float) -> bool:
        """Whether it would refuse every row now, or cannot be reached."""
        plan = self.plan
        is_over_rate = plan.rows_per_minute is not None and self.count_minute(now) >= plan.rows_per_minute
        return is_over_rate or plan.is_in(plan.storms, now) or plan.is_in(plan.outages, now)

    def draw_seconds(self, now: float) -> float:
        """Seconds that a row takes which starts now."""
        plan = self.plan
        factor = plan.slow_factor if plan.is_in(plan.slow, now) else 1.0
        mean = plan.seconds * factor
        return self.random.lognormvariate(math.log(mean) - plan.spread**2 / 2, plan.spread)

    def count_row(self, now: float) -> None:
        self.count_minute(now)
        self.rows_of_minute += 1

    def headers(self, now: float, status: int) -> Mapping[str, str]:
        """The headers of a response that is sent now."""
        plan = self.plan
        headers: dict[str, str] = {}
        if plan.retry_after is not None and status in (429, 503):
            headers["retry-after"] = f"{plan.retry_after:g}"
        if plan.rows_per_minute is not None:
            left = max(0, plan.rows_per_minute - self.count_minute(now))
            headers["x-ratelimit-remaining-requests"] = str(left)
            headers["x-ratelimit-reset-requests"] = f"{60 - now % 60:.3f}s"
        return headers

    def count_minute(self, now: float) -> int:
        if int(now // 60) != self.minute:
            self.minute, self.rows_of_minute = int(now // 60), 0
        return self.rows_of_minute
