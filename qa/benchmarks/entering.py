"""A task, how a function becomes one, and what it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from qa.benchmarks.loops import Loops

Figures = dict[str, float]


@dataclass
class Bench:
    """One contender at one server."""

    contender: ModuleType
    url: str
    loops: Loops
    folder: Path
    quick: bool

    def file(self, mib: int) -> Path:
        """A file of that size, all zeros: it takes no room on the disk."""
        path = self.folder / f"{mib}.wav"
        if not path.exists():
            with path.open("wb") as file:
                file.truncate(mib << 20)
        return path


@dataclass(frozen=True)
class Task:
    """One thing to measure."""

    run: Callable[[Bench], Figures]
    needs: tuple[str, ...]

    def possible(self, contender: ModuleType) -> bool:
        return all(hasattr(contender, name) for name in self.needs)


Measured = Callable[[Bench], Figures]
Sync = Callable[[Bench, Any], Figures]
Async = Callable[[Bench, Any], Coroutine[Any, Any, Figures]]


def task(*needs: str, into: dict[str, Task]) -> Callable[[Measured], Measured]:
    """Enter a function as a task, by its name."""

    def entered(run: Measured) -> Measured:
        into[run.__name__] = Task(run, needs)
        return run

    return entered


def sync_task(*needs: str, into: dict[str, Task]) -> Callable[[Sync], Sync]:
    """The same for a function that takes a client, open."""

    def entered(measured: Sync) -> Sync:
        def run(bench: Bench) -> Figures:
            with bench.contender.client(bench.url) as client:
                return measured(bench, client)

        into[measured.__name__] = Task(run, ("client", *needs))
        return measured

    return entered


def async_task(*needs: str, into: dict[str, Task]) -> Callable[[Async], Async]:
    """The same for a coroutine that takes an async client, open."""

    def entered(measured: Async) -> Async:
        async def opened(bench: Bench) -> Figures:
            async with bench.contender.async_client(bench.url) as client:
                return await measured(bench, client)

        into[measured.__name__] = Task(lambda bench: asyncio.run(opened(bench)), ("async_client", *needs))
        return measured

    return entered
