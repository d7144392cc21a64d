"""Kills a run at random moments, and counts what is lost and doubled.

python -m qa.batch_kill --kills 100 --rows 20000 [--parquet --parquet-rows 150]

A run of `polargrid batch run` is killed (SIGKILL) and started again, as often as `--kills` says, then finished. Every
row must be in the output once. The exit status is 1 if one is missing or twice.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from qa.batch_server import read_counts, start_server

_SECONDS = 1.0  # of a run until it is killed, on average, without its start


def write_input(path: Path, rows: int) -> None:
    """Write an input of OpenAI's Batch lines."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            body = {"model": "m", "messages": [{"role": "user", "content": f"row {number}"}]}
            line = {"custom_id": f"id-{number}", "method": "POST", "url": "/v1/chat/completions", "body": body}
            file.write(json.dumps(line, separators=(",", ":")) + "\n")


def run_until(command: list[str], seconds: float | None) -> int:
    """Run the command, and kill it after some time; return its exit status."""
    process = subprocess.Popen(command, env={**os.environ, "POLARGRID_API_KEY": "k"}, stdout=subprocess.DEVNULL)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        return process.wait()


def read_ids(output: Path) -> Iterator[str]:
    """Yield the ids of the rows of an output."""
    if output.suffix == ".parquet":
        import pyarrow.parquet as pq

        yield from pq.read_table(output, columns=["custom_id"])["custom_id"].to_pylist()
    else:
        for line in output.read_text("utf-8").splitlines():
            yield json.loads(line)["custom_id"]


def main() -> int:
    """Run, and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--parquet", action="store_true", help="write Parquet instead of JSON lines")
    parser.add_argument("--parquet-rows", type=int, default=100_000, help="of a part; few: kills hit many parts")
    parser.add_argument("--max-in-flight", type=int, default=64)
    parser.add_argument(
        "--latency", type=float, help="of the server, in seconds; by default so that each kill hits a run"
    )
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    choose = random.Random(arguments.seed)  # noqa: S311 - a seed repeats a run
    started_at = time.monotonic()
    latency = arguments.latency or arguments.max_in_flight * arguments.kills * _SECONDS / arguments.rows
    with tempfile.TemporaryDirectory() as folder, start_server(latency) as url:
        source, output = Path(folder) / "in.jsonl", Path(folder) / ("out.parquet" if arguments.parquet else "out.jsonl")
        write_input(source, arguments.rows)
        command = [sys.executable, "-m", "polargrid_cli", "batch", "run", str(source), "-o", str(output)]
        command += ["--base-url", url, "--max-in-flight", str(arguments.max_in_flight)]
        command += ["--parquet-rows", str(arguments.parquet_rows)]
        kills = sum(run_until(command, choose.uniform(0.3, 2.5)) != 0 for _ in range(arguments.kills))
        status = run_until(command, None)
        ids = Counter(read_ids(output))
        counts = read_counts(url)
    lost = arguments.rows - len(ids)
    doubled = sum(count > 1 for count in ids.values())
    again = counts["requests"] - counts["prompts"]
    print(f"{arguments.rows:,} rows, {kills} kills, {time.monotonic() - started_at:.0f} s, last exit status {status}")
    print(f"{lost} lost, {doubled} doubled, {again:,} asked again ({again / max(kills, 1):.0f} a kill)")
    return int(bool(lost or doubled or status))


if __name__ == "__main__":
    sys.exit(main())
