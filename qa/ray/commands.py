"""Starts `polargrid batch run` in the environment with Ray, and counts what its output has."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from polargrid_edge.settings import LOCAL_KEY
from qa.benchmarks.environments import ROOT
from qa.ray.processes import find_descendants, kill, wait_for_end

_TIMEOUT = 300.0


@contextmanager
def start(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Start a program, and end it with all that it has started."""
    environment = {
        **os.environ,
        "POLARGRID_API_KEY": LOCAL_KEY,
        "RAY_USAGE_STATS_ENABLED": "0",
        "PYTHONPATH": str(ROOT),
    }
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        below = find_descendants(process.pid)
        process.kill()
        for pid in wait_for_end(below, 10.0):
            kill(pid)
        process.communicate()


def build_command(python: Path, source: Path, output: Path, url: str, *options: str) -> list[str]:
    """Return the command of a run on Ray; `--on local` among the options overrides that."""
    command = [str(python), "-m", "polargrid_cli", "batch", "run", str(source), "-o", str(output), "--base-url", url]
    return [*command, "--json", "--on", "ray", *options]


def finish(process: subprocess.Popen[str], expected: int = 0) -> int:
    """Wait for the end of a run, and return its exit status; print what it said if that is another one."""
    out, err = process.communicate(timeout=_TIMEOUT)
    if process.returncode != expected:
        print(f"exit status {process.returncode}: {out[-500:]}{err[-1500:]}")
    return process.returncode


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait for a condition; raise if the run ends before, or takes too long."""
    end = time.monotonic() + _TIMEOUT
    while not condition():
        if process.poll() is not None or time.monotonic() > end:
            out, err = process.communicate() if process.poll() is not None else ("", "")
            raise RuntimeError(f"the run ended, or did nothing: {out[-500:]}{err[-1500:]}")
        time.sleep(0.05)


def count_lines(path: Path) -> int:
    """Return the lines of a file; 0 if there is none."""
    return path.read_bytes().count(b"\n") if path.exists() else 0


def count_ids(path: Path) -> Counter[str]:
    """Return how often each custom_id is in an output."""
    return Counter(json.loads(line)["custom_id"] for line in path.read_text("utf-8").splitlines())
