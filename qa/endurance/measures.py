"""The measures: each takes a client, an edge's URL and a number of times, and gives a figure."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from polargrid import PolarGridError, RetryPolicy
from qa.endurance.edge import FAULTS
from qa.endurance.served import Client, seen

_CHAT: Final[dict[str, Any]] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
_STREAMED: Final = ("cut", "told")
_AT_ONCE: Final = RetryPolicy(max_retries=1, first_delay=0)
_SHORT: Final = 0.02  # seconds that a silent edge is waited for
_MIB: Final = 1024 * 1024


class Measure(NamedTuple):
    """What is measured, how often, and the most that it may be."""

    what: str
    take: Callable[[Client, str, int], float]
    times: int
    most: float


def storm(client: Client, url: str, times: int) -> float:
    """Requests a call, where every answer is a 503."""
    made = client.at(f"{url}/storm")
    before = seen(url, "requests").get("storm", 0)
    for _ in range(times):
        with suppress(PolarGridError):
            client.call(made.health)
            raise AssertionError("a storm let a call through")
    return (seen(url, "requests")["storm"] - before) / times


def resident(client: Client, url: str, times: int) -> float:
    """MiB of the process that a number of calls leaves behind."""
    return _growth(client, url, times, _resident)


def allocated(client: Client, url: str, times: int) -> float:
    """MiB of Python's objects that a number of calls leaves behind."""
    tracemalloc.start()
    try:
        return _growth(client, url, times, lambda: tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()


def _growth(client: Client, url: str, times: int, used: Callable[[], int]) -> float:
    made = client.at(f"{url}/well")

    def calls(number: int) -> int:
        for _ in range(number):
            client.call(made.health)
        gc.collect()
        return used()

    warm = calls(max(100, times // 10))
    return (calls(times) - warm) / _MIB


def _resident() -> int:
    with suppress(AttributeError, OSError):  # what malloc keeps for later is no growth; not every C library says so
        ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors(client: Client, url: str, times: int) -> float:
    """File descriptors left after calls that failed, each in another way, once the client is closed."""
    gc.collect()
    before = _descriptors()
    for fail in islice(cycle(_failures(client, url)), times):
        with suppress(PolarGridError, asyncio.TimeoutError):
            fail()
            raise AssertionError("a call that had to fail did not")
    client.close()
    return _descriptors() - before


def _failures(client: Client, url: str) -> Iterator[Callable[[], object]]:
    for name in FAULTS:
        made = client.at(f"{url}/{name}", retry=_AT_ONCE, timeout=_SHORT if name == "silent" else 30.0)
        if name in _STREAMED:
            yield lambda made=made: client.read(made.chat_completion_stream(_CHAT))
        else:
            yield lambda made=made: client.call(made.health)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gone = client.at(f"http://127.0.0.1:{listener.getsockname()[1]}", max_retries=0)
    yield lambda: client.call(gone.health)
    yield lambda: client.call(gone.transcribe, Path(__file__), {"model": "m"})
    yield lambda: client.call(gone.chat_completion, {"model": "m"})
    silent = client.at(f"{url}/silent", deadline=_SHORT)
    yield lambda: client.call(silent.health)
    if asyncio.iscoroutinefunction(silent.health):
        patient = client.at(f"{url}/silent")
        yield lambda: client.run(_cancelled(patient))


async def _cancelled(client: Any) -> None:
    async with asyncio.timeout(_SHORT):
        await client.health()


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def left_open(client: Client, url: str, times: int) -> float:
    """Connections open at the edge after streams that were left at their first chunk, the client still open."""
    made = client.at(f"{url}/streams")
    for _ in range(times):
        client.read(made.chat_completion_stream(_CHAT), 1)
    return float(seen(url, "open"))


MEASURES: Final = {
    "storm": Measure("requests a call in a storm of 503", storm, 1_000, 1.1),
    "resident": Measure("MiB that the process grows by", resident, 20_000, 2.0),
    "allocated": Measure("MiB that Python's objects grow by", allocated, 20_000, 2.0),
    "descriptors": Measure("file descriptors left by failures", descriptors, 1_000, 0.0),
    "streams": Measure("connections left by streams left early", left_open, 1_000, 0.0),
}
