"""A bounded queue from a thread that produces items to the event loop that consumes them."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")

_MAX_UNREAD: Final = 64


@dataclass(frozen=True, slots=True)
class _End:
    error: Exception | None


class ThreadPipe(Generic[Item]):
    """A bounded queue from a thread to the event loop that creates it.

    The thread calls `send` and, last, `end`; `send` blocks while the reader is behind. The event loop iterates, and
    calls `close` when it stops reading, which unblocks the thread.
    """

    def __init__(self, max_unread: int = _MAX_UNREAD) -> None:
        self._loop = asyncio.get_running_loop()
        self._items: asyncio.Queue[Item | _End] = asyncio.Queue()
        self._capacity = threading.Semaphore(max_unread)
        self.closed = False

    def send(self, item: Item) -> bool:
        """Send the item, waiting for capacity; True once the reader wants no further items."""
        self._capacity.acquire()
        if self.closed:
            self._capacity.release()  # the next send must not block either
            return True
        return not self._enqueue(item)

    def end(self, error: Exception | None = None) -> None:
        """Send the end; an error is raised in the reader."""
        self._enqueue(_End(error))

    def close(self) -> None:
        self.closed = True
        self._capacity.release()

    def __aiter__(self) -> AsyncIterator[Item]:
        return self

    async def __anext__(self) -> Item:
        item = await self._items.get()
        if not isinstance(item, _End):
            self._capacity.release()
            return item
        self._items.put_nowait(item)  # the next read ends as well
        if item.error is not None:
            raise item.error
        raise StopAsyncIteration

    def _enqueue(self, item: Item | _End) -> bool:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the edge has stopped
            self._loop.call_soon_threadsafe(self._items.put_nowait, item)
            return True
        return False
