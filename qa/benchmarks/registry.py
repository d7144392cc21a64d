"""Tasks, how a function is registered as one, and its argument."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from qa.benchmarks.meter import CostMeter

Figures = dict[str, float]


@dataclass
class Bench:
    """A contender at the server, and how it is measured."""

    contender: ModuleType
    url: str
    meter: CostMeter
    folder: Path
    quick: bool

    def create_file(self, mib: int) -> Path:
        """A file of this size, a sparse one: it takes no space on the disk."""
        path = self.folder / f"{mib}.wav"
        if not path.exists():
            with path.open("wb") as file:
                file.truncate(mib << 20)
        return path


@dataclass(frozen=True)
class Task:
    """One measurement, and the names of the contender's functions that it calls."""

    run: Callable[[Bench], Figures]
    needs: tuple[str, ...]

    def is_supported(self, contender: ModuleType) -> bool:
        return all(hasattr(contender, name) for name in self.needs)


Measurement = Callable[[Bench], Figures]
SyncMeasurement = Callable[[Bench, Any], Figures]
AsyncMeasurement = Callable[[Bench, Any], Coroutine[Any, Any, Figures]]


def register(*needs: str, tasks: dict[str, Task]) -> Callable[[Measurement], Measurement]:
    """Register a function as a task, by its name."""

    def decorate(measure: Measurement) -> Measurement:
        tasks[measure.__name__] = Task(measure, needs)
        return measure

    return decorate


def register_sync(*needs: str, tasks: dict[str, Task]) -> Callable[[SyncMeasurement], SyncMeasurement]:
    """Register a function that takes an open client."""

    def decorate(measure: SyncMeasurement) -> SyncMeasurement:
        def run(bench: Bench) -> Figures:
            with bench.contender.client(bench.url) as client:
                return measure(bench, client)

        tasks[measure.__name__] = Task(run, ("client", *needs))
        return measure

    return decorate


def register_async(*needs: str, tasks: dict[str, Task]) -> Callable[[AsyncMeasurement], AsyncMeasurement]:
    """Register a coroutine function that takes an open async client."""

    def decorate(measure: AsyncMeasurement) -> AsyncMeasurement:
        async def run(bench: Bench) -> Figures:
            async with bench.contender.async_client(bench.url) as client:
                return await measure(bench, client)

        tasks[measure.__name__] = Task(lambda bench: asyncio.run(run(bench)), ("async_client", *needs))
        return measure

    return decorate
