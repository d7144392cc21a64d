"""The part of a run on Ray that is in the actors: spans of the input become lines of the output. It imports no Ray."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs

from polargrid_batch.map_batches import Rows
from polargrid_batch.model_use import ModelUse
from polargrid_batch.results import Result
from polargrid_batch.sources import RowFormat
from polargrid_batch.spans import Span, read_span, read_stamp
from polargrid_batch.summary import Summary


class SpanRows:
    """An actor: sends the rows of spans, a few spans at a time, by threads."""

    def __init__(
        self, source: str, stamp: tuple[int, int], row_format: RowFormat, rows: Rows, max_row_bytes: int
    ) -> None:
        self._source, self._stamp, self._format, self._rows = Path(source), stamp, row_format, rows
        self._max_row_bytes = max_row_bytes

    def __call__(self, batch: Any) -> Any:
        """Return `first`, `lines` and `counts` of each span of the batch."""
        return _build_table([self._send(Span(**item)) for item in batch.to_pylist()])

    def _send(self, span: Span) -> dict[str, Any]:
        problem = self._check_source()
        if problem:
            return _describe(span, [], {"message": problem, "class": "ValidationError"})
        engine = self._rows.engine()
        results, error = engine.send(lambda _first: read_span(self._source, span, self._format, self._max_row_bytes))
        results.sort(key=lambda result: result.number)
        stopped = None
        if error is not None:
            cause = error.__cause__ or error
            stopped = {"message": str(error), "class": type(cause).__name__}
        return _describe(span, results, stopped, attrs.asdict(engine.take_counts()))

    def _check_source(self) -> str:
        try:
            stamp = read_stamp(self._source)
        except OSError as error:
            return f"{self._source}: {error.strerror} on a worker; name a file that all machines of the cluster have"
        if stamp != self._stamp:
            return f"{self._source}: was changed during the run, or is another file on a worker; run again"
        return ""


def _describe(
    span: Span, results: Sequence[Result], stopped: Mapping[str, str] | None, numbers: Mapping[str, int] | None = None
) -> dict[str, Any]:
    summary = Summary()
    for result in results:
        summary.add(result)
    counts = {
        **(numbers or {}),
        **{name: getattr(summary, name) for name in ("succeeded", "failures", "input_tokens", "output_tokens")},
        "models": {name: attrs.asdict(use) for name, use in summary.models.items()},
        "stopped": stopped,
    }
    return {"first": span.first, "lines": [result.to_line() for result in results], "counts": json.dumps(counts)}


def _build_table(spans: Sequence[Mapping[str, Any]]) -> Any:
    pyarrow: Any = import_module("pyarrow")
    types = {"first": pyarrow.int64(), "lines": pyarrow.list_(pyarrow.large_binary()), "counts": pyarrow.string()}
    arrays = [pyarrow.array([span[name] for span in spans], kind) for name, kind in types.items()]
    return pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(list(types.items())))


def add_counts(summary: Summary, counts: Mapping[str, Any]) -> None:
    """Count what a span came to."""
    done = counts["succeeded"] + sum(counts["failures"].values())
    summary.left -= done
    summary.failures.update(counts["failures"])
    for name, use in counts["models"].items():
        summary.models.setdefault(name, ModelUse()).add(**use)
    for name in ("succeeded", "input_tokens", "output_tokens", "requests", "retries", "refusals"):
        setattr(summary, name, getattr(summary, name) + counts.get(name, 0))
