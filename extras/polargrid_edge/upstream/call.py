"""The requests to upstream servers that one request to the edge makes, from its thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

from polargrid_edge.upstream.io_thread import IOThread

Item = TypeVar("Item")
Result = TypeVar("Result")


class CallCancelledError(Exception):
    """The client has left."""


class UpstreamCall:
    """What a request to the edge runs on the I/O thread. `cancel` ends it, from any thread.

    `headers` are those of its requests to upstream servers.
    """

    def __init__(self, io: IOThread, headers: Mapping[str, str] | None = None) -> None:
        self._io = io
        self.headers = dict(headers or {})
        self._lock = threading.Lock()
        self._futures: set[Future[Any]] = set()
        self._cancelled = False

    def cancel(self) -> None:
        """End what runs and what is started later."""
        with self._lock:
            self._cancelled = True
            futures = list(self._futures)
        for future in futures:
            future.cancel()

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine, and wait for its result. Raises `CallCancelledError`."""
        future = self._submit(coroutine)
        try:
            return future.result()
        except CancelledError:
            raise CallCancelledError from None

    def iterate(self, open_items: Callable[[], AsyncIterator[Item]]) -> Generator[Item]:
        """Iterate over the items of an asynchronous iterator; closing this one closes it."""
        pipe = _Pipe[Item]()
        future = self._submit(pipe.fill(open_items()))
        future.add_done_callback(lambda _: pipe.end())
        try:
            yield from pipe
            if future.cancelled():
                raise CallCancelledError
            future.result()
        finally:
            future.cancel()

    def _submit(self, coroutine: Coroutine[Any, Any, Result]) -> Future[Result]:
        with self._lock:
            if self._cancelled:
                coroutine.close()
                raise CallCancelledError
            future = self._io.submit(coroutine)
            self._futures.add(future)
        future.add_done_callback(self._discard)
        return future

    def _discard(self, future: Future[Any]) -> None:
        with self._lock:
            self._futures.discard(future)


class _Pipe(Generic[Item]):
    """Items from the event loop to a thread."""

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[Item | None] = queue.SimpleQueue()

    async def fill(self, items: AsyncIterator[Item]) -> None:
        try:
            async for item in items:
                self._items.put(item)
        finally:
            # Closed here and now: the connection of an iterator that is only dropped stays open for a while.
            close = getattr(items, "aclose", None)
            if close is not None:
                await close()

    def end(self) -> None:
        self._items.put(None)

    def __iter__(self) -> Iterator[Item]:
        while (item := self._items.get()) is not None:
            yield item


current_call: ContextVar[UpstreamCall] = ContextVar("upstream_call")
"""The call of the current request to an upstream model; a thread of a queue gets it with the context."""
