"""Runs the lanes, and prints their results. The exit status is 1 if anything happened that must not happen."""

from __future__ import annotations

import argparse
import faulthandler
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from qa.stress.faults import FAULTS
from qa.stress.lanes import LANES, Lane, run_lane
from qa.stress.report import describe_lane, print_report
from qa.stress.resources import Resources, limit_arenas, read_resources, wait_for_leaks
from qa.stress.tally import Tally

_CALLS: Final = 20_000  # of each client
_SERVER_TIMEOUT: Final = 60.0  # seconds to respond, and to end
_LANE_TIMEOUT: Final = 900.0  # seconds
_MAX_GROWTH: Final = 8.0  # MiB of memory


@contextmanager
def run_server() -> Iterator[dict[str, Any]]:
    """Run the server until the block ends; the value has its addresses by scheme, and the one of its counts."""
    command = [sys.executable, "-m", "qa.stress.server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()
            try:
                process.wait(_SERVER_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()


def fetch_counts(url: str) -> Any:
    """What the server counted since the last time, as soon as no client is connected."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=_SERVER_TIMEOUT) as response:
        return json.load(response)


def run_checked(lane: Lane, addresses: dict[str, Any], seed: str, calls: int) -> Tally:
    """Run a lane, compare its counts with those of the server, and look for leaks."""
    before = read_resources()
    tally = run_lane(lane, addresses[lane.scheme], seed, calls)
    tally.compare(fetch_counts(addresses["counts"]))
    tally.problems += wait_for_leaks(before)
    tally.problems = [f"{lane}: {problem}" for problem in tally.problems]
    return tally


def run(lanes: Sequence[Lane], calls: int, seed: int) -> int:
    """Make so many calls with each client, in all of its lanes. Returns the number of failures."""
    total, started_at = Tally(), time.monotonic()
    limit_arenas()
    with run_server() as addresses:
        warm = _warm_up(lanes, addresses, seed)
        for number, lane in enumerate(lanes):
            lane_calls = -(-calls // sum(other.client == lane.client for other in lanes))
            lane_started_at = time.monotonic()
            _limit_time()
            tally = run_checked(lane, addresses, f"{seed}x{number}", lane_calls)
            memory = read_resources().memory - warm.memory
            print(describe_lane(tally, time.monotonic() - lane_started_at, memory), flush=True)
            total.merge(tally)
        faulthandler.cancel_dump_traceback_later()
        growth = read_resources().memory - warm.memory
    if growth > _MAX_GROWTH:
        total.problems.append(f"memory: {growth:.1f} MiB more than after the warm-up, at most {_MAX_GROWTH:.0f}")
    print_report(total, growth, time.monotonic() - started_at)
    return total.failures


def _warm_up(lanes: Sequence[Lane], addresses: dict[str, Any], seed: int) -> Resources:
    """Make a few calls in each lane: imports and caches are no leaks."""
    for number, lane in enumerate(lanes):
        _limit_time()
        run_lane(lane, addresses[lane.scheme], f"{seed}w{number}", len(FAULTS))
        fetch_counts(addresses["counts"])
    return read_resources()


def _limit_time() -> None:
    """End the process if the next lane takes too long: the event loop hangs."""
    faulthandler.dump_traceback_later(_LANE_TIMEOUT, exit=True, file=2)  # standard error


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m qa.stress", description=__doc__)
    parser.add_argument("lanes", nargs="*", metavar="WORD", help="only lanes with all of these: sync, fast, https, ...")
    parser.add_argument("--calls", type=int, default=_CALLS, help="of each client [default: 20000]")
    parser.add_argument("--seed", type=int, default=1, help="of the calls and the faults [default: 1]")
    parser.add_argument("--list", action="store_true", help="list the faults")
    options = parser.parse_args(arguments)
    if options.list:
        print("\n".join(f"{fault.name:22} {fault.text}" for fault in FAULTS.values()))
        return 0
    lanes = [lane for lane in LANES if set(options.lanes) <= set(str(lane).split())]
    if not lanes:
        parser.error(f"no lane has all of: {', '.join(options.lanes)}; expected words of: {'; '.join(map(str, LANES))}")
    print(f"{len(FAULTS) - 1} faults, {options.calls} calls of each client, seed {options.seed}", flush=True)
    return 1 if run(lanes, options.calls, options.seed) else 0
