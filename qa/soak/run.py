"""The soak: an edge in a process of its own, mixed load for some minutes, and what is left of it afterwards."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Final, TypeVar

from qa.soak.counts import Counts, left
from qa.soak.figures import WANTED_CANCELLED, Tally, held, verdict
from qa.soak.loads import SHARES, Target, everything
from qa.soak.wire import CutError

Made = TypeVar("Made")

_SECONDS: Final = 300.0
_LINE_EVERY: Final = 30.0
# With two at the model and sixteen in line some are told to come back, and most are not.
_CLIENTS: Final = 16
_TURNS: Final = 150
_TURN_SECONDS: Final = 0.2
_STOP_SECONDS: Final = 30.0
_LONGEST_LOAD: Final = 180.0


class Edge:
    """The edge's process, asked what it holds."""

    def __init__(self, process: Process, url: str) -> None:
        self._process = process
        self.url = url

    async def counts(self) -> Counts:
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        await self._process.stdin.drain()
        return Counts(**json.loads(await _line(self._process)))

    async def idle(self, before: Counts | None = None) -> Counts:
        """Its counts once nothing is served, or after some seconds all the same."""
        counts = await self.counts()
        for _ in range(_TURNS):
            if not left(before or counts, counts):
                break
            await asyncio.sleep(_TURN_SECONDS)
            counts = await self.counts()
        return counts


async def _line(process: Process) -> bytes:
    assert process.stdout is not None
    async with asyncio.timeout(_STOP_SECONDS):
        line = await process.stdout.readline()
    if not line:
        raise ChildProcessError(f"the edge ended with status {await process.wait()}")
    return line


@asynccontextmanager
async def served() -> AsyncIterator[Edge]:
    """An edge that ends with the context, if need be by force."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "qa.soak.served", stdin=PIPE, stdout=PIPE)
    try:
        yield Edge(process, (await _line(process)).decode().strip())
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


async def attempt(doing: Awaitable[Made], what: str, tally: Tally) -> Made | None:
    """Does it; what keeps it from its end is the tally's."""
    try:
        async with asyncio.timeout(_LONGEST_LOAD):
            return await doing
    except (CutError, OSError, TimeoutError, ExceptionGroup) as fault:
        tally.fault(f"{what}: {fault!r}")
        return None


async def client(target: Target, random: Random, until: float) -> None:
    """One load after another."""
    while time.monotonic() < until:
        (load,) = random.choices(list(SHARES), list(SHARES.values()))
        target.tally.kinds[load.__name__] += 1
        await attempt(load(target, random), load.__name__, target.tally)


async def told(edge: Edge, tally: Tally, began: float, until: float) -> None:
    """A line now and then."""
    while (remaining := until - time.monotonic()) > 0:
        await asyncio.sleep(min(_LINE_EVERY, remaining))
        print(f"{time.monotonic() - began:4.0f} s: {tally.line()}, {held(await edge.counts())}", flush=True)


async def soak(seconds: float, seed: int) -> int:
    """Runs it and prints it; gives the exit status."""
    tally = Tally()
    async with served() as edge:
        audio = await attempt(everything(edge.url, tally), "before the load", tally)
        target = Target(edge.url, audio or b"none", tally)
        await asyncio.gather(
            *(attempt(load(target, Random(seed)), load.__name__, tally) for load in SHARES)  # noqa: S311  no secret
        )
        warm = await edge.idle()
        print(f"warm: {held(warm)}", flush=True)
        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(told(edge, tally, began, began + seconds))
            for number in range(_CLIENTS):
                random = Random(f"{seed}.{number}")  # noqa: S311
                tasks.create_task(client(target, random, began + seconds))
        await attempt(everything(edge.url, tally), "after the load", tally)
        after = await edge.idle(warm)
    print(f"idle: {held(after)}")
    print(f"load: {', '.join(f'{count} {kind}' for kind, count in tally.kinds.most_common())}")
    wrong = list(verdict(tally, warm, after))
    print(f"{tally.line()} (in 5 minutes {WANTED_CANCELLED} or more cancelled are wanted)")
    print("\n".join(["The edge is NOT as it was:", *wrong]) if wrong else "The edge is as it was.")
    return 1 if wrong else 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m qa.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=_SECONDS, help="how long the load lasts [default: 300]")
    parser.add_argument("--seed", type=int, default=7, help="of the mix [default: 7]")
    given = parser.parse_args(arguments)
    return asyncio.run(soak(given.seconds, given.seed))
