"""Which region the next row goes to: all share the work, each by what it takes. Pure; time is an argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from polargrid_batch.limiter import AIMDLimiter, Outcome, Slot
from polargrid_batch.rates import Rates

#: A server that times out may have generated something.
_WITHOUT_TOKENS = ("refusal", "unreachable", "failure", "abandoned")


class Grant(NamedTuple):
    """A place in a region, for one attempt."""

    region: str
    slot: Slot
    tokens: float
    """The estimate that was counted against the rate."""


class Spread:
    """The limiters of all regions, and the rates of the run."""

    def __init__(self, limiters: Mapping[str, AIMDLimiter], rates: Rates | None = None) -> None:
        """The regions in order of preference, by any name."""
        if not limiters:
            raise ValueError("expected at least one region")
        self.limiters = dict(limiters)
        self._rates = rates or Rates()

    @property
    def is_out(self) -> bool:
        """Whether no region can be reached: single rows probe them."""
        return all(limiter.is_out for limiter in self.limiters.values())

    def acquire(self, now: float, tokens: float = 0) -> Grant | None:
        """Take a place where the smallest part of the places is taken; None if there is none now: see `wake_at`.

        `tokens` estimates what the row uses, for `max_tokens_per_minute`.
        """
        if self._rates.ready_at(now, tokens) > now:
            return None
        for region, limiter in self._rank():
            slot = limiter.acquire(now)
            if slot is not None:
                self._rates.take(now, tokens)
                return Grant(region, slot, tokens)
        return None

    def _rank(self) -> Iterable[tuple[str, AIMDLimiter]]:
        if len(self.limiters) == 1:
            return self.limiters.items()
        return sorted(self.limiters.items(), key=lambda item: item[1].in_flight / item[1].limit)

    def wake_at(self, now: float, tokens: float = 0) -> float | None:
        """When `acquire` may succeed by time alone; `now` if it may at once, None if only after a `release`."""
        times = [at for limiter in self.limiters.values() if (at := limiter.wake_at(now)) is not None]
        return max(min(times), self._rates.ready_at(now, tokens)) if times else None

    def release(
        self, grant: Grant, outcome: Outcome, now: float, hold: float | None = None, tokens: float | None = None
    ) -> None:
        """Give a place back, once: see `AIMDLimiter.release`. `tokens` are those that the row used, if it is known."""
        self.limiters[grant.region].release(grant.slot, outcome, now, hold)
        if outcome in _WITHOUT_TOKENS:
            tokens = 0.0
        if tokens is not None:
            self._rates.correct(now, tokens - grant.tokens)
