"""What is tried again, and when."""

import attrs
import pytest

from polargrid import errors
from polargrid.retry import RetryBudget, RetryPolicy, may_go_elsewhere, may_retry


def failed(status: int, retry_after: float | None = None) -> errors.PolarGridError:
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return errors.from_answer(status, headers, b"")


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
def test_statuses_that_pass(status):
    """Too busy, too slow, a passing failure: another try can help."""
    assert may_retry(failed(status))


@pytest.mark.parametrize("status", [302, 400, 401, 402, 403, 404, 413, 415, 418, 422, 501, 505])
def test_statuses_that_stay(status):
    """What is wrong with the request stays wrong."""
    assert not may_retry(failed(status))


@pytest.mark.parametrize("kind", [errors.NetworkError, errors.TimeoutError])
def test_no_answer_at_all(kind):
    """Without an answer another try can help."""
    assert may_retry(kind("no answer"))


@pytest.mark.parametrize("kind", [errors.ValidationError, errors.AuthenticationError, errors.ServerError])
def test_own_findings(kind):
    """What the client found by itself it would find again."""
    assert not may_retry(kind("no"))


def test_an_answer_that_is_not_what_was_promised():
    """A success that cannot be read is not asked for again: it did its work."""
    assert not may_retry(errors.unexpected("no JSON", b"", status=200, request_id=None))


def test_backoff_doubles():
    """The longest wait doubles from try to try, up to a limit."""
    policy = RetryPolicy(max_retries=9)
    assert [policy.delay(attempt, failed(503), 1.0) for attempt in range(1, 8)] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]


def test_full_jitter():
    """Chance takes any share of the wait."""
    assert [RetryPolicy().delay(1, failed(503), chance) for chance in (0.0, 0.5, 1.0)] == [0.0, 0.25, 0.5]


def test_gives_up():
    """After the last try there is no other."""
    policy = RetryPolicy(max_retries=2)
    assert [policy.delay(attempt, failed(503), 0.0) for attempt in (1, 2, 3)] == [0.0, 0.0, None]


def test_none_at_all():
    """With no retries the first try is the last."""
    assert RetryPolicy(max_retries=0).delay(1, failed(503), 0.0) is None


def test_retry_after_is_kept():
    """The edge knows best: its Retry-After is the wait, without chance."""
    assert RetryPolicy().delay(1, failed(429, 7), 0.1) == 7.0


def test_retry_after_of_zero():
    """Zero seconds are zero seconds."""
    assert RetryPolicy().delay(1, failed(429, 0), 1.0) == 0.0


def test_long_retry_after():
    """Nobody waits an hour inside a call."""
    assert RetryPolicy().delay(1, failed(429, 3600), 0.1) is None


def test_longest_retry_after():
    """A wait of a minute is just taken."""
    assert RetryPolicy().delay(1, failed(429, 60), 0.1) == 60.0


def test_a_huge_attempt():
    """The wait is bounded however many tries are allowed."""
    assert RetryPolicy(max_retries=10_000).delay(5_000, failed(503), 1.0) == 8.0


def test_defaults():
    """Three more tries, half a second at first and eight at most, a minute for an edge that asks for it."""
    assert attrs.astuple(RetryPolicy()) == (3, 0.5, 8.0, 60.0, 10.0)


# Elsewhere


def test_elsewhere_when_nothing_was_sent():
    """A region that was not reached is left for another at once."""
    error = errors.NetworkError("no connection")
    error.sent = False
    assert may_go_elsewhere(error)


def test_elsewhere_when_the_edge_says_that_it_cannot():
    """So is one that answers 503."""
    assert may_go_elsewhere(failed(503))


@pytest.mark.parametrize("error", [failed(500), failed(429), errors.NetworkError("it broke")])
def test_not_elsewhere(error):
    """A request that may have been worked on is not sent to two regions at once."""
    assert not may_go_elsewhere(error)


# The budget


def taken(budget: RetryBudget) -> int:
    """How many retries are left."""
    count = 0
    while budget.take():
        count += 1
    return count


@pytest.mark.parametrize(("size", "retries"), [(3, 3), (2.5, 2), (0, 0), (0.5, 0)])
def test_budget(size, retries):
    """A budget is spent retry by retry, and then there is none."""
    assert taken(RetryBudget(size)) == retries


def test_budget_without_bound():
    """An endless budget never ends."""
    budget = RetryBudget(float("inf"))
    assert all(budget.take() for _ in range(1000))
    budget.earn(1000)
    assert budget.take()


def test_success_gives_back_what_it_took():
    """A call that succeeds after retries costs nothing."""
    budget = RetryBudget(3)
    assert taken(budget) == 3
    budget.earn(2)
    assert taken(budget) == 2


def test_success_earns():
    """Ten calls that succeed at once earn a retry, nine do not."""
    budget = RetryBudget(3)
    assert taken(budget) == 3
    for _ in range(9):
        budget.earn(0)
    assert not budget.take()
    budget.earn(0)
    budget.earn(0)
    assert taken(budget) == 1


def test_budget_is_never_more_than_it_was():
    """Good times are not saved up."""
    budget = RetryBudget(3)
    for _ in range(100):
        budget.earn(1)
    assert taken(budget) == 3


@pytest.mark.parametrize("field", ["max_retries", "first_delay", "max_delay", "max_retry_after", "budget"])
def test_nothing_is_less_than_nothing(field):
    """No field of a policy is negative; each may be zero."""
    assert getattr(RetryPolicy(**{field: 0}), field) == 0
    with pytest.raises(ValueError, match=field):
        RetryPolicy(**{field: -1})
