"""Runs over rows of a program: `run` for `async for`, `run_sync` for `for`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import aclosing
from pathlib import Path
from queue import Full, Queue
from threading import Event, Thread
from typing import Any, TypeAlias
from zlib import crc32

import attrs

from polargrid import PolarGrid
from polargrid_batch.calls import RowCaller
from polargrid_batch.engine import Engine
from polargrid_batch.feed import Read, read_in_loop
from polargrid_batch.limiter import AIMDLimiter, Bounds
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
    policy: RowPolicy = attrs.field(factory=RowPolicy)
    limits: Limits = attrs.field(factory=Limits)

    def create_engine(self, read: Read, client: PolarGrid, summary: Summary | None = None) -> Engine:
        """Create the engine of a run; its event loop must be running."""
        caller = RowCaller(client, self.regions)
        in_flight = min(self.max_in_flight, caller.max_connections)  # others would wait for a connection, and time out
        bounds = Bounds(start=min(Bounds().start, in_flight), ceiling=in_flight)
        rates = Rates(self.max_rows_per_minute, self.max_tokens_per_minute)
        spread = Spread({name: AIMDLimiter(bounds) for name in caller.clients}, rates)
        limits = attrs.evolve(self.limits, max_in_flight=in_flight)
        return Engine(read, caller, spread, policy=self.policy, limits=limits, ordered=self.ordered, summary=summary)


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
    `summary` receives the counts. Raises BatchStoppedError if no row can be sent any more: the key or the credit.
    """
    engine = RunOptions(**options).create_engine(read_in_loop(_to_rows(rows, operation)), client, summary)
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
    queue: Queue[Result | BaseException | None] = Queue(_QUEUE_SIZE)
    is_closed = Event()
    thread = Thread(target=_fill, args=(queue, is_closed, rows, client, options), name="polargrid-batch", daemon=True)
    thread.start()
    try:
        while (item := queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        is_closed.set()
        thread.join()


def _fill(
    queue: Queue[Result | BaseException | None],
    is_closed: Event,
    rows: Iterable[Record],
    client: PolarGrid,
    options: dict[str, Any],
) -> None:
    async def collect() -> None:
        async with aclosing(run(rows, client=client, **options)) as results:
            async for result in results:
                while not is_closed.is_set():
                    try:
                        queue.put_nowait(result)
                        break
                    except Full:
                        await asyncio.sleep(0.005)  # the requests in flight go on
                if is_closed.is_set():
                    return

    last: BaseException | None = None
    try:
        asyncio.run(collect())
    except BaseException as error:  # noqa: BLE001 - it is raised where the results are used
        last = error
    while not is_closed.is_set():
        try:
            queue.put(last, timeout=0.1)
            return
        except Full:
            continue
