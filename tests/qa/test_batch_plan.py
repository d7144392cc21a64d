"""The rows that a client could have had that knows when a server takes them."""

from __future__ import annotations

import pytest

from qa.batch_plan import ServerPlan, count_ideal_rows


@pytest.mark.parametrize(
    ("fault", "rows"),
    [
        ("", 4 * 20),
        ("429", 4 * 18),
        ("503", 4 * 18),
        ("dies", 4 * 18),
        ("slow", 4 * 18),  # and two more that end after the time
    ],
)
def test_each_place_has_a_row_whenever_the_server_takes_one(fault, rows):
    assert count_ideal_rows(ServerPlan(1.0, 0.0, 4, fault), 0.0, 20.0) == rows


def test_rows_of_a_place_that_die_are_none():
    """Six of 3 seconds begin in 18, and five of 3.5 end in it."""
    assert count_ideal_rows(ServerPlan(3.5, 0.0, 1, "dies"), 0.0, 20.0) == 5
    assert count_ideal_rows(ServerPlan(3.5, 0.0, 1, "503"), 0.0, 24.5) == 6 + 1


def test_faults_have_their_times():
    plan = ServerPlan(fault="dies")
    assert [plan.has_fault(now, "dies") for now in (0.0, 17.9, 18.0, 19.9, 20.0)] == [False, False, True, True, False]
    assert (plan.next_fault(0.0), plan.next_fault(17.0), plan.next_fault(20.0)) == (18.0, 18.0, 38.0)
    assert (plan.fault_end(18.0), plan.fault_end(19.9)) == (20.0, 20.0)


def test_the_ideal_of_uneven_rows_is_that_of_their_mean():
    ideal = count_ideal_rows(ServerPlan(1.0, 0.5, 32), 0.0, 100.0)
    assert ideal == pytest.approx(3200, rel=0.01)
