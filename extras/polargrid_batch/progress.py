"""How far a run is, as a line of text."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

import attrs

from polargrid_batch.model_use import format_cost

if TYPE_CHECKING:
    from polargrid_batch.engine import Engine
    from polargrid_batch.limiter import AIMDLimiter
    from polargrid_batch.lines import InputPosition
    from polargrid_batch.summary import Summary

_RATE_SECONDS = 10.0
_MAX_ERROR = 200


class RunState(Protocol):
    """What progress reads of a run: see FileRun."""

    @property
    def engine(self) -> Engine | None:
        """None before the first row, and of a run on Ray."""

    @property
    def summary(self) -> Summary:
        """The counts."""
        ...

    @property
    def position(self) -> InputPosition:
        """How far the input was read."""
        ...


@attrs.frozen
class ProgressFacts:
    """What a line of progress shows."""

    done: int
    """Rows with a result, also of runs before."""
    failed: int
    rate: float
    """Rows a second, lately."""
    in_flight: int
    limit: int
    """How many requests the servers take now."""
    waiting: int
    """Rows that wait for another attempt."""
    retries: int
    seconds_left: float | None = None
    problem: str = ""
    """Why nothing is sent."""
    spent: float | None = None
    """US dollars that are spent of the budget, with those of earlier runs of the output; None without a budget."""
    budget: float = 0.0


def format_progress(facts: ProgressFacts) -> str:
    """Return the line."""
    parts = [f"{facts.done:,} rows"]
    parts += [f"{facts.failed:,} failed"] if facts.failed else []
    parts += [f"{facts.rate:,.1f} rows/s", f"{facts.in_flight} of {facts.limit} in flight"]
    parts += [f"{facts.waiting:,} waiting"] if facts.waiting else []
    parts += [f"{facts.retries:,} retries"] if facts.retries else []
    parts += [f"{format_cost(facts.spent)} of {format_cost(facts.budget)}"] if facts.spent is not None else []
    parts += [f"{format_time(facts.seconds_left)} left"] if facts.seconds_left is not None else []
    parts += [facts.problem] if facts.problem else []
    return ", ".join(parts)


def format_time(seconds: float) -> str:
    """Return a time like `0:04:10`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def estimate_seconds(fraction: float | None, done: int, rows_left: int, rate: float) -> float | None:
    """Return the time that the rest of the input takes at this rate; None if it cannot be known.

    `fraction` of the input was read: the rows that are done, and `rows_left` of what was read.
    """
    if not fraction or not rate:
        return None
    return max(0.0, (done + rows_left) / fraction - done) / rate


class ProgressReader:
    """Reads the facts of a run, with its rate lately; it is called a few times a second."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def read(self, run: RunState, now: float) -> ProgressFacts:
        """Return the facts."""
        summary, engine = run.summary, run.engine
        done = summary.succeeded + summary.failed
        self._samples.append((now, done))
        while len(self._samples) > 2 and now - self._samples[0][0] > _RATE_SECONDS:
            self._samples.popleft()
        start, before = self._samples[0]
        rate = (done - before) / (now - start) if now > start else 0.0
        total = done + summary.done_before
        time_left = estimate_seconds(run.position.fraction, total, engine.left if engine else 0, rate)
        if engine is None:
            return ProgressFacts(total, summary.failed, rate, 0, 0, 0, summary.retries, time_left)
        limiters = engine.spread.limiters.values()
        problem = ""
        if engine.spread.is_out:
            hold = _find_hold(limiters, now)
            error = " ".join(engine.last_error.split())[:_MAX_ERROR]
            problem = f"no server can be reached, next attempt in {hold:.0f} s: {error}"
        elif hold := _find_hold(limiters, now) if not engine.in_flight else 0.0:
            problem = f"the server asks to wait, next attempt in {hold:.0f} s"
        limit = sum(limiter.limit for limiter in limiters)
        facts = (total, summary.failed, rate, engine.in_flight, limit, engine.waiting, summary.retries)
        spent, limit_spent = (engine.budget.spent, engine.budget.limit) if engine.budget else (None, 0.0)
        return ProgressFacts(*facts, time_left, problem, spent, limit_spent)


def _find_hold(limiters: Iterable[AIMDLimiter], now: float) -> float:
    return min(limiter.hold_seconds(now) for limiter in limiters)
