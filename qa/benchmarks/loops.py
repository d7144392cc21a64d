"""Doing something again and again for a while, and what once of it costs."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from qa.benchmarks.counter import counter

_WARM = 0.25  # of the seconds, before


@dataclass
class Loops:
    """How long to measure, and by what."""

    seconds: float
    unit: str
    read: Callable[[], float]

    @classmethod
    def of(cls, seconds: float) -> Loops:
        return cls(seconds, *counter())

    def once(self, doing: Callable[[], object]) -> float:
        """What one call costs."""
        self._repeat(doing, self.seconds * _WARM)
        gc.collect()
        before = self.read()
        count = self._repeat(doing, self.seconds)
        return (self.read() - before) / count

    @staticmethod
    def _repeat(doing: Callable[[], object], seconds: float) -> int:
        end, count = time.monotonic() + seconds, 0
        while True:
            doing()
            count += 1
            if time.monotonic() >= end:
                return count

    async def at_once(self, doing: Callable[[], Awaitable[object]], many: int = 1) -> float:
        """What one call costs, with so many under way at once."""
        await self._repeat_at_once(doing, many, self.seconds * _WARM)
        gc.collect()
        before = self.read()
        count = await self._repeat_at_once(doing, many, self.seconds)
        return (self.read() - before) / count

    @staticmethod
    async def _repeat_at_once(doing: Callable[[], Awaitable[object]], many: int, seconds: float) -> int:
        end, count = time.monotonic() + seconds, 0

        async def one_after_another() -> None:
            nonlocal count
            while True:
                await doing()
                count += 1
                if time.monotonic() >= end:
                    return

        if many == 1:
            await one_after_another()
        else:
            await asyncio.gather(*(one_after_another() for _ in range(many)))
        return count
