"""Sends rows, a bounded number at a time, and yields their results: it decides nothing.

`RowQueue` says which row is next, `Spread` when it may be sent and to which region, `retries` what follows a failure.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from contextlib import ExitStack

from polargrid.errors import PolarGridError, ValidationError
from polargrid_batch.budget import Budget
from polargrid_batch.calls import RowCaller, build_failure, build_invalid, build_result
from polargrid_batch.collection import collect_less_often
from polargrid_batch.errors import BatchStoppedError
from polargrid_batch.feed import Read, RowFeed
from polargrid_batch.outcomes import Report, read_outcome
from polargrid_batch.queue import Limits, PendingRow, RowQueue
from polargrid_batch.results import Result
from polargrid_batch.retries import RowPolicy, choose_next_step
from polargrid_batch.rows import AnyRow, InvalidRow, Row
from polargrid_batch.spread import Grant, Spread
from polargrid_batch.summary import Summary

_MAX_UNREAD = 256  # results that the program did not take yet


class Engine:
    """One run. `results` may be used once."""

    def __init__(
        self,
        read: Read,
        caller: RowCaller,
        spread: Spread,
        *,
        policy: RowPolicy | None = None,
        limits: Limits | None = None,
        ordered: bool = False,
        summary: Summary | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._caller, self.spread, self.budget = caller, spread, budget
        self._policy, self._limits = policy or RowPolicy(), limits or Limits()
        self.summary = summary or Summary()
        self._wake, self._changed = asyncio.Event(), asyncio.Event()
        self._feed = RowFeed(read, self._wake.set)
        self._queue = RowQueue(self._feed, self._limits, ordered=ordered)
        self._tasks: set[asyncio.Task[None]] = set()
        self._results: deque[Result] = deque()
        self._is_stopping = False
        self._error: BaseException | None = None
        self.last_error = ""
        """What the last attempt that failed said."""
        self._started_at = time.monotonic()
        self._has_reached = False

    @property
    def in_flight(self) -> int:
        """Requests that are under way."""
        return len(self._tasks)

    @property
    def waiting(self) -> int:
        """Rows that wait for another attempt."""
        return self._queue.waiting

    @property
    def left(self) -> int:
        """Rows that were read, and whose results were not yielded."""
        return self._queue.left + len(self._results)

    def stop(self) -> None:
        """Start no more requests; those in flight end, and their results are yielded."""
        self._is_stopping = True
        self._feed.close()
        self._wake.set()

    async def results(self) -> AsyncGenerator[list[Result], None]:
        """Yield results as they come, those that are there together; in the order of the rows if `ordered`.

        Raises BatchStoppedError if the run cannot go on, after the results that are there.
        """
        dispatcher = asyncio.ensure_future(self._dispatch())
        dispatcher.add_done_callback(lambda _: self._changed.set())
        stack = ExitStack()
        stack.enter_context(collect_less_often())
        try:
            while not dispatcher.done():
                self._changed.clear()
                if not self._results:
                    await self._changed.wait()
                if self._results:
                    is_full = len(self._results) >= _MAX_UNREAD
                    yield self._take(self._results)
                    if is_full:
                        self._wake.set()
            rest = [*self._results, *self._queue.drain()]
            if rest:
                yield self._take(rest)
            await dispatcher
        finally:
            stack.close()
            await self._close(dispatcher)
        if self._error is not None:
            raise self._error
        if self._feed.error is not None:
            raise self._feed.error

    def _take(self, results: Iterable[Result]) -> list[Result]:
        taken = list(results)
        self._results.clear()
        for result in taken:
            self.summary.add(result)
        return taken

    async def _close(self, dispatcher: asyncio.Task[None]) -> None:
        self.summary.left = self.left
        self.summary.is_complete = self._feed.is_read and not self.summary.left and self._error is None
        self.summary.seconds = time.monotonic() - self._started_at
        self._feed.close()
        tasks = [dispatcher, *self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _dispatch(self) -> None:
        """Start rows until there are none, or the run ends."""
        try:
            while self._error is None:
                self._wake.clear()
                wake_at = self._start_rows()
                if not self._tasks and (self._is_stopping or (self._feed.is_ended and not self.waiting)):
                    return
                await self._wait(wake_at)
        finally:
            for task in self._tasks:
                task.cancel()

    async def _wait(self, wake_at: float | None) -> None:
        """Wait for an event, or until a time."""
        if wake_at is None:
            await self._wake.wait()
            return
        loop = asyncio.get_running_loop()
        timer = loop.call_later(max(0.0, wake_at - time.monotonic()), self._wake.set)
        try:
            await self._wake.wait()
        finally:
            timer.cancel()

    def _start_rows(self) -> float | None:
        """Start the rows that may start now; return when to look again, if no event comes before."""
        while not self._is_stopping and len(self._results) < _MAX_UNREAD:
            now = time.monotonic()
            pending = self._queue.peek(now)
            if pending is None:
                return self._queue.next_due
            if isinstance(pending, InvalidRow):
                self._queue.pop()
                self._finish(pending, build_invalid(pending))
                continue
            if self.in_flight >= self._limits.max_in_flight:
                return None
            tokens = (pending if isinstance(pending, Row) else pending.row).estimated_tokens
            if isinstance(pending, Row) and not self._reserve(pending):
                return self._queue.next_due
            grant = self.spread.acquire(now, tokens)
            if grant is None:
                return self.spread.wake_at(now, tokens)
            self._queue.pop()
            pending = PendingRow(pending) if isinstance(pending, Row) else pending
            task = asyncio.ensure_future(self._attempt(pending, grant))
            self._tasks.add(task)
            task.add_done_callback(self._on_done)
        return None

    def _reserve(self, row: Row) -> bool:
        """Reserve the most that a row may cost; if it is too much, wait for rows under way, or end the run."""
        error = None if self.budget is None else self.budget.reserve(row)
        if error is None:
            return True
        if not self._tasks and not self.waiting and self._error is None:
            self._error = error
            self._wake.set()
        return False

    def _finish(self, row: AnyRow, result: Result) -> None:
        """Take a result: it is yielded, and counts."""
        if self.budget is not None:
            self.budget.settle(row.number, result)
        self._results.extend(self._queue.finish(row, result))
        self._changed.set()

    async def _attempt(self, pending: PendingRow, grant: Grant) -> None:
        """Send a row once."""
        row, state = pending.row, pending.state
        state.attempts += 1
        state.successes_before = self.summary.succeeded
        self.summary.requests += 1
        self.summary.retries += state.attempts > 1
        report, used = Report("abandoned"), None
        try:
            response = await self._caller.call(row, grant.region)
            report = read_outcome(None, response.meta.headers)
            result = build_result(row, response, state.attempts, grant.region)
            used = (result.input_tokens + result.output_tokens) or None
            self._has_reached = True
            self._finish(row, result)
        except PolarGridError as error:
            report = read_outcome(error)
            if error.status_code is None and isinstance(error, ValidationError):  # refused before it was sent
                self.summary.requests -= 1
                state.attempts, report = 0, Report("abandoned")
            self._has_reached = self._has_reached or error.status_code is not None
            self.summary.refusals += report.outcome == "refusal"
            self.spread.release(grant, report.outcome, time.monotonic(), report.hold)
            self._handle_failure(pending, error, report, grant.region)
        except BaseException:
            self.spread.release(grant, "abandoned", time.monotonic())
            raise
        else:
            self.spread.release(grant, report.outcome, time.monotonic(), report.hold, used)

    def _handle_failure(self, pending: PendingRow, error: PolarGridError, report: Report, region: str) -> None:
        self.last_error = f"{region}: {error}"
        step = choose_next_step(
            error,
            report.outcome,
            pending.state,
            self._policy,
            successes=self.summary.succeeded,
            is_out=self.spread.is_out,
            is_alone=self._queue.is_last,
            jitter=random.random(),  # noqa: S311 - only jitter
        )
        seconds = time.monotonic() - self._started_at
        if not self._has_reached and not error.sent and seconds > self._limits.first_success_within:
            self._stop_with(f"no server was reached in {seconds:.0f} s: {error.message}", error)
        elif step.action == "stop":
            self._stop_with(f"the run ended: {error}", error)
        elif step.action == "fail":
            self._finish(pending.row, build_failure(pending.row, error, pending.state.attempts, region))
        else:
            self._queue.retry(pending, time.monotonic() + step.delay if step.delay else None)

    def _stop_with(self, message: str, error: BaseException) -> None:
        if self._error is None:
            self._error = BatchStoppedError(message)
            self._error.__cause__ = error

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and self._error is None:
            self._error = error
        self._wake.set()
