"""What follows a failed attempt."""

from __future__ import annotations

import pytest

from polargrid import errors
from polargrid_batch.outcomes import read_outcome
from polargrid_batch.retries import RowPolicy, RowState, choose_next_step

REFUSED = errors.RateLimitError("x", status_code=429)
UNREACHED = errors.NetworkError("x", sent=False)
BROKEN = errors.NetworkError("x", sent=True)
FAILED = errors.InternalServerError("x", status_code=500)


def choose(error, state=None, *, successes=0, is_out=False, is_alone=False, **policy):
    outcome = read_outcome(error).outcome
    facts = {"successes": successes, "is_out": is_out, "is_alone": is_alone, "jitter": 1.0}
    return choose_next_step(error, outcome, state or RowState(), RowPolicy(**policy), **facts)


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (errors.AuthenticationError("x", status_code=401), "stop"),
        (errors.BillingError("x", status_code=402), "stop"),
        (errors.RateLimitError("x", status_code=429, code="insufficient_quota"), "stop"),
        (errors.PermissionDeniedError("x", status_code=403), "fail"),
        (errors.NotFoundError("x", status_code=404), "fail"),
        (errors.BadRequestError("x"), "fail"),
        (errors.APIResponseValidationError("x", status_code=200), "fail"),
        (errors.InternalServerError("x", status_code=501), "fail"),
        (errors.ConflictError("x", status_code=409), "retry"),
        (errors.TimeoutError("x"), "retry"),
        (REFUSED, "retry"),
        (UNREACHED, "retry"),
        (BROKEN, "retry"),
        (FAILED, "retry"),
        (errors.InternalServerError("x", status_code=503), "retry"),
    ],
    ids=str,
)
def test_the_error_decides(error, action):
    assert choose(error).action == action


def test_a_refused_row_waits_for_its_region_only():
    assert choose(REFUSED).delay == choose(UNREACHED).delay == 0


def test_the_delay_after_a_failure_grows():
    state = RowState()
    delays = [choose(FAILED, state).delay for _ in range(7)]
    assert delays == [1, 2, 4, 8, 16, 30, 30]
    assert choose(FAILED, state).action == "fail"


@pytest.mark.parametrize("error", [REFUSED, UNREACHED], ids=["refused", "unreached"])
def test_refusals_that_take_every_row_do_not_count(error):
    state = RowState()
    assert all(choose(error, state).action == "retry" for _ in range(1000))
    assert state.refusals == 0


def test_refusals_count_if_others_succeed_or_none_is_left():
    state = RowState()
    assert choose(REFUSED, state, successes=1, max_refusals=2).action == "retry"
    assert choose(REFUSED, state, is_alone=True, max_refusals=2).action == "fail"


def test_an_outage_is_not_the_fault_of_a_row():
    state = RowState()
    assert all(choose(BROKEN, state, is_out=True).action == "retry" for _ in range(1000))
    assert choose(BROKEN, state, is_out=True, is_alone=True, max_attempts=1).action == "fail"
