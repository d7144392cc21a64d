"""The soak: an edge in a process of its own, mixed load for some minutes, and the resources that it did not release."""

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

from qa.soak.counts import Counts, find_leaks
from qa.soak.loads import WEIGHTS, Target, use_all_backends
from qa.soak.raw_http import ConnectionCutError
from qa.soak.tally import EXPECTED_CANCELLED, Tally, describe, find_problems

Result = TypeVar("Result")

_SECONDS: Final = 300.0
_REPORT_INTERVAL: Final = 30.0
# With two slots and a queue of sixteen, some requests get 429 and most do not.
_CLIENTS: Final = 16
_IDLE_CHECKS: Final = 150
_IDLE_CHECK_SECONDS: Final = 0.2
_STOP_SECONDS: Final = 30.0
_MAX_LOAD_SECONDS: Final = 180.0


class EdgeProcess:
    """The process of the edge, which reports its resources."""

    def __init__(self, process: Process, url: str) -> None:
        self._process = process
        self.url = url

    async def count_resources(self) -> Counts:
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        await self._process.stdin.drain()
        return Counts(**json.loads(await _read_line(self._process)))

    async def wait_until_idle(self, before: Counts | None = None) -> Counts:
        """The counts once the edge is idle, or after some seconds."""
        counts = await self.count_resources()
        for _ in range(_IDLE_CHECKS):
            if not find_leaks(before or counts, counts):
                break
            await asyncio.sleep(_IDLE_CHECK_SECONDS)
            counts = await self.count_resources()
        return counts


async def _read_line(process: Process) -> bytes:
    assert process.stdout is not None
    async with asyncio.timeout(_STOP_SECONDS):
        line = await process.stdout.readline()
    if not line:
        raise ChildProcessError(f"the edge ended with status {await process.wait()}")
    return line


@asynccontextmanager
async def run_edge_process() -> AsyncIterator[EdgeProcess]:
    """Run an edge for the context; kill it if it does not stop."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "qa.soak.edge_process", stdin=PIPE, stdout=PIPE
    )
    try:
        yield EdgeProcess(process, (await _read_line(process)).decode().strip())
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


async def run_load(load: Awaitable[Result], name: str, tally: Tally) -> Result | None:
    """Await a load; an exception is a failure in the tally."""
    try:
        async with asyncio.timeout(_MAX_LOAD_SECONDS):
            return await load
    except (ConnectionCutError, OSError, TimeoutError, ExceptionGroup) as error:
        tally.add_failure(f"{name}: {error!r}")
        return None


async def run_client(target: Target, random: Random, until: float) -> None:
    """Run random loads one after another."""
    while time.monotonic() < until:
        (load,) = random.choices(list(WEIGHTS), list(WEIGHTS.values()))
        target.tally.kinds[load.__name__] += 1
        await run_load(load(target, random), load.__name__, target.tally)


async def report_progress(edge: EdgeProcess, tally: Tally, start: float, until: float) -> None:
    """Print a line per interval."""
    while (remaining := until - time.monotonic()) > 0:
        await asyncio.sleep(min(_REPORT_INTERVAL, remaining))
        counts = await edge.count_resources()
        print(f"{time.monotonic() - start:4.0f} s: {tally.summary()}; {describe(counts)}", flush=True)


async def soak(seconds: float, seed: int) -> int:
    """Run the soak and print its results; returns the exit status."""
    tally = Tally()
    async with run_edge_process() as edge:
        audio = await run_load(use_all_backends(edge.url, tally), "before the load", tally)
        target = Target(edge.url, audio or b"none", tally)
        # Every kind once: the number of threads and the size of buffers grow to their limits before the first count.
        await asyncio.gather(
            *(run_load(load(target, Random(seed)), load.__name__, tally) for load in WEIGHTS)  # noqa: S311  no secret
        )
        warm = await edge.wait_until_idle()
        print(f"warm: {describe(warm)}", flush=True)
        start = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(report_progress(edge, tally, start, start + seconds))
            for number in range(_CLIENTS):
                random = Random(f"{seed}.{number}")  # noqa: S311
                tasks.create_task(run_client(target, random, start + seconds))
        await run_load(use_all_backends(edge.url, tally), "after the load", tally)
        after = await edge.wait_until_idle(warm)
    print(f"idle: {describe(after)}")
    print(f"load: {', '.join(f'{count} {kind}' for kind, count in tally.kinds.most_common())}")
    problems = list(find_problems(tally, warm, after))
    print(f"{tally.summary()} (expected in 5 minutes: at least {EXPECTED_CANCELLED} cancelled)")
    print("\n".join(["FAILED:", *problems]) if problems else "passed: the edge released all resources")
    return 1 if problems else 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m qa.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=_SECONDS, help="duration of the load [default: 300]")
    parser.add_argument("--seed", type=int, default=7, help="seed of the mix [default: 7]")
    options = parser.parse_args(arguments)
    return asyncio.run(soak(options.seconds, options.seed))
