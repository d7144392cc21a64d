"""The limits of one call, by a clock that the test sets."""

from __future__ import annotations

import math

import httpx
import pytest

from polargrid_transport._sync.pooled_transport import PhaseTimeouts
from polargrid_transport.deadline import Deadline, Timeouts

PHASES = {"connect": 1.0, "read": 20.0, "write": 3.0, "pool": 4.0}
TIMEOUTS = Timeouts(**PHASES)
UNLIMITED = Timeouts(None, None, None, None)


class Clock:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def start_call(clock):
    """Create the deadline of a call that starts now."""

    def create(timeouts=TIMEOUTS, idle_timeout=None, seconds=None):
        return Deadline(timeouts, idle_timeout, seconds, clock)

    return create


@pytest.mark.parametrize(("phase", "seconds"), PHASES.items())
def test_each_phase_has_its_limit(start_call, phase, seconds):
    """Each phase waits as long as its timeout."""
    assert start_call().remaining(phase) == seconds


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("seconds", [None, math.inf])
def test_no_limit(start_call, phase, seconds):
    """Without timeouts, or with an infinite deadline, a wait has no limit."""
    deadline = start_call(UNLIMITED, seconds=seconds)
    assert deadline.remaining(phase) is None
    assert deadline.remaining_in_all() is None


def test_deadline(start_call, clock):
    """The deadline shortens as time passes, and is never negative."""
    deadline = start_call(UNLIMITED, seconds=5.0)
    remaining = []
    for clock.now in (1000.0, 1004.0, 1005.0, 1006.0):
        remaining.append((deadline.remaining("read"), deadline.remaining_in_all()))
    assert remaining == [(5.0, 5.0), (1.0, 1.0), (0.0, 0.0), (0.0, 0.0)]


def test_shortest_limit_applies(start_call, clock):
    """The shortest limit of a wait applies."""
    deadline = start_call(seconds=2.0)
    assert (deadline.remaining("connect"), deadline.remaining("write")) == (1.0, 2.0)
    clock.now += 1.5
    assert deadline.remaining("connect") == 0.5


def test_idle_timeout_defaults_to_read_timeout(start_call, clock):
    """Without an idle timeout, the read timeout limits the time without an event as well."""
    deadline = start_call()
    deadline.remaining("read")
    clock.now += 15
    assert deadline.remaining("read") == 5.0


def test_idle_time_starts_with_first_read(start_call, clock):
    """The time that the caller spends before the first read does not count."""
    deadline = start_call(idle_timeout=10.0)
    clock.now += 100
    assert deadline.remaining("read") == 10.0
    clock.now += 4
    assert deadline.remaining("read") == 6.0


def test_idle_timeout_limits_reads_only(start_call, clock):
    """Sending does not count: the server cannot have sent an event yet."""
    deadline = start_call(UNLIMITED, idle_timeout=10.0)
    assert deadline.remaining("write") is None
    clock.now += 4
    assert deadline.remaining("read") == 10.0


def test_reset_idle(start_call, clock):
    """An event starts the idle time again."""
    deadline = start_call(idle_timeout=10.0)
    deadline.remaining("read")
    clock.now += 9
    deadline.reset_idle()
    clock.now += 5
    assert deadline.remaining("read") == 10.0


def test_no_idle_limit(start_call, clock):
    """After the headers of a response that is not streamed, only the wait for a piece of its body is limited."""
    deadline = start_call(idle_timeout=10.0)
    deadline.start_response(has_events=False)
    deadline.remaining("read")
    clock.now += 9
    deadline.receive(4096)
    assert deadline.remaining("read") == 20.0


def test_several_reads_for_one_piece(start_call, clock):
    """The framing of a body may arrive in small pieces; they share the limit of one read."""
    deadline = start_call(idle_timeout=10.0)
    deadline.start_response(has_events=False)
    for _ in range(3):
        deadline.remaining("read")
        clock.now += 6
    assert deadline.remaining("read") == 2.0


def test_new_attempt_limits_idle_time_again(start_call, clock):
    """An attempt has an idle time of its own."""
    deadline = start_call(idle_timeout=10.0)
    deadline.remaining("read")
    clock.now += 9
    deadline.start_attempt()
    assert deadline.remaining("read") == 10.0
    deadline.start_response(has_events=False)
    deadline.start_attempt()
    assert deadline.remaining("read") == 10.0


def test_shorten(start_call, clock):
    """The rest of an attempt can be limited, whatever its other limits are."""
    deadline = start_call()
    deadline.shorten(0.5)
    assert deadline.remaining("read") == 0.5
    clock.now += 0.5
    assert deadline.remaining("read") == 0.0


@pytest.mark.parametrize(("seconds", "remaining"), [(0.5, 0.5), (30.0, 2.0)])
def test_shorten_within_deadline(start_call, seconds, remaining):
    """Shortening never extends a call."""
    deadline = start_call(seconds=2.0)
    deadline.shorten(seconds)
    assert deadline.remaining("read") == remaining


def test_new_attempt_is_not_shortened(start_call):
    """An attempt has all the time that the call has left."""
    deadline = start_call(seconds=9.0)
    deadline.shorten(0.5)
    deadline.start_attempt()
    assert deadline.remaining("read") == 9.0


def test_start(start_call, clock):
    """A call that starts later has its whole deadline."""
    deadline = start_call(seconds=9.0)
    clock.now += 5
    deadline.start()
    assert (deadline.remaining("read"), deadline.elapsed) == (9.0, 0.0)


def test_elapsed(start_call, clock):
    """Elapsed time counts from the start of the call, not of the attempt."""
    deadline = start_call()
    clock.now += 5
    deadline.start_attempt()
    clock.now += 2
    assert deadline.elapsed == 7.0


@pytest.mark.parametrize(("seconds", "is_allowed"), [(1.9, True), (2.0, False), (3.0, False)])
def test_allows(start_call, clock, seconds, is_allowed):
    """A delay that ends when the call must end is too long."""
    deadline = start_call(seconds=5.0)
    clock.now += 3
    assert deadline.allows(seconds) is is_allowed


def test_allows_without_deadline(start_call):
    """A call without a deadline allows every delay."""
    assert start_call().allows(1e9)


# Interruption


def test_interrupt(start_call, clock):
    """An interrupted call has no time left, for this attempt or another, and its wait is ended."""
    deadline, calls = start_call(seconds=9.0), []
    deadline.on_wait(lambda: calls.append("ended"))
    deadline.interrupt()
    assert (deadline.remaining("read"), deadline.remaining_in_all(), deadline.allows(0.0)) == (0.0, 0.0, False)
    deadline.start_attempt()
    assert (deadline.remaining("connect"), deadline.is_interrupted, calls) == (0.0, True, ["ended"])


def test_interrupt_before_the_start(start_call, clock):
    """A call that is interrupted before it starts has no time."""
    deadline = start_call()
    deadline.interrupt()
    clock.now += 1
    deadline.start()
    assert deadline.remaining("connect") == 0.0


def test_interrupt_after_a_wait(start_call):
    """A wait that is over is not ended: it may be another call's by now."""
    deadline, calls = start_call(), []
    deadline.on_wait(lambda: calls.append("ended"))
    deadline.on_wait(None)
    deadline.interrupt()
    assert calls == []


# The rate of a body


@pytest.fixture
def receive_body(start_call, clock):
    """Receive pieces of a body, each as (seconds of the read, bytes); return what the next read may take."""

    def receive(*pieces, timeouts=TIMEOUTS, limit=False, pause=0.0):
        deadline = start_call(timeouts, idle_timeout=1e5)
        deadline.start_response(has_events=limit)
        for seconds, size in pieces:
            deadline.remaining("read")
            clock.now += seconds
            deadline.receive(size)
            clock.now += pause
        return deadline, deadline.remaining("read")

    return receive


RATES = {
    "one byte a second": ([(1.0, 1)] * 20, 0.0),
    "7 bytes a second": ([(1.0, 7)] * 20, 0.0),
    "8 bytes a second": ([(1.0, 8)] * 20, 20.0),
    "not long enough": ([(1.0, 1)] * 19, 20.0),
    "silence and then all": ([(19.0, 1), (19.0, 1000)], 20.0),
    "silence after a fast start": ([(1.0, 10_000), *[(1.0, 1)] * 19], 20.0),
    "a drip after a fast start": ([(1.0, 10_000), *[(1.0, 1)] * 39], 0.0),
    "slow audio": ([(10.0, 5000)] * 100, 20.0),
}


@pytest.mark.parametrize(("pieces", "remaining"), RATES.values(), ids=RATES)
def test_rate_of_a_body(receive_body, pieces, remaining):
    """Less than 8 bytes a second over the read timeout leave no time for the next read."""
    assert receive_body(*pieces)[1] == remaining


def test_rate_does_not_count_the_time_of_the_caller(receive_body):
    """A caller may take as long as it wants between two reads."""
    assert receive_body(*[(0.001, 1)] * 100, pause=1000.0)[1] == 20.0


def test_rate_of_an_event_stream(receive_body):
    """Events are the progress of an event stream, however short they are."""
    assert receive_body(*[(1.0, 1)] * 100, limit=True)[1] == 20.0


def test_rate_without_a_read_timeout(receive_body):
    """Without a read timeout, a body may take any time."""
    assert receive_body(*[(1000.0, 1)] * 10, timeouts=UNLIMITED)[1] is None


def test_new_attempt_has_its_own_rate(receive_body):
    """A body that was too slow does not shorten the next attempt."""
    deadline, _ = receive_body((30.0, 1))
    deadline.start_attempt()
    assert deadline.remaining("read") == 20.0


def test_message_of_a_slow_body(receive_body):
    """The message names the rate and the time."""
    deadline, _ = receive_body((30.0, 1))
    assert deadline.timeout_message("read") == "read timeout: less than 8 bytes a second for 20 s"


# Messages

MESSAGES = {
    "connect": "connect timeout after 1 s",
    "read": "read timeout after 20 s",
    "write": "write timeout after 3 s",
    "pool": "connection pool timeout after 4 s",
}


@pytest.mark.parametrize(("phase", "message"), MESSAGES.items())
def test_message(start_call, phase, message):
    """The message names the phase and its limit."""
    assert start_call().timeout_message(phase) == message


def test_message_without_limit(start_call):
    """A wait that something else ended, a proxy perhaps, names no limit."""
    assert start_call(UNLIMITED).timeout_message("connect") == "connect timeout"


@pytest.mark.parametrize(
    ("seconds", "message"),
    [(4.9, MESSAGES["connect"]), (5.0, "deadline of 5 s exceeded"), (7, "deadline of 5 s exceeded")],
)
def test_message_of_deadline(start_call, clock, seconds, message):
    """If the deadline passed, the message names it as it was set."""
    deadline = start_call(seconds=5.0)
    clock.now += seconds
    assert deadline.timeout_message("connect") == message


@pytest.mark.parametrize(("seconds", "is_idle"), [(9.9, False), (10.0, True), (11.0, True)])
def test_message_of_idle_timeout(start_call, clock, seconds, is_idle):
    """If no event arrived within the idle timeout, the message says so."""
    deadline = start_call(idle_timeout=10.0)
    deadline.remaining("read")
    clock.now += seconds
    message = deadline.timeout_message("read")
    assert message == ("idle timeout: no event within 10 s" if is_idle else MESSAGES["read"])


def test_idle_timeout_is_no_reason_for_other_phases(start_call, clock):
    """A write that stalls is not explained by the idle timeout."""
    deadline = start_call(idle_timeout=10.0)
    deadline.remaining("read")
    clock.now += 11
    assert deadline.timeout_message("write") == MESSAGES["write"]


def test_no_idle_time_before_first_read(start_call, clock):
    """Without a read there is no idle time."""
    deadline = start_call(idle_timeout=10.0)
    clock.now += 11
    assert deadline.timeout_message("read") == MESSAGES["read"]


# httpx


def test_from_object():
    """The limits of an httpx.Timeout are those of the phases."""
    timeout = httpx.Timeout(connect=1, read=2, write=3, pool=4)
    assert Timeouts.from_object(timeout) == Timeouts(connect=1, read=2, write=3, pool=4)


@pytest.mark.parametrize("seconds", [math.inf, 1e300, 1e10])
def test_no_limit_above_the_limits_of_sockets(start_call, seconds):
    """More seconds than the timeout of a socket can have are no limit."""
    timeouts = Timeouts.from_object(seconds)
    assert timeouts == Timeouts.from_object(httpx.Timeout(seconds)) == Timeouts(None, None, None, None)
    call = start_call(timeouts, idle_timeout=seconds, seconds=seconds)
    assert [call.remaining(phase) for phase in Timeouts._fields] == [None] * 4


def test_phase_timeouts(start_call, clock):
    """httpx gets what is left when an operation starts; the phase of the last one is recorded."""
    deadline = start_call(seconds=5.0)
    timeouts = PhaseTimeouts(deadline)
    assert (timeouts.get("connect"), deadline.phase) == (1.0, "connect")
    clock.now += 4
    assert (timeouts.get("write", None), deadline.phase) == (1.0, "write")
    assert (timeouts.get("unknown", 7), deadline.phase) == (7, "write")


def test_phase_timeouts_of_a_guarded_connection(start_call):
    """The guard of a connection limits reads and writes; of a connection that httpx makes in its place, this does."""
    timeouts = PhaseTimeouts(start_call(seconds=2.0), is_guarded=True)
    assert [timeouts.get("write"), timeouts.get("read")] == [None, None]
    assert [timeouts.get("connect"), timeouts.get("write"), timeouts.get("read")] == [1.0, 2.0, 2.0]


def test_no_time_left(start_call, clock):
    """An operation that would start after the deadline raises TimeoutError; so does a read with nothing left."""
    deadline = start_call(seconds=5.0)
    assert deadline.limit("read") == 5.0
    clock.now += 5
    with pytest.raises(TimeoutError):
        deadline.limit("write")
    assert deadline.phase == "write"
