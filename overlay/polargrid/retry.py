"""What to try again, when, and how often in all; pure, but for the count of what is left."""

from __future__ import annotations

from threading import Lock

import attrs

from polargrid.errors import NetworkError, PolarGridError, TimeoutError  # noqa: A004 - the documented name

_RETRIED = frozenset({408, 409, 429, 500, 502, 503, 504})
_EARNED = 0.1  # of a retry, by every call that succeeds


@attrs.frozen
class RetryPolicy:
    """How often and how patiently to try again. Times are in seconds."""

    max_retries: int = attrs.field(default=3, validator=attrs.validators.ge(0))
    """Tries of a call after the first; 0 is none."""
    first_delay: float = attrs.field(default=0.5, validator=attrs.validators.ge(0))
    """The longest wait before the second try; it doubles each time."""
    max_delay: float = attrs.field(default=8.0, validator=attrs.validators.ge(0))
    """The longest wait before any try."""
    max_retry_after: float = attrs.field(default=60.0, validator=attrs.validators.ge(0))
    """A longer Retry-After is not waited for: the error is raised at once."""
    budget: float = attrs.field(default=10.0, validator=attrs.validators.ge(0))
    """Retries that a client may make in vain; calls that succeed earn them back. `float("inf")` is no bound."""

    def delay(self, attempt: int, error: PolarGridError, chance: float) -> float | None:
        """Seconds to wait after this attempt (from 1) failed, or None to give up.

        `chance` is a random number from 0 to 1: full jitter, so that clients do not come back all at once.
        """
        if attempt > self.max_retries or not may_retry(error):
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.max_retry_after else None
        return chance * min(self.max_delay, self.first_delay * 2.0 ** min(attempt - 1, 30))


def may_retry(error: PolarGridError) -> bool:
    """Whether another try can help: no connection, too slow, too busy, or a passing failure of the edge."""
    if error.status_code is None:
        return isinstance(error, NetworkError | TimeoutError)
    return error.status_code in _RETRIED


def may_go_elsewhere(error: PolarGridError) -> bool:
    """Whether another region can serve the call at once: this one was not reached, or says that it cannot."""
    return error.status_code == 503 or (isinstance(error, NetworkError | TimeoutError) and not error.sent)


class RetryBudget:
    """The retries that a client has left: a token bucket.

    Where an edge is down, retries only add to its load. A retry takes a token, a call that succeeds gives back what
    it took and a tenth more: passing faults are always tried again, an outage costs a few tries and not one a call.
    """

    def __init__(self, size: float) -> None:
        self._size = self._left = size
        self._lock = Lock()  # a client may serve many threads

    def take(self) -> bool:
        """One retry; False where none is left."""
        with self._lock:
            if self._left < 1:
                return False
            self._left -= 1
            return True

    def earn(self, taken: int) -> None:
        """A call succeeded after this many retries."""
        with self._lock:
            self._left = min(self._size, self._left + taken + _EARNED)
