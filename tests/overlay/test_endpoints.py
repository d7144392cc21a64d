"""Selection of an endpoint: failures in a row skip one for a while."""

import pytest

from polargrid._endpoints import Endpoint, EndpointSelector

A, B, C = (Endpoint(f"http://{name}") for name in "abc")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def selector(clock):
    """Three endpoints, each skipped for ten seconds after two failures."""
    return EndpointSelector([A, B, C], failure_threshold=2, cooldown=10.0, clock=clock)


def record_failures(selector, endpoint, count=2):
    for _ in range(count):
        selector.record_failure(endpoint)


def test_preferred_endpoint_is_selected(selector):
    """It is the first one, for each call."""
    assert (selector.preferred, selector.select(), selector.select()) == (A, A, A)


def test_failures_below_the_threshold_have_no_effect(selector):
    """One failure is not an outage."""
    record_failures(selector, A, 1)
    assert selector.select() == A


def test_success_resets_the_count(selector):
    """Only failures in a row count."""
    record_failures(selector, A, 1)
    selector.record_success(A)
    record_failures(selector, A, 1)
    assert selector.select() == A


def test_failing_endpoint_is_skipped_during_the_cooldown(selector, clock):
    """The preferred endpoint stays the preferred one."""
    record_failures(selector, A)
    clock.now += 9.9
    assert (selector.select(), selector.preferred) == (B, A)


def test_one_call_tries_the_endpoint_after_the_cooldown(selector, clock):
    """The others skip it until that call has ended, or for another cooldown."""
    record_failures(selector, A)
    clock.now += 10.0
    assert [selector.select() for _ in range(3)] == [A, B, B]
    clock.now += 9.9
    assert selector.select() == B
    clock.now += 0.1
    assert selector.select() == A


def test_success_ends_the_cooldown(selector, clock):
    """The count starts again from zero."""
    record_failures(selector, A)
    clock.now += 10.0
    selector.select()
    selector.record_success(A)
    assert [selector.select() for _ in range(2)] == [A, A]
    record_failures(selector, A, 1)
    assert selector.select() == A


def test_failure_after_the_cooldown_starts_another(selector, clock):
    """One failure is enough then."""
    record_failures(selector, A)
    clock.now += 12.0
    assert selector.select() == A
    clock.now += 5.0
    record_failures(selector, A, 1)
    clock.now += 9.9
    assert selector.select() == B
    clock.now += 0.1
    assert selector.select() == A


def test_all_endpoints_fail(selector, clock):
    """The one whose cooldown ends first is selected."""
    for endpoint in (B, C, A):
        record_failures(selector, endpoint)
        clock.now += 1.0
    assert selector.select() == B


def test_select_other(selector):
    """It returns the first available endpoint that was not tried, or None."""
    assert selector.select_other([]) == A
    assert selector.select_other([A]) == B
    record_failures(selector, B)
    assert selector.select_other([A]) == C
    assert selector.select_other([A, C]) is None


def test_only_endpoint_is_never_skipped(clock):
    """Without another endpoint there is nothing to select."""
    selector = EndpointSelector([A], failure_threshold=1, clock=clock)
    record_failures(selector, A, 9)
    assert selector.select() == A


def test_defaults(clock):
    """Three failures in a row, and 30 seconds."""
    selector = EndpointSelector([A, B], clock=clock)
    record_failures(selector, A, 2)
    assert selector.select() == A
    record_failures(selector, A, 1)
    clock.now += 29.9
    assert selector.select() == B
    clock.now += 0.1
    assert selector.select() == A


def test_default_clock():
    """The cooldown is measured by a clock that runs."""
    selector = EndpointSelector([A, B], failure_threshold=1, cooldown=3600.0)
    record_failures(selector, A, 1)
    assert selector.select() == B


def test_clock_that_starts_at_zero():
    """No endpoint is skipped before its first failure."""
    assert EndpointSelector([A, B], clock=lambda: 0.0).select() == A
