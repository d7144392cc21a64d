"""Batches of data engines: columns as a dict, pandas, Arrow or Polars, in and out. Pure.

No column of a result has nulls: an engine that infers types from the first batch, without errors, would refuse the
first error otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from polargrid_batch.errors import BatchInputError
from polargrid_batch.results import Result

#: The columns of a result, with their types.
COLUMNS: Mapping[str, type] = {
    "custom_id": str,
    "ok": bool,
    "status_code": int,
    "request_id": str,
    "body": str,
    "error_class": str,
    "error_code": str,
    "error_message": str,
    "attempts": int,
    "input_tokens": int,
    "output_tokens": int,
}
Columns = dict[str, list[Any]]


def read_columns(batch: Any) -> Columns:
    """Return the columns of a batch as lists of plain values. Raises TypeError."""
    if isinstance(batch, Mapping):
        return {str(name): _to_list(values) for name, values in batch.items()}
    if hasattr(batch, "to_pydict"):  # pyarrow.Table and RecordBatch; Daft
        return dict(batch.to_pydict())
    if hasattr(batch, "to_dict"):
        name = type(batch).__module__.partition(".")[0]
        columns = batch.to_dict(as_series=False) if name == "polars" else batch.to_dict("list")
        return {str(name): values for name, values in columns.items()}
    raise TypeError(f"batch: expected a dict of columns, or a table of pandas, Arrow or Polars, not {type(batch)}")


def read_records(columns: Columns) -> list[dict[str, Any]]:
    """Return the rows of columns. What is null, or has no value, is absent, also inside of objects: a table has a null
    for each field of another row.
    """
    names = list(columns)
    return [
        {name: plain for name, value in zip(names, row, strict=True) if (plain := _to_plain(value)) is not None}
        for row in zip(*columns.values(), strict=True)
    ]


def to_batch_line(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a Batch line; its body may be JSON as text, which is what a table can hold."""
    line = {name: record[name] for name in ("custom_id", "method", "url", "body") if name in record}
    if isinstance(line.get("body"), str):
        try:
            line["body"] = json.loads(line["body"])
        except ValueError as error:
            raise BatchInputError(f"body: invalid JSON: {error}") from error
    return line


def to_columns(results: Sequence[Result]) -> Columns:
    """Return the columns of results, in their order."""
    rows = map(_to_row, results)
    return dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True)) if results else _empty()


def build_like(batch: Any, columns: Columns) -> Any:
    """Return columns as a batch of the kind of another one."""
    if isinstance(batch, Mapping):
        return columns
    module = type(batch).__module__.partition(".")[0]
    if module == "pyarrow":
        pyarrow: Any = import_module("pyarrow")
        types = {str: pyarrow.string(), bool: pyarrow.bool_(), int: pyarrow.int64()}
        fields = {
            name: batch.schema.field(name).type if name not in COLUMNS else types[COLUMNS[name]] for name in columns
        }
        arrays = [pyarrow.array(values, fields[name]) for name, values in columns.items()]
        return type(batch).from_arrays(arrays, schema=pyarrow.schema(list(fields.items())))
    if module == "polars":
        types_before = {name: batch.schema[name] for name in columns if name not in COLUMNS}
        polars: Any = import_module("polars")
        types = {str: polars.String, bool: polars.Boolean, int: polars.Int64}
        schema = {name: types_before.get(name) or types[COLUMNS[name]] for name in columns}
        return type(batch)(columns, schema=schema)
    dtypes = {str: object, bool: "bool", int: "int64"}
    frame = type(batch)(columns)
    return frame.astype({name: dtypes[COLUMNS[name]] for name in columns if name in COLUMNS})


def _empty() -> Columns:
    return {name: [] for name in COLUMNS}


def _to_row(result: Result) -> tuple[Any, ...]:
    failure = result.failure
    return (
        result.custom_id,
        result.ok,
        result.status_code or 0,
        result.request_id or "",
        result.content.decode(),
        failure.kind if failure else "",
        (failure.code or failure.kind) if failure else "",
        failure.message if failure else "",
        result.attempts if failure is None else failure.attempts,
        result.input_tokens,
        result.output_tokens,
    )


def _to_list(values: Any) -> list[Any]:
    convert: Callable[[], list[Any]] | None = getattr(values, "tolist", None) or getattr(values, "to_pylist", None)
    return convert() if convert is not None else list(values)


def _to_plain(value: Any) -> Any:
    """Return a value of a table as JSON has it: no nulls in objects, no arrays and numbers of NumPy, no NaN."""
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, Mapping):
        return {name: plain for name, item in value.items() if (plain := _to_plain(item)) is not None}
    if isinstance(value, list | tuple):
        return [_to_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return _to_plain(value.tolist())
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN: a missing value of pandas
        return None
    return value
