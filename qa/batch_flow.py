"""How well a run uses a server that refuses what it has no place for, has storms of 429 and 503, is slow, or dies.

python -m qa.batch_flow

For each number of places and each fault: the rows that ended, as a share of those that a client with perfect knowledge
could have had, and the refusals a row. The exit status is 1 if a share is below 95 %, if there are more than 0.3
refusals a row, or if a row is lost.

The ideal comes from the server's record and plan (`qa.batch_plan.count_ideal_rows`), and not from the client: each
place has a row at each moment at which the server takes one. What a storm or an outage takes from the server is no loss
of the client, nor are the rows that die with it; each moment after it in which a place is empty is one. A row that
starts in a slow time keeps its place five times as long, in the ideal too.

The time that counts is from the first request to the last one with a new row, both by the server's clock: the start of
the client's process has no rows, and after the last new row there are none for all places, whoever sends them. In that
time are the slow start, and an outage of 2 seconds in each 20. `--seconds` of 120 make the slow start, which is 1 to 2
seconds for 256 places, about 1 %, and have 6 outages.

A row takes a second, at 256 places four. The limiter sees places; what costs CPU is rows per second: 256 of them are
most of a core for the client, and as much for the server, so that a busy machine is measured instead of the limiter.
The times are even between half and one and a half of that, as no server answers in lockstep. `--jobs` run at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from polargrid import PolarGrid
from polargrid_batch import Summary, run_file
from qa.batch_kill import write_input
from qa.batch_plan import FAULTS, ServerPlan, count_ideal_rows
from qa.batch_server import Record, read_counts, start_plan

LEAST_SHARE, MOST_REFUSALS = 0.95, 0.3
_MANY_PLACES, _LATENCY, _LATENCY_OF_MANY, _SPREAD = 128, 1.0, 4.0, 0.5


@dataclass(frozen=True)
class Flow:
    """What came of one run."""

    plan: ServerPlan
    rows: int
    share: float
    refusals: float
    lost: int

    @property
    def is_good(self) -> bool:
        """Whether each bound is kept."""
        return self.share >= LEAST_SHARE and self.refusals <= MOST_REFUSALS and not self.lost

    def __str__(self) -> str:
        return (
            f"{self.plan.places:4} places {self.plan.fault:4}: {self.rows:7,} rows, {self.share:6.1%} of the ideal, "
            f"{self.refusals:.3f} refusals a row, {self.lost} lost{'' if self.is_good else '  MISSED'}"
        )


async def run_once(folder: Path, url: str, transport: str) -> Summary:
    """Run from file to file."""
    async with PolarGrid(base_url=url, api_key="k", transport=transport, max_connections=512) as client:  # type: ignore[arg-type]
        return await run_file(folder / "in.jsonl", folder / "out.jsonl", client=client, max_in_flight=512)


def measure(plan: ServerPlan, seconds: float, transport: str) -> Flow:
    """Run so many rows as the ideal client has in this time."""
    rows = round(count_ideal_rows(plan, 0.0, seconds))
    with tempfile.TemporaryDirectory() as name, start_plan(plan) as url:
        write_input(Path(name) / "in.jsonl", rows)
        asyncio.run(run_once(Path(name), url, transport))
        record = Record(**read_counts(url))
        lines = (Path(name) / "out.jsonl").read_text("utf-8").splitlines()
    ids = Counter(item["custom_id"] for item in map(json.loads, lines) if item["error"] is None)
    ideal = count_ideal_rows(plan, record.first_at, record.last_new_at)
    return Flow(plan, rows, record.completed_by_then / ideal, record.refused / rows, rows - len(ids))


def build_plans(places: Sequence[int], faults: Sequence[str], latency: float | None) -> list[ServerPlan]:
    """Return the servers, those with few places last: they cost little, and end while others still run."""
    plans = []
    for count, fault in product(sorted(places, reverse=True), faults):
        default = _LATENCY_OF_MANY if count >= _MANY_PLACES else _LATENCY
        plans.append(ServerPlan(latency or default, _SPREAD, count, fault))
    return plans


def main() -> int:
    """Measure each number of places with each fault, and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--places", type=int, nargs="+", default=[4, 32, 256])
    parser.add_argument("--fault", nargs="*", default=FAULTS, choices=FAULTS, help="beside a server without; all")
    parser.add_argument("--latency", type=float, help="of a row, in seconds  [default: 1, from 128 places on 4]")
    parser.add_argument("--seconds", type=float, default=120.0, help="of each run")
    parser.add_argument("--jobs", type=int, default=3, help="runs at a time")
    parser.add_argument("--transport", default="fast")
    arguments = parser.parse_args()
    plans = build_plans(arguments.places, ["", *arguments.fault], arguments.latency)
    is_good = True
    with ProcessPoolExecutor(arguments.jobs, multiprocessing.get_context("spawn")) as pool:
        runs = [pool.submit(measure, plan, arguments.seconds, arguments.transport) for plan in plans]
        for run in runs:
            print(flow := run.result(), flush=True)
            is_good &= flow.is_good
    return int(not is_good)


if __name__ == "__main__":
    sys.exit(main())
