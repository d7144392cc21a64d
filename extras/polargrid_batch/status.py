"""What an output file holds: `polargrid batch status`."""

from __future__ import annotations

import errno
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import attrs

from polargrid_batch.model_use import ModelUse, compute_cost, describe_models
from polargrid_batch.output import OutputScan, iterate_output
from polargrid_batch.outputs import check_output, is_parquet
from polargrid_batch.parts import iterate_part, list_journals, list_parts, read_number
from polargrid_batch.prices import Prices
from polargrid_batch.table import parse_head, read_usage, split_line

_COLUMNS = ("id", "custom_id", "error_class", "error_message", "model", "input_tokens", "output_tokens")


@attrs.define
class OutputStatus:
    """Counts of an output file."""

    succeeded: int = 0
    failures: Counter[str] = attrs.field(factory=Counter)
    """Rows that failed, by class."""
    examples: dict[str, str] = attrs.field(factory=dict)
    """The first of each class: its custom_id and its message."""
    input_tokens: int = 0
    output_tokens: int = 0
    models: dict[str, ModelUse] = attrs.field(factory=dict)
    """What the rows that succeeded used, by the model that their responses name."""
    last_line: int = 0
    """The largest line of the input that has a result."""
    torn_bytes: int = 0
    """Bytes of half a line at the end, of a run that was killed; the next run cuts them."""

    @property
    def rows(self) -> int:
        """Rows with a result."""
        return self.succeeded + self.failures.total()

    def to_dict(self, prices: Prices | None = None) -> dict[str, Any]:
        """Return the status as JSON, with costs by these prices."""
        price_list = prices or Prices()
        values = attrs.asdict(self, recurse=False) | {"failures": dict(sorted(self.failures.items()))}
        values |= {"models": describe_models(self.models, price_list), "cost": compute_cost(self.models, price_list)}
        return {"rows": self.rows, **values}

    def add_failure(self, number: int, kind: str, custom_id: str, message: str | None) -> None:
        """Count a row that failed."""
        self.last_line = max(self.last_line, number)
        self.failures[kind] += 1
        self.examples.setdefault(kind, f"{custom_id}: {message}")

    def add_success(self, number: int, usage: dict[str, Any]) -> None:
        """Count a row that succeeded, and what it used."""
        self.last_line = max(self.last_line, number)
        self.succeeded += 1
        counts = (usage.get("input_tokens") or 0, usage.get("output_tokens") or 0)
        self.input_tokens += counts[0]
        self.output_tokens += counts[1]
        if usage.get("model") is not None:
            self.models.setdefault(usage["model"], ModelUse()).add(*counts)


def read_status(path: Path) -> OutputStatus:
    """Read an output, also one that a run writes to now.

    Raises OSError, or BatchInputError with the line if it is no output of a run.
    """
    check_output(path)
    if not is_parquet(path):
        status = OutputStatus()
        status.torn_bytes = _add_lines(path, status)
        return status
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    while True:
        try:
            return _read_parts(path)
        except FileNotFoundError:  # a journal became a part, and was removed
            if not path.is_dir():
                raise


def _read_parts(path: Path) -> OutputStatus:
    status = OutputStatus()
    journals, parts = list_journals(path), list_parts(path)
    written = {read_number(part) for part in parts}  # of a journal that is not removed yet, perhaps
    for part in parts:
        for batch in iterate_part(part, _COLUMNS):
            for record in batch.to_pylist():
                kind = record["error_class"]
                head = parse_head(record["id"] or "", is_success=kind is None)
                number = head.number if head else 0
                if kind is None:
                    status.add_success(number, record)
                else:
                    status.add_failure(number, kind, record["custom_id"], record["error_message"])
    for journal in (journal for journal in journals if read_number(journal) not in written):
        status.torn_bytes += _add_lines(journal, status)
    return status


def _add_lines(path: Path, status: OutputStatus) -> int:
    """Count the lines of a file; return the bytes of half a line at its end."""
    scan = OutputScan()
    for head, line in iterate_output(path, scan):
        parts, content, error = split_line(line)
        if error is None:
            status.add_success(head.number, _read_usage(content))
        else:
            status.add_failure(head.number, error["class"], parts["custom_id"], error["message"])
    return scan.torn


def _read_usage(content: bytes) -> dict[str, Any]:
    return read_usage(json.loads(content)) if content.startswith(b"{") else {}
