"""How many rows may be in flight to one region: additive increase, decrease at a refusal, a slow start. Pure.

Time is an argument, in seconds of any clock that does not go back; nothing here waits, sends or locks. The owner asks
`acquire` for a place before each attempt, and gives it back by `release` with what came of the attempt.

* Slow start: the limit doubles each round trip, or in a fixed time if rows take longer, which refusals do not. It ends
  with the first of them.
* A refusal of more than was accepted before: the server is full. The rows that were in flight before the refused one
  was sent are its places, and become the limit. From there one more row is tried, and after a success three times as
  many, up to twice the limit; after a refusal the next trial is twice as many round trips away.
* A refusal of what was accepted before: the server refuses everything for a time. The limit stays, nothing is sent
  for a pause that grows, and then one row; if it is not refused in the time that refusals take, two, four, and so on.
  What was accepted before the pause counts no more, since the server may have fewer places now.
* `Retry-After` and rate limits: nothing is sent until then, and then as after a pause.
* Connections that fail in a row: the same, by the time in which connections fail: a response may take long, and the
  places would be empty until it comes. Only a response ends the outage.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Literal, NamedTuple

import attrs

#: What came of an attempt: a response that is kept; 429 or 503; a timeout, 408, 502 or 504 of a busy server; no
#: connection, or a broken one; any other response (it says nothing of the load); cancelled before its end.
Outcome = Literal["success", "refusal", "overload", "unreachable", "failure", "abandoned"]

_FIRST_PAUSE, _LONGEST_PAUSE, _PAUSE_FACTOR, _OUTAGE_FACTOR = 0.02, 30.0, 1.5, 1.2
_MOST_PATIENCE = 8  # round trips between two trials of a higher limit
_HOLDS_BETWEEN_TRIALS = 40  # a trial that costs a hold of a second may cost 2.5 % of the time
_HOLDS_BETWEEN_STORMS = 5  # refusals with Retry-After that follow sooner do not come from a storm
_OUTAGE = 3  # connections that fail in a row
_RELIEF = 0.05  # of a refusal, for each success
_OVERLOAD_BACKOFF = 0.7
_LONGEST_HOLD = 600.0  # seconds that a server may ask for; then one row is tried
_WEIGHT = 0.1  # of the latest time in a mean
_FAILURE_TIME = 0.5  # seconds in which a connection fails, if none did: a network's, without those that time out
_LEAST_RAMP = 0.01  # seconds in which the rows in flight double after a pause
_LEAST_PART = 0.9  # of the rows in flight that still are when a refusal arrives
_START_DOUBLING = 0.25  # seconds in which the limit doubles in slow start, if rows take longer


@attrs.frozen
class Bounds:
    """The limits of a limiter, in rows in flight."""

    start: int = 4
    """The limit at first; it doubles each round trip until a refusal."""
    floor: int = 1
    """The limit is never lower; a refusal then pauses the region instead."""
    ceiling: int = 256
    """The limit is never higher."""

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.floor <= self.start <= self.ceiling:
            raise ValueError(f"expected 1 <= floor <= start <= ceiling, not {self}")


class Slot(NamedTuple):
    """A row in flight."""

    started_at: float
    round: int
    """The refusals before it was taken, counted once for each pause or decrease."""
    ahead: int = 0
    """The rows in flight when it was taken. A client that is busy learns late, and in any order, what came of them."""
    is_probe: bool = False
    """Whether it is the first one after a pause."""


class AIMDLimiter:
    """The places of one region."""

    def __init__(self, bounds: Bounds = Bounds(), *, jitter: Callable[[], float] = random.random) -> None:
        """`jitter` returns numbers from 0 to 1: many processes that were refused together do not come back together."""
        self._bounds, self._jitter = bounds, jitter
        self._limit: float = bounds.start
        self._in_flight = 0
        self._is_in_slow_start, self._full_at = True, -math.inf  # when all places were taken
        self._accepted = 0  # rows in flight that were accepted, since the last pause
        self._round_trip = self._refusal_time = 0.0  # means of seconds; 0: none yet
        # A round ends with a decrease or a pause: rows that were sent before say nothing of what was changed.
        self._round = self._sent = 0
        # A trial of a higher limit: how much higher, round trips between two, when the next may start, when this one
        # started, and after how many successes it has succeeded.
        self._step, self._patience, self._trial_at, self._trial_since, self._trial_left = 1, 1, 0.0, 0.0, 0
        # Pauses: their level is one more after each, and less after each success.
        self._held_until = self._level = 0.0
        self._outages = self._broken = 0
        self._failure_time = 0.0  # mean of seconds until a row of the outage failed; 0: none did yet
        # After a pause, rows are sent in a ramp; a brief one needs one row that is not refused.
        self._is_ramp, self._is_brief, self._ramp_since = False, False, math.inf
        # What refusals may mean: the rows in flight at a refusal, if one pause ends the refusals; those that were
        # accepted before a decrease, if they do not end.
        self._suspect: int | None = None
        self._suspects_until, self._before, self._was_full = 0.0, 0, False
        self.is_out = False
        """Whether the region cannot be reached: rows probe it, after ever longer pauses, until one has a response."""

    @property
    def limit(self) -> int:
        """The most rows that may be in flight."""
        return int(self._limit)

    @property
    def in_flight(self) -> int:
        """Places that are taken."""
        return self._in_flight

    def hold_seconds(self, now: float) -> float:
        """Seconds for which the server, or a pause after refusals, lets nothing be sent; 0 if it may be sent now."""
        return max(0.0, self._held_until - now)

    def acquire(self, now: float) -> Slot | None:
        """Take a place; None if there is none now: see `wake_at`."""
        if self.wake_at(now) != now:
            return None
        is_probe = self._is_ramp and self._sent == 0
        if is_probe:
            self._ramp_since = now
        ahead = self._in_flight
        self._in_flight += 1
        self._sent += 1
        if self._in_flight >= int(self._limit):
            self._full_at = now
            if self._is_in_slow_start:
                self._limit = max(self._limit, self._in_flight)
        return Slot(now, self._round, ahead, is_probe)

    def wake_at(self, now: float) -> float | None:
        """When `acquire` may succeed by time alone; `now` if it may at once, None if only after a `release`."""
        if now < self._held_until:
            return self._held_until
        if self._in_flight >= int(self._limit):
            return self._opens_at(now)
        if not self._is_ramp or self._sent == 0:
            return now
        return max(now, self._ramp_since + self._ramp_time * (1.0 if self._is_brief else math.log2(self._sent + 1)))

    def _opens_at(self, now: float) -> float | None:
        """When slow start opens one more place by time."""
        if not self._is_in_slow_start or self._is_ramp or self._in_flight >= self._bounds.ceiling:
            return None
        return max(now, self._full_at + _START_DOUBLING * math.log2(1 + 1 / self._in_flight))

    def release(self, slot: Slot, outcome: Outcome, now: float, hold: float | None = None) -> None:
        """Give a place back, once. `hold` is for how many seconds the server asks for no more requests: see
        `polargrid_batch.outcomes`.
        """
        self._check_ramp(now)
        self._in_flight -= 1
        is_current = slot.round == self._round
        if outcome == "abandoned":
            if is_current and self.is_out:
                self._sent = 0  # the probe says nothing, and another may be sent
        elif outcome == "unreachable":
            self._on_unreachable(slot, now)
        elif outcome == "refusal":
            self._on_refusal(slot, now, hold)
        else:
            self._on_response(slot, outcome, now)
        if hold is not None:
            self._is_brief = False
            self._pause(now + min(hold, _LONGEST_HOLD))

    def _on_response(self, slot: Slot, outcome: Outcome, now: float) -> None:
        self._broken = 0
        is_current = slot.round == self._round
        if is_current and self.is_out:
            self.is_out, self._outages = False, 0
            if self._sent == 1:
                self._ramp_since = now  # it is known now that the server takes rows
        if outcome == "success":
            self._on_success(slot, now)
        elif outcome == "overload" and is_current:
            self._start_round()
            self._decrease(self._limit * _OVERLOAD_BACKOFF, now)

    def _on_success(self, slot: Slot, now: float) -> None:
        was_full = slot.started_at <= self._full_at  # at some time of its flight; responses may come in bursts
        self._round_trip = _update(self._round_trip, now - slot.started_at)
        if slot.round == self._round:
            self._level = max(0.0, self._level - _RELIEF)
            self._before = 0
            if self._trial_left == 0:  # one more now and then is no proof
                self._accepted = max(self._accepted, slot.ahead + 1)
        if self._is_ramp:
            return
        if self._limit >= self._bounds.ceiling:
            self._is_in_slow_start = False
            return
        if self._is_in_slow_start:
            if was_full:
                self._limit += 1
        elif self._trial_left > 0:
            self._trial_left -= slot.started_at >= self._trial_since
            if self._trial_left == 0:
                self._step, self._trial_at = min(self._step * 3, int(self._limit)), now
                self._patience = max(1, self._patience // 4)
        elif was_full and now >= self._trial_at and self._level < 1:
            self._limit = min(self._bounds.ceiling, int(self._limit) + self._step)
            self._trial_since, self._trial_left = now, int(self._limit)

    def _on_refusal(self, slot: Slot, now: float, hold: float | None) -> None:
        self.is_out, self._outages, self._broken = False, 0, 0
        self._refusal_time = min(seconds := now - slot.started_at, _update(self._refusal_time, seconds))
        if slot.round != self._round:
            self._on_late_refusal(slot)
        elif slot.ahead >= max(1, self._accepted) and not slot.is_probe:
            self._on_full(slot, now, hold)
        else:
            self._on_storm(slot, now, hold)

    def _on_full(self, slot: Slot, now: float, hold: float | None) -> None:
        if self._trial_left > 0:
            self._patience = min(_MOST_PATIENCE, self._patience * 2)
        self._before = max(self._before, self._accepted)
        self._decrease(self._count_places(slot), now)
        self._accepted = int(self._limit)
        if hold is not None:
            self._trial_at = max(self._trial_at, now + hold * _HOLDS_BETWEEN_TRIALS)
        self._was_full = True
        self._start_round()

    def _on_storm(self, slot: Slot, now: float, hold: float | None) -> None:
        """The server refuses what it took before: everything for a time, or it is full with the rows of others."""
        if slot.is_probe:  # nothing was accepted since the last pause
            self._limit, self._before = max(self._limit, self._before), 0
        is_first = not slot.is_probe and (hold is None or now <= self._suspects_until)
        self._suspect = self._count_places(slot) if is_first else None
        self._suspects_until = now + (hold or 0.0) * _HOLDS_BETWEEN_STORMS
        self._level += 1
        self._was_full = False
        self._start_round()
        self._is_brief = is_first and self._in_flight > 0
        if hold is None:
            self._pause(now + self._next_pause(0.0 if self._is_brief else self._level, _PAUSE_FACTOR))

    def _on_late_refusal(self, slot: Slot) -> None:
        """Count a row that was sent before the limiter knew of the last refusal."""
        if slot.round == self._round - 1:
            if self._was_full:
                self._limit = max(self._bounds.floor, min(self._limit, self._count_places(slot)))
                self._accepted = min(self._accepted, int(self._limit))
            elif self._suspect is not None:
                self._suspect = min(self._suspect, self._count_places(slot))

    def _count_places(self, slot: Slot) -> int:
        """The rows that a server processed when it refused one: those sent before it, without those that ended since.

        Of a client that was busy, more have ended: their responses were read together with the refusal.
        """
        return max(min(slot.ahead, self._in_flight), int(slot.ahead * _LEAST_PART))

    def _start_round(self) -> None:
        self._round += 1
        self._sent = 0

    def _on_unreachable(self, slot: Slot, now: float) -> None:
        self._broken += 1
        is_one = not self.is_out and self._broken < _OUTAGE and self._in_flight > 0
        if slot.round != self._round or is_one:
            return
        self._failure_time = _update(self._failure_time, now - slot.started_at) if self.is_out else 0.0
        self._start_round()
        self._outages += 1
        self.is_out, self._is_brief = True, False
        self._pause(now + self._next_pause(self._outages, _OUTAGE_FACTOR))

    def _check_ramp(self, now: float) -> None:
        """End a ramp that has reached the limit."""
        doublings = 1.0 if self._is_brief else math.log2(self._limit + 1)
        if not self._is_ramp or now < self._held_until or now < self._ramp_since + self._ramp_time * doublings:
            return
        self._is_ramp = False
        if self._suspect is not None:
            self._patience = max(1, self._patience // 4)
            self._decrease(self._suspect, now)

    def _decrease(self, limit: float, now: float) -> None:
        self._limit = max(float(self._bounds.floor), min(self._limit, limit))
        self._suspect = None
        self._is_in_slow_start = False
        self._step, self._trial_left = 1, 0
        self._trial_at = now + self._patience * self._round_trip

    def _next_pause(self, level: float, factor: float) -> float:
        pause = max(_FIRST_PAUSE, 2 * self._refusal_time) * math.pow(factor, min(level, 60))
        return min(_LONGEST_PAUSE, pause) * (0.5 + 0.5 * self._jitter())

    def _pause(self, until: float) -> None:
        self._held_until = max(self._held_until, until)
        self._is_ramp, self._ramp_since, self._sent, self._accepted = True, math.inf, 0, 0

    @property
    def _ramp_time(self) -> float:
        """Seconds in which the rows in flight double after a pause: a refusal of one of them arrives before."""
        if self.is_out:
            return max(_LEAST_RAMP, 2 * (self._failure_time or _FAILURE_TIME))
        return max(_LEAST_RAMP, min(2 * self._refusal_time, self._round_trip or math.inf))


def _update(mean: float, value: float) -> float:
    return mean + _WEIGHT * (value - mean) if mean else value
