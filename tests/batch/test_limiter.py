"""The places of a region: how its limit rises and falls, and when nothing is sent. Time is a number."""

from __future__ import annotations

import itertools
import math
import random

import pytest

from polargrid_batch.limiter import AIMDLimiter, Bounds, Slot


def create(**bounds) -> AIMDLimiter:
    return AIMDLimiter(Bounds(**bounds), jitter=lambda: 1.0)


def fill(limiter: AIMDLimiter, now: float) -> list[Slot]:
    """Take all places."""
    places = []
    while (slot := limiter.acquire(now)) is not None:
        places.append(slot)
    return places


def test_places_are_taken_up_to_the_limit():
    """And given back; an attempt that was cancelled changes nothing else."""
    limiter = create(start=2, ceiling=2)
    first, second = fill(limiter, 0.0)
    assert (limiter.limit, limiter.in_flight, limiter.wake_at(0.0)) == (2, 2, None)
    limiter.release(first, "abandoned", 1.0)
    assert (limiter.limit, limiter.in_flight, limiter.wake_at(1.0)) == (2, 1, 1.0)
    limiter.release(second, "failure", 1.0)
    assert (limiter.limit, limiter.in_flight) == (2, 0)


def test_slow_start_doubles_each_round_trip():
    """Until the ceiling."""
    limiter, limits = create(start=4, ceiling=20), []
    flying = fill(limiter, 0.0)
    for second in range(1, 5):
        limits.append(limiter.limit)
        done, flying = flying, []
        for slot in done:
            limiter.release(slot, "success", float(second))
            flying += fill(limiter, float(second))
    assert limits == [4, 8, 16, 20]


def test_responses_that_come_together_double_the_limit():
    """A burst of them is a round trip like any other."""
    limiter = create(start=4)
    for slot in fill(limiter, 0.0):
        limiter.release(slot, "success", 1.0)
    assert limiter.limit == 8
    for slot in fill(limiter, 1.0):
        limiter.release(slot, "success", 2.0)
    assert limiter.limit == 16


def test_slow_start_does_not_wait_for_long_rows():
    """A refusal comes earlier than a response: while there is none, the limit doubles each quarter of a second."""
    limiter, now = create(start=4, ceiling=64), 0.0
    fill(limiter, now)
    limits = []
    while (opens_at := limiter.wake_at(now)) is not None:
        assert limiter.acquire(now) is None
        now = opens_at
        assert limiter.acquire(now) is not None
        limits += [limiter.limit] if limiter.limit in (8, 16, 32, 64) else []
        assert now == pytest.approx(0.25 * math.log2(limiter.limit / 4))
    assert limits == [8, 16, 32, 64]


def test_what_slow_start_opened_is_not_for_later():
    """After a time without rows, four are sent, and not all at once."""
    limiter = create(start=4)
    for slot in fill(limiter, 0.0):
        limiter.release(slot, "failure", 0.1)
    assert len(fill(limiter, 60.0)) == 4


def test_limit_does_not_rise_while_places_are_free():
    """What was not tried is not known."""
    limiter = create(start=8)
    for second in range(20):
        limiter.release(limiter.acquire(float(second)), "success", second + 0.5)
    assert limiter.limit == 8


def run_busy_client(places: int, seed: int) -> tuple[float, int]:
    """Return the part of the ideal throughput, and the pauses, of a client that runs now and then.

    Between, results arrive and are read together, in any order. A row takes 0.2 seconds, to send one 0.2 ms.
    """
    source = random.Random(seed)  # noqa: S311 - a test
    limiter = AIMDLimiter(Bounds(ceiling=512), jitter=source.random)
    now, done, pauses = 0.0, 0, 0
    processed: list[tuple[float, Slot]] = []
    refused: list[Slot] = []
    for _ in range(300):
        now += 0.6 * source.random()
        results = [(slot, "success") for end, slot in processed if end <= now] + [(slot, "refusal") for slot in refused]
        processed, refused = [item for item in processed if item[0] > now], []
        source.shuffle(results)
        for slot, outcome in results:
            limiter.release(slot, outcome, now)
            done += outcome == "success"
        pauses += limiter.hold_seconds(now) > 0
        while (slot := limiter.acquire(now)) is not None:
            now += 0.0002
            if len(processed) < places:
                processed.append((now + 0.2, slot))
            else:
                refused.append(slot)
    return done * 0.2 / (places * now), pauses


@pytest.mark.parametrize("places", [4, 32, 256])
@pytest.mark.parametrize("seed", range(3))
def test_a_client_that_is_busy_does_not_take_a_full_server_for_a_storm(places, seed):
    """It learns of refusals late. One that paused would send too much after it, be refused again, and pause longer."""
    share, pauses = run_busy_client(places, seed)
    assert pauses == 0
    assert share > 0.35  # as each row waits until the client runs again


def test_refusals_of_a_full_server_leave_what_it_accepted():
    """Each refusal counts as a row less, not as a decrease of its own; nothing pauses."""
    limiter = create(start=12)
    places = fill(limiter, 0.0)
    for slot in places[8:]:
        limiter.release(slot, "refusal", 0.01)
    assert (limiter.limit, limiter.in_flight, limiter.hold_seconds(0.01)) == (8, 8, 0.0)


def open_to(limiter: AIMDLimiter, count: int) -> list[Slot]:
    """Return places in flight of a limiter that knows `count` places."""
    places = fill(limiter, 0.0)
    for slot in places[count:]:
        limiter.release(slot, "refusal", 0.01)
    return places[:count]


def test_one_more_is_tried_at_a_time_and_more_rarely_after_each_refusal():
    """A server with four places refuses seldom: the trials are 1, 2, 4, 8 round trips apart."""
    limiter = create(start=5)
    flying = open_to(limiter, 4)
    refused_at = []
    for step in range(1, 200):
        now = step * 0.25  # a row takes a second, and four are processed
        limiter.release(flying.pop(0), "success", now)
        flying += fill(limiter, now)
        if len(flying) > 4:
            limiter.release(flying.pop(), "refusal", now + 0.01)
            refused_at.append(now)
    gaps = [later - earlier for earlier, later in itertools.pairwise(refused_at)]
    assert gaps == sorted(gaps)
    assert gaps[-1] > 7
    assert limiter.limit == 4


def test_limit_rises_faster_while_nothing_is_refused():
    """A server that has more places than before: the steps are 1, 3, and then as many as there are"""
    limiter = create(start=5)
    flying = open_to(limiter, 4)
    limits = [4]
    for second in range(1, 30):
        done, flying = flying, []
        for slot in done:
            limiter.release(slot, "success", float(second))
            flying += fill(limiter, float(second))
        limits += [limiter.limit] if limiter.limit != limits[-1] else []
    assert limits[:5] == [4, 5, 8, 16, 32]


def create_settled(count: int) -> tuple[AIMDLimiter, list[Slot]]:
    """Return a limiter at its ceiling, and its places in flight; the server has accepted as many rows before."""
    limiter = create(start=count, ceiling=count)
    for slot in fill(limiter, 0.0):
        limiter.release(slot, "success", 0.5)
    return limiter, fill(limiter, 0.5)


def test_refusal_of_what_was_accepted_before_pauses_briefly():
    """Then one row is sent, and if it is not refused in time, all others."""
    limiter, flying = create_settled(4)
    limiter.release(flying.pop(), "refusal", 0.51)
    held_until = limiter.wake_at(0.51)
    assert 0.51 < held_until < 0.6
    assert limiter.acquire(held_until - 0.001) is None
    limiter.release(flying.pop(), "success", held_until)
    assert len(fill(limiter, held_until)) == 1
    opens_at = limiter.wake_at(held_until)
    assert held_until < opens_at < held_until + 0.05
    assert len(fill(limiter, opens_at)) == 1


def test_pauses_of_a_storm_grow_and_keep_the_limit():
    """A server that refuses everything is asked by single rows."""
    limiter, flying = create_settled(32)
    slot, now, pauses = flying.pop(), 0.5, []
    for _ in range(12):
        limiter.release(slot, "refusal", now + 0.01)
        pauses.append(limiter.hold_seconds(now + 0.01))
        now = limiter.wake_at(now + 0.01)
        (slot,) = fill(limiter, now)
    assert pauses[1:] == sorted(pauses[1:])
    assert pauses[-1] > 1
    assert limiter.limit == 32


@pytest.mark.parametrize("outcome", ["refusal", "success", "failure"])
def test_server_holds_its_region(outcome):
    """By Retry-After, or by a rate limit that is used up; what comes after starts with one row."""
    limiter = create(start=8)
    slot = limiter.acquire(0.0)
    limiter.release(slot, outcome, 0.01, hold=30.0)
    assert limiter.hold_seconds(0.01) == pytest.approx(30.0)
    assert limiter.wake_at(0.01) == 30.01
    assert limiter.acquire(30.0) is None
    assert len(fill(limiter, 30.01)) == 1
    assert limiter.wake_at(30.01) < 30.1
    assert limiter.limit >= 7


def test_later_hold_counts():
    """Refusals that name less time do not end it."""
    limiter = create(start=3)
    first, second, third = fill(limiter, 0.0)
    limiter.release(first, "refusal", 0.0, hold=30.0)
    limiter.release(second, "refusal", 0.0, hold=3.0)
    limiter.release(third, "success", 0.0)
    assert limiter.wake_at(0.0) == 30.0


def test_a_hold_is_ten_minutes_at_most():
    """A server that names a time without end is asked again."""
    limiter = create()
    limiter.release(limiter.acquire(0.0), "refusal", 0.0, hold=1e20)
    assert limiter.wake_at(0.0) == 600.0


def test_one_broken_connection_is_no_outage():
    """Of a server that responds to others."""
    limiter = create(start=4)
    places = fill(limiter, 0.0)
    limiter.release(places[0], "unreachable", 1.0)
    limiter.release(places[1], "success", 1.0)
    limiter.release(places[2], "unreachable", 1.0)
    assert not limiter.is_out
    assert limiter.wake_at(1.0) == 1.0


def test_outage_is_probed_by_single_rows():
    """Until one gets a response; then the limit is what it was."""
    limiter = create(start=8)
    for slot in fill(limiter, 0.0):
        limiter.release(slot, "unreachable", 1.0)
    assert limiter.is_out
    now = 1.0
    for _ in range(10):
        now = limiter.wake_at(now)
        (probe,) = fill(limiter, now)
        assert limiter.wake_at(now) >= now + 0.02
        limiter.release(probe, "unreachable", now + 0.01)
    assert limiter.hold_seconds(now + 0.01) > 0.1
    now = limiter.wake_at(now + 0.01)
    (probe,) = fill(limiter, now)
    limiter.release(probe, "failure", now + 0.1)
    assert not limiter.is_out
    assert len(fill(limiter, now + 10)) == limiter.limit == 8


def test_probe_that_does_not_fail_in_time_is_followed_by_more():
    """Rows of a server that serves again take long, and its places would be empty until the first of them ends."""
    limiter = create(start=64)
    for slot in fill(limiter, 0.0):
        limiter.release(slot, "unreachable", 1.0)
    for _ in range(2):
        now = limiter.wake_at(1.0)
        limiter.release(limiter.acquire(now), "unreachable", now + 0.01)
    now = limiter.wake_at(now + 0.01)
    sent = []
    while len(sent) < 64:
        sent += fill(limiter, now)
        started_at, now = now, limiter.wake_at(now) or now
    assert now - sent[0].started_at < 0.02 * 7
    assert limiter.is_out  # until there is a response
    limiter.release(sent[0], "unreachable", started_at + 0.01)
    assert limiter.wake_at(now) > now
    limiter.release(sent[1], "success", now + 5)
    limiter.release(limiter.acquire(limiter.wake_at(now + 5)), "success", now + 6)
    assert not limiter.is_out


def test_probe_that_was_cancelled_is_followed_by_another():
    """A cancelled row does not leave an outage for ever."""
    limiter = create(start=4)
    for slot in fill(limiter, 0.0):
        limiter.release(slot, "unreachable", 1.0)
    now = limiter.wake_at(1.0)
    limiter.release(limiter.acquire(now), "abandoned", now)
    assert limiter.acquire(now) is not None


def test_timeouts_of_a_busy_server_decrease_once_a_round_trip():
    """Those of rows that were sent before change nothing."""
    limiter = create(start=100)
    for slot in fill(limiter, 0.0)[:50]:
        limiter.release(slot, "overload", 1.0)
    assert limiter.limit == 70


def test_limit_stays_at_its_floor():
    """One row can always be sent, sooner or later."""
    limiter = create(start=2)
    now = 0.0
    for _ in range(50):
        slot = limiter.acquire(now)
        limiter.release(slot, "refusal", now + 0.01)
        assert limiter.limit >= 1
        now = limiter.wake_at(now + 0.01)
        assert limiter.hold_seconds(now) == 0
    assert now < 50 * 31


@pytest.mark.parametrize("bounds", [{"floor": 0}, {"start": 9, "ceiling": 8}, {"floor": 5, "start": 4}])
def test_bounds_that_contradict_each_other_are_rejected(bounds):
    """The message shows them."""
    with pytest.raises(ValueError, match=r"expected 1 <= floor <= start <= ceiling, not Bounds"):
        Bounds(**bounds)
