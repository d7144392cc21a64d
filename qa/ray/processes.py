"""The processes that a process has started, by /proc; only those are ever killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def find_descendants(pid: int) -> list[int]:
    """Return the processes below one, parents first."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError, ValueError, IndexError):
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(folder.name))
    found: list[int] = []
    queue = [pid]
    for item in queue:
        found += children.get(item, [])
        queue += children.get(item, [])
    return found


def read_title(pid: int) -> str:
    """Return what a process calls itself; empty if it has ended."""
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def find_actors(pid: int) -> list[int]:
    """Return the processes of a run's actors below a process."""
    return [item for item in find_descendants(pid) if read_title(item).startswith("ray::MapWorker(MapBatches(SpanRows")]


def kill(pid: int) -> None:
    """Kill one process; it may have ended."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def wait_for_end(pids: list[int], seconds: float) -> list[int]:
    """Wait until processes have ended, and return those that have not."""
    end = time.monotonic() + seconds
    left = list(_alive(pids))
    while left and time.monotonic() < end:
        time.sleep(0.2)
        left = list(_alive(left))
    return left


def _alive(pids: list[int]) -> Iterator[int]:
    yield from (pid for pid in pids if read_title(pid))
