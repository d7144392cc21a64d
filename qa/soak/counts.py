"""What an edge holds at a moment, as its own process can tell."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from polargrid_edge.server import Edge


@dataclass(frozen=True, slots=True)
class Counts:
    """`places` are those taken at a backend, `waiting` the requests in line.

    `pooled` threads are kept for reuse, some forty at most; `threads` are all others, native ones too.
    """

    connections: int
    tasks: int
    places: int
    waiting: int
    threads: int
    pooled: int
    fds: int
    rss_mib: float


# Of these an idle edge holds none, of those as many as before.
_NONE: Final = ("connections", "places", "waiting")
_AS_MANY: Final = ("tasks", "threads", "fds")


def left(before: Counts, now: Counts) -> list[str]:
    """What was not given back, a sentence each."""
    pairs = [(name, 0, getattr(now, name)) for name in _NONE]
    pairs += [(name, getattr(before, name), getattr(now, name)) for name in _AS_MANY]
    return [f"{name}: {held} where an idle edge has {idle}" for name, idle, held in pairs if held > idle]


def counted(edge: Edge) -> Counts:
    """Read from another thread than the edge's, on Linux."""
    gc.collect()  # what only waits for the collector is no leak, nor what malloc keeps for later
    with suppress(AttributeError, OSError):  # not every C library has it
        ctypes.CDLL(None).malloc_trim(0)
    server: Any = edge._server
    workers = edge._service.workers
    lines = (*workers.lines.values(), workers.loading)
    pooled = sum(_pooled(thread) for thread in threading.enumerate())
    return Counts(
        connections=len(server.server_state.connections),
        tasks=sum(len(asyncio.all_tasks(listening.get_loop())) for listening in server.servers),
        places=sum(line._running - line._free._value for line in lines),
        waiting=sum(line._waiting for line in lines),
        threads=len(os.listdir("/proc/self/task")) - pooled,  # noqa: PTH208
        pooled=pooled,
        fds=len(os.listdir("/proc/self/fd")),  # noqa: PTH208  the list closes its own, which is counted each time
        rss_mib=_resident_pages() * os.sysconf("SC_PAGE_SIZE") / 1024**2,
    )


def _pooled(thread: threading.Thread) -> bool:
    """Whether the thread is anyio's or a line's, which have bounds and keep their threads."""
    return thread.name.startswith(("AnyIO worker", "edge-"))


def _resident_pages() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1])
