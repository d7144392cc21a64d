"""The option `limiter` of a client: the limiter of each of its servers, for threads and event loops."""

from __future__ import annotations

import math
import os
import time
from collections import deque
from collections.abc import Callable
from threading import RLock

from polargrid_batch.limiter import AIMDLimiter, Bounds, Slot
from polargrid_batch.outcomes import Report, read_outcome, read_status
from polargrid_batch.rates import Rates
from polargrid_runtime.limiter import AttemptResult


class AdaptiveLimiter:
    """Finds how many requests each server takes at once, and lets the others wait in line.

    One object may serve several clients, threads and event loops: `PolarGrid(limiter=limiter)`.

    Args:
        start: Requests in flight to a server at first; the limit doubles each round trip until a refusal (429 or 503).
        ceiling: The most requests in flight to a server.
        max_requests_per_minute: The most requests to all servers together.
        clock: Seconds of a clock that does not go back.
    """

    def __init__(
        self,
        *,
        start: int = Bounds().start,
        ceiling: int = Bounds().ceiling,
        max_requests_per_minute: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bounds, self._clock = Bounds(start=min(start, ceiling), ceiling=ceiling), clock
        self._max_requests_per_minute = max_requests_per_minute
        self._reset()

    def _reset(self) -> None:
        self._process_id = os.getpid()
        self.lock = RLock()  # a garbage collection may end an attempt while another is admitted
        self._gates: dict[str, _Gate] = {}
        self._rates = Rates(self._max_requests_per_minute)

    def admit(self, base_url: str, wake: Callable[[], object]) -> _Admission:
        """Line up an attempt to a server."""
        if self._process_id != os.getpid():  # in a child process, the attempts of the parent never end
            self._reset()
        with self.lock:
            if base_url not in self._gates:
                self._gates[base_url] = _Gate(AIMDLimiter(self._bounds), self._rates)
            admission = _Admission(self._gates[base_url], wake, self._clock, self.lock)
            self._gates[base_url].line.append(admission)
            return admission

    def in_flight(self, base_url: str) -> int:
        """Requests to a server that have their place."""
        gate = self._gates.get(base_url)
        return gate.limiter.in_flight if gate else 0

    def limit(self, base_url: str) -> int:
        """The most requests in flight to a server now."""
        gate = self._gates.get(base_url)
        return gate.limiter.limit if gate else self._bounds.start


class _Gate:
    """The line in front of one server, first come, first served."""

    def __init__(self, limiter: AIMDLimiter, rates: Rates) -> None:
        self.limiter, self._rates = limiter, rates
        self.line: deque[_Admission] = deque()

    def serve(self, now: float, asker: _Admission | None = None) -> None:
        """Give free places to the first in the line, and wake them, and the one who has to ask again."""
        while self.line and self.seconds(now) == 0 and (slot := self.limiter.acquire(now)) is not None:
            if not self.line:  # a garbage collection has just ended the last one
                self.limiter.release(slot, "abandoned", now)
                return
            self._rates.take(now, 0)
            first = self.line.popleft()
            first.slot = slot
            if first is not asker:
                first.wake()
        if self.line and self.seconds(now) < math.inf:
            self.line[0].wake()

    def seconds(self, now: float) -> float:
        """Seconds until there may be a place; infinity if only after one is given back."""
        wakes_at = self.limiter.wake_at(now)
        return math.inf if wakes_at is None else max(wakes_at, self._rates.ready_at(now, 0)) - now


class _Admission:
    """One attempt: see `polargrid_runtime.limiter.Admission`."""

    def __init__(self, gate: _Gate, wake: Callable[[], object], clock: Callable[[], float], lock: RLock) -> None:
        self._gate, self.wake, self._clock, self._lock = gate, wake, clock, lock
        self.slot: Slot | None = None
        self._is_ended, self._process_id = False, os.getpid()

    def poll(self) -> float:
        """Return 0 if the attempt has its place, else the seconds after which to ask again."""
        with self._lock:
            gate = self._gate
            if self.slot is None and gate.line[0] is self:
                now = self._clock()
                if (seconds := gate.seconds(now)) > 0:
                    return seconds
                gate.serve(now, self)
            return math.inf if self.slot is None else 0.0

    def end(self, result: AttemptResult) -> None:
        """Give the place back, or leave the line."""
        if self._process_id != os.getpid():  # a copy in a child process, whose lock may be held for ever
            return
        with self._lock:
            if self._is_ended:
                return
            self._is_ended = True
            now = self._clock()
            if self.slot is None:
                self._gate.line.remove(self)
            else:
                report = _read_result(result)
                self._gate.limiter.release(self.slot, report.outcome, now, report.hold)
            self._gate.serve(now)


def _read_result(result: AttemptResult) -> Report:
    if result.status is not None:
        return read_status(result.status, result.headers)
    return Report("abandoned") if result.error is None else read_outcome(result.error)
