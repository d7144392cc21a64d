"""The measures: each takes a client, the server's URL and a number of calls, and returns a figure."""

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
from qa.endurance.clients import ClientRunner, fetch_counts
from qa.endurance.server import FAULTS

_CHAT: Final[dict[str, Any]] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
_STREAM_FAULTS: Final = ("truncated-stream", "error-event")
_RETRY_AT_ONCE: Final = RetryPolicy(max_retries=1, first_delay=0)
_SHORT_TIMEOUT: Final = 0.02  # seconds, for a server that is silent
_MIB: Final = 1024 * 1024


class Measure(NamedTuple):
    """What is measured, how many calls it takes, and the bound of the figure."""

    title: str
    run: Callable[[ClientRunner, str, int], float]
    calls: int
    bound: float


def measure_storm(clients: ClientRunner, url: str, calls: int) -> float:
    """Requests per call while every response is a 503."""
    client = clients.create(f"{url}/storm")
    before = fetch_counts(url, "requests").get("storm", 0)
    for _ in range(calls):
        _expect_failure(lambda: clients.call(client.health))
    return (fetch_counts(url, "requests")["storm"] - before) / calls


def _expect_failure(call: Callable[[], object]) -> None:
    with suppress(PolarGridError, TimeoutError):
        call()
        raise AssertionError("the call did not fail")


def measure_resident(clients: ClientRunner, url: str, calls: int) -> float:
    """MiB by which the calls increase the memory of the process."""
    return _measure_growth(clients, url, calls, _read_resident)


def measure_allocated(clients: ClientRunner, url: str, calls: int) -> float:
    """MiB by which the calls increase the memory of Python's objects."""
    tracemalloc.start()
    try:
        return _measure_growth(clients, url, calls, lambda: tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()


def _measure_growth(clients: ClientRunner, url: str, calls: int, read_memory: Callable[[], int]) -> float:
    client = clients.create(url)

    def run(count: int) -> int:
        for _ in range(count):
            clients.call(client.health)
        gc.collect()
        return read_memory()

    before = run(max(100, calls // 10))  # a warm-up
    return (run(calls) - before) / _MIB


def _read_resident() -> int:
    with suppress(AttributeError, OSError):  # only glibc can return what malloc keeps for later
        ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure_descriptors(clients: ClientRunner, url: str, calls: int) -> float:
    """File descriptors that failed calls leave behind, after the clients are closed."""
    gc.collect()
    before = _count_descriptors()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # not listening, so that the port refuses connections
        closed_url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        for call in islice(cycle(_failing_calls(clients, url, closed_url)), calls):
            _expect_failure(call)
        clients.close()
    return _count_descriptors() - before


def _failing_calls(clients: ClientRunner, url: str, closed_url: str) -> Iterator[Callable[[], object]]:
    for name in FAULTS:
        timeout = _SHORT_TIMEOUT if name == "silent" else 30.0
        client = clients.create(f"{url}/{name}", retry=_RETRY_AT_ONCE, timeout=timeout)
        if name in _STREAM_FAULTS:
            yield lambda client=client: clients.read(client.chat_completion_stream(_CHAT))
        else:
            yield lambda client=client: clients.call(client.health)
    unreachable = clients.create(closed_url, max_retries=0)
    yield lambda: clients.call(unreachable.health)
    yield lambda: clients.call(unreachable.transcribe, Path(__file__), {"model": "m"})
    yield lambda: clients.call(unreachable.chat_completion, {"model": "m"})  # invalid: `messages` is missing
    short = clients.create(f"{url}/silent", deadline=_SHORT_TIMEOUT)
    yield lambda: clients.call(short.health)
    if asyncio.iscoroutinefunction(short.health):
        client = clients.create(f"{url}/silent")
        yield lambda: clients.run(_cancel_call(client))


async def _cancel_call(client: Any) -> None:
    async with asyncio.timeout(_SHORT_TIMEOUT):
        await client.health()


def _count_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def measure_streams(clients: ClientRunner, url: str, calls: int) -> float:
    """Connections that streams closed after their first chunk leave open at the server, with the client open."""
    client = clients.create(f"{url}/stream")
    for _ in range(calls):
        clients.read(client.chat_completion_stream(_CHAT), 1)
    return float(fetch_counts(url, "connections"))


MEASURES: Final = {
    "storm": Measure("requests per call, every response a 503", measure_storm, 1_000, 1.1),
    "resident": Measure("MiB more of the process", measure_resident, 20_000, 2.0),
    "allocated": Measure("MiB more of Python's objects", measure_allocated, 20_000, 2.0),
    "descriptors": Measure("file descriptors after failed calls", measure_descriptors, 1_000, 0.0),
    "streams": Measure("connections after unfinished streams", measure_streams, 1_000, 0.0),
}
