"""How long a call still waits, by a clock that the test turns."""

from __future__ import annotations

import httpx
import pytest

from polargrid.transport.patience import Patience, Timeouts

TIMEOUT = httpx.Timeout(connect=1.0, read=20.0, write=3.0, pool=4.0)
NONE = httpx.Timeout(None)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def patient(clock):
    """Makes the patience of a call that begins now."""

    def make(timeout=TIMEOUT, idle=None, deadline=None):
        return Patience(timeout, idle, deadline, clock)

    return make


PHASES = {"connect": 1.0, "read": 20.0, "write": 3.0, "pool": 4.0}


@pytest.mark.parametrize(("phase", "seconds"), PHASES.items())
def test_each_wait_has_its_own_bound(patient, phase, seconds):
    """Each phase waits as long as the timeout has it."""
    assert patient().left(phase) == seconds


@pytest.mark.parametrize("phase", PHASES)
def test_no_bound(patient, phase):
    """Without bounds a wait is for ever."""
    assert patient(NONE).left(phase) is None


def test_deadline(patient, clock):
    """The deadline goes down as time goes by, and is never less than nothing."""
    patience = patient(NONE, deadline=5.0)
    left = []
    for clock.now in (1000.0, 1004.0, 1005.0, 1006.0):
        left.append(patience.left("read"))
    assert left == [5.0, 1.0, 0.0, 0.0]


def test_the_shortest_bound_counts(patient, clock):
    """Of the bounds of a wait the shortest is kept."""
    patience = patient(deadline=2.0)
    assert (patience.left("connect"), patience.left("write")) == (1.0, 2.0)
    clock.now += 1.5
    assert patience.left("connect") == 0.5


def test_idle_takes_the_timeout_for_reading(patient, clock):
    """Where no idle bound is given, the one for reading holds for the time without an event, too."""
    patience = patient()
    patience.left("read")
    clock.now += 15
    assert patience.left("read") == 5.0


def test_silence_begins_with_the_first_wait(patient, clock):
    """What the caller does before he waits is not counted."""
    patience = patient(idle=10.0)
    clock.now += 100
    assert patience.left("read") == 10.0
    clock.now += 4
    assert patience.left("read") == 6.0


def test_silence_is_for_reading_only(patient, clock):
    """Sending may take as long as it takes: an edge that reads says nothing yet."""
    patience = patient(NONE, idle=10.0)
    assert patience.left("write") is None
    clock.now += 4
    assert patience.left("read") == 10.0


def test_heard(patient, clock):
    """An event begins the silence anew."""
    patience = patient(idle=10.0)
    patience.left("read")
    clock.now += 9
    patience.heard()
    clock.now += 5
    assert patience.left("read") == 10.0


def test_silence_that_does_not_count(patient, clock):
    """After the head of a plain answer only single waits are bounded."""
    patience = patient(idle=10.0)
    patience.heard(counts_silence=False)
    patience.left("read")
    clock.now += 9
    assert patience.left("read") == 20.0


def test_another_try_counts_silence_again(patient, clock):
    """A new try has a silence of its own."""
    patience = patient(idle=10.0)
    patience.left("read")
    clock.now += 9
    patience.try_again()
    assert patience.left("read") == 10.0
    patience.heard(counts_silence=False)
    patience.try_again()
    assert patience.left("read") == 10.0


def test_hurry(patient, clock):
    """What is not needed is waited for shortly, whatever the other bounds."""
    patience = patient()
    patience.hurry(0.5)
    assert patience.left("read") == 0.5
    clock.now += 0.5
    assert patience.left("read") == 0.0


@pytest.mark.parametrize(("seconds", "left"), [(0.5, 0.5), (30.0, 2.0)])
def test_hurry_within_the_deadline(patient, seconds, left):
    """Hurrying never makes a call longer."""
    patience = patient(deadline=2.0)
    patience.hurry(seconds)
    assert patience.left("read") == left


def test_another_try_does_not_hurry(patient):
    """A new try has all the time that the call has."""
    patience = patient(deadline=9.0)
    patience.hurry(0.5)
    patience.try_again()
    assert patience.left("read") == 9.0


def test_begin(patient, clock):
    """A call that begins later has its whole deadline."""
    patience = patient(deadline=9.0)
    clock.now += 5
    patience.begin()
    assert (patience.left("read"), patience.elapsed) == (9.0, 0.0)


def test_elapsed(patient, clock):
    """Time is counted from the beginning of the call, not of the try."""
    patience = patient()
    clock.now += 5
    patience.try_again()
    clock.now += 2
    assert patience.elapsed == 7.0


@pytest.mark.parametrize(("seconds", "outlasts"), [(1.9, True), (2.0, False), (3.0, False)])
def test_outlasts(patient, clock, seconds, outlasts):
    """A wait that ends when the call must end is too long."""
    patience = patient(deadline=5.0)
    clock.now += 3
    assert patience.outlasts(seconds) is outlasts


def test_outlasts_without_a_deadline(patient):
    """A call without a deadline outlasts every wait."""
    assert patient().outlasts(1e9)


REASONS = {
    "connect": "Connecting to the edge took too long, 1 s",
    "read": "The edge's answer took too long, 20 s",
    "write": "Sending the request took too long, 3 s",
    "pool": "Waiting for a connection took too long, 4 s",
}


@pytest.mark.parametrize(("phase", "reason"), REASONS.items())
def test_reason(patient, phase, reason):
    """A wait that was too long is named, with its bound."""
    assert patient().reason(phase) == reason


def test_reason_without_a_bound(patient):
    """A wait that another bound ended, a proxy's perhaps, names none."""
    assert patient(NONE).reason("connect") == "Connecting to the edge took too long"


@pytest.mark.parametrize(("later", "reason"), [(4.9, REASONS["read"]), (5.0, "The call took too long: its deadline")])
def test_reason_of_a_deadline(patient, clock, later, reason):
    """Where the deadline passed, that is the reason."""
    patience = patient(deadline=5.0)
    clock.now += later
    assert patience.reason("read").startswith(reason)


def test_reason_names_the_deadline(patient, clock):
    """The deadline is told as it was given."""
    patience = patient(deadline=5.0)
    clock.now += 7
    assert patience.reason("connect") == "The call took too long: its deadline of 5 s passed"


@pytest.mark.parametrize(("later", "silent"), [(9.9, False), (10.0, True), (11.0, True)])
def test_reason_of_silence(patient, clock, later, silent):
    """Where nothing came for the idle bound, that is the reason."""
    patience = patient(idle=10.0)
    patience.left("read")
    clock.now += later
    told = "The edge's answer took too long: nothing of it came for 10 s"
    assert patience.reason("read") == (told if silent else REASONS["read"])


def test_silence_is_no_reason_elsewhere(patient, clock):
    """Sending that stalls is not blamed on silence."""
    patience = patient(idle=10.0)
    patience.left("read")
    clock.now += 11
    assert patience.reason("write") == REASONS["write"]


def test_nothing_is_silence_before_a_wait(patient, clock):
    """Nor is a read that never waited."""
    patience = patient(idle=10.0)
    clock.now += 11
    assert patience.reason("read") == REASONS["read"]


def test_timeouts_like_httpx():
    """The bounds of an httpx.Timeout are taken each for its phase."""
    timeout = httpx.Timeout(connect=1, read=2, write=3, pool=4)
    assert Timeouts.like(timeout) == Timeouts(connect=1, read=2, write=3, pool=4)
