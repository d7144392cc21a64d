"""The resources that an edge uses, read in its own process."""

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
    """`running` are requests with a slot of a backend, `waiting` those in a queue.

    `pooled` threads are reused, about forty at most; `threads` are all others, native threads too.
    """

    connections: int
    tasks: int
    running: int
    waiting: int
    threads: int
    pooled: int
    fds: int
    rss_mib: float


# An idle edge has none of the first, and as many as before of the second.
_ZERO_WHEN_IDLE: Final = ("connections", "running", "waiting")
_CONSTANT_WHEN_IDLE: Final = ("tasks", "threads", "fds")


def find_leaks(before: Counts, now: Counts) -> list[str]:
    """A sentence for each resource that was not released."""
    counts = [(name, 0, getattr(now, name)) for name in _ZERO_WHEN_IDLE]
    counts += [(name, getattr(before, name), getattr(now, name)) for name in _CONSTANT_WHEN_IDLE]
    return [f"{name}: {actual}; an idle edge has {idle}" for name, idle, actual in counts if actual > idle]


def count_resources(edge: Edge) -> Counts:
    """Count from another thread than the edge's, on Linux."""
    gc.collect()  # garbage is not a leak, nor is memory that malloc caches
    with suppress(AttributeError, OSError):  # some C libraries have no malloc_trim
        ctypes.CDLL(None).malloc_trim(0)
    server: Any = edge._server
    pool = edge.services.pool
    queues = (*pool.queues.values(), pool.load_queue)
    pooled = sum(_is_pooled(thread) for thread in threading.enumerate())
    return Counts(
        connections=len(server.server_state.connections),
        tasks=sum(len(asyncio.all_tasks(listener.get_loop())) for listener in server.servers),
        running=sum(queue.running for queue in queues),
        waiting=sum(queue.waiting for queue in queues),
        threads=len(os.listdir("/proc/self/task")) - pooled,  # noqa: PTH208
        pooled=pooled,
        fds=len(os.listdir("/proc/self/fd")),  # noqa: PTH208  the descriptor of the listing counts every time
        rss_mib=_resident_pages() * os.sysconf("SC_PAGE_SIZE") / 1024**2,
    )


def _is_pooled(thread: threading.Thread) -> bool:
    """Whether the thread belongs to anyio's pool or to a queue; both have a limit and reuse their threads."""
    return thread.name.startswith(("AnyIO worker", "edge-"))


def _resident_pages() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1])
