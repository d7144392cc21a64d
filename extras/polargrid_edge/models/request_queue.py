"""Concurrency limit per backend with a bounded queue; 429 when the queue is full."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import Context, copy_context
from typing import Final, TypeVar

from polargrid_edge.errors import EdgeError
from polargrid_edge.models.stop_signal import StopSignal, stop_signal
from polargrid_edge.models.thread_pipe import ThreadPipe

Result = TypeVar("Result")
Item = TypeVar("Item")

_MAX_RETRY_AFTER: Final = 60
# The weight of the newest request in the mean duration.
_NEWEST_WEIGHT: Final = 0.2


def retry_after(waiting: int, running: int, mean_seconds: float) -> int:
    """The number of seconds until a slot is likely free; at least 1, at most 60."""
    return max(1, min(_MAX_RETRY_AFTER, math.ceil(mean_seconds * (waiting + 1) / running)))


class RequestQueue:
    """The requests for one kind of backend: `max_running` at a time, `max_waiting` in order of arrival.

    Blocking work has threads of its own, so that no other kind of work waits for them. Use it from one event loop.
    """

    def __init__(self, name: str, *, max_running: int, max_waiting: int) -> None:
        self.max_running = max_running
        self.max_waiting = max_waiting
        self.running = 0
        self.waiting = 0
        self._slots = asyncio.Semaphore(max_running)
        self._mean_seconds = 1.0
        self._threads = ThreadPoolExecutor(max_running, thread_name_prefix=f"edge-{name}")

    @asynccontextmanager
    async def slot(self, *, is_bounded: bool = True) -> AsyncIterator[float]:
        """Hold a slot of the backend for the context; yields the seconds waited.

        Raises `EdgeError` when full, unless the caller bounds the number of its requests itself.
        """
        joined = time.perf_counter()
        await self._acquire(is_bounded=is_bounded)
        started = time.perf_counter()
        self.running += 1
        try:
            yield started - joined
        finally:
            self.running -= 1
            self._slots.release()
            self._mean_seconds += _NEWEST_WEIGHT * (time.perf_counter() - started - self._mean_seconds)

    async def _acquire(self, *, is_bounded: bool) -> None:
        if is_bounded and self._slots.locked() and self.waiting >= self.max_waiting:
            seconds = retry_after(self.waiting, self.max_running, self._mean_seconds)
            message = f"The edge is busy: {self.waiting} requests are waiting; retry in {seconds} s"
            raise EdgeError(429, message, "rate_limit_exceeded", headers={"Retry-After": str(seconds)})
        self.waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self.waiting -= 1

    async def run(self, work: Callable[[threading.Event], Result], closing: AsyncExitStack) -> Result:
        """Run the work on a thread and return its result. Closing `closing` sets the work's event and waits for it."""
        stopped = threading.Event()
        context, signal = _work_context()
        future = asyncio.get_running_loop().run_in_executor(self._threads, lambda: context.run(work, stopped))
        closing.push_async_callback(_wait_until_done, future)
        closing.callback(signal.set)
        closing.callback(stopped.set)
        return await asyncio.shield(future)

    def stream(self, work: Callable[[ThreadPipe[Item]], None], closing: AsyncExitStack) -> ThreadPipe[Item]:
        """Run the work on a thread and return the pipe it writes to. Closing `closing` closes the pipe and waits."""
        pipe: ThreadPipe[Item] = ThreadPipe()
        context, signal = _work_context()
        future = asyncio.get_running_loop().run_in_executor(self._threads, lambda: context.run(_pump, work, pipe))
        closing.push_async_callback(_wait_until_done, future)
        closing.callback(signal.set)
        closing.callback(pipe.close)
        return pipe

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _work_context() -> tuple[Context, StopSignal]:
    """A copy of the context, which holds the id of the request, with the signal of the work."""
    context, signal = copy_context(), StopSignal()
    context.run(stop_signal.set, signal)
    return context, signal


def _pump(work: Callable[[ThreadPipe[Item]], None], pipe: ThreadPipe[Item]) -> None:
    try:
        work(pipe)
    except Exception as error:  # noqa: BLE001  the reader of the pipe raises it
        pipe.end(error)
    else:
        pipe.end()


async def _wait_until_done(future: asyncio.Future[Result]) -> None:
    await asyncio.wait([future])
    if not future.cancelled():
        future.exception()  # the request has raised it already, where it was still waiting
