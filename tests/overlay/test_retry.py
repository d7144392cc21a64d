"""What follows a failed attempt: the policy, the decision and the budget."""

import attrs
import pytest

from polargrid import errors
from polargrid.retry import (
    RetryBudget,
    RetryPolicy,
    choose_next_step,
    is_endpoint_failure,
    is_failover_candidate,
    is_retryable,
)
from polargrid_codec import error_responses
from polargrid_runtime.response import ResponseMeta


def response_error(status: int, retry_after: float | None = None) -> errors.PolarGridError:
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return error_responses.from_response(status, headers, b"")


UNSENT = errors.NetworkError("cannot connect", sent=False)


# Whether an error is retryable


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
def test_temporary_failure_is_retryable(status):
    """A busy server or a temporary failure may succeed later."""
    assert is_retryable(response_error(status))


@pytest.mark.parametrize("status", [302, 400, 401, 402, 403, 404, 413, 415, 418, 422, 501, 505])
def test_invalid_request_is_not_retryable(status):
    """The same request gets the same response."""
    assert not is_retryable(response_error(status))


@pytest.mark.parametrize("kind", [errors.NetworkError, errors.TimeoutError])
def test_missing_response_is_retryable(kind):
    """A connection may work the next time."""
    assert is_retryable(kind("no response"))


@pytest.mark.parametrize("kind", [errors.ValidationError, errors.AuthenticationError, errors.ServerError])
def test_error_of_the_client_is_not_retryable(kind):
    """Without a status, no server was involved."""
    assert not is_retryable(kind("no"))


def test_invalid_response_is_not_retryable():
    """The server did the work; another attempt would do it twice."""
    assert not is_retryable(error_responses.invalid_response("no JSON", b"", ResponseMeta(status_code=200)))


# The delay


def test_delay_doubles_up_to_the_maximum():
    """With full jitter of 1, the delay is the longest possible."""
    policy = RetryPolicy(max_retries=9)
    delays = [policy.delay(attempt, response_error(503), 1.0) for attempt in range(1, 8)]
    assert delays == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]


def test_jitter_scales_the_delay():
    """Any share of the delay is possible."""
    delays = [RetryPolicy().delay(1, response_error(503), jitter) for jitter in (0.0, 0.5, 1.0)]
    assert delays == [0.0, 0.25, 0.5]


@pytest.mark.parametrize(("max_retries", "expected"), [(2, [0.0, 0.0, None]), (0, [None, None, None])])
def test_no_delay_after_the_last_retry(max_retries, expected):
    """None means that the error is raised."""
    policy = RetryPolicy(max_retries=max_retries)
    assert [policy.delay(attempt, response_error(503), 0.0) for attempt in (1, 2, 3)] == expected


@pytest.mark.parametrize(("retry_after", "delay"), [(7, 7.0), (0, 0.0), (60, 60.0), (60.5, None), (3600, None)])
def test_retry_after_is_the_delay(retry_after, delay):
    """Without jitter; beyond `max_retry_after`, the error is raised."""
    assert RetryPolicy().delay(1, response_error(429, retry_after), 0.1) == delay


def test_delay_of_a_high_attempt_is_bounded():
    """The power of two does not overflow."""
    assert RetryPolicy(max_retries=10_000).delay(5_000, response_error(503), 1.0) == 8.0


def test_defaults():
    """Three retries, 0.5 to 8 seconds, a Retry-After of up to a minute, a budget of ten."""
    assert attrs.astuple(RetryPolicy()) == (3, 0.5, 8.0, 60.0, 10.0)


@pytest.mark.parametrize("field", ["max_retries", "first_delay", "max_delay", "max_retry_after", "budget"])
def test_negative_value_is_rejected(field):
    """Zero is valid."""
    assert getattr(RetryPolicy(**{field: 0}), field) == 0
    for value in (-1, "1", None, True, float("nan")):
        with pytest.raises(
            errors.ValidationError, match=f"^{field}: expected an? (integer|number) from 0, not "
        ) as caught:
            RetryPolicy(**{field: value})
        assert caught.value.param == field


# Failover


@pytest.mark.parametrize("error", [UNSENT, errors.TimeoutError("connect timeout", sent=False), response_error(503)])
def test_failover_candidate(error):
    """The request was not sent, or the server says that it is unavailable."""
    assert is_failover_candidate(error)
    assert is_endpoint_failure(error)


@pytest.mark.parametrize("error", [response_error(500), response_error(429), errors.NetworkError("connection reset")])
def test_request_that_may_be_running_does_not_fail_over(error):
    """Two regions would work on it at the same time."""
    assert not is_failover_candidate(error)
    assert not is_endpoint_failure(error)


def test_read_timeout_counts_against_the_endpoint():
    """It is an endpoint failure, but no reason to fail over at once."""
    error = errors.TimeoutError("read timeout")
    assert is_endpoint_failure(error)
    assert not is_failover_candidate(error)


# The decision

RETRYABLE = {"is_replayable": True, "can_fail_over": False, "can_retry": True}


@pytest.mark.parametrize(
    ("error", "facts", "step"),
    [
        (response_error(503), {}, "retry"),
        (response_error(503), {"can_fail_over": True}, "fail over"),
        (response_error(503), {"can_fail_over": True, "can_retry": False}, "fail over"),
        (response_error(500), {"can_fail_over": True}, "retry"),
        (response_error(503), {"can_retry": False}, "raise"),
        (response_error(503), {"is_replayable": False, "can_fail_over": True}, "raise"),
        (UNSENT, {"is_replayable": False}, "retry"),
        (UNSENT, {"is_replayable": False, "can_fail_over": True}, "fail over"),
    ],
)
def test_choose_next_step(error, facts, step):
    """A request is sent again only if it can be replayed, or was never sent."""
    assert choose_next_step(error, **{**RETRYABLE, **facts}) == step


# The budget


def count_retries(budget: RetryBudget) -> int:
    """Take all retries that are left."""
    count = 0
    while budget.acquire():
        count += 1
    return count


@pytest.mark.parametrize(("size", "retries"), [(3, 3), (2.5, 2), (0, 0), (0.5, 0)])
def test_budget_limits_the_retries(size, retries):
    """Each retry takes one token."""
    assert count_retries(RetryBudget(size)) == retries


def test_infinite_budget():
    """It is never used up."""
    budget = RetryBudget(float("inf"))
    assert all(budget.acquire() for _ in range(1000))
    budget.refund(1000)
    assert budget.acquire()


def test_successful_call_refunds_its_retries():
    """A call that succeeds in the end costs nothing."""
    budget = RetryBudget(3)
    assert count_retries(budget) == 3
    budget.refund(2)
    assert count_retries(budget) == 2


def test_ten_successful_calls_earn_a_retry():
    """Nine do not."""
    budget = RetryBudget(3)
    assert count_retries(budget) == 3
    for _ in range(9):
        budget.refund(0)
    assert not budget.acquire()
    budget.refund(0)
    budget.refund(0)
    assert count_retries(budget) == 1


def test_budget_never_exceeds_its_size():
    """Successful calls refill it up to its size; then it is full."""
    budget = RetryBudget(3)
    assert budget.acquire()
    assert not budget.is_full
    for _ in range(100):
        budget.refund(1)
    assert budget.is_full
    assert count_retries(budget) == 3
