"""Inputs of a run: every format becomes lines of OpenAI's Batch format."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from polargrid_batch.errors import BatchInputError
from polargrid_batch.lines import MAX_ROW_BYTES, STDIN, InputPosition, Line, explain_read_errors, open_input, read_lines
from polargrid_batch.operations import describe_url, find_operation_by_name, find_prompt_field
from polargrid_batch.templates import PromptTemplate

_COMPRESSIONS = (".gz", ".zst")
_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_CUSTOM_ID = "custom_id"


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

    def __post_init__(self) -> None:
        self.converter()

    def converter(self) -> Callable[[int, Mapping[str, Any]], dict[str, Any]] | None:
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
            custom_id = record.get(_CUSTOM_ID) or f"row-{number}"
            if template is not None:
                body = {**self.fields, target: self._fill(target, template.render(record))}
            else:
                body = {**self.fields, **{name: value for name, value in record.items() if name != _CUSTOM_ID}}
            return {_CUSTOM_ID: custom_id, **head, "body": body}

        return convert

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

    `-` is stdin, with JSON lines. Raises OSError if the file cannot be opened, BatchInputError with the line if it
    cannot be read on.
    """
    name, last = str(source), [0]
    convert = (row_format or RowFormat()).converter()
    ending = find_ending(name)
    if convert is None and (ending in _DELIMITERS or ending == ".parquet"):
        raise BatchInputError(f"{name}: a table needs --operation, and --prompt or columns that are fields of the body")
    with explain_read_errors(name, last), open_input(source) as (stream, file):
        if position is not None and name != STDIN:
            position.size = os.fstat(file.fileno()).st_size
        if ending in _DELIMITERS:
            lines = _read_table(stream, _DELIMITERS[ending], max_row_bytes, convert)
        elif ending == ".parquet":
            lines = _read_parquet(name, stream, convert)
        else:
            lines = read_lines(stream, max_row_bytes)
            lines = lines if convert is None else (_convert_line(line, convert) for line in lines)
        for line in lines:
            last[0] = line.number
            if position is not None and position.size:
                position.offset = file.tell()
            yield line


def find_ending(name: str) -> str:
    """Return the ending of a file's name in lower case, without that of a compression."""
    path = Path(name)
    return (path.with_suffix("") if path.suffix.lower() in _COMPRESSIONS else path).suffix.lower()


def _convert_line(line: Line, convert: Callable[[int, Mapping[str, Any]], dict[str, Any]]) -> Line:
    if line.problem:
        return line
    try:
        record = json.loads(line.data)
    except (ValueError, RecursionError) as error:
        return Line(line.number, line.data, f"invalid JSON: {error}")
    if not isinstance(record, dict):
        return Line(line.number, line.data, f"expected an object, not {type(record).__name__}")
    return _convert(line.number, record, convert)


def _convert(number: int, record: Mapping[str, Any], convert: Any) -> Line:
    try:
        return Line(number, json.dumps(convert(number, record), ensure_ascii=False, default=str).encode())
    except (BatchInputError, UnicodeEncodeError) as error:
        return Line(number, repr(record).encode(), getattr(error, "message", str(error)))


def _read_table(stream: IO[bytes], delimiter: str, max_bytes: int, convert: Any) -> Iterator[Line]:
    csv.field_size_limit(max(csv.field_size_limit(), max_bytes))  # of the process; the default is 128 KiB
    with io.TextIOWrapper(stream, "utf-8-sig", newline="") as text:
        reader = csv.DictReader(text, delimiter=delimiter, restkey="", strict=True)
        columns = reader.fieldnames or []
        start = reader.line_num + 1
        for record in reader:
            number, start = start, reader.line_num + 1
            values = {name: value for name, value in record.items() if value is not None}
            if "" in values and "" not in columns:
                yield Line(number, repr(values).encode(), f"the row has more than {len(columns)} cells")
            else:
                yield _convert(number, values, convert)


def _read_parquet(name: str, stream: IO[bytes], convert: Any) -> Iterator[Line]:
    try:
        parquet: Any = import_module("pyarrow.parquet")
    except ModuleNotFoundError as error:
        raise BatchInputError(f"{name}: cannot read Parquet; install pyarrow") from error
    number = 0
    for batch in parquet.ParquetFile(stream).iter_batches(batch_size=256):
        for record in batch.to_pylist():
            number += 1
            yield _convert(number, {key: value for key, value in record.items() if value is not None}, convert)
