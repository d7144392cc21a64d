"""The verdict of the soak: leaks and failures, each with a sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from qa.soak.counts import Counts
from qa.soak.tally import Tally, find_problems

IDLE = Counts(connections=0, tasks=1, running=0, waiting=0, threads=17, pooled=40, fds=12, rss_mib=1000.0)


def test_an_edge_without_leaks_passes() -> None:
    """Further threads of a pool and a small growth of memory are not leaks."""
    tally = Tally()
    for status, retry_after in ((200, None), (429, "1"), (503, "2")):
        tally.add_response(status, 200, retry_after)
    tally.add_response(400, 400, None)
    assert list(find_problems(tally, IDLE, replace(IDLE, pooled=48, rss_mib=1050.0))) == []
    assert tally.summary().startswith("4 requests (2xx 1, 4xx 2, 5xx 1; 429 1)")


@pytest.mark.parametrize(
    ("status", "problem"),
    [(500, "status 500; expected 200"), (400, "status 400; expected 200"), (429, "429 without Retry-After")],
)
def test_an_unexpected_response_fails(status: int, problem: str) -> None:
    """A single response is enough."""
    tally = Tally()
    tally.add_response(status, 200, None)
    assert list(find_problems(tally, IDLE, IDLE)) == [problem]


@pytest.mark.parametrize(
    ("leak", "problem"),
    [
        ({"running": 1}, "running: 1; an idle edge has 0"),
        ({"fds": 13}, "fds: 13; an idle edge has 12"),
        ({"threads": 18}, "threads: 18; an idle edge has 17"),
        ({"tasks": 3}, "tasks: 3; an idle edge has 1"),
        ({"rss_mib": 1200.0}, "memory: 1200 MiB; it was 1000 MiB"),
    ],
)
def test_a_leak_fails(leak: dict[str, Any], problem: str) -> None:
    """With its name and both figures."""
    assert list(find_problems(Tally(), IDLE, replace(IDLE, **leak))) == [problem]


def test_many_failures_are_summarized() -> None:
    """The first 20, and the number of the others."""
    tally = Tally()
    for _ in range(25):
        tally.add_failure("a failure")
    assert list(find_problems(tally, IDLE, IDLE)) == ["a failure"] * 20 + ["and 5 further failures"]


def test_a_leak_before_the_load_fails_too() -> None:
    """A slot in use while the edge is idle is a leak, even if it was in use before."""
    leaking = replace(IDLE, running=1)
    assert list(find_problems(Tally(), leaking, leaking)) == ["running: 1; an idle edge has 0"]
