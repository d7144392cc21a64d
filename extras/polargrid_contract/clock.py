"""The clock that a client measures and waits by, so that tests can replay recorded times."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """A monotonic clock and a way to wait on it, both in seconds."""

    def monotonic(self) -> float:
        """Return the current reading."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The clock of the operating system."""

    def monotonic(self) -> float:
        """Return the performance counter, which has the finest resolution."""
        return time.perf_counter()

    def sleep(self, seconds: float) -> None:
        """Block the calling thread."""
        time.sleep(seconds)
