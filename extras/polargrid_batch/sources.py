"""Inputs of a run: every format becomes lines of OpenAI's Batch format."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeAlias

from polargrid_batch.compression import ENDINGS
from polargrid_batch.errors import BatchInputError
from polargrid_batch.lines import MAX_ROW_BYTES, STDIN, InputPosition, Line, explain_read_errors, open_input, read_lines
from polargrid_batch.operations import describe_url, find_operation_by_name, find_prompt_field
from polargrid_batch.rows import ROW_FIELDS
from polargrid_batch.tables import DELIMITERS, PARQUET, TableRow, read_csv, read_parquet
from polargrid_batch.templates import PromptTemplate

_CUSTOM_ID = "custom_id"

Convert: TypeAlias = Callable[[int, Mapping[str, Any]], dict[str, Any]]
"""Makes a Batch line of a record, with its number. Raises BatchInputError."""


@dataclass(frozen=True)
class RowFormat:
    """How the records of an input become requests.

    Without `operation`, a record is a line of OpenAI's Batch format. With it, a record is a body; with `prompt`, its
    values fill a template.
    """

    operation: str | None = None
    prompt: str | None = None
    system: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Fields of each body, like `model`; those of a record override them."""
    ending: str | None = None
    """What the input is, whatever its name: `.jsonl`, `.csv`, `.tsv` or `.parquet`."""

    def __post_init__(self) -> None:
        self.converter()

    def converter(self) -> Convert | None:
        """Return what makes a Batch line of a record; None if it is one. Raises BatchInputError."""
        if self.operation is None:
            if self.prompt is not None or self.fields or self.system is not None:
                raise BatchInputError("operation: name one for plain bodies and prompts, like chat_completion")
            return None
        operation = find_operation_by_name(self.operation)
        head = {"method": operation.method, "url": describe_url(operation)}
        template = None if self.prompt is None else PromptTemplate(self.prompt)
        target = find_prompt_field(operation) if template else ""

        def convert(number: int, record: Mapping[str, Any]) -> dict[str, Any]:
            custom_id = _name_row(number, record)
            if template is not None:
                body = {**self.fields, target: self._fill(target, template.render(record))}
            else:
                body = {**self.fields, **{name: value for name, value in record.items() if name != _CUSTOM_ID}}
            return {_CUSTOM_ID: custom_id, **head, "body": body}

        return convert

    def select_columns(self, name: str, columns: Sequence[str]) -> list[str]:
        """Return the columns of a table that its rows need. Raises BatchInputError if one is missing."""
        if self.operation is None:
            if not {"url", "body"} <= set(columns):
                raise BatchInputError(
                    f"{name}: the table has no columns url and body: name an --operation, whose body the columns fill, "
                    f"or its --prompt; the columns are: {', '.join(columns)}"
                )
            return [column for column in columns if column in ROW_FIELDS]
        if self.prompt is None:
            return list(columns)
        needed = PromptTemplate(self.prompt).names
        missing = next((column for column in needed if column not in columns), None)
        if missing is not None:
            raise BatchInputError(
                f"{name}: the prompt needs a column {missing!r}; the columns are: {', '.join(columns)}"
            )
        return [column for column in columns if column in (*needed, _CUSTOM_ID)]

    def _fill(self, target: str, text: str) -> Any:
        if target != "messages":
            return text
        system = [] if self.system is None else [{"role": "system", "content": self.system}]
        return [*system, {"role": "user", "content": text}]


def read_input(
    source: str | Path,
    row_format: RowFormat | None = None,
    *,
    max_row_bytes: int = MAX_ROW_BYTES,
    position: InputPosition | None = None,
) -> Iterator[Line]:
    """Yield the rows of a file: JSON lines, CSV, TSV or Parquet by the ending of its name, perhaps with .gz or .zst.

    `-` is stdin, with JSON lines unless the format says otherwise. Raises OSError if the file cannot be opened,
    BatchInputError with the line if it cannot be read on.
    """
    row_format = row_format or RowFormat()
    name, last, ending = str(source), [0], row_format.ending or find_ending(str(source))
    is_parquet = ending == PARQUET
    if is_parquet and (name == STDIN or Path(name).suffix.lower() in ENDINGS):
        raise BatchInputError(f"{name}: Parquet is compressed inside, and read from a file; decompress it into one")
    position = position if position is not None else InputPosition()
    lines: Iterator[Line]
    with open_input(source) as (stream, file), explain_read_errors(name, file, last, "row" if is_parquet else "line"):
        before = None if name == STDIN else os.fstat(file.fileno())
        if before is not None:
            position.size = before.st_size  # 0 of a pipe
        if is_parquet or ending in DELIMITERS:
            rows = _read_table(name, stream, ending, row_format, max_row_bytes, position)
            convert = row_format.converter() or _convert_columns
            lines = (_convert_row(row, convert, keep_nulls=row_format.prompt is not None) for row in rows)
        else:
            lines = _read_json(stream, row_format, max_row_bytes)
        for line in lines:
            last[0] = line.number
            if position.size and not is_parquet:
                position.offset = file.tell()
            yield line
        if before is not None and stat.S_ISREG(before.st_mode) and not file.closed:
            _check_unchanged(name, before, os.fstat(file.fileno()))


def _check_unchanged(name: str, before: os.stat_result, now: os.stat_result) -> None:
    """Raise BatchInputError if a file was written to while it was read: nobody knows which rows were read of it."""
    if (before.st_size, before.st_mtime_ns) != (now.st_size, now.st_mtime_ns):
        sizes = f"{before.st_size:,} bytes before, {now.st_size:,} after"
        raise BatchInputError(
            f"{name}: was changed while it was read ({sizes}); run the same command again: it compares each row with "
            "its result, and asks those that are new"
        )


def _read_json(stream: IO[bytes], row_format: RowFormat, max_row_bytes: int) -> Iterator[Line]:
    convert = row_format.converter()
    lines = read_lines(stream, max_row_bytes)
    return lines if convert is None else (_convert_line(line, convert) for line in lines)


def _read_table(  # noqa: PLR0917 - what a format needs
    name: str, stream: IO[bytes], ending: str, row_format: RowFormat, max_row_bytes: int, position: InputPosition
) -> Iterator[TableRow]:
    def select(columns: Sequence[str]) -> list[str]:
        return row_format.select_columns(name, columns)

    if ending == PARQUET:
        return read_parquet(name, stream, select, position)
    return read_csv(name, stream, DELIMITERS[ending], select, max_row_bytes)


def find_ending(name: str) -> str:
    """Return the ending of a file's name in lower case, without that of a compression."""
    path = Path(name)
    return (path.with_suffix("") if path.suffix.lower() in ENDINGS else path).suffix.lower()


def _convert_row(row: TableRow, convert: Convert, *, keep_nulls: bool) -> Line:
    """Return a row as a line. Null is no field of a body; in a prompt it is an error."""
    if row.problem:
        return Line(row.number, repr(row.values).encode("utf-8", "backslashreplace"), row.problem)
    values = {name: value for name, value in row.values.items() if keep_nulls or value is not None}
    return _convert(row.number, values, convert)


def _convert_columns(number: int, record: Mapping[str, Any]) -> dict[str, Any]:
    """Make a Batch line of columns with the names of its fields; the body is a struct, or text."""
    body = record.get("body")
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError as error:
            raise BatchInputError(f"body: invalid JSON: {error}") from error
    return {**record, _CUSTOM_ID: _name_row(number, record), "body": body}


def _name_row(number: int, record: Mapping[str, Any]) -> Any:
    """Return the custom_id of a record; a column of a table may have numbers."""
    custom_id = record.get(_CUSTOM_ID)
    if custom_id is None or custom_id == "":
        return f"row-{number}"
    return str(custom_id) if isinstance(custom_id, int) else custom_id


def _convert_line(line: Line, convert: Convert) -> Line:
    if line.problem:
        return line
    try:
        record = json.loads(line.data)
    except (ValueError, RecursionError) as error:
        return Line(line.number, line.data, f"invalid JSON: {error}")
    if not isinstance(record, dict):
        return Line(line.number, line.data, f"expected an object, not {type(record).__name__}")
    return _convert(line.number, record, convert)


def _convert(number: int, record: Mapping[str, Any], convert: Convert) -> Line:
    try:
        data = json.dumps(convert(number, record), ensure_ascii=False, default=_encode_value, allow_nan=False)
        return Line(number, data.encode())
    except (BatchInputError, ValueError) as error:
        return Line(number, repr(record).encode("utf-8", "backslashreplace"), getattr(error, "message", str(error)))


def _encode_value(value: object) -> str:
    """Return a value of a table, that JSON has not, as text: a date, a time, a decimal number."""
    if isinstance(value, bytes):
        raise BatchInputError("a column has binary data, which is no text; leave it out, or encode it as base64")
    return str(value)
