"""What a soak says of an edge: it is as it was, or what it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from qa.soak.counts import Counts
from qa.soak.figures import Tally, verdict

IDLE = Counts(connections=0, tasks=1, places=0, waiting=0, threads=17, pooled=40, fds=12, rss_mib=1000.0)


def test_an_edge_that_is_as_it_was_is_good() -> None:
    """More threads in a pool, and a little more memory, are no leak."""
    tally = Tally()
    for status, retry_after in ((200, None), (429, "1"), (503, "2")):
        tally.answered(status, 200, retry_after)
    tally.answered(400, 400, None)
    assert list(verdict(tally, IDLE, replace(IDLE, pooled=48, rss_mib=1050.0))) == []
    assert tally.line().startswith("4 requests (2xx 1, 4xx 2, 5xx 1; 429 1)")


@pytest.mark.parametrize(
    ("status", "told"),
    [(500, "500 where 200 was due"), (400, "400 where 200 was due"), (429, "429 without Retry-After")],
)
def test_an_answer_that_is_not_due_is_told(status: int, told: str) -> None:
    """One is enough."""
    tally = Tally()
    tally.answered(status, 200, None)
    assert list(verdict(tally, IDLE, IDLE)) == [told]


@pytest.mark.parametrize(
    ("leaked", "told"),
    [
        ({"places": 1}, "places: 1 where an idle edge has 0"),
        ({"fds": 13}, "fds: 13 where an idle edge has 12"),
        ({"threads": 18}, "threads: 18 where an idle edge has 17"),
        ({"tasks": 3}, "tasks: 3 where an idle edge has 1"),
        ({"rss_mib": 1200.0}, "memory: 1200 MiB, where it was 1000 MiB"),
    ],
)
def test_what_was_not_given_back_is_told(leaked: dict[str, Any], told: str) -> None:
    """By its name, with both figures."""
    assert list(verdict(Tally(), IDLE, replace(IDLE, **leaked))) == [told]


def test_of_many_faults_the_first_are_told() -> None:
    """And how many there are beside."""
    tally = Tally()
    for _ in range(25):
        tally.fault("a fault")
    assert list(verdict(tally, IDLE, IDLE)) == ["a fault"] * 20 + ["and 5 more"]


def test_what_never_came_back_is_told_too() -> None:
    """A place that was lost before the load began is lost all the same."""
    lost = replace(IDLE, places=1)
    assert list(verdict(Tally(), lost, lost)) == ["places: 1 where an idle edge has 0"]
