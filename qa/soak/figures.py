"""What a soak counts, and what is said of it at the end. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from qa.soak.counts import Counts, left

WANTED_CANCELLED: Final = 1000
# What the allocator keeps for itself moves the memory of an edge that loses nothing; more than this is a leak.
_MOST_GROWTH: Final = 0.10
_MOST_FAULTS_KEPT: Final = 20
_BUSY: Final = (429, 503)


@dataclass
class Tally:
    """What came of the load so far."""

    statuses: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    cancelled: int = 0
    cut: int = 0
    unread: int = 0
    faults: list[str] = field(default_factory=list)
    more_faults: int = 0

    def answered(self, status: int, expected: int, retry_after: str | None) -> None:
        """Any request may be told to come back, if it is told when; else it gets what it is due."""
        self.statuses[status] += 1
        if status in _BUSY and retry_after is None:
            self.fault(f"{status} without Retry-After")
        elif status not in (expected, *_BUSY):
            self.fault(f"{status} where {expected} was due")

    def fault(self, told: str) -> None:
        if len(self.faults) < _MOST_FAULTS_KEPT:
            self.faults.append(told)
        else:
            self.more_faults += 1

    def line(self) -> str:
        classes = ", ".join(f"{n}xx {self._of_class(n)}" for n in (2, 4, 5))
        return (
            f"{self.statuses.total()} requests ({classes}; 429 {self.statuses[429]}), "
            f"{self.cancelled} cancelled, {self.cut} cut, {self.unread} unread"
        )

    def _of_class(self, number: int) -> int:
        return sum(count for status, count in self.statuses.items() if status // 100 == number)


def held(counts: Counts) -> str:
    return f"rss {counts.rss_mib:.0f} MiB, {counts.fds} fds, {counts.threads} threads, {counts.tasks} tasks"


def verdict(tally: Tally, warm: Counts, after: Counts) -> Iterator[str]:
    """What is wrong, a sentence each; `warm` is the idle edge once all was used once, `after` the idle edge again."""
    yield from tally.faults
    if tally.more_faults:
        yield f"and {tally.more_faults} more"
    yield from left(warm, after)
    if after.rss_mib > warm.rss_mib * (1 + _MOST_GROWTH):
        yield f"memory: {after.rss_mib:.0f} MiB, where it was {warm.rss_mib:.0f} MiB"
