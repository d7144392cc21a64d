"""How well a run uses a server that refuses what it has no place for.

python -m qa.batch_flow --places 4 32 256

For each number of places: the throughput as a share of the ideal (places / latency), and the refusals a row, which must
be at least 95 % and at most 0.3. No row may be lost. Each run takes about `--seconds` at the ideal throughput. A row
takes a second, so that the CPU is not the limit. `--fault 429 503 slow dies` adds runs in which the server refuses
everything, is slow, or closes all connections for 2 of each 20 seconds: then no row may be lost, and the refusals have
the same bound.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

from polargrid import PolarGrid
from polargrid_batch import Summary, run_file
from qa.batch_kill import write_input
from qa.batch_server import start_server


async def run_once(folder: Path, url: str, transport: str) -> tuple[Summary, float]:
    """Run, and return the counts and the seconds."""
    started_at = time.perf_counter()
    async with PolarGrid(base_url=url, api_key="k", transport=transport, max_connections=512) as client:  # type: ignore[arg-type]
        summary = await run_file(folder / "in.jsonl", folder / "out.jsonl", client=client, max_in_flight=512)
    return summary, time.perf_counter() - started_at


def main() -> int:
    """Measure each number of places, and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--places", type=int, nargs="+", default=[4, 32, 256])
    parser.add_argument("--latency", type=float, default=1.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--fault", nargs="*", default=[], choices=("429", "503", "slow", "dies"))
    parser.add_argument("--transport", default="fast")
    arguments = parser.parse_args()
    is_good = True
    for places, fault in product(arguments.places, ["", *arguments.fault]):
        rows = round(arguments.seconds * places / arguments.latency)
        with tempfile.TemporaryDirectory() as name, start_server(arguments.latency, places, fault) as url:
            write_input(Path(name) / "in.jsonl", rows)
            summary, seconds = asyncio.run(run_once(Path(name), url, arguments.transport))
        share, refusals = rows * arguments.latency / places / seconds, summary.refusals / rows
        lost = rows - summary.succeeded
        is_good &= (share >= 0.95 or bool(fault)) and refusals <= 0.3 and not lost
        print(
            f"{places:4} places {fault:4}: {rows:7,} rows, {share:6.1%} of the ideal, "
            f"{refusals:.3f} refusals a row, {lost} lost",
            flush=True,
        )
    return int(not is_good)


if __name__ == "__main__":
    sys.exit(main())
