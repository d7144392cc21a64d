"""Which row is sent next: those that wait for another attempt, then new ones, a bounded number of them under way."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from itertools import count

import attrs

from polargrid_batch.feed import RowFeed
from polargrid_batch.ordering import ReorderBuffer
from polargrid_batch.results import Result
from polargrid_batch.retries import RowState
from polargrid_batch.rows import AnyRow, Row

MAX_HELD_BYTES = 256 * 1024 * 1024


@attrs.frozen
class Limits:
    """How much of a run is under way."""

    max_in_flight: int = 256
    """Requests at the same time, in all regions; the limiters decide how many of them each server gets."""
    window: int = 4096
    """Rows under way, with those that wait for another attempt, or for a row before them (`ordered`)."""
    max_held_bytes: int = MAX_HELD_BYTES
    """Bytes of these rows; one row may have more."""
    first_success_within: float = 60.0
    """Seconds after which a run ends that has reached no server at all: the address is wrong, perhaps."""


@attrs.define
class PendingRow:
    """A row that has no result."""

    row: Row
    state: RowState = attrs.field(factory=RowState)


class RowQueue:
    """The rows that have no result. One that waits for another attempt has no place and no task."""

    def __init__(self, feed: RowFeed, limits: Limits, *, ordered: bool) -> None:
        self._feed, self._limits = feed, limits
        self._again: deque[PendingRow] = deque()  # may be sent at once
        self._later: list[tuple[float, int, PendingRow]] = []  # a heap of those that wait, by time
        self._order = count()
        self._held_bytes = 0
        self._reorder = ReorderBuffer() if ordered else None
        self.under_way = 0
        """Rows that were taken from the feed, and have no result."""

    @property
    def waiting(self) -> int:
        """Rows that wait for another attempt, or for a place."""
        return len(self._again) + len(self._later)

    @property
    def next_due(self) -> float | None:
        """When the first row that waits for a time may be sent."""
        return self._later[0][0] if self._later else None

    @property
    def is_last(self) -> bool:
        """Whether a row that is under way is the only one that was read: no other tells if the server takes rows."""
        return self.under_way == 1 and not len(self._feed)

    @property
    def left(self) -> int:
        """Rows that were read, and whose results were not yielded."""
        return self.under_way + len(self._feed) + (self._reorder.held if self._reorder else 0)

    def peek(self, now: float) -> PendingRow | AnyRow | None:
        """Return the row that is next: one that waited, or a new one; None if none may start now."""
        while self._later and self._later[0][0] <= now:
            self._again.append(heapq.heappop(self._later)[2])
        if self._again:
            return self._again[0]
        row = self._feed.peek()
        if row is None or self.under_way >= self._limits.window:
            return None
        if self._reorder is not None and len(self._reorder) >= self._limits.window:
            return None
        size = row.size if isinstance(row, Row) else 0
        return None if self._held_bytes and self._held_bytes + size > self._limits.max_held_bytes else row

    def pop(self) -> PendingRow | AnyRow:
        """Take the row that `peek` returned."""
        if self._again:
            return self._again.popleft()
        row = self._feed.pop()
        self.under_way += 1
        self._held_bytes += row.size if isinstance(row, Row) else 0
        if self._reorder is not None:
            self._reorder.start(row.number)
        return row

    def retry(self, pending: PendingRow, due: float | None) -> None:
        """Take a row back: before all others, or at a time."""
        if due is None:
            self._again.appendleft(pending)
        else:
            heapq.heappush(self._later, (due, next(self._order), pending))

    def finish(self, row: AnyRow, result: Result) -> Iterator[Result]:
        """Take the result of a row; yield the results that may be used."""
        self.under_way -= 1
        self._held_bytes -= row.size if isinstance(row, Row) else 0
        if self._reorder is None:
            yield result
        else:
            yield from self._reorder.finish(result)

    def drain(self) -> Iterator[Result]:
        """Yield the results that wait for rows before them, at the end of a run that was stopped."""
        if self._reorder is not None:
            yield from self._reorder.drain()
