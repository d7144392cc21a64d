"""Rows: one request each, read from a line of OpenAI's Batch format. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias
from zlib import crc32

import attrs
from pydantic_core import from_json

from polargrid_batch.errors import BatchInputError
from polargrid_batch.lines import Line
from polargrid_batch.operations import find_operation
from polargrid_runtime.operation import Operation

ROW_FIELDS = frozenset({"custom_id", "method", "url", "body"})
BYTES_PER_TOKEN = 4
_MOST_TOKENS = 1_000_000  # of an estimate: a row may name any number, and no response has more


@attrs.define
class Row:
    """One request. What is not plain JSON in `body` is encoded as the client does."""

    number: int
    """The number of its line in the input, from 1."""
    checksum: int
    """CRC-32 of its line: a row that was changed after its result was written is told."""
    custom_id: str
    operation: Operation[Any, Any]
    body: Mapping[str, Any]
    files: Mapping[str, Path]
    """The files of a form by the argument that takes them."""
    size: int
    """Bytes of its line: what it holds in memory, at least."""

    @property
    def estimated_tokens(self) -> int:
        """The tokens that the row may use: a quarter of its bytes, and what the body allows for the response."""
        limit = self.body.get("max_completion_tokens") or self.body.get("max_tokens")
        return self.size // BYTES_PER_TOKEN + (max(0, min(limit, _MOST_TOKENS)) if isinstance(limit, int) else 0)


@attrs.define
class InvalidRow:
    """A line that is no request: it becomes an error in the output."""

    number: int
    checksum: int
    custom_id: str
    message: str
    param: str | None = None


AnyRow: TypeAlias = Row | InvalidRow


def parse_row(line: Line, folder: Path) -> AnyRow:
    """Read a row; paths of files are relative to the folder. What is wrong with it is in the InvalidRow."""
    checksum = crc32(line.data)
    name = f"row-{line.number}"
    if line.problem:
        return InvalidRow(line.number, checksum, name, line.problem)
    try:
        record = from_json(line.data, allow_inf_nan=False)
    except ValueError as error:
        return InvalidRow(line.number, checksum, name, f"invalid JSON: {error}")
    return read_record(record, line.number, checksum, folder, len(line.data))


def read_record(record: Any, number: int, checksum: int, folder: Path, size: int) -> AnyRow:
    """Read a row from a mapping with the fields of a Batch line."""
    custom_id = f"row-{number}"
    try:
        if not isinstance(record, Mapping):
            raise BatchInputError(f"expected an object with custom_id, method, url and body, not {_shorten(record)}")
        custom_id = _read_custom_id(record, custom_id)
        if not record.keys() <= ROW_FIELDS:
            unknown = next(str(key) for key in record if key not in ROW_FIELDS)
            raise BatchInputError(f"unknown field {unknown!r}; expected custom_id, method, url, body")
        operation = find_operation(_read_text(record, "method", "POST"), _read_text(record, "url", None))
        body = record.get("body")
        if not isinstance(body, Mapping):
            raise BatchInputError(f"body: expected an object, not {_shorten(body)}")
        if operation.events is not None and body.get("stream"):
            raise BatchInputError("stream: a result is one response; remove the field")
        body, files = _take_files(operation, body, folder)
    except BatchInputError as error:
        return InvalidRow(number, checksum, custom_id, error.message)
    return Row(number, checksum, custom_id, operation, body, files, size)


def encode_record(record: Mapping[str, Any]) -> bytes:
    """Return a record of a program as its line, for the checksum and the size."""
    return json.dumps(record, ensure_ascii=False, default=repr).encode("utf-8", "surrogatepass")


def _read_custom_id(record: Mapping[str, Any], default: str) -> str:
    custom_id = record.get("custom_id", default)
    if not isinstance(custom_id, str):
        raise BatchInputError(f"custom_id: expected text, not {_shorten(custom_id)}")
    return custom_id


def _read_text(record: Mapping[str, Any], name: str, default: str | None) -> str:
    text = record.get(name, default)
    if text is None:
        raise BatchInputError(f"{name}: missing; a row names its operation, like /v1/chat/completions")
    if not isinstance(text, str):
        raise BatchInputError(f"{name}: expected text, not {_shorten(text)}")
    return text


def _take_files(
    operation: Operation[Any, Any], body: Mapping[str, Any], folder: Path
) -> tuple[Mapping[str, Any], dict[str, Path]]:
    """Separate the paths of files from the other fields of a form."""
    files: dict[str, Path] = {}
    for item in operation.body.files if operation.body else ():
        path = body.get(item.name)
        if path is None:
            if item.required:
                raise BatchInputError(f"{item.name}: missing; expected the path of a file, relative to the input")
            continue
        if not isinstance(path, str):
            raise BatchInputError(f"{item.name}: expected the path of a file, not {_shorten(path)}")
        files[item.argument] = folder / path
    if not files:
        return body, files
    names = {item.name for item in operation.body.files if operation.body} if operation.body else set()
    return {name: value for name, value in body.items() if name not in names}, files


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
