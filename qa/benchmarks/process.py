"""The processes of a bench, the server and the workers, as the bench itself sees them."""

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

from qa.benchmarks.environments import ROOT, python_of
from qa.benchmarks.roster import Contender

_START_SECONDS: Final = 60.0
_TASK_SECONDS: Final = 180.0
_END_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Setting:
    """How all contenders are measured."""

    url: str
    seconds: float
    folder: Path
    quick: bool


@dataclass(frozen=True)
class Cores:
    """Where the processes run: apart, where there are two cores, and anywhere where there are not."""

    client: list[str]
    server: list[str]

    @classmethod
    def found(cls) -> Cores:
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        return cls([str(cores[0])], [str(cores[-1])]) if len(cores) > 1 else cls([], [])


def _environment() -> dict[str, str]:
    """No proxy, no key and no setting of the machine's reaches a contender."""
    return {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}


@asynccontextmanager
async def started(python: str | Path, module: str, *arguments: str) -> AsyncIterator[Process]:
    """A Python process that ends with its stdin, if need be by force."""
    command = [str(python), "-m", f"qa.benchmarks.{module}", *arguments]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, cwd=ROOT, env=_environment(), limit=1 << 20
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _END_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


async def line_of(process: Process, seconds: float) -> bytes:
    """The next line of its stdout. Raises ChildProcessError where there is none in time."""
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), seconds)
    except TimeoutError:
        process.kill()
        raise ChildProcessError(f"nothing came within {seconds:.0f} s") from None
    if not line:
        raise ChildProcessError(f"it ended with status {await process.wait()}")
    return line


@asynccontextmanager
async def server(cores: Cores) -> AsyncIterator[str]:
    """The URL of the server, which runs meanwhile."""
    async with started(sys.executable, "server", *cores.server) as process:
        yield f"http://127.0.0.1:{int(await line_of(process, _START_SECONDS))}"


class Worker:
    """A contender's process. One that failed or hung answers every further task with its error."""

    def __init__(self, process: Process, said: dict[str, Any]) -> None:
        self._process = process
        self.able: frozenset[str] = frozenset(said.get("able", ()))
        self.unit: str = said.get("unit", "s")
        self.version: str | None = said.get("version")
        self.error: str | None = said.get("error")

    async def ask(self, task: str) -> dict[str, Any]:
        """Its figures, or the error."""
        assert self._process.stdin is not None
        if self.error is None:
            try:
                self._process.stdin.write(f"{task}\n".encode())
                await self._process.stdin.drain()
                return dict(json.loads(await line_of(self._process, _TASK_SECONDS)))
            except OSError as error:  # ChildProcessError is one
                self.error = str(error)
        return {"error": self.error}


@asynccontextmanager
async def worker(contender: Contender, setting: Setting, cores: Cores) -> AsyncIterator[Worker]:
    """A contender's process, ready."""
    pace = "quick" if setting.quick else "full"
    arguments = (contender.module, setting.url, str(setting.seconds), str(setting.folder), pace, *cores.client)
    async with started(python_of(contender), "worker", *arguments) as process:
        try:
            said = json.loads(await line_of(process, _START_SECONDS))
        except ChildProcessError as error:
            said = {"error": str(error)}
        yield Worker(process, said)
