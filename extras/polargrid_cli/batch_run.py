"""The part of `polargrid batch run` behind its options: the client, Ctrl-C, progress and the summary."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from polargrid.errors import PolarGridError
from polargrid_cli import exit_codes, failures, output
from polargrid_cli.client import SET_KEY_HINT, USE_LOCAL_HINT, explain_missing_key

if TYPE_CHECKING:
    from polargrid import PolarGrid
    from polargrid_batch.files import FileRun
    from polargrid_batch.sources import RowFormat
    from polargrid_batch.summary import Summary


async def execute(
    source: str,
    target: Path,
    row_format: RowFormat,
    client_options: Mapping[str, Any],
    regions: Sequence[str],
    *,
    json_output: bool,
    **run_options: Any,
) -> int:
    """Run, print the summary, and return the exit status; also of a run that ended before its last row."""
    from polargrid_batch.errors import BudgetReachedError
    from polargrid_batch.files import FileRun
    from polargrid_cli.batch_progress import ProgressPrinter

    file_run = FileRun(source, target, row_format=row_format, regions=regions or None, **run_options)
    progress = ProgressPrinter()
    error: Exception | None = None
    async with await _connect(client_options, regions, run_options["max_in_flight"]) as client:
        with _stop_on_signals(file_run) as was_stopped:
            try:
                await file_run.execute(client, progress)
            except (PolarGridError, OSError) as failure:
                if file_run.engine is None:  # nothing was sent
                    raise
                error = failure
            finally:
                progress.finish()
        if error is None:
            await _find_prices(file_run.summary, client)
    print_summary(file_run.summary, json_output=json_output)
    if error is not None:
        cause = error.__cause__
        status = exit_codes.exit_code_for(cause if isinstance(cause, Exception) else error)
        if isinstance(error, BudgetReachedError):
            status = exit_codes.PARTIAL
        failures.report_end(error, as_json=json_output, exit_status=status)
        return status
    if was_stopped() and not file_run.summary.is_complete:
        return exit_codes.INTERRUPTED
    return exit_code_of(file_run.summary)


async def _connect(client_options: Mapping[str, Any], regions: Sequence[str], max_in_flight: int) -> PolarGrid:
    from polargrid import PolarGrid

    chosen = dict(client_options)
    if regions:
        chosen["regions"] = list(dict.fromkeys(regions))
    if find_spec("httptools") is not None:  # of the extra `fast`: a row costs a third
        chosen["transport"] = "fast"
    with explain_missing_key(f"{SET_KEY_HINT}, {USE_LOCAL_HINT}"):
        return await PolarGrid.create(**chosen, max_connections=max_in_flight)


async def _find_prices(summary: Summary, client: PolarGrid) -> None:
    """Ask the server what its models cost, for the summary, if no option said it."""
    from polargrid_batch.prices import fetch_prices

    if summary.prices.models or summary.prices.default or not (summary.input_tokens or summary.output_tokens):
        return
    with suppress(PolarGridError):  # a server may list no models
        summary.prices = await fetch_prices(client, max_retries=0)


@contextmanager
def _stop_on_signals(file_run: FileRun) -> Iterator[Any]:
    """The first Ctrl-C, or SIGTERM, ends the run after the requests in flight; the second one at once."""
    loop = asyncio.get_running_loop()
    count = 0

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal count
        count += 1
        if count > 1:
            raise KeyboardInterrupt
        loop.call_soon_threadsafe(stop)

    def stop() -> None:
        file_run.stop()
        output.print_note("\nwaiting for the requests in flight; press Ctrl-C again to end at once")

    numbers = [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) is not signal.SIG_IGN]
    is_main = threading.current_thread() is threading.main_thread()
    previous = {number: signal.signal(number, handle) for number in numbers} if is_main else {}
    try:
        yield lambda: count > 0
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def print_summary(summary: Summary, *, json_output: bool) -> None:
    """Print the counts of a run."""
    from polargrid_batch.summary import format_summary

    if json_output:
        output.print_json(summary.to_dict(), on_one_line=True)
    else:
        output.print_line(format_summary(summary))


def exit_code_of(summary: Summary) -> int:
    """Return the exit status of a run that was not interrupted."""
    if not (summary.failed or summary.failed_before):
        return exit_codes.OK if summary.is_complete else exit_codes.PARTIAL
    return exit_codes.PARTIAL if summary.succeeded or summary.done_before else exit_codes.FAILED
