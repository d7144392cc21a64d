"""The processes of a bench, the server and the workers, as the bench uses them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from qa.benchmarks.environments import ROOT, create_contender_environment
from qa.benchmarks.roster import Contender

_START_TIMEOUT: Final = 60.0
_TASK_TIMEOUT: Final = 180.0
_STOP_TIMEOUT: Final = 10.0


@dataclass(frozen=True)
class Settings:
    """How all contenders are measured."""

    url: str
    seconds: float
    folder: Path
    quick: bool


@dataclass(frozen=True)
class Cores:
    """The cores of the processes: one each if there are two, otherwise any."""

    client: list[str]
    server: list[str]

    @classmethod
    def detect(cls) -> Cores:
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        return cls([str(cores[0])], [str(cores[-1])]) if len(cores) > 1 else cls([], [])


def _process_environment() -> dict[str, str]:
    """No proxy, key or setting of the machine reaches a contender."""
    return {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}


@asynccontextmanager
async def start_process(python: str | Path, module: str, *arguments: str) -> AsyncIterator[Process]:
    """Start a Python process that ends with its stdin; after a timeout it is killed."""
    command = [str(python), "-m", f"qa.benchmarks.{module}", *arguments]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, cwd=ROOT, env=_process_environment(), limit=1 << 20
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _STOP_TIMEOUT)
        except TimeoutError:
            process.kill()
            await process.wait()


async def read_line(process: Process, timeout: float) -> bytes:  # noqa: ASYNC109 - it kills the process
    """Read the next line of stdout. Raises ChildProcessError if there is none within the timeout."""
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), timeout)
    except TimeoutError:
        process.kill()
        raise ChildProcessError(f"no output within {timeout:.0f} s") from None
    if not line:
        raise ChildProcessError(f"the process ended with status {await process.wait()}")
    return line


@asynccontextmanager
async def run_server(cores: Cores) -> AsyncIterator[str]:
    """Run the server until the block ends; the value is its URL."""
    async with start_process(sys.executable, "server", *cores.server) as process:
        yield f"http://127.0.0.1:{int(await read_line(process, _START_TIMEOUT))}"


class Worker:
    """A contender's process. After it failed or hung, it returns its error for every further task."""

    def __init__(self, process: Process, greeting: dict[str, Any]) -> None:
        self._process = process
        self.supported: frozenset[str] = frozenset(greeting.get("supported", ()))
        self.unit: str = greeting.get("unit", "s")
        self.version: str | None = greeting.get("version")
        self.error: str | None = greeting.get("error")

    async def run_task(self, task: str) -> dict[str, Any]:
        """Return the figures of a task, or its error."""
        assert self._process.stdin is not None
        if self.error is None:
            try:
                self._process.stdin.write(f"{task}\n".encode())
                await self._process.stdin.drain()
                return dict(json.loads(await read_line(self._process, _TASK_TIMEOUT)))
            except OSError as error:  # ChildProcessError is one
                self.error = str(error)
        return {"error": self.error}


@asynccontextmanager
async def run_worker(contender: Contender, settings: Settings, cores: Cores) -> AsyncIterator[Worker]:
    """Run a contender's process until the block ends."""
    pace = "quick" if settings.quick else "full"
    arguments = (contender.module, settings.url, str(settings.seconds), str(settings.folder), pace, *cores.client)
    async with start_process(create_contender_environment(contender), "worker", *arguments) as process:
        try:
            greeting = json.loads(await read_line(process, _START_TIMEOUT))
        except ChildProcessError as error:
            greeting = {"error": str(error)}
        yield Worker(process, greeting)
