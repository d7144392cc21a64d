"""How long a call still waits; pure, but for the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

Phase = Literal["connect", "read", "write", "pool"]
_PHASES: dict[str, str] = {
    "connect": "Connecting to the edge",
    "read": "The edge's answer",
    "write": "Sending the request",
    "pool": "Waiting for a connection",
}


class Timeouts(NamedTuple):
    """Seconds for each wait, by its phase; None is no bound. The fields are those of httpx.Timeout."""

    connect: float | None
    read: float | None
    write: float | None
    pool: float | None

    @classmethod
    def like(cls, given: Any) -> Timeouts:
        """The same bounds as an httpx.Timeout, or anything with its fields."""
        return cls(given.connect, given.read, given.write, given.pool)


class Patience:
    """The bounds of one call's waits: each wait by itself, the time without an event, the whole call.

    An idle bound begins with the first wait for bytes after `heard`: what the caller does in between is not counted,
    and neither are bytes that complete no event, so that keep-alives cannot hold a stream open for ever.
    """

    def __init__(
        self,
        timeout: Timeouts,
        idle: float | None,
        deadline: float | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.timeout = timeout
        self._idle = timeout.read if idle is None else idle
        self._deadline, self._clock = deadline, clock
        self.begin()

    def begin(self) -> None:
        """The call begins now."""
        self._began = self._clock()
        self._call_end = None if self._deadline is None else self._began + self._deadline
        self.try_again()

    def try_again(self) -> None:
        """A try begins: nothing was heard, and nothing is hurried."""
        self._end = self._call_end
        self._silent_since: float | None = None
        self._counts_silence = True

    def left(self, phase: Phase) -> float | None:
        """Seconds until this wait is too long, 0 where it is; None for no bound."""
        now = self._clock()
        left: float | None = getattr(self.timeout, phase)
        if self._end is not None and (left is None or self._end - now < left):
            left = self._end - now
        if phase == "read" and self._idle is not None and self._counts_silence:
            if self._silent_since is None:
                self._silent_since = now
            silence_left = self._silent_since + self._idle - now
            left = silence_left if left is None or silence_left < left else left
        return left if left is None or left > 0 else 0.0

    def heard(self, *, counts_silence: bool = True) -> None:
        """An event came, or the head of the answer; from now on silence is counted anew, or not at all."""
        self._silent_since, self._counts_silence = None, counts_silence

    def hurry(self, seconds: float) -> None:
        """What follows in this try is not needed: it is waited for this long at most."""
        end = self._clock() + seconds
        self._end = end if self._end is None else min(self._end, end)

    def outlasts(self, seconds: float) -> bool:
        """Whether the call may go on after this time."""
        return self._call_end is None or self._clock() + seconds < self._call_end

    @property
    def elapsed(self) -> float:
        """Seconds since the call began."""
        return self._clock() - self._began

    def reason(self, phase: Phase) -> str:
        """Why a wait of this phase ended, in a sentence."""
        now = self._clock()
        if self._call_end is not None and now >= self._call_end:
            return f"The call took too long: its deadline of {self._deadline:g} s passed"
        silence = 0.0 if self._silent_since is None else now - self._silent_since
        if phase == "read" and self._idle is not None and silence >= self._idle:
            return f"The edge's answer took too long: nothing of it came for {self._idle:g} s"
        bound: float | None = getattr(self.timeout, phase)
        return f"{_PHASES[phase]} took too long{'' if bound is None else f', {bound:g} s'}"
