"""Timeouts of a connection's waits on an event loop."""

from __future__ import annotations

import asyncio
import math
import time

from polargrid_fast.exceptions import ReadTimeout, TimeoutException


class WaitTimer:
    """Ends waits that take too long, of which there is one at a time.

    One timer of the loop serves many waits: a timer for each would cost a stream more than parsing it does.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiter: asyncio.Future[None] | None = None
        self._error: type[TimeoutException] = ReadTimeout
        self._handle: asyncio.TimerHandle | None = None
        self._fires_at = self._timeout_at = math.inf

    def watch(self, waiter: asyncio.Future[None], error: type[TimeoutException], seconds: float | None) -> None:
        """Raise the error in the waiter after seconds, or at once if there are none; never if None."""
        self._waiter, self._error = waiter, error
        if seconds == 0:
            self._raise_timeout(waiter)
            return
        self._timeout_at = math.inf if seconds is None else time.monotonic() + seconds
        if self._timeout_at < self._fires_at:
            self._set()

    def cancel(self) -> None:
        """Stop the timer."""
        if self._handle is not None:
            self._handle.cancel()

    def _set(self) -> None:
        self.cancel()
        self._fires_at = self._timeout_at
        self._handle = self._loop.call_later(max(0.0, self._fires_at - time.monotonic()), self._on_timer)

    def _on_timer(self) -> None:
        self._handle, self._fires_at = None, math.inf
        waiter = self._waiter
        if waiter is None or waiter.done():
            return
        if time.monotonic() >= self._timeout_at:
            self._raise_timeout(waiter)
        elif self._timeout_at < math.inf:  # the timer was an earlier wait's, or the loop's clock is coarse
            self._set()

    def _raise_timeout(self, waiter: asyncio.Future[None]) -> None:
        action = "receiving the response" if self._error is ReadTimeout else "sending the request"
        waiter.set_exception(self._error(f"{action} timed out"))
