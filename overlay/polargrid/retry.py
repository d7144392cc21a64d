"""What to try again, and when; pure."""

from __future__ import annotations

import attrs

from polargrid.errors import NetworkError, PolarGridError, TimeoutError  # noqa: A004 - the documented name

_RETRIED = frozenset({408, 409, 429, 500, 502, 503, 504})


@attrs.frozen
class RetryPolicy:
    """How often and how patiently to try again. Times are in seconds."""

    max_retries: int = attrs.field(default=3, validator=attrs.validators.ge(0))
    """Tries after the first; 0 is none."""
    first_delay: float = 0.5
    """The longest wait before the second try; it doubles each time."""
    max_delay: float = 8.0
    """The longest wait before any try."""
    max_retry_after: float = 60.0
    """A longer Retry-After is not waited for: the error is raised at once."""

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
