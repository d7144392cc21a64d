"""The results of the calls of a lane, compared with what the server counted: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from qa.stress.plans import Plan
from qa.stress.verdicts import (
    DOUBLE_SEND,
    FAILURES,
    FOREIGN,
    HANG,
    KEY_SHOWN,
    MIX_UP,
    RACE,
    TOO_MANY,
    CallResult,
    is_race,
)


@dataclass
class Example:
    """A failure, and the number of its kind."""

    text: str
    count: int = 0


@dataclass
class Tally:
    """The results of calls. Threads may add to it."""

    lane: str = ""
    calls: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)  # by fault and verdict
    examples: dict[tuple[str, str], Example] = field(default_factory=dict)  # by verdict and summary
    slowest: Counter[str] = field(default_factory=Counter)  # seconds of a call, by fault
    late: int = 0  # connections with a late response
    problems: list[str] = field(default_factory=list)
    _attempts: dict[str, tuple[Plan, int]] = field(default_factory=dict)  # by nonce
    _mix_ups: list[CallResult] = field(default_factory=list)
    _lock: Any = field(default_factory=Lock)

    def add(self, result: CallResult) -> None:
        """Add the result of a call."""
        fault, nonce = result.plan.instruction.fault, result.plan.instruction.nonce
        with self._lock:
            self.calls += 1
            self._attempts[nonce] = result.plan, result.attempts
            self.slowest[fault] = max(self.slowest[fault], result.seconds)  # type: ignore[assignment]
            verdict = result.verdict
            if result.other_origins and verdict not in (FOREIGN, HANG, KEY_SHOWN):
                self._mix_ups.append(result)
            else:
                self._count(verdict, fault, result.summary, result)

    def _count(self, verdict: str, fault: str, summary: str, description: object) -> None:
        self.outcomes[fault, verdict] += 1
        if verdict in FAILURES:
            self.examples.setdefault((verdict, summary), Example(f"{self.lane}, {description}")).count += 1

    def compare(self, counts: Mapping[str, Any]) -> None:
        """Compare the calls with what the server counted."""
        self.late += counts["late"]
        self.problems += counts["problems"]
        if counts["connections"]:
            self.problems.append(f"{counts['connections']} connections are open at the server")
        shifted = set(counts["shifted"])
        for result in self._mix_ups:
            verdict = RACE if all(is_race(origin, shifted) for origin in result.other_origins) else MIX_UP
            fault = min(result.other_origins).partition("!")[2] or "the right response of another call"
            self._count(verdict, result.plan.instruction.fault, fault, result)
        for nonce, (plan, attempts) in self._attempts.items():
            self._compare_attempts(plan, attempts, counts["arrivals"].get(nonce, 0))
        self._mix_ups.clear()
        self._attempts.clear()

    def _compare_attempts(self, plan: Plan, attempts: int, arrivals: int) -> None:
        fault = plan.instruction.fault
        if arrivals > attempts:
            self._count(DOUBLE_SEND, fault, fault, f"{plan}\narrived {arrivals} times, {attempts} attempts")
        if attempts > 1 + plan.max_retries:
            self._count(TOO_MANY, fault, fault, f"{plan}\n{attempts} attempts")

    def merge(self, other: Tally) -> None:
        """Add the results of another lane."""
        self.calls += other.calls
        self.outcomes += other.outcomes
        self.slowest |= other.slowest
        self.late += other.late
        self.problems += other.problems
        for key, example in other.examples.items():
            self.examples.setdefault(key, Example(example.text)).count += example.count

    def count(self, verdict: str) -> int:
        """How often a verdict was reached, with any fault."""
        return sum(count for (_, name), count in self.outcomes.items() if name == verdict)

    @property
    def failures(self) -> int:
        """How much happened that must not happen."""
        return sum(map(self.count, FAILURES)) + len(self.problems)
