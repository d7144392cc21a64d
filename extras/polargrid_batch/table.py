"""Results as a table: the same columns for every operation, made of the lines of the output.

What differs between operations stays JSON, as text: a struct would have other fields in each file, and no table has two
schemas. Bytes, as of audio, are a column of their own, without base64.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from pydantic_core import from_json

from polargrid_batch.errors import BatchInputError
from polargrid_batch.results import Head

_LINE = re.compile(
    rb'\{"id":"row-\d{1,12}-[0-9a-f]{8}","custom_id":"(?:[^"\\]|\\.)*","response":'
    rb'(?:null|(\{"status_code":\d+,"request_id":(?:null|"(?:[^"\\]|\\.)*"),"body":))'
)
_ID = re.compile(r"row-(\d{1,12})-([0-9a-f]{8})")
_USAGE_NAMES = {
    "input_tokens": ("prompt_tokens", "input_tokens"),
    "output_tokens": ("completion_tokens", "output_tokens"),
}
_ERROR_FIELDS = {"error_class": "class", "error_code": "code", "error_message": "message", "error_param": "param"}
_BINARY = {"content_type", "base64"}

#: The columns, with the names of their types in pyarrow. `id`, `row` and `custom_id` are never null.
COLUMNS = {
    "id": "string",
    "row": "int64",
    "custom_id": "string",
    "status_code": "int32",
    "request_id": "string",
    "body": "string",
    "content_type": "string",
    "data": "binary",
    "model": "string",
    "input_tokens": "int64",
    "output_tokens": "int64",
    "error_class": "string",
    "error_code": "string",
    "error_message": "string",
    "error_param": "string",
    "attempts": "int32",
}


def load_pyarrow(name: object, module: str = "pyarrow") -> Any:
    """Import a module of pyarrow. Raises BatchInputError, with what to install, for the file of this name."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        message = f"{name}: Parquet needs pyarrow; install it with: pip install 'polargrid[parquet]'"
        raise BatchInputError(message) from error


def build_schema() -> Any:
    """Return the schema of results, of pyarrow."""
    arrow = load_pyarrow("output")
    names = {"id", "row", "custom_id"}
    return arrow.schema(
        [arrow.field(name, getattr(arrow, kind)(), name not in names) for name, kind in COLUMNS.items()]
    )


def build_table(lines: Sequence[bytes]) -> Any:
    """Return results as a table of pyarrow; the lines are those of an output, whole."""
    arrow = load_pyarrow("output")
    return arrow.Table.from_pylist([read_record(line) for line in lines], schema=build_schema())


def read_record(line: bytes) -> dict[str, Any]:
    """Return the row of a table for a line of the output."""
    head, content, error = split_line(line)
    response, body = head["response"] or {}, _parse(content)
    values: dict[str, Any] = {
        "id": head["id"],
        "row": int(head["id"].split("-")[1]),
        "custom_id": head["custom_id"],
        "status_code": response.get("status_code"),
        "request_id": response.get("request_id"),
    }
    if is_binary(body):
        values |= {"content_type": body["content_type"], "data": b64decode(body["base64"])}
    elif response:
        values["body"] = content.decode()
    if error is None:
        values |= read_usage(body)
    else:
        values |= {name: error.get(field) for name, field in _ERROR_FIELDS.items()}
        values["attempts"] = error.get("attempts")
    return values


def split_line(line: bytes) -> tuple[dict[str, Any], bytes, dict[str, Any] | None]:
    """Return a line without its body and its error, the body as it was received, and the error."""
    match = _LINE.match(line)
    assert match is not None  # noqa: S101 - `read_head` knows it
    end = line.rindex(b',"error":')  # the error has no quotes but those of its own fields
    has_response = match[1] is not None
    content = line[match.end() : end - 1] if has_response else b"null"
    head = _parse(match[0] + (b"null}}" if has_response else b"}"))
    return head, content, _parse(line[end + len(b',"error":') :].rstrip()[:-1])


def _parse(content: bytes) -> Any:
    try:
        return from_json(content, cache_strings="keys")
    except ValueError:  # half a surrogate pair, which no table can hold
        return json.loads(content, object_pairs_hook=_read_object)


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value for key, value in pairs}


def is_binary(body: object) -> bool:
    """Whether a body in a line stands for bytes."""
    return isinstance(body, dict) and body.keys() == _BINARY


def read_usage(body: object) -> dict[str, Any]:
    """Return the model and the tokens that a body names, of any operation."""
    if not isinstance(body, dict):
        return {}
    model, usage = body.get("model"), body.get("usage")
    values: dict[str, Any] = {"model": model if isinstance(model, str) else None}
    if isinstance(usage, dict):
        for name, names in _USAGE_NAMES.items():
            values[name] = next((usage[key] for key in names if isinstance(usage.get(key), int)), None)
    return values


def parse_head(row_id: str, *, is_success: bool) -> Head | None:
    """Return what an id says of its row; None if it is not that of a run."""
    match = _ID.fullmatch(row_id)
    return None if match is None else Head(int(match[1]), int(match[2], 16), is_success)
