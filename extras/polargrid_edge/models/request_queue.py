"""Who may use a backend when: some at a time, some in line, the rest come back later."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import copy_context
from typing import Final, TypeVar

from polargrid_edge.errors import EdgeError
from polargrid_edge.streaming import Pipe

Made = TypeVar("Made")
Item = TypeVar("Item")

_LONGEST_RETRY: Final = 60
# How much the newest request counts in the mean of how long one takes.
_NEWEST: Final = 0.2


def retry_after(waiting: int, running: int, seconds_each: float) -> int:
    """In how many seconds a place in line is likely free; at least 1, at most 60."""
    return max(1, min(_LONGEST_RETRY, math.ceil(seconds_each * (waiting + 1) / running)))


class Line:
    """The requests for one kind of backend: `running` at a time, `waiting` in order of arrival, no more.

    Its blocking work has threads of its own, so that no other kind of work waits for them. Used from one event
    loop.
    """

    def __init__(self, name: str, *, running: int, waiting: int) -> None:
        self._running = running
        self._bound = waiting
        self._free = asyncio.Semaphore(running)
        self._waiting = 0
        self._seconds_each = 1.0
        self._threads = ThreadPoolExecutor(running, thread_name_prefix=f"edge-{name}")

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[float]:
        """A place at the backend, for as long as the context lasts; gives the seconds waited. Raises `EdgeError`."""
        joined = time.perf_counter()
        await self._wait()
        began = time.perf_counter()
        try:
            yield began - joined
        finally:
            self._free.release()
            self._seconds_each += _NEWEST * (time.perf_counter() - began - self._seconds_each)

    async def _wait(self) -> None:
        if self._free.locked() and self._waiting >= self._bound:
            seconds = retry_after(self._waiting, self._running, self._seconds_each)
            message = f"The edge is busy: {self._waiting} requests wait already. Try again in {seconds} s."
            raise EdgeError(429, message, "rate_limit_exceeded", headers={"Retry-After": str(seconds)})
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1

    async def run(self, work: Callable[[threading.Event], Made], closing: AsyncExitStack) -> Made:
        """Runs the work on a thread and gives what it made. Leaving `closing` sets its event and waits for it."""
        stopped = threading.Event()
        context = copy_context()  # it knows the id of the request
        doing = asyncio.get_running_loop().run_in_executor(self._threads, lambda: context.run(work, stopped))
        closing.push_async_callback(_ended, doing)
        closing.callback(stopped.set)
        return await asyncio.shield(doing)

    def stream(self, work: Callable[[Pipe[Item]], None], closing: AsyncExitStack) -> Pipe[Item]:
        """Runs the work on a thread and gives the pipe it fills. Leaving `closing` closes that and waits."""
        pipe: Pipe[Item] = Pipe()
        context = copy_context()
        doing = asyncio.get_running_loop().run_in_executor(self._threads, lambda: context.run(_pump, work, pipe))
        closing.push_async_callback(_ended, doing)
        closing.callback(pipe.close)
        return pipe

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _pump(work: Callable[[Pipe[Item]], None], pipe: Pipe[Item]) -> None:
    try:
        work(pipe)
    except Exception as failure:  # noqa: BLE001  it is raised where the pipe is read
        pipe.end(failure)
    else:
        pipe.end()


async def _ended(doing: asyncio.Future[Made]) -> None:
    await asyncio.wait([doing])
    if not doing.cancelled():
        doing.exception()  # it was told to who waited, if anyone still did
