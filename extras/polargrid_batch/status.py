"""What an output file holds: `polargrid batch status`."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import attrs

from polargrid_batch.output import OutputScan, iterate_output

_USAGE = (("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens"))


@attrs.define
class OutputStatus:
    """Counts of an output file."""

    succeeded: int = 0
    failures: Counter[str] = attrs.field(factory=Counter)
    """Rows that failed, by class."""
    input_tokens: int = 0
    output_tokens: int = 0
    last_line: int = 0
    """The largest line of the input that has a result."""
    torn_bytes: int = 0
    """Bytes of half a line at the end, of a run that was killed; the next run cuts them."""

    @property
    def rows(self) -> int:
        """Rows with a result."""
        return self.succeeded + self.failures.total()

    def to_dict(self) -> dict[str, Any]:
        """Return the status as JSON."""
        values = attrs.asdict(self, recurse=False) | {"failures": dict(sorted(self.failures.items()))}
        return {"rows": self.rows, **values}


def read_status(path: Path) -> OutputStatus:
    """Read an output file. Raises OSError, or BatchInputError with the line if it is no output of a run."""
    status, scan = OutputStatus(), OutputScan()
    for head, line in iterate_output(path, scan):
        record = json.loads(line)
        if head.is_success:
            status.succeeded += 1
        else:
            status.failures[record["error"]["class"]] += 1
        _add_usage(status, record)
    status.last_line, status.torn_bytes = scan.done.last, scan.torn
    return status


def _add_usage(status: OutputStatus, record: dict[str, Any]) -> None:
    body = (record["response"] or {}).get("body")
    usage = body.get("usage") if isinstance(body, dict) else None
    if not isinstance(usage, dict):
        return
    counts = [next((usage[name] for name in names if isinstance(usage.get(name), int)), 0) for names in _USAGE]
    status.input_tokens += counts[0]
    status.output_tokens += counts[1]
