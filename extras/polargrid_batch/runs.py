"""Runs over rows of a program: `run` for `async for`, `run_sync` for `for`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing, suppress
from pathlib import Path
from queue import Full, Queue
from threading import Event, Thread
from typing import Any, TypeAlias
from zlib import crc32

import attrs

from polargrid import PolarGrid
from polargrid_batch.budget import Budget
from polargrid_batch.calls import RowCaller
from polargrid_batch.engine import Engine
from polargrid_batch.errors import BatchInputError
from polargrid_batch.event_loop import require_asyncio
from polargrid_batch.feed import Read, read_in_loop
from polargrid_batch.limiter import AIMDLimiter, Bounds
from polargrid_batch.prices import NO_PRICES, Prices, fetch_prices
from polargrid_batch.queue import Limits
from polargrid_batch.rates import Rates
from polargrid_batch.results import Result
from polargrid_batch.retries import RowPolicy
from polargrid_batch.rows import AnyRow, encode_record, read_record
from polargrid_batch.sources import RowFormat
from polargrid_batch.spread import Spread
from polargrid_batch.summary import Summary

Record: TypeAlias = Mapping[str, Any]
_QUEUE_SIZE = 256


@attrs.frozen(kw_only=True)
class RunOptions:
    """How a run sends its rows."""

    regions: tuple[str, ...] | None = attrs.field(default=None, converter=attrs.converters.optional(tuple))
    """Regions, or base URLs, that share the rows by what each takes. Default: where the client's calls go."""
    ordered: bool = False
    """Results in the order of the rows; else in that of completion, which no slow row holds up."""
    max_in_flight: int = attrs.field(default=256, validator=attrs.validators.ge(1))
    """Requests at the same time, up to the client's `max_connections`; the run finds out how many the servers take."""
    max_rows_per_minute: float | None = None
    max_tokens_per_minute: float | None = None
    """Tokens are estimated before a request, and corrected by the usage of its response."""
    budget: float | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.gt(0)))
    """US dollars that the run may cost: it ends, with BudgetReachedError, before a row that might exceed it."""
    prices: Prices | None = None
    """Prices of the models, for the summary; of a budget, by default those that the server lists."""
    policy: RowPolicy = attrs.field(factory=RowPolicy)
    limits: Limits = attrs.field(factory=Limits)

    async def create_budget(self, client: PolarGrid) -> Budget | None:
        """Return the budget, with nothing spent; None without one. Raises PolarGridError if there are no prices."""
        if self.budget is None:
            return None
        prices = self.prices
        if prices is None:
            prices = await fetch_prices(client)
            if not prices.models:
                raise BatchInputError(NO_PRICES)
        return Budget(self.budget, prices)

    def create_engine(
        self, read: Read, client: PolarGrid, summary: Summary | None = None, budget: Budget | None = None
    ) -> Engine:
        """Create the engine of a run; its event loop must be running."""
        caller = RowCaller(client, self.regions)
        in_flight = min(self.max_in_flight, caller.max_connections)  # others would wait for a connection, and time out
        bounds = Bounds(start=min(Bounds().start, in_flight), ceiling=in_flight)
        rates = Rates(self.max_rows_per_minute, self.max_tokens_per_minute)
        spread = Spread({name: AIMDLimiter(bounds) for name in caller.clients}, rates)
        limits = attrs.evolve(self.limits, max_in_flight=in_flight)
        settings: dict[str, Any] = {"policy": self.policy, "limits": limits, "ordered": self.ordered}
        return Engine(read, caller, spread, **settings, summary=summary, budget=budget)


async def run(
    rows: Iterable[Record] | AsyncIterable[Record],
    *,
    client: PolarGrid,
    operation: str | None = None,
    summary: Summary | None = None,
    **options: Any,
) -> AsyncGenerator[Result, None]:
    """Send rows, and yield the Result of each, for `async for`.

    A row has the fields of a line of OpenAI's Batch format: custom_id, method, url, body; with `operation`, like
    `chat_completion`, it is a body. Errors of a row are results, with `failure`. `options` are those of RunOptions;
    `summary` receives the counts. Raises BatchStoppedError if no row can be sent any more: the key, the credit, or the
    budget.
    """
    require_asyncio()
    run_options = RunOptions(**options)
    budget = await run_options.create_budget(client)
    summary = summary or Summary()
    summary.prices = budget.prices if budget else run_options.prices or summary.prices
    engine = run_options.create_engine(read_in_loop(_to_rows(rows, operation)), client, summary, budget)
    async with aclosing(engine.results()) as results:
        async for batch in results:
            for result in batch:
                yield result


def _to_rows(rows: Iterable[Record] | AsyncIterable[Record], operation: str | None) -> Any:
    convert = RowFormat(operation).converter()
    folder = Path()

    def to_row(number: int, record: Record) -> AnyRow:
        line = encode_record(record)
        if convert is not None and isinstance(record, Mapping):
            record = convert(number, record)
        return read_record(record, number, crc32(line), folder, len(line))

    if isinstance(rows, AsyncIterable):

        async def iterate() -> AsyncIterator[AnyRow]:
            number = 0
            async for record in rows:
                number += 1
                yield to_row(number, record)

        return iterate()
    return (to_row(number, record) for number, record in enumerate(rows, 1))


def run_sync(rows: Iterable[Record], *, client: PolarGrid, **options: Any) -> Iterator[Result]:
    """Send rows, and yield the Result of each, for `for`.

    The requests are sent in a thread of their own, while the program uses the results; `rows` is read there, too. The
    client is the async one, `PolarGrid`. Arguments and errors are those of `run`.
    """
    producer = _Producer(rows, client, options)
    producer.start()
    try:
        while (item := producer.queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        producer.close()


class _Producer(Thread):
    """The thread of `run_sync`, with an event loop of its own."""

    def __init__(self, rows: Iterable[Record], client: PolarGrid, options: dict[str, Any]) -> None:
        super().__init__(name="polargrid-batch", daemon=True)
        self.queue: Queue[Result | BaseException | None] = Queue(_QUEUE_SIZE)
        self._rows, self._client, self._options = rows, client, options
        self._is_closed = Event()
        self._cancel: Callable[[], object] = _do_nothing

    def run(self) -> None:
        """Fill the queue; None or an error is the last item."""
        last: BaseException | None = None
        try:
            asyncio.run(self._collect())
        except BaseException as error:  # noqa: BLE001 - it is raised where the results are used
            last = error
        while not self._is_closed.is_set():
            try:
                self.queue.put(last, timeout=0.1)
                return
            except Full:
                continue

    async def _collect(self) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None  # noqa: S101
        self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
        if self._is_closed.is_set():
            return
        async with aclosing(run(self._rows, client=self._client, **self._options)) as results:
            async for result in results:
                while not self._is_closed.is_set():
                    try:
                        self.queue.put_nowait(result)
                        break
                    except Full:
                        await asyncio.sleep(0.005)  # the requests in flight go on

    def close(self) -> None:
        """End the run, also if no result comes: the server may hang."""
        self._is_closed.set()
        with suppress(RuntimeError):  # the event loop has ended
            self._cancel()
        self.join()


def _do_nothing() -> object:
    return None
