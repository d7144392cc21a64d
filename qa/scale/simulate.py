"""Workers that share a region without knowing of each other: the real limiter, in virtual time."""

from __future__ import annotations

from typing import Any

from qa.limiter_sim.run import compare
from qa.limiter_sim.scenarios import one, steady
from qa.limiter_sim.servers import Plan

WORKERS = (1, 10, 50, 200)
PLACES = 1024
_SECONDS = 90.0


def simulate(workers: int, places: int = PLACES, seconds: float = _SECONDS, seed: int = 1) -> dict[str, Any]:
    """Run workers against one region, and return the share of the ideal, refusals and the rows in flight over time."""
    scenario = one(f"{workers} workers", Plan(steady(places)), workers=workers, seconds=seconds, ceiling=2048)
    comparison = compare(scenario, seed)
    result = comparison.result
    shares = sorted(result.by_worker[number] for number in range(workers))
    return {
        "workers": workers,
        "places": places,
        "share": comparison.share,
        "refusals_a_row": result.refusals_a_row,
        "lost": result.lost,
        "least": shares[0] * workers / max(1, result.rows),
        "most": shares[-1] * workers / max(1, result.rows),
        "in_flight": [(now, in_flight) for now, _, in_flight in result.limits],
    }
