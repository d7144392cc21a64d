"""Time limits of one call; pure, except for the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Any, Literal, NamedTuple

Phase = Literal["connect", "read", "write", "pool"]
_TIMER_RESOLUTION = 0.005  # seconds: the timers of an event loop, uvloop's for one, may fire that much too early
_MAX_SECONDS = 1e6  # operating systems have no timeouts above 2**31 ms
#: Bytes a second of a body, on average over a read timeout. A server that sends less stalls; audio has 500 or more.
MIN_RATE = 8


class Timeouts(NamedTuple):
    """Seconds for each wait, by phase; None is no limit. The fields are those of httpx.Timeout."""

    connect: float | None
    read: float | None
    write: float | None
    pool: float | None

    @classmethod
    def from_object(cls, timeout: Any) -> Timeouts:
        """Copy the limits of an httpx.Timeout, or of anything with its fields; a number is the limit of each."""
        if isinstance(timeout, int | float):
            return cls(*[_limit(timeout)] * 4)
        return cls(*(_limit(getattr(timeout, phase)) for phase in cls._fields))


def _limit(seconds: float | None) -> float | None:
    """More than 11 days is no limit."""
    return None if seconds is None or seconds > _MAX_SECONDS else seconds


#: A response of 4,096 tokens that is not streamed can take a busy server more than a minute.
DEFAULT_TIMEOUT = Timeouts(connect=10.0, read=120.0, write=120.0, pool=120.0)


class Deadline:
    """The limits of one call: each wait by itself, the time without an event, the whole call.

    The idle limit starts with the first wait for bytes after `reset_idle`: the time that the caller spends between two
    events does not count, and bytes that complete no event (keep-alive comments) do not reset it. A body without
    events has a least rate instead, over the time that reads take.
    """

    def __init__(
        self,
        timeouts: Timeouts,
        idle_timeout: float | None,
        seconds: float | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.timeouts = timeouts
        self._idle_timeout = timeouts.read if idle_timeout is None else _limit(idle_timeout)
        self._seconds, self._clock = _limit(seconds), clock
        self._lock = Lock()  # so that no wait of a later call is ended
        self._end_wait: Callable[[], object] | None = None
        self.is_interrupted = False
        self.start()

    def start(self) -> None:
        """Start the call now."""
        self._started_at = self._clock()
        self._call_ends_at = None if self._seconds is None else self._started_at + self._seconds
        if self.is_interrupted:
            self._call_ends_at = self._started_at
        self.start_attempt()

    def start_attempt(self) -> None:
        """Start an attempt: no event yet, and no shorter limit than the call's."""
        self.ends_at = self._call_ends_at
        self.phase: Phase = "read"  # of the last wait
        self._idle_since: float | None = None
        self._limits_idle = True
        self._read_since: float | None = None
        # Whether `receive` limits the rate.
        self.limits_rate = self._is_too_slow = False
        self._read_seconds, self._received = 0.0, 0

    def limit(self, phase: Phase) -> float | None:
        """Seconds for a wait of this phase that starts now; None for no limit. Raises TimeoutError if none are left."""
        self.phase = phase
        seconds = self.remaining(phase)
        if seconds == 0:  # which is no timeout for a socket, but an operation that does not wait
            raise TimeoutError
        return seconds

    def remaining(self, phase: Phase = "read") -> float | None:
        """Seconds until a wait of this phase ends, 0 when it is over; None for no limit."""
        now = self._clock()
        limit: float | None = getattr(self.timeouts, phase)
        if self.ends_at is not None and (limit is None or self.ends_at - now < limit):
            limit = self.ends_at - now
        if phase == "read" and self._idle_timeout is not None and self._limits_idle:
            if self._idle_since is None:
                self._idle_since = now
            idle_left = self._idle_since + self._idle_timeout - now
            limit = idle_left if limit is None or idle_left < limit else limit
        if self.limits_rate and phase == "read":
            if self._read_since is None:
                self._read_since = now
            elif self.timeouts.read is not None and limit is not None:  # several reads for one piece of the body
                limit = min(limit, self._read_since + self.timeouts.read - now)
            limit = 0.0 if self._is_too_slow else limit
        return limit if limit is None or limit > 0 else 0.0

    def remaining_in_all(self) -> float | None:
        """Seconds until the attempt ends, 0 when it is over; None for no limit."""
        return None if self.ends_at is None else max(0.0, self.ends_at - self._clock())

    def start_response(self, *, has_events: bool) -> float:
        """Restart the idle time; without events, limit the rate of `receive` instead. Returns `elapsed`."""
        self._idle_since, self._limits_idle, self.limits_rate = None, has_events, not has_events
        return self.elapsed

    def reset_idle(self) -> None:
        """Restart the idle time."""
        self._idle_since, self._limits_idle = None, True

    def receive(self, size: int) -> None:
        """Count bytes of a body. If they are too few over a read timeout, the next read has no time."""
        if self._read_since is None or self.timeouts.read is None:
            return
        self._read_seconds += self._clock() - self._read_since
        self._received += size
        self._read_since = None
        if self._read_seconds >= self.timeouts.read:
            self._is_too_slow = self._received < MIN_RATE * self._read_seconds
            self._read_seconds, self._received = 0.0, 0

    def on_wait(self, end_wait: Callable[[], object] | None) -> None:
        """Set how `interrupt` ends the wait that starts now; None when it is over."""
        with self._lock:
            self._end_wait = end_wait

    def interrupt(self) -> None:
        """End the call, in another thread or task: its result is not needed."""
        with self._lock:
            self.is_interrupted = True
            self._call_ends_at = self.ends_at = self._clock()
            if self._end_wait is not None:
                self._end_wait()

    def shorten(self, seconds: float) -> None:
        """Limit the rest of this attempt: its result is not needed."""
        end = self._clock() + seconds
        self.ends_at = end if self.ends_at is None else min(self.ends_at, end)

    def allows(self, seconds: float) -> bool:
        """Whether the call may still run after a delay."""
        return self._call_ends_at is None or self._clock() + seconds < self._call_ends_at

    @property
    def elapsed(self) -> float:
        """Seconds since the call started."""
        return self._clock() - self._started_at

    def timeout_message(self, phase: Phase) -> str:
        """Why a wait of this phase ended, in a sentence."""
        now = self._clock() + _TIMER_RESOLUTION
        if self._seconds is not None and self._call_ends_at is not None and now >= self._call_ends_at:
            return f"deadline of {self._seconds:g} s exceeded"
        limit: float | None = getattr(self.timeouts, phase)
        if phase == "read" and self._is_too_slow:
            return f"read timeout: less than {MIN_RATE} bytes a second for {limit:g} s"
        idle_timeout, idle = self._idle_timeout, 0.0 if self._idle_since is None else now - self._idle_since
        if phase == "read" and idle_timeout is not None and idle_timeout != limit and idle >= idle_timeout:
            return f"idle timeout: no event within {idle_timeout:g} s"
        name = "connection pool" if phase == "pool" else phase
        return f"{name} timeout{'' if limit is None else f' after {limit:g} s'}"
