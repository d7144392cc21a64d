"""What a row costs: a run from file to file, and bare async calls of the SDK, at the same concurrency.

python -m qa.batch_cost --rows 20000

Both call a server in a process of its own. CPU is that of the client's process; memory its largest resident size. The
exit status is 1 if a row of the run costs more than 1.5 times as much as a call, or the run needs more than 150 MB.
`--rows 1000000` shows that memory does not grow. `--index 10000000` only builds the index of so many rows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

from qa.batch_kill import write_input
from qa.batch_server import start_server

_MOST_RATIO, _MOST_MEGABYTES = 1.5, 150


async def run_bare(source: Path, url: str, in_flight: int, transport: str) -> int:
    """Call `chat_completion` for each row, from `in_flight` tasks."""
    from polargrid import PolarGrid

    rows = iter(source.open(encoding="utf-8"))
    done = 0

    async def work(client: PolarGrid) -> None:
        nonlocal done
        for line in rows:
            await client.chat_completion(json.loads(line)["body"])
            done += 1

    async with PolarGrid(base_url=url, api_key="k", max_connections=in_flight, transport=transport) as client:  # type: ignore[arg-type]
        await asyncio.gather(*(work(client) for _ in range(in_flight)))
    return done


async def run_batch(source: Path, url: str, in_flight: int, transport: str) -> int:
    """Run from file to file."""
    from polargrid import PolarGrid
    from polargrid_batch import run_file

    output = source.with_name("out.jsonl")
    async with PolarGrid(base_url=url, api_key="k", max_connections=in_flight, transport=transport) as client:  # type: ignore[arg-type]
        return (await run_file(source, output, client=client, max_in_flight=in_flight)).succeeded


def measure(kind: str, source: Path, url: str, in_flight: int, transport: str) -> None:
    """Measure one of them in this process, and print a line for people and one for the program."""
    function = run_batch if kind == "batch" else run_bare
    started_at, cpu = time.perf_counter(), time.process_time()
    rows = asyncio.run(function(source, url, in_flight, transport))
    seconds, cpu = time.perf_counter() - started_at, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cost = cpu / rows * 1e6
    print(f"{kind:>5}: {cost:5.0f} µs CPU a row, {rows / seconds:6,.0f} rows/s, {memory:4.0f} MB ({rows:,} rows)")
    print(cost, memory)


def measure_index(rows: int) -> None:
    """Build the index of an output with so many rows, and print its memory."""
    from polargrid_batch.index import DoneRows

    tracemalloc.start()
    done = DoneRows()
    for number in range(1, rows + 1):
        done.add(number, number * 2_654_435_761)
    size, peak = tracemalloc.get_traced_memory()
    print(f"index of {done.count:,} rows: {size:,} bytes, {size / rows:.2f} a row, at most {peak:,} while it grew")


def main() -> int:
    """Measure each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--in-flight", type=int, default=256)
    parser.add_argument("--latency", type=float, default=0.05, help="of the server, in seconds")
    parser.add_argument("--transport", default="httpx")
    parser.add_argument("--index", type=int, metavar="ROWS", help="measure the index of so many rows, and nothing else")
    parser.add_argument("--one", nargs=3, metavar=("KIND", "INPUT", "URL"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        kind, source, url = arguments.one
        measure(kind, Path(source), url, arguments.in_flight, arguments.transport)
        return 0
    if arguments.index:
        measure_index(arguments.index)
        return 0
    costs: dict[str, float] = {}
    memory = 0.0
    with tempfile.TemporaryDirectory() as folder, start_server(arguments.latency) as url:
        source = Path(folder) / "in.jsonl"
        write_input(source, arguments.rows)
        for kind in ("bare", "batch"):
            command = [sys.executable, "-m", "qa.batch_cost", *sys.argv[1:], "--one", kind, str(source), url]
            output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
            print(output[0], flush=True)
            costs[kind], memory = map(float, output[1].split())
    ratio = costs["batch"] / costs["bare"]
    print(f"a row of a run costs {ratio:.2f} times as much as a call")
    return int(ratio > _MOST_RATIO or memory > _MOST_MEGABYTES)


if __name__ == "__main__":
    sys.exit(main())
