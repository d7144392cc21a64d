"""Runs from a file to a file, which continue where they ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator
from contextlib import aclosing
from pathlib import Path
from typing import Any
from zlib import crc32

from polargrid import PolarGrid
from polargrid_batch.budget import Budget
from polargrid_batch.engine import Engine
from polargrid_batch.errors import BatchInputError
from polargrid_batch.event_loop import require_asyncio, require_no_loop
from polargrid_batch.feed import BATCH_ROWS, ThreadReader
from polargrid_batch.index import DoneRows
from polargrid_batch.lines import MAX_ROW_BYTES, STDIN, InputPosition
from polargrid_batch.notebook import create_notebook_progress
from polargrid_batch.ordering import MAX_RUNS, describe_disorder
from polargrid_batch.output import OutputScan
from polargrid_batch.outputs import Output, open_output
from polargrid_batch.parquet_output import PART_ROWS
from polargrid_batch.prices import Prices
from polargrid_batch.results import Result
from polargrid_batch.rows import AnyRow, parse_row
from polargrid_batch.runs import RunOptions
from polargrid_batch.sources import RowFormat, read_input
from polargrid_batch.status import read_status
from polargrid_batch.summary import Summary

_TICK_SECONDS = 0.25


class FileRun:
    """One run from a file to a file; `run_file` is the short form.

    `prepare` checks the output and cuts its torn end; `execute` sends the rows that are not done.
    """

    def __init__(
        self,
        source: str | Path,
        output: str | Path,
        *,
        row_format: RowFormat | None = None,
        retry_failed: bool = False,
        max_row_bytes: int = MAX_ROW_BYTES,
        part_rows: int = PART_ROWS,
        **options: Any,
    ) -> None:
        """`part_rows` are the most rows of a part, if the output is a folder of Parquet files."""
        self.source, self.output = source, Path(output)
        self._format, self._retry_failed = row_format or RowFormat(), retry_failed
        self._max_row_bytes, self._part_rows = max_row_bytes, part_rows
        self._options = RunOptions(**options)
        self.position = InputPosition()
        self.summary = Summary()
        self.engine: Engine | None = None
        """The engine while it runs: in flight, limits, the last error."""
        self._is_stopping = False

    def stop(self) -> None:
        """End the run after the requests in flight; the same run later continues it."""
        self._is_stopping = True
        if self.engine is not None:
            self.engine.stop()

    async def execute(self, client: PolarGrid, on_tick: Callable[[FileRun], object] | None = None) -> Summary:
        """Send the rows that the output does not have; return the counts. `on_tick` is called a few times a second.

        Raises BatchInputError for an input or output that cannot be used, BatchStoppedError if the run cannot go on,
        OSError if a file cannot be read.
        """
        require_asyncio()
        self._check_paths()
        budget = await self._options.create_budget(client)
        self.summary.prices = budget.prices if budget else self._options.prices or Prices()
        output, scan = self._open_output()
        try:
            self.summary.done_before, self.summary.failed_before = scan.done.count, scan.failed
            if budget is not None:
                self._count_spent(budget)
            rows = self._read_rows(scan.done)
            reader = ThreadReader(rows, 1 if str(self.source) == STDIN else BATCH_ROWS)
            self.engine = self._options.create_engine(reader, client, self.summary, budget)
            if self._is_stopping:
                self.engine.stop()
            await self._write_results(self.engine, output, on_tick)
        finally:
            output.close()
        return self.summary

    def _count_spent(self, budget: Budget) -> None:
        """Count what earlier runs of this output have spent. Raises BatchInputError if it is not known."""
        self.summary.models_before = read_status(self.output).models
        for name, use in self.summary.models_before.items():
            if use.has_tokens and budget.prices.find(name) is None:
                raise BatchInputError(f"budget: no price of the model {name!r}, which {self.output} has results of")
        budget.spent = self.summary.cost_before or 0.0

    def _check_paths(self) -> None:
        if str(self.source) == STDIN:
            return
        source = Path(self.source)
        if not source.is_fifo():  # its writer would see a reader that leaves
            with source.open("rb"):  # an OSError before the output is created
                pass
        if self.output.exists() and source.samefile(self.output):
            raise BatchInputError(f"{self.output}: is the input; name another output file")

    def _open_output(self) -> tuple[Output, OutputScan]:
        """Open the output for this run, without its torn end, and without its failed rows if they are asked again."""
        output = open_output(self.output, self._part_rows)  # locked: no other run writes to it
        try:
            scan = output.scan()
            if self._retry_failed and scan.failed:
                output.drop_failed()
                scan = output.scan()
            if self._options.ordered and scan.runs >= MAX_RUNS:
                raise BatchInputError(describe_disorder(self.output))
            output.start(scan)
        except BaseException:
            output.close()
            raise
        return output, scan

    def _read_rows(self, done: DoneRows) -> Generator[AnyRow, None, None]:
        """Yield the rows that are not done. Raises BatchInputError for a done row that is another one in the input."""
        folder = Path() if str(self.source) == STDIN else Path(self.source).parent
        lines = read_input(self.source, self._format, max_row_bytes=self._max_row_bytes, position=self.position)
        last = 0
        for line in lines:
            last = line.number
            state = done.find(line.number, crc32(line.data))
            if state == "changed":
                raise BatchInputError(self._describe_change(line.number))
            if state == "new":
                yield parse_row(line, folder)
        if done.last > last:
            raise BatchInputError(self._describe_change(done.last))

    def _describe_change(self, number: int) -> str:
        return (
            f"{self.source}: line {number} is not the row that {self.output} has a result for; "
            "name the input that the output belongs to, or another output file; "
            "if you mended a row that failed, retry the failed rows"
        )

    async def _write_results(self, engine: Engine, output: Output, on_tick: Callable[[FileRun], object] | None) -> None:
        ticker = asyncio.ensure_future(self._tick(output, on_tick))
        ticker.add_done_callback(lambda _: engine.stop())  # it ends if the disk is full
        batch: list[Result] = []
        try:
            async with aclosing(engine.results()) as results:
                async for batch in results:
                    output.write([result.to_line() for result in batch])
            if ticker.done():
                await ticker
        except asyncio.CancelledError:
            output.write(())
            raise
        except BaseException:
            await self._finish(output)
            raise
        else:
            await self._finish(output)
        finally:
            ticker.cancel()
            for result in batch[max(0, len(batch) - output.unwritten) :]:
                self.summary.take_back(result)

    async def _finish(self, output: Output) -> None:
        output.write(())  # what a full disk had no place for, perhaps
        is_ordered = self._options.ordered and self.summary.is_complete
        await asyncio.to_thread(output.finish, ordered=is_ordered)

    async def _tick(self, output: Output, on_tick: Callable[[FileRun], object] | None) -> None:
        """Wait for the disk now and then, and report."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            now = time.monotonic()
            if output.needs_sync(now):
                await asyncio.to_thread(output.sync)
            if on_tick is not None:
                on_tick(self)


async def run_file(
    source: str | Path,
    output: str | Path,
    *,
    client: PolarGrid,
    summary: Summary | None = None,
    on_tick: Callable[[FileRun], object] | None = None,
    **options: Any,
) -> Summary:
    """Send the rows of a file that `output` has no result for, append their results, and return the counts.

    `source` is a file (`.jsonl`, `.csv`, `.tsv`, `.parquet`, perhaps with `.gz` or `.zst`) or `-`, stdin. The options
    are those of FileRun, RunOptions and RowFormat. `on_tick` is called a few times a second; by default a run in a
    notebook shows a line of progress, which becomes the summary. Errors of a row are lines of the output. Raises
    BatchInputError if a file cannot be used, BatchStoppedError if the run cannot go on.
    """
    names = {"operation", "prompt", "system", "fields", "ending"} & options.keys()
    row_format = RowFormat(**{name: options.pop(name) for name in names})
    file_run = FileRun(source, output, row_format=row_format, **options)
    if summary is not None:
        file_run.summary = summary
    progress = create_notebook_progress() if on_tick is None else None
    try:
        return await file_run.execute(client, on_tick or progress)
    finally:
        if progress is not None:
            progress.finish(file_run)


def run_file_sync(source: str | Path, output: str | Path, *, client: PolarGrid, **options: Any) -> Summary:
    """Do the same, in a program without an event loop. The client is the async one, `PolarGrid`."""
    require_no_loop()
    return asyncio.run(run_file(source, output, client=client, **options))
