"""The limits of a key: requests and tokens a minute. Pure."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from polargrid_edge.errors import EdgeError
from polargrid_edge.keys.key import Key

_MINUTE = 60.0


@dataclass(slots=True)
class _Bucket:
    """What is left of a limit: it grows evenly, up to a minute's worth, and may be negative."""

    limit: int
    level: float
    at: float

    def advance(self, now: float, limit: int) -> None:
        """Add what has grown since the last time; a limit that changed counts from now on."""
        self.level = min(float(limit), self.level + max(0.0, now - self.at) * self.limit / _MINUTE)
        self.limit, self.at = limit, now

    def seconds_until(self, level: float) -> float:
        return max(0.0, level - self.level) * _MINUTE / self.limit


class RateLimiter:
    """Admits the requests of each key within its limits; those of this edge, since its start.

    The tokens of a request are known at its end, so a request is admitted while there are tokens left, and what it
    used beyond that is missing afterwards.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def admit(self, key: Key) -> None:
        """Count a request. Raises `EdgeError` 429, which is not counted."""
        buckets = dict(self._advance(key))
        waits = {kind: bucket.seconds_until(1.0) for kind, bucket in buckets.items() if bucket.level < 1.0}
        if waits:
            kind = max(waits, key=lambda item: waits[item])
            seconds = max(1, math.ceil(waits[kind]))
            message = f"key {key.name!r} may use {buckets[kind].limit:,} {kind} a minute; retry in {seconds} s"
            headers = {"Retry-After": str(seconds), **self.headers(key)}
            raise EdgeError(429, message, "rate_limit_exceeded", headers=headers)
        if "requests" in buckets:
            buckets["requests"].level -= 1.0

    def spend(self, key: Key, tokens: int) -> None:
        """Count the tokens of a request."""
        for kind, bucket in self._advance(key):
            if kind == "tokens":
                bucket.level -= tokens

    def headers(self, key: Key) -> dict[str, str]:
        """The limits by the names that OpenAI's API has for them.

        `reset` is when the limit is whole again, or, if nothing is left, when the next request is accepted.
        """
        headers: dict[str, str] = {}
        for kind, bucket in self._advance(key):
            remaining = max(0, math.floor(bucket.level))
            reset = bucket.seconds_until(bucket.limit if remaining else 1.0)
            headers[f"x-ratelimit-limit-{kind}"] = str(bucket.limit)
            headers[f"x-ratelimit-remaining-{kind}"] = str(remaining)
            headers[f"x-ratelimit-reset-{kind}"] = f"{math.ceil(reset * 1000)}ms"
        return headers

    def _advance(self, key: Key) -> Iterator[tuple[str, _Bucket]]:
        """The buckets of a key, as they are now."""
        now = self._now()
        for kind, limit in (("requests", key.requests_per_minute), ("tokens", key.tokens_per_minute)):
            if limit is not None:
                bucket = self._buckets.setdefault((key.identity, kind), _Bucket(limit, float(limit), now))
                bucket.advance(now, limit)
                yield kind, bucket
