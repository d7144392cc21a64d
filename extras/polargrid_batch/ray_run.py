"""Runs from a file to a file on a cluster of Ray: workers read and send, the driver writes the output.

Only the driver writes, to the same output as a run on one machine, so either kind of run continues the other. Ray
assigns spans of the input to a pool of actors; each has the engine of a run, and the spans of an actor are in flight
together. The output is the only record of what is done: a span whose actor, machine or driver is killed before its
results are written is asked again.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs

from polargrid import errors
from polargrid_batch.errors import BatchInputError, BatchStoppedError
from polargrid_batch.files import FileRun
from polargrid_batch.map_batches import Rows
from polargrid_batch.outputs import Output
from polargrid_batch.ray_worker import SpanRows, add_counts
from polargrid_batch.sources import find_ending
from polargrid_batch.spans import SpanScan, read_stamp, scan_spans
from polargrid_batch.summary import Summary

_TABLES = (".csv", ".tsv", ".parquet")
_OBJECT_STORE_BYTES = 256 * 1024 * 1024  # spans and their results are small
_TICK_SECONDS = 0.25
_SPANS_AHEAD = 2  # of each actor, beside those that its requests in flight are of


class RayRun(FileRun):
    """One run on Ray; `prepare` and the options are those of FileRun. `max_in_flight` is a limit of each worker."""

    def __init__(
        self,
        source: str | Path,
        output: str | Path,
        *,
        client: Mapping[str, Any] | None = None,
        address: str | None = None,
        workers: int | None = None,
        **options: Any,
    ) -> None:
        """`client` has options of PolarGrid, without its key. `address` is that of a cluster, RAY_ADDRESS by default;
        without both, Ray is started on this machine. `workers` are one for each machine by default.

        Raises BatchInputError for an input that workers cannot read in parts, ValueError for a key.
        """
        super().__init__(source, output, **options)
        self._address, self._workers = address or os.environ.get("RAY_ADDRESS"), workers
        self._client = dict(client or {})
        Rows(client=self._client)  # a key is refused before Ray starts
        if self._options.budget is not None:
            raise BatchInputError("budget: workers do not know what the others spend; run on one machine (--on local)")
        name = str(source)
        if find_ending(name) in _TABLES or name == "-" or name.lower().endswith((".gz", ".zst")):
            raise BatchInputError(
                f"{name}: workers read parts of a file of JSON lines; decompress or convert it, "
                "or use polargrid_batch.Rows with a dataset of Ray"
            )

    def execute_on_ray(self, on_tick: Callable[[FileRun], object] | None = None) -> Summary:
        """Send the rows that the output does not have; return the counts. Errors are those of `FileRun.execute`."""
        started_at = time.monotonic()
        ray = _import_ray()
        self._check_paths()
        output, done = self._open_output()
        try:
            self.summary.done_before, self.summary.failed_before = done.done.count, done.failed
            source = Path(self.source).absolute()
            scan = scan_spans(source, self._format, done.done, self._describe_change, self._max_row_bytes)
            self.summary.left = scan.rows
            self.position.size = scan.rows + done.done.count
            try:
                if scan.spans:
                    with _report(self, on_tick), _connect(ray, self._address):
                        self._write(output, self._iterate(ray, source, scan))
            finally:
                self.summary.seconds = time.monotonic() - started_at
                self.summary.is_complete = not self.summary.left
                output.write(())
                output.finish(ordered=self._options.ordered and self.summary.is_complete)
        finally:
            output.close()
        return self.summary

    def _write(self, output: Output, results: Iterator[list[bytes]]) -> None:
        for lines in results:
            output.write(lines)
            if output.needs_sync(time.monotonic()):
                output.sync()

    def _iterate(self, ray: Any, source: Path, scan: SpanScan) -> Iterator[list[bytes]]:
        """Yield the lines of spans, as they are done. Raises BatchStoppedError."""
        workers = self._workers or sum(node["Alive"] for node in ray.nodes())
        dataset = self._create_dataset(source, scan, workers)
        written: set[int] = set()
        try:
            for batch in dataset.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=1):
                for item in batch.to_pylist():
                    if item["first"] in written:
                        continue  # an actor was lost after its results were sent
                    written.add(item["first"])
                    yield item["lines"]
                    self._count(json.loads(item["counts"]))
        except ray.exceptions.RayError as error:
            raise BatchStoppedError(f"Ray: {str(error).strip().splitlines()[-1]}") from error

    def _count(self, counts: Mapping[str, Any]) -> None:
        add_counts(self.summary, counts)
        self.position.offset = self.summary.rows - self.summary.left
        if stopped := counts["stopped"]:
            kind = getattr(errors, stopped["class"], errors.PolarGridError)
            raise BatchStoppedError(stopped["message"]) from kind(stopped["message"])

    def _create_dataset(self, source: Path, scan: SpanScan, workers: int) -> Any:
        """Return the dataset whose blocks are the results of a span each."""
        data: Any = import_module("ray.data")
        context = data.DataContext.get_current()
        context.enable_progress_bars = context.print_on_execution_start = False
        context.execution_options.preserve_order = self._options.ordered
        options = self._options
        rates = {
            name: rate / workers
            for name in ("max_rows_per_minute", "max_tokens_per_minute")
            if (rate := getattr(options, name)) is not None
        }
        rows = Rows(client=self._client, **_list_options(options) | rates)
        calls = -(-options.max_in_flight // scan.most_rows) + _SPANS_AHEAD
        pool = data.ActorPoolStrategy(
            size=workers, max_concurrent_calls_per_actor=calls, enable_true_multi_threading=True
        )
        items = [attrs.asdict(span) for span in scan.spans]
        arguments = {"source": str(source), "stamp": read_stamp(source), "row_format": self._format, "rows": rows}
        arguments["max_row_bytes"] = self._max_row_bytes
        return data.from_items(items, override_num_blocks=len(items)).map_batches(
            SpanRows,
            fn_constructor_kwargs=arguments,
            compute=pool,
            batch_size=None,
            batch_format="pyarrow",
        )


def _list_options(options: Any) -> dict[str, Any]:
    names = ("regions", "max_in_flight", "policy", "limits")
    return {name: value for name in names if (value := getattr(options, name)) is not None}


def _import_ray() -> Any:
    try:
        ray = import_module("ray")
        import_module("ray.data")
    except ModuleNotFoundError as error:
        raise BatchInputError(f"cannot run on Ray: {error}; install polargrid[ray], on each machine") from error
    return ray


@contextmanager
def _connect(ray: Any, address: str | None) -> Iterator[None]:
    """Use the cluster that the program is connected to, or one at an address, or start one on this machine."""
    logging.getLogger("ray.data").setLevel(logging.ERROR)  # its own progress
    if ray.is_initialized():
        yield
        return
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": True}
    if address is None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        local: dict[str, Any] = {"include_dashboard": False, "object_store_memory": _OBJECT_STORE_BYTES}
        ray.init("local", **quiet, **local, _node_ip_address="127.0.0.1")  # who reaches its ports may run code
    else:
        try:
            ray.init(address, **quiet)
        except ConnectionError as error:
            raise BatchInputError(f"address: no cluster of Ray at {address!r}: {error}") from error
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _report(run: FileRun, on_tick: Callable[[FileRun], object] | None) -> Iterator[None]:
    """Call the function a few times a second, from a thread: the driver waits for results."""
    is_over = threading.Event()

    def tick() -> None:
        while on_tick is not None and not is_over.wait(_TICK_SECONDS):
            on_tick(run)

    thread = threading.Thread(target=tick, name="polargrid-batch-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
