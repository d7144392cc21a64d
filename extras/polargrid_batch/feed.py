"""Rows are read in a thread, ahead of their requests, a bounded number of them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, Awaitable, Callable, Generator, Iterable
from contextlib import closing, suppress
from itertools import islice
from queue import SimpleQueue
from threading import Thread
from typing import TypeAlias

from polargrid_batch.rows import AnyRow, Row

BATCH_ROWS = 256
BATCH_BYTES = 1024 * 1024
_LOW = 64
_LOOP_ROWS = 16

Read: TypeAlias = Callable[[], Awaitable[list[AnyRow]]]
"""Returns the next rows; none at the end."""


class ThreadReader:
    """Reads an iterator that may block: a file, or a pipe with `batch_rows` 1, whose rows are sent as they come.

    Its thread is a daemon, because nothing ends a read of a pipe.
    """

    def __init__(self, rows: Generator[AnyRow, None, None], batch_rows: int = BATCH_ROWS) -> None:
        self._rows, self._batch_rows = rows, batch_rows
        self._requests: SimpleQueue[asyncio.Future[list[AnyRow]] | None] = SimpleQueue()
        self._thread: Thread | None = None
        self._error: Exception | None = None

    async def __call__(self) -> list[AnyRow]:
        """Return the next rows; none at the end."""
        if self._thread is None:
            self._thread = Thread(target=self._run, name="polargrid-batch-reader", daemon=True)
            self._thread.start()
        future: asyncio.Future[list[AnyRow]] = asyncio.get_running_loop().create_future()
        self._requests.put(future)
        return await future

    def close(self) -> None:
        """Close the input after the read that is under way."""
        self._requests.put(None)

    def _run(self) -> None:
        with closing(self._rows):
            for future in iter(self._requests.get, None):
                try:
                    batch, error = self._take(), None
                except Exception as failure:  # noqa: BLE001 - it is raised in the event loop
                    batch, error = [], failure
                with suppress(RuntimeError):  # the event loop is closed
                    future.get_loop().call_soon_threadsafe(_settle, future, batch, error)

    def _take(self) -> list[AnyRow]:
        """Return the next rows; those before an error come first."""
        batch: list[AnyRow] = []
        size = 0
        if self._error is not None:
            raise self._error
        try:
            for row in islice(self._rows, self._batch_rows):
                batch.append(row)
                size += row.size if isinstance(row, Row) else 0
                if size >= BATCH_BYTES:
                    break
        except Exception as error:
            self._error = error
            if not batch:
                raise
        return batch


def _settle(future: asyncio.Future[list[AnyRow]], batch: list[AnyRow], error: Exception | None) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(batch)
    else:
        future.set_exception(error)


def read_in_loop(rows: Iterable[AnyRow] | AsyncIterable[AnyRow]) -> Read:
    """Read an iterator of the program in its own event loop."""
    if isinstance(rows, AsyncIterable):
        iterator = aiter(rows)

        async def read_async() -> list[AnyRow]:
            async for row in iterator:
                return [row]
            return []

        return read_async
    plain = iter(rows)

    async def read() -> list[AnyRow]:
        return list(islice(plain, _LOOP_ROWS))

    return read


class RowFeed:
    """The rows that were read and did not start."""

    def __init__(self, read: Read, on_rows: Callable[[], None]) -> None:
        self._read, self._on_rows = read, on_rows
        self._rows: deque[AnyRow] = deque()
        self._task: asyncio.Task[list[AnyRow]] | None = None
        self._is_ended = self._is_read = False
        self.error: BaseException | None = None
        """What ended the input before its end."""

    @property
    def is_ended(self) -> bool:
        """Whether there is no row left."""
        return self._is_ended and not self._rows

    @property
    def is_read(self) -> bool:
        """Whether the input was read to its end, and no row is left."""
        return self._is_read and not self._rows

    def peek(self) -> AnyRow | None:
        """Return the next row; None if there is none now."""
        if len(self._rows) < _LOW and self._task is None and not self._is_ended:
            self._task = asyncio.ensure_future(self._read())
            self._task.add_done_callback(self._on_read)
        return self._rows[0] if self._rows else None

    def pop(self) -> AnyRow:
        """Take the row that `peek` returned."""
        return self._rows.popleft()

    def _on_read(self, task: asyncio.Task[list[AnyRow]]) -> None:
        self._task = None
        if task.cancelled():
            self._is_ended = True
        elif task.exception() is not None:
            self.error, self._is_ended = task.exception(), True
        else:
            rows = task.result()
            self._rows += rows
            self._is_ended = self._is_read = not rows
        self._on_rows()

    def close(self) -> None:
        """Read no more. A thread that waits for a pipe is left to the end of the process."""
        self._is_ended = True
        if self._task is not None:
            self._task.cancel()
        if isinstance(self._read, ThreadReader):
            self._read.close()

    def __len__(self) -> int:
        return len(self._rows)
