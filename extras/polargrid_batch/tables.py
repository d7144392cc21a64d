"""Tables: the rows of CSV, TSV and Parquet, read a few at a time, with what is wrong with a row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any, NamedTuple

from polargrid_batch.errors import BatchInputError
from polargrid_batch.lines import InputPosition
from polargrid_batch.table import load_pyarrow

DELIMITERS = {".csv": ",", ".tsv": "\t"}
PARQUET = ".parquet"
_UNDECODED = re.compile("[\udc80-\udcff]")
_BATCH_ROWS, _BUFFER = 256, 1 << 20

Select = Callable[[Sequence[str]], list[str]]
"""Returns which columns are read, of all. Raises BatchInputError if one is missing."""


class TableRow(NamedTuple):
    """A row; `problem` is why it is none. The number is that of its first line, or of the row in Parquet."""

    number: int
    values: dict[str, Any]
    problem: str = ""


def read_csv(name: str, stream: IO[bytes], delimiter: str, select: Select, max_bytes: int) -> Iterator[TableRow]:
    """Yield the rows after the header; blank lines are none.

    Raises BatchInputError for the header, csv.Error where quotes do not match.
    """
    csv.field_size_limit(max(csv.field_size_limit(), max_bytes))  # of the process; the default is 128 KiB
    text = io.TextIOWrapper(stream, "utf-8-sig", newline="", errors="surrogateescape")
    try:
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        columns = next((cells for cells in reader if cells), [])
        if problem := _check_header(columns):
            raise BatchInputError(f"{name}: line {reader.line_num or 1}: {problem}")
        wanted = set(select(columns))
        start = reader.line_num + 1
        for cells in reader:
            number, start = start, reader.line_num + 1
            if not cells:
                continue
            if len(cells) != len(columns):
                problem = f"the row has {len(cells)} cells, the header has {len(columns)}"
                values: dict[str, Any] = {str(index): cell for index, cell in enumerate(cells, 1)}
                yield TableRow(number, values, f"{problem}; quote a cell that has a {delimiter!r} or a line break")
                continue
            values = {column: cell for column, cell in zip(columns, cells, strict=True) if column in wanted}
            yield TableRow(number, values, _find_undecoded(values))
    finally:
        text.detach()  # the caller closes it


def _check_header(columns: Sequence[str]) -> str:
    """Return what is wrong with a header."""
    if not columns:
        return "the file is empty; the first line names the columns"
    if columns[0].startswith(("\udcff\udcfe", "\udcfe\udcff")) or "\0" in columns[0]:
        return "the file is UTF-16; save it as UTF-8"
    twice = next((column for column in columns if columns.count(column) > 1), None)
    if twice is not None:
        return f"two columns are called {twice!r}; rename one"
    return _find_undecoded({"header": "".join(columns)})


def _find_undecoded(values: dict[str, str]) -> str:
    for name, text in values.items():
        if match := _UNDECODED.search(text):
            byte = ord(match[0]) - 0xDC00
            return f"column {name!r}: byte 0x{byte:02x} is no UTF-8; convert the file, as by iconv -f latin1 -t utf-8"
    return ""


def read_parquet(name: str, stream: IO[bytes], select: Select, position: InputPosition) -> Iterator[TableRow]:
    """Yield the rows, and set the position in rows. Null is left out of structs: a field that is not set."""
    parquet = load_pyarrow(name, "pyarrow.parquet")
    number = 0
    with parquet.ParquetFile(stream, pre_buffer=False, buffer_size=_BUFFER) as file:
        position.size = file.metadata.num_rows
        columns = select(file.schema_arrow.names)
        for group in range(file.num_row_groups):  # each by itself: rows before a damaged one are read
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, row_groups=[group], columns=columns):
                for record in batch.select(columns).to_pylist():
                    number += 1
                    position.offset = number
                    yield TableRow(number, {key: _drop_nulls(value) for key, value in record.items()})


def _drop_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _drop_nulls(item) for key, item in value.items() if item is not None}
    return [_drop_nulls(item) for item in value] if isinstance(value, list) else value
