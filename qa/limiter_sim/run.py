"""Runs a scenario with the limiter, and with a client that knows the places of each server at any time."""

from __future__ import annotations

import random
from dataclasses import dataclass

from polargrid_batch.limiter import AIMDLimiter, Bounds, Slot
from polargrid_batch.spread import Spread
from qa.limiter_sim.scenarios import Scenario
from qa.limiter_sim.servers import Server
from qa.limiter_sim.simulation import Result, Simulation


class Oracle(AIMDLimiter):
    """The ideal: a row for each place, and none that is refused."""

    def __init__(self, server: Server) -> None:
        super().__init__(Bounds(ceiling=1 << 20))
        self._server = server

    def acquire(self, now: float) -> Slot | None:
        plan, server = self._server.plan, self._server
        arrival = now + plan.network / 2
        is_over = plan.rows_per_minute is not None and server.count_minute(arrival) >= plan.rows_per_minute
        if is_over or server.refuses(arrival) or self._in_flight >= plan.places(arrival) + plan.line:
            return None
        self._in_flight += 1
        return Slot(now, 0)

    def wake_at(self, now: float) -> float | None:
        return now + 0.05  # looks at the server again

    def release(self, *_result: object, **_more: object) -> None:
        self._in_flight -= 1


@dataclass(frozen=True)
class Comparison:
    """A run and its ideal."""

    scenario: Scenario
    result: Result
    ideal: Result

    @property
    def share(self) -> float:
        return self.result.rows / max(1, self.ideal.rows)


def compare(scenario: Scenario, seed: int = 1) -> Comparison:
    """Run the scenario twice."""
    ideal = Simulation(
        scenario.plans,
        lambda simulation, _: Spread({name: Oracle(server) for name, server in simulation.servers.items()}),
        1,
        seed,
        scenario.client_busy,
    ).run(scenario.seconds)
    return Comparison(scenario, simulate(scenario, seed), ideal)


def simulate(scenario: Scenario, seed: int = 1) -> Result:
    """Run the scenario with the limiter."""
    bounds = Bounds(ceiling=scenario.ceiling)

    def create_spread(_simulation: Simulation, number: int) -> Spread:
        jitter = random.Random(seed * 1000 + number).random  # noqa: S311 - a simulation
        return Spread({name: AIMDLimiter(bounds, jitter=jitter) for name in scenario.plans})

    simulation = Simulation(scenario.plans, create_spread, scenario.workers, seed, scenario.client_busy)
    return simulation.run(scenario.seconds)
