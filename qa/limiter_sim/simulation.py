"""Workers, each with the real `Spread` and limiters, against servers of the model; time is a heap of events."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from polargrid_batch.outcomes import Report, read_status
from polargrid_batch.spread import Grant, Spread
from qa.limiter_sim.servers import Plan, Server

_CLIENT_PERIOD = 0.5


@dataclass
class Row:
    """A row of the run."""

    refusals: int = 0


@dataclass
class Result:
    """What came of a run."""

    seconds: float
    rows: int = 0
    by_outcome: Counter[str] = field(default_factory=Counter)
    counted_rows: int = 0
    counted_refusals: int = 0
    """Of the time after the start, if many workers start together."""
    by_region: Counter[str] = field(default_factory=Counter)
    by_worker: Counter[int] = field(default_factory=Counter)
    most_refusals: int = 0
    """Refusals of one row."""
    lost: int = 0
    """Rows that were taken and are neither done, nor waiting, nor in flight."""
    limits: list[tuple[float, int, int]] = field(default_factory=list)
    """Each second: time, the sum of the limits, rows in flight."""

    @property
    def refusals_a_row(self) -> float:
        return self.counted_refusals / max(1, self.counted_rows)


class Simulation:
    """One run of some seconds, in which rows never end."""

    def __init__(
        self,
        plans: Mapping[str, Plan],
        create_spread: Callable[[Simulation, int], Spread],
        workers: int,
        seed: int,
        client_busy: float = 0.0,
    ) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a simulation
        self.now, self._client_busy = 0.0, client_busy
        self.servers = {
            name: Server(plan, random.Random(seed + index))  # noqa: S311 - a simulation
            for index, (name, plan) in enumerate(plans.items())
        }
        self._events: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._numbers = itertools.count()
        self._flying: dict[str, dict[int, tuple[Worker, Grant, Row]]] = {name: {} for name in plans}
        self.workers = [Worker(self, number, create_spread(self, number)) for number in range(workers)]
        self.taken = 0
        self.counted_from = 30.0 if workers > 1 else 0.0

    def at(self, time: float, function: Callable[..., None], *arguments: Any) -> None:
        heapq.heappush(self._events, (time, next(self._numbers), function, arguments))

    def at_client(self, time: float, function: Callable[..., None], *arguments: Any) -> None:
        """Call at a time, or as soon as the workers run again."""
        start = time - time % _CLIENT_PERIOD
        self.at(max(time, start + self._client_busy), function, *arguments)

    def run(self, seconds: float) -> Result:
        result = self.result = Result(seconds)
        for worker in self.workers:
            self.at_client(self.random.random() * min(1.0, 0.01 * len(self.workers)), worker.fill)
        for name, server in self.servers.items():
            breaks = server.plan.outages + (server.plan.storms if server.plan.breaks else ())
            for start, _ in breaks:
                self.at(start, self._break, name)
        for second in range(int(seconds)):
            self.at(float(second), self._note)
        while self._events and self._events[0][0] <= seconds:
            self.now, _, function, arguments = heapq.heappop(self._events)
            function(*arguments)
        waiting = sum(len(worker.waiting) for worker in self.workers)
        result.lost = self.taken - result.rows - waiting - sum(len(rows) for rows in self._flying.values())
        return result

    def send(self, worker: Worker, grant: Grant, row: Row) -> None:
        number = next(self._numbers)
        self._flying[grant.region][number] = worker, grant, row
        self.at(self.now + self.servers[grant.region].plan.network / 2, self._arrive, grant.region, number)

    def _arrive(self, name: str, number: int) -> None:
        server = self.servers[name]
        plan = server.plan
        if number not in self._flying[name]:
            return
        if plan.is_in(plan.outages, self.now):
            self._answer(name, number, Report("unreachable"))
        elif server.refuses(self.now):
            status = plan.storm_status if plan.is_in(plan.storms, self.now) else 429
            self._answer(name, number, read_status(status, server.headers(self.now, status)))
        elif server.busy < plan.places(self.now):
            self._process(name, number)
        elif len(server.waiting) < plan.line:
            server.waiting.append(number)
        else:
            self._answer(name, number, read_status(429, server.headers(self.now, 429)))

    def _process(self, name: str, number: int) -> None:
        server = self.servers[name]
        server.busy += 1
        server.count_row(self.now)
        self.at(self.now + server.draw_seconds(self.now), self._finish, name, number)

    def _finish(self, name: str, number: int) -> None:
        if number not in self._flying[name]:
            return
        server = self.servers[name]
        server.busy -= 1
        self._answer(name, number, read_status(200, server.headers(self.now, 200)))
        while server.waiting and server.busy < server.plan.places(self.now):
            waiting = server.waiting.pop(0)
            if waiting in self._flying[name]:
                self._process(name, waiting)

    def _answer(self, name: str, number: int, report: Report) -> None:
        worker, grant, row = self._flying[name][number]
        self._flying[name][number] = worker, grant, row
        self.at_client(self.now + self.servers[name].plan.network / 2, self._receive, name, number, report)

    def _receive(self, name: str, number: int, report: Report) -> None:
        flight = self._flying[name].pop(number, None)
        if flight is not None:
            worker, grant, row = flight
            worker.receive(grant, row, report)

    def _break(self, name: str) -> None:
        """End each row in flight."""
        server = self.servers[name]
        server.busy, server.waiting = 0, []
        flights, self._flying[name] = self._flying[name], {}
        outcome = Report("unreachable") if server.plan.is_in(server.plan.outages, self.now) else Report("refusal")
        for worker, grant, row in flights.values():
            worker.receive(grant, row, outcome)

    def _note(self) -> None:
        limiters = [limiter for worker in self.workers for limiter in worker.spread.limiters.values()]
        limits = sum(limiter.limit for limiter in limiters)
        self.result.limits.append((self.now, limits, sum(limiter.in_flight for limiter in limiters)))


class Worker:
    """A process of the run: takes rows, sends them while there are places, and sends refused rows again."""

    def __init__(self, simulation: Simulation, number: int, spread: Spread) -> None:
        self._simulation, self._number, self.spread = simulation, number, spread
        self.waiting: list[Row] = []
        self._wakes_at = math.inf

    def fill(self) -> None:
        """Send rows while there are places."""
        simulation = self._simulation
        while (grant := self.spread.acquire(simulation.now)) is not None:
            if not self.waiting:
                simulation.taken += 1
            simulation.send(self, grant, self.waiting.pop(0) if self.waiting else Row())
        wakes_at = self.spread.wake_at(simulation.now)
        if wakes_at is not None and simulation.now < wakes_at < self._wakes_at:
            self._wakes_at = wakes_at
            simulation.at_client(wakes_at, self._wake)

    def _wake(self) -> None:
        self._wakes_at = math.inf
        self.fill()

    def receive(self, grant: Grant, row: Row, report: Report) -> None:
        """Take what came of an attempt."""
        result, now = self._simulation.result, self._simulation.now
        self.spread.release(grant, report.outcome, now, report.hold)
        result.by_outcome[report.outcome] += 1
        is_counted = now >= self._simulation.counted_from
        result.counted_refusals += is_counted and report.outcome == "refusal"
        if report.outcome == "success":
            result.counted_rows += is_counted
            result.rows += 1
            result.by_region[grant.region] += 1
            result.by_worker[self._number] += 1
        else:
            row.refusals += report.outcome == "refusal"
            result.most_refusals = max(result.most_refusals, row.refusals)
            self.waiting.append(row)
        self.fill()
