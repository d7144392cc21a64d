"""The real limiter against small servers in virtual time: what `python -m qa.limiter_sim` does at length."""

from __future__ import annotations

import pytest

from qa.limiter_sim.report import find_missed
from qa.limiter_sim.run import compare
from qa.limiter_sim.scenarios import Scenario, changing, one, steady
from qa.limiter_sim.servers import Plan

SMALL = (
    one("steady", Plan(steady(8)), seconds=120),
    one("short rows", Plan(steady(8), seconds=0.1), seconds=20),
    one("Retry-After of a full server", Plan(steady(8), retry_after=1.0), seconds=240),
    one("storms", Plan(steady(8), storms=((30, 35), (90, 95))), seconds=240),
    one("storms that break rows", Plan(steady(8), storms=((30, 35),), storm_status=503, breaks=True), seconds=120),
    one("Retry-After of storms", Plan(steady(8), storms=((30, 35),), retry_after=5.0), seconds=120),
    one("outage", Plan(steady(8), outages=((30, 50),)), seconds=150),
    one("slow", Plan(steady(8), slow=((30, 60),)), seconds=150),
    one("fewer places", Plan(changing((0, 32), (60, 8))), seconds=120),
    one("rows a minute", Plan(steady(16), rows_per_minute=300), seconds=180),
    Scenario("two regions", {"a": Plan(steady(4)), "b": Plan(steady(16), seconds=2.0)}, seconds=150),
    one("workers", Plan(steady(32)), workers=20, seconds=90),
)


@pytest.mark.parametrize("scenario", SMALL, ids=lambda scenario: scenario.name)
def test_bounds(scenario):
    """95 % of the ideal throughput, at most 0.3 refusals a row, and no row is lost."""
    assert find_missed(compare(scenario)) == []
