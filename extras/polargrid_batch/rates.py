"""At most so many rows and tokens a minute: token buckets. Pure; time is an argument."""

from __future__ import annotations


class Bucket:
    """An amount that refills evenly. A bucket that is not empty may be overdrawn, so that a large row is not stuck."""

    def __init__(self, per_minute: float, burst: float | None = None) -> None:
        """`burst` is what may be taken at once; by default that of one second, and one at least."""
        if not per_minute > 0:  # nor NaN
            raise ValueError(f"expected a rate above 0, not {per_minute}")
        self._per_second = per_minute / 60
        self._burst = max(1.0, self._per_second) if burst is None else burst
        self._level, self._filled_at = self._burst, 0.0
        self._is_started = False

    def ready_at(self, now: float, amount: float) -> float:
        """When the amount may be taken: `now` or later."""
        self._fill(now)
        missing = min(amount, self._burst) - self._level
        return now if missing <= 1e-6 * self._burst else now + missing / self._per_second

    def take(self, now: float, amount: float) -> None:
        """Take the amount; a negative one is given back."""
        self._fill(now)
        self._level = min(self._burst, self._level - amount)

    def _fill(self, now: float) -> None:
        if self._is_started:
            self._level = min(self._burst, self._level + (now - self._filled_at) * self._per_second)
        self._filled_at, self._is_started = now, True


class Rates:
    """`max_rows_per_minute` and `max_tokens_per_minute` of a run; None is no limit."""

    def __init__(self, rows_per_minute: float | None = None, tokens_per_minute: float | None = None) -> None:
        self._rows = None if rows_per_minute is None else Bucket(rows_per_minute)
        self._tokens = None if tokens_per_minute is None else Bucket(tokens_per_minute)

    def ready_at(self, now: float, tokens: float) -> float:
        """When a row of this many tokens may be sent: `now` or later."""
        ready = now if self._rows is None else self._rows.ready_at(now, 1)
        return ready if self._tokens is None else max(ready, self._tokens.ready_at(now, tokens))

    def take(self, now: float, tokens: float) -> None:
        """Count a row that is sent."""
        if self._rows is not None:
            self._rows.take(now, 1)
        self.correct(now, tokens)

    def correct(self, now: float, tokens: float) -> None:
        """Count tokens that the estimate did not have; negative if it had too many."""
        if self._tokens is not None:
            self._tokens.take(now, tokens)
