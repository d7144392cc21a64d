"""Whatever servers do, in whatever order: rows go on, and no place is lost."""

from __future__ import annotations

import random
from typing import get_args

import pytest

from polargrid_batch.limiter import AIMDLimiter, Bounds, Outcome

OUTCOMES = get_args(Outcome)


@pytest.mark.parametrize("seed", range(40))
def test_random_outcomes(seed):
    """The limit stays within its bounds, `wake_at` says when there is a place, and success ends every pause."""
    source = random.Random(seed)  # noqa: S311 - a test
    limiter = AIMDLimiter(Bounds(start=4, ceiling=40), jitter=source.random)
    now, flying = 0.0, []
    weights = [source.choice([0.1, 1, 10]) for _ in OUTCOMES]
    for _ in range(1500):
        now += source.choice([0, 0.001, 0.1, 1.0]) * source.random()
        if flying and source.random() < 0.5:
            slot = flying.pop(source.randrange(len(flying)))
            outcome = source.choices(OUTCOMES, weights)[0]
            limiter.release(slot, outcome, now, source.choice([None, None, None, 0.5]))
        wakes_at = limiter.wake_at(now)
        assert wakes_at is None or wakes_at >= now
        if source.random() < 0.2 and wakes_at is not None:
            now = wakes_at
        if limiter.wake_at(now) == now:
            flying.append(limiter.acquire(now))
            assert flying[-1] is not None
        else:
            assert limiter.acquire(now) is None
        assert 1 <= limiter.limit <= 40
        assert limiter.in_flight == len(flying)
    for slot in flying:
        limiter.release(slot, source.choice(OUTCOMES), now)
    taken = []
    for _ in range(400):
        now = max(now + 0.05, limiter.wake_at(now))
        taken = [slot] if (slot := limiter.acquire(now)) else []
        for slot in taken:
            limiter.release(slot, "success", now + 0.1)
        now += 0.1
    assert taken
    assert not limiter.is_out
    assert limiter.wake_at(now + 1) == now + 1
