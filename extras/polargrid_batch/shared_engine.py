"""One engine in a thread, for the batches of a process: rows of all of them are in flight together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import aclosing
from threading import Lock, Thread
from typing import Any

import attrs

from polargrid import PolarGrid
from polargrid_batch.engine import Engine
from polargrid_batch.results import Result
from polargrid_batch.rows import AnyRow
from polargrid_batch.runs import RunOptions

_CLOSED = "the engine was closed"


@attrs.define
class SharedCounts:
    """What the requests of some time came to."""

    requests: int = 0
    retries: int = 0
    refusals: int = 0


@attrs.define(eq=False)
class _Batch:
    """Rows whose results come together."""

    left: int
    results: dict[int, Result] = attrs.field(factory=dict)
    done: Future[BaseException | None] = attrs.field(factory=Future)


class SharedEngine:
    """Sends the rows of batches from any thread. Limits and retries are those of one run that does not end."""

    def __init__(self, create_client: Callable[[], Any], options: RunOptions) -> None:
        """`create_client` returns an awaitable; it is called in the thread of the engine."""
        self._create_client, self._options = create_client, options
        self._lock = Lock()
        self._batches: dict[int, _Batch] = {}  # by the number of a row
        self._next_number = 1
        self._error: BaseException | None = None
        self._engine: Engine | None = None
        self._counted = SharedCounts()
        self._loop = asyncio.new_event_loop()
        self._inbox: asyncio.Queue[list[AnyRow]] = asyncio.Queue()
        self._task = self._loop.create_task(self._serve())
        self._thread = Thread(target=self._run, name="polargrid-batch-rows", daemon=True)
        self._thread.start()

    @property
    def is_usable(self) -> bool:
        """Whether rows may be sent: an engine that stopped, for the key or the credit, sends no more."""
        return self._error is None and self._thread.is_alive()

    def send(self, build_rows: Callable[[int], Sequence[AnyRow]]) -> tuple[list[Result], BaseException | None]:
        """Send rows, and wait for their results, which are in the order of the rows; of a run that stopped, those that
        are there, and the error.

        `build_rows` gets the number of its first row: the numbers of all batches differ.
        """
        with self._lock:
            rows = build_rows(self._next_number)
            self._next_number += len(rows)
            batch = _Batch(len(rows))
            if not rows:
                return [], None
            if self._error is not None:
                return [], self._error
            if twice := [row.number for row in rows if row.number in self._batches]:
                raise ValueError(f"row {twice[0]} is under way")
            self._batches.update((row.number, batch) for row in rows)
        self._loop.call_soon_threadsafe(self._inbox.put_nowait, list(rows))
        try:
            error = batch.done.result()
        except BaseException:  # Ctrl-C while it waits
            self.close()
            raise
        return [batch.results[row.number] for row in rows if row.number in batch.results], error

    def take_counts(self) -> SharedCounts:
        """Return what was counted since the last call."""
        with self._lock:
            if self._engine is None:
                return SharedCounts()
            summary, before = self._engine.summary, self._counted
            self._counted = SharedCounts(summary.requests, summary.retries, summary.refusals)
            now = self._counted
            return SharedCounts(
                now.requests - before.requests, now.retries - before.retries, now.refusals - before.refusals
            )

    def close(self) -> None:
        """End what is in flight, and the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
            self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        error: BaseException
        try:
            self._loop.run_until_complete(self._task)
            error = RuntimeError(_CLOSED)
        except asyncio.CancelledError:
            error = RuntimeError(_CLOSED)
        except BaseException as failure:  # noqa: BLE001 - it is raised where the results are awaited
            error = failure
        with self._lock:
            self._error = error
            batches = list(dict.fromkeys(self._batches.values()))
            self._batches.clear()
        for batch in batches:
            batch.done.set_result(error)
        self._loop.close()

    async def _serve(self) -> None:
        async with await self._create_client() as client:
            await self._route(client)

    async def _route(self, client: PolarGrid) -> None:
        engine = self._engine = self._options.create_engine(self._inbox.get, client)
        async with aclosing(engine.results()) as results:
            async for some in results:
                with self._lock:
                    ended = [batch for result in some if (batch := self._take(result)) is not None]
                for batch in ended:
                    batch.done.set_result(None)

    def _take(self, result: Result) -> _Batch | None:
        """Give a result to its batch; return the batch if it was the last one."""
        batch = self._batches.pop(result.number)
        batch.results[result.number] = result
        batch.left -= 1
        return None if batch.left else batch
