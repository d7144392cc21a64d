"""Repeats a call for some time, and returns what one call costs."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from qa.benchmarks.counter import open_counter

_WARM_UP = 0.25  # of the seconds


@dataclass
class CostMeter:
    """How long a call is repeated, and the counter of its cost."""

    seconds: float
    unit: str
    read: Callable[[], float]

    @classmethod
    def create(cls, seconds: float) -> CostMeter:
        """A meter with the best counter of this machine."""
        return cls(seconds, *open_counter())

    def measure(self, call: Callable[[], object]) -> float:
        """The cost of one call."""
        self._repeat(call, self.seconds * _WARM_UP)
        gc.collect()
        before = self.read()
        count = self._repeat(call, self.seconds)
        return (self.read() - before) / count

    @staticmethod
    def _repeat(call: Callable[[], object], seconds: float) -> int:
        end, count = time.monotonic() + seconds, 0
        while True:
            call()
            count += 1
            if time.monotonic() >= end:
                return count

    async def measure_async(self, call: Callable[[], Awaitable[object]], concurrency: int = 1) -> float:
        """The cost of one call, with several calls at the same time."""
        await self._repeat_async(call, concurrency, self.seconds * _WARM_UP)
        gc.collect()
        before = self.read()
        count = await self._repeat_async(call, concurrency, self.seconds)
        return (self.read() - before) / count

    @staticmethod
    async def _repeat_async(call: Callable[[], Awaitable[object]], concurrency: int, seconds: float) -> int:
        end, count = time.monotonic() + seconds, 0

        async def repeat() -> None:
            nonlocal count
            while True:
                await call()
                count += 1
                if time.monotonic() >= end:
                    return

        if concurrency == 1:
            await repeat()
        else:
            await asyncio.gather(*(repeat() for _ in range(concurrency)))
        return count
