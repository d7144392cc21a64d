"""Parts of a file of JSON lines that workers read by themselves, without the rows that are done."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

import attrs

from polargrid_batch.errors import BatchInputError
from polargrid_batch.index import DoneRows
from polargrid_batch.lines import MAX_ROW_BYTES, Line, read_lines
from polargrid_batch.rows import AnyRow, parse_row
from polargrid_batch.sources import RowFormat, _convert_line

FEWEST_ROWS, MOST_SPANS = 64, 8192
_MOST_BYTES = 8 * 1024 * 1024

Convert = Callable[[int, Mapping[str, Any]], dict[str, Any]] | None


@attrs.define
class Span:
    """Whole lines that follow each other."""

    offset: int
    """Of the first line, in bytes."""
    first: int
    """Its number."""
    size: int = 0
    """Bytes of the lines."""
    rows: int = 0
    """Rows without a result."""
    done: list[int] = attrs.field(factory=list)
    """The numbers of rows that have one."""


@attrs.define
class SpanScan:
    """The spans of a file that have rows without a result."""

    spans: list[Span] = attrs.field(factory=list)
    most_rows: int = FEWEST_ROWS
    """Rows of a span; more, if the file has many."""

    @property
    def rows(self) -> int:
        """Rows without a result."""
        return sum(span.rows for span in self.spans)


def scan_spans(
    source: Path, row_format: RowFormat, done: DoneRows, on_change: Callable[[int], str], max_bytes: int = MAX_ROW_BYTES
) -> SpanScan:
    """Read a file once, and return its spans. Raises BatchInputError for a row that is another one than the output has
    a result for: `on_change` describes it.
    """
    scan, convert = SpanScan(), row_format.converter()
    last = 0
    with source.open("rb") as file:
        span = Span(0, 1)
        for line in read_lines(file, max_bytes):
            last, end = line.number, file.tell()
            if done.find(line.number, 0) == "new":
                span.rows += 1
            else:
                data = (line if convert is None else _convert_line(line, convert)).data
                if done.find(line.number, crc32(data)) == "changed":
                    raise BatchInputError(on_change(line.number))
                span.done.append(line.number)
            span.size = end - span.offset
            if span.rows + len(span.done) >= scan.most_rows or span.size >= _MOST_BYTES:
                _add(scan, span)
                span = Span(end, line.number + 1)
        _add(scan, span)
    if done.last > last:
        raise BatchInputError(on_change(done.last))
    return scan


def _add(scan: SpanScan, span: Span) -> None:
    if span.rows:
        scan.spans.append(span)
    if len(scan.spans) > MOST_SPANS:
        scan.most_rows *= 2
        scan.spans = _merge(scan.spans)


def _merge(spans: Collection[Span]) -> list[Span]:
    """Join spans that follow each other, two by two."""
    merged: list[Span] = []
    is_joined = False
    for span in spans:
        last = merged[-1] if merged else None
        is_joined = not is_joined and last is not None and last.offset + last.size == span.offset
        if is_joined and last is not None:
            merged[-1] = Span(
                last.offset, last.first, last.size + span.size, last.rows + span.rows, last.done + span.done
            )
        else:
            merged.append(span)
    return merged


def read_span(source: Path, span: Span, row_format: RowFormat, max_bytes: int = MAX_ROW_BYTES) -> list[AnyRow]:
    """Read the rows of a span that have no result."""
    with source.open("rb") as file:
        file.seek(span.offset)
        data = file.read(span.size)
    convert, done, folder = row_format.converter(), frozenset(span.done), source.parent
    blank = b"" if span.first == 1 else b"\n"  # only the first line of a file may begin with a BOM
    rows: list[AnyRow] = []
    for line in read_lines(io.BytesIO(blank + data), max_bytes):
        number = line.number + span.first - 1 - len(blank)
        if number not in done:
            numbered = Line(number, line.data, line.problem)
            rows.append(parse_row(numbered if convert is None else _convert_line(numbered, convert), folder))
    return rows


def read_stamp(source: Path) -> tuple[int, int]:
    """Return the size of a file, and when it was changed: what workers read is the same file."""
    status = source.stat()
    return status.st_size, status.st_mtime_ns
