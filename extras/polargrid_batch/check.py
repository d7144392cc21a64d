"""Checks every row of an input before a request is sent: each is encoded as the client would encode it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from polargrid.errors import ValidationError
from polargrid_batch.duplicates import DuplicateFinder
from polargrid_batch.estimates import limit_output, uses_tokens
from polargrid_batch.lines import MAX_ROW_BYTES, STDIN
from polargrid_batch.model_use import ModelUse, compute_cost
from polargrid_batch.prices import Prices
from polargrid_batch.rows import BYTES_PER_TOKEN, AnyRow, InvalidRow, Row, parse_row
from polargrid_batch.sources import RowFormat, read_input
from polargrid_codec.encoding import build_request

MAX_FINDINGS = 1000


@attrs.frozen
class Finding:
    """What is wrong with a row, and what to do."""

    line: int
    custom_id: str
    message: str
    field: str | None = None


@attrs.define
class CheckReport:
    """What an input has. The first findings are kept, all are counted."""

    rows: int = 0
    invalid: int = 0
    operations: dict[str, int] = attrs.field(factory=dict)
    input_tokens: int = 0
    """Estimated: a quarter of the bytes of the rows."""
    max_output_tokens: int = 0
    """What the rows allow; rows without a limit are not in it."""
    unlimited: int = 0
    """Rows whose response may be as long as the model's context."""
    models: dict[str, ModelUse] = attrs.field(factory=dict)
    """The estimates by model."""
    findings: list[Finding] = attrs.field(factory=list)

    def estimate(self, row: Row) -> None:
        """Count the tokens that a row may use."""
        if not uses_tokens(row):
            return
        counts = row.size // BYTES_PER_TOKEN, limit_output(row)
        self.input_tokens += counts[0]
        self.max_output_tokens += counts[1] or 0
        self.unlimited += counts[1] is None
        model = row.body.get("model")
        if isinstance(model, str):
            self.models.setdefault(model, ModelUse()).add(counts[0], counts[1] or 0)

    def add(self, finding: Finding) -> None:
        """Count an invalid row."""
        self.invalid += 1
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)

    def least_seconds(self, rows_per_minute: float | None, tokens_per_minute: float | None) -> float | None:
        """How long a run takes at least with these limits; None without a limit."""
        times = []
        if rows_per_minute:
            times.append(self.rows / rows_per_minute * 60)
        if tokens_per_minute:
            times.append((self.input_tokens + self.max_output_tokens) / tokens_per_minute * 60)
        return max(times, default=None)

    def estimate_cost(self, prices: Prices) -> float | None:
        """Return what the rows cost if each response has all the tokens it may have; None if no price is known."""
        return compute_cost(self.models, prices)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return attrs.asdict(self)


def check_file(
    source: str | Path, row_format: RowFormat | None = None, *, max_row_bytes: int = MAX_ROW_BYTES
) -> CheckReport:
    """Check the rows of a file, or of stdin (`-`). Raises BatchInputError or OSError if it cannot be read."""
    folder = Path() if str(source) == STDIN else Path(source).parent
    lines = read_input(source, row_format, max_row_bytes=max_row_bytes)
    report = check_rows(parse_row(line, folder) for line in lines)
    return report if str(source) == STDIN else _find_first_lines(report, source, row_format, max_row_bytes)


def check_rows(rows: Iterator[AnyRow]) -> CheckReport:
    """Check rows. Pure, but for files that rows name."""
    report, names = CheckReport(), DuplicateFinder()
    for row in rows:
        report.rows += 1
        finding = find_problem(row)
        if finding is None and names.add(row.custom_id):
            finding = Finding(row.number, row.custom_id, _DUPLICATE, "custom_id")
        if isinstance(row, Row):
            name = row.operation.name
            report.operations[name] = report.operations.get(name, 0) + 1
            report.estimate(row)
        if finding is not None:
            report.add(finding)
    return report


_DUPLICATE = "custom_id: another row has the same one; give each row a custom_id of its own"


def find_problem(row: AnyRow) -> Finding | None:
    """Return what is wrong with a row; None if it can be sent."""
    if isinstance(row, InvalidRow):
        return Finding(row.number, row.custom_id, row.message, row.param)
    try:
        none: dict[str, Any] = {}
        extra: dict[str, Any] = {"extra_headers": none, "extra_query": none, "extra_body": none}
        encoded = build_request(row.operation, row.body, row.files, None, stream=False, **extra)
        for _, upload in encoded.uploads:
            with upload.open():  # whether it can be read
                pass
    except ValidationError as error:
        return Finding(row.number, row.custom_id, error.message, error.param)
    return None


def _find_first_lines(
    report: CheckReport, source: str | Path, row_format: RowFormat | None, max_row_bytes: int
) -> CheckReport:
    """Read again, if names repeat, to say which line has a name first."""
    wanted = {finding.custom_id for finding in report.findings if finding.message == _DUPLICATE}
    if not wanted:
        return report
    first: dict[str, int] = {}
    folder = Path(source).parent
    for line in read_input(source, row_format, max_row_bytes=max_row_bytes):
        row = parse_row(line, folder)
        if row.custom_id in wanted:
            first.setdefault(row.custom_id, row.number)
    report.findings = [
        attrs.evolve(item, message=f"custom_id: {item.custom_id!r} is that of line {first[item.custom_id]}, too")
        if item.message == _DUPLICATE
        else item
        for item in report.findings
    ]
    return report
