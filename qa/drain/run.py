"""The run: an edge as a process, a load, SIGTERM in the middle, a second edge, and the comparison of all counts."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Final

from polargrid_testing import FakeEdge
from qa.drain.clients import Tally, Target, run_client
from qa.drain.compare import Lines, compare_clients, compare_metrics, parse_log, parse_metrics
from qa.soak import requests
from qa.soak.raw_http import ConnectionCutError, fetch

_CLIENTS: Final = 200
_SECONDS: Final = 300.0
_STOP_SECONDS: Final = 30.0
_CHUNK_SECONDS: Final = 0.5
_METRICS: Final = requests.request("GET", "/metrics")
_READY: Final = requests.request("GET", "/readyz")


async def start_edge(log: Path, arguments: Sequence[str]) -> tuple[Process, str]:
    """Run `polargrid serve`; returns the process and its URL."""
    command = [sys.executable, "-m", "polargrid_cli", "serve", "--port", "0", "--access-log", "json"]
    process = await asyncio.create_subprocess_exec(*command, "--access-log-file", str(log), *arguments, stdout=PIPE)
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    match = re.search(r"https?://\S+", line)
    if match is None:
        raise ChildProcessError(f"the edge did not start: {line!r}, status {await process.wait()}")
    return process, match[0]


async def watch_readiness(url: str) -> list[int]:
    """The statuses of /readyz until the edge is gone."""
    statuses: list[int] = []
    with suppress(OSError, ConnectionCutError):
        while True:
            statuses.append((await fetch(url, _READY)).status)
            await asyncio.sleep(0.02)
    return statuses


async def drain(process: Process, target: Target, grace: float) -> list[str]:
    """Send SIGTERM and wait for the end of the edge; returns the problems."""
    url, started = target.url, time.monotonic()
    watch = asyncio.create_task(watch_readiness(url))
    process.send_signal(signal.SIGTERM)
    status = await asyncio.wait_for(process.wait(), grace + _STOP_SECONDS)
    seconds = time.monotonic() - started
    statuses = await watch
    print(f"SIGTERM: the edge ended after {seconds:.1f} s with status {status}", flush=True)
    problems = [] if status == 0 else [f"the edge ended with status {status}; expected 0"]
    if 503 in statuses and 200 in statuses[statuses.index(503) :]:
        problems.append("/readyz was ready again while the edge drained")
    if 503 not in statuses:
        problems.append("/readyz never said that the edge drains")
    return problems


async def settle(url: str, log: Path, tally: Tally) -> str:
    """Wait until the log has a line for each response, and return the metrics after that."""
    for _ in range(100):
        lines = await asyncio.to_thread(read_log, log)
        if len(lines) >= tally.complete.total():
            break
        await asyncio.sleep(0.1)
    return (await fetch(url, _METRICS)).body.decode()


def read_log(log: Path) -> Lines:
    return parse_log(log.read_text("utf-8"))


async def run(seconds: float, clients: int, *, grace: float, seed: int, model: str, arguments: Sequence[str]) -> int:
    """Run the load and print the results; returns the exit status. `arguments` are those of `polargrid serve`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        options = [*arguments, "--grace", str(grace), "--waiting", str(clients), "--data", name]
        logs = folder / "first.log", folder / "second.log"
        process, url = await start_edge(logs[0], options)
        target = Target(url, model)
        await fetch(url, requests.chat(model=model))  # loads the model
        target.tally.complete["chat_completion", "200"] += 1
        tasks = [asyncio.create_task(run_client(target, Random(f"{seed}.{number}"))) for number in range(clients)]  # noqa: S311
        try:
            await asyncio.sleep(seconds / 2)
            problems = await drain(process, target, grace)
            first = target.tally
            process, target.url = await start_edge(logs[1], options)
            target.tally = Tally()
            await asyncio.sleep(seconds / 2)
            target.is_ending = True
            await asyncio.gather(*tasks)
            metrics = await settle(target.url, logs[1], target.tally)
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), grace + _STOP_SECONDS)
        finally:
            for task in tasks:
                task.cancel()
            if process.returncode is None:
                process.kill()
                await process.wait()
        lines = [read_log(log) for log in logs]
    for label, tally, log in zip(("before SIGTERM", "after the restart"), (first, target.tally), lines, strict=True):
        print(f"{label}: {describe(tally)}; {len(log)} lines in the access log")
        problems += tally.cut
        problems += compare_clients(tally.complete, log)
    if not first.complete["chat_completion", "503"]:
        problems.append("no request was rejected while the edge drained; send more clients")
    problems += compare_metrics(parse_metrics(metrics), lines[1])
    passed = "passed: nothing is cut or lost, and all counts add up"
    print("\n".join(["FAILED:", *problems[:40]]) if problems else passed)
    return 1 if problems else 0


def describe(tally: Tally) -> str:
    counts = ", ".join(f"{number} {name} {status}" for (name, status), number in sorted(tally.complete.items()))
    return f"{counts}; {tally.unanswered} without a response, {tally.refused} refused connections, {len(tally.cut)} cut"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m qa.drain", description=__doc__)
    parser.add_argument("--seconds", type=float, default=_SECONDS, help="duration of the load [default: 300]")
    parser.add_argument("--clients", type=int, default=_CLIENTS, help="clients at a time [default: 200]")
    parser.add_argument("--grace", type=float, default=120.0, help="grace time of the edge [default: 120]")
    parser.add_argument("--seed", type=int, default=7, help="seed of the mix [default: 7]")
    parser.add_argument(
        "--upstream", action="store_true", help="the edge is in front of a scripted server, so there are more requests"
    )
    options = parser.parse_args(arguments)
    with serve_model(with_upstream=options.upstream) as (model, serve):
        return asyncio.run(
            run(options.seconds, options.clients, grace=options.grace, seed=options.seed, model=model, arguments=serve)
        )


@contextmanager
def serve_model(*, with_upstream: bool) -> Iterator[tuple[str, list[str]]]:
    """The name of the model, and the options of an edge that serves it: itself, or in front of a scripted server."""
    if not with_upstream:
        yield requests.MODEL, ["--chat-model", requests.MODEL]
        return
    with FakeEdge(record=False) as server:
        server.on("list_models").respond()
        server.chat(chunks=["One, ", "two, ", "three."], delay=_CHUNK_SECONDS)
        os.environ["POLARGRID_EDGE_UPSTREAM_KEY"] = server.api_key
        yield "llama-3.1-8b", ["--upstream", server.url]
