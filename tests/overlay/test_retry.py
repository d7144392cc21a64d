"""What is tried again, and when."""

import pytest

from polargrid import errors
from polargrid.retry import RetryPolicy, may_retry


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


def test_negative():
    """A policy of less than no retries is none."""
    with pytest.raises(ValueError, match="max_retries"):
        RetryPolicy(max_retries=-1)
