"""What this process uses, on Linux."""

from __future__ import annotations

import ctypes
import gc
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_MIB = 1024 * 1024
_M_ARENA_MAX = -8
_SETTLE_SECONDS, _POLL = 5.0, 0.05


class Resources(NamedTuple):
    """Counts, and MiB of memory."""

    descriptors: int
    threads: int
    memory: float


def limit_arenas() -> None:
    """Let threads share the memory of malloc: what each would keep for itself looks like a leak."""
    with suppress(AttributeError, OSError):  # only glibc has arenas
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def read_resources() -> Resources:
    """Count what is not garbage."""
    gc.collect()
    with suppress(AttributeError, OSError):  # only glibc can return what malloc keeps for later
        ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    return Resources(descriptors, threading.active_count(), pages * os.sysconf("SC_PAGE_SIZE") / _MIB)


def find_leaks(before: Resources, after: Resources) -> list[str]:
    """A sentence for each resource that was not released; memory is compared at the end of a run."""
    counts = (("file descriptors", before.descriptors, after.descriptors), ("threads", before.threads, after.threads))
    return [f"{name}: {now}; {earlier} before" for name, earlier, now in counts if now > earlier]


def wait_for_leaks(before: Resources) -> list[str]:
    """The leaks now, or none as soon as all is released: threads take a moment to end."""
    ends_at = time.monotonic() + _SETTLE_SECONDS
    while (leaks := find_leaks(before, read_resources())) and time.monotonic() < ends_at:
        time.sleep(_POLL)
    return leaks
