"""What follows a failed attempt of a row: another one, an error in the output, or the end of the run. Pure."""

from __future__ import annotations

from typing import Literal, NamedTuple

import attrs

from polargrid.errors import AuthenticationError, BillingError, PermissionDeniedError, PolarGridError
from polargrid.retry import is_retryable
from polargrid_batch.limiter import Outcome

_NO_CREDIT = "insufficient_quota"


class NextStep(NamedTuple):
    """What to do with the row: `delay` is in seconds, and for `retry` only."""

    action: Literal["retry", "fail", "stop"]
    delay: float = 0.0


@attrs.frozen
class RowPolicy:
    """How often one row is asked. Attempts that a server refused do not count, unless it takes all other rows."""

    max_attempts: int = 8
    """Attempts that may end with a failure of the server, a timeout or a broken connection."""
    max_refusals: int = 100
    """Attempts that may be refused (429, 503, no connection) while other rows succeed, or if there are no others."""
    first_delay: float = 1.0
    max_delay: float = 30.0


@attrs.define
class RowState:
    """The attempts of one row so far."""

    attempts: int = 0
    failures: int = 0
    refusals: int = 0
    successes_before: int = 0
    """Rows of the run that had succeeded when the last attempt started."""


def choose_next_step(
    error: PolarGridError,
    outcome: Outcome,
    state: RowState,
    policy: RowPolicy,
    *,
    successes: int,
    is_out: bool,
    is_alone: bool,
    jitter: float,
) -> NextStep:
    """Decide, and count the attempt in `state`.

    `successes` are the rows of the run that succeeded, `is_out` is whether no region can be reached, `is_alone` whether
    no other row is left, `jitter` a random number from 0 to 1.
    """
    if is_fatal(error):
        return NextStep("stop")
    is_refusal = outcome == "refusal" or (outcome == "unreachable" and not error.sent)
    if not is_refusal and not is_retryable(error):
        return NextStep("fail")
    counts = is_alone or not is_out
    if is_refusal:
        state.refusals += counts and (is_alone or successes > state.successes_before)
        return NextStep("retry") if state.refusals < policy.max_refusals else NextStep("fail")
    state.failures += counts
    if state.failures >= policy.max_attempts:
        return NextStep("fail")
    exponent = min(max(state.failures, 1) - 1, 30)
    return NextStep("retry", jitter * min(policy.max_delay, policy.first_delay * 2.0**exponent))


def is_fatal(error: PolarGridError) -> bool:
    """Whether every other row would fail in the same way: the key is not accepted, or there is no credit left."""
    if isinstance(error, PermissionDeniedError):
        return False  # of one model, perhaps
    return isinstance(error, AuthenticationError | BillingError) or _NO_CREDIT in (error.code, error.type)
