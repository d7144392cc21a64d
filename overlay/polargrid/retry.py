"""When a failed attempt is repeated, and how many retries a client may make; pure, except for the budget's count."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, Literal

import attrs

from polargrid.errors import NetworkError, PolarGridError, TimeoutError, ValidationError  # noqa: A004 - documented

__all__ = ["RetryPolicy"]
_RETRYABLE_STATUS = frozenset({408, 409, 429, 500, 502, 503, 504})
_REFUND = 0.1  # of a retry, for each call that succeeds


def is_number(value: Any, kind: Any) -> bool:
    """Whether it is a number of this kind, and not negative."""
    return isinstance(value, kind) and not isinstance(value, bool) and value >= 0


def expect(expected: str, is_valid: Callable[[Any], object]) -> Any:
    """Build an attrs validator, which raises ValidationError."""

    def validate(_settings: Any, field: attrs.Attribute[Any], value: Any) -> None:
        if not is_valid(value):
            raise ValidationError(f"{field.name}: expected {expected}, not {value!r}", param=field.name)

    return validate


_validate_count = expect("an integer from 0", lambda value: is_number(value, int))
_validate_number = expect("a number from 0", lambda value: is_number(value, int | float))


@attrs.frozen
class RetryPolicy:
    """How often a call is retried, and after which delays, in seconds."""

    max_retries: int = attrs.field(default=3, validator=_validate_count)
    """Attempts after the first; 0 disables retries."""
    first_delay: float = attrs.field(default=0.5, validator=_validate_number)
    """The longest delay before the second attempt; it doubles with each attempt."""
    max_delay: float = attrs.field(default=8.0, validator=_validate_number)
    """The longest delay before any attempt."""
    max_retry_after: float = attrs.field(default=60.0, validator=_validate_number)
    """With a longer Retry-After, the error is raised at once."""
    budget: float = attrs.field(default=10.0, validator=_validate_number)
    """Retries of a client that may fail; successful calls earn them back. `float("inf")` is no limit."""

    def delay(self, attempt: int, error: PolarGridError, jitter: float) -> float | None:
        """Seconds to wait after this attempt (from 1) failed, or None for no retry.

        `jitter` is a random number from 0 to 1: full jitter, so that clients do not retry in step.
        """
        if attempt > self.max_retries or not is_retryable(error):
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.max_retry_after else None
        return jitter * min(self.max_delay, self.first_delay * 2.0 ** min(attempt - 1, 30))


def is_retryable(error: PolarGridError) -> bool:
    """Whether another attempt may succeed: no connection, a timeout, a busy server, or a temporary failure."""
    if error.status_code is None:
        return isinstance(error, NetworkError | TimeoutError)
    return error.status_code in _RETRYABLE_STATUS


def is_failover_candidate(error: PolarGridError) -> bool:
    """Whether another endpoint can serve the call at once: this one was not reached, or responded 503."""
    return error.status_code == 503 or (isinstance(error, NetworkError | TimeoutError) and not error.sent)


def is_endpoint_failure(error: PolarGridError) -> bool:
    """Whether the error counts against the endpoint."""
    return is_failover_candidate(error) or isinstance(error, TimeoutError)


def choose_next_step(
    error: PolarGridError, *, is_replayable: bool, can_fail_over: bool, can_retry: bool
) -> Literal["fail over", "retry", "raise"]:
    """Decide what follows a failed attempt: whether the request can be sent a second time (an upload that was read
    cannot), whether another endpoint is available, and whether the RetryPolicy and the deadline allow a retry.
    """
    if error.sent and not is_replayable:
        return "raise"
    if can_fail_over and is_failover_candidate(error):
        return "fail over"
    return "retry" if can_retry else "raise"


class RetryBudget:
    """The retries that a client has left: a token bucket.

    During an outage, retries add to the load. A retry takes a token; a call that succeeds returns what it took and a
    tenth more. So temporary failures are always retried, and an outage costs a few retries in all.
    """

    def __init__(self, size: float) -> None:
        self._size = self._tokens = size
        self.is_full = True  # then a refund has no effect
        self._lock = Lock()  # a client may serve many threads

    def acquire(self) -> bool:
        """Take a retry; False if there is none."""
        with self._lock:
            if self._tokens < 1:
                return False
            self._tokens -= 1
            self.is_full = False
            return True

    def refund(self, retries: int) -> None:
        """Return the retries of a call that succeeded."""
        with self._lock:
            self._tokens = min(self._size, self._tokens + retries + _REFUND)
            self.is_full = self._tokens >= self._size
