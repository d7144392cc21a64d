"""The results of a soak, and its verdict. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from qa.soak.counts import Counts, find_leaks

EXPECTED_CANCELLED: Final = 1000
# The allocator's caches move the memory of an edge without leaks; growth beyond this is a leak.
_MAX_GROWTH: Final = 0.10
_MAX_FAILURES: Final = 20
_BUSY: Final = (429, 503)


@dataclass
class Tally:
    """The results of the load so far."""

    statuses: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    cancelled: int = 0
    cut: int = 0
    unread: int = 0
    failures: list[str] = field(default_factory=list)
    further_failures: int = 0

    def add_response(self, status: int, expected: int, retry_after: str | None) -> None:
        """Count a response; a busy edge may reject any request, with Retry-After."""
        self.statuses[status] += 1
        if status in _BUSY and retry_after is None:
            self.add_failure(f"{status} without Retry-After")
        elif status not in (expected, *_BUSY):
            self.add_failure(f"status {status}; expected {expected}")

    def add_failure(self, message: str) -> None:
        if len(self.failures) < _MAX_FAILURES:
            self.failures.append(message)
        else:
            self.further_failures += 1

    def summary(self) -> str:
        classes = ", ".join(f"{n}xx {self._count_class(n)}" for n in (2, 4, 5))
        return (
            f"{self.statuses.total()} requests ({classes}; 429 {self.statuses[429]}), "
            f"{self.cancelled} cancelled, {self.cut} cut, {self.unread} unread"
        )

    def _count_class(self, number: int) -> int:
        return sum(count for status, count in self.statuses.items() if status // 100 == number)


def describe(counts: Counts) -> str:
    return f"rss {counts.rss_mib:.0f} MiB, {counts.fds} fds, {counts.threads} threads, {counts.tasks} tasks"


def find_problems(tally: Tally, warm: Counts, after: Counts) -> Iterator[str]:
    """A sentence per problem; `warm` is the idle edge after every kind of load once, `after` at the end."""
    yield from tally.failures
    if tally.further_failures:
        yield f"and {tally.further_failures} further failures"
    yield from find_leaks(warm, after)
    if after.rss_mib > warm.rss_mib * (1 + _MAX_GROWTH):
        yield f"memory: {after.rss_mib:.0f} MiB; it was {warm.rss_mib:.0f} MiB"
