"""Files that a question brings along: their texts, and a JSON Schema for the response."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

_NO_NAME = re.compile(r"[^A-Za-z0-9_-]+")
_FORMATS = ("text", "json_object", "json_schema")


def add_files(question: str, paths: Sequence[Path]) -> str:
    """Return the question with the texts of files below it, each after its name."""
    return "\n\n".join([part for part in (question, *[_read_text(path) for path in paths]) if part.strip()])


def read_response_format(path: Path) -> dict[str, Any]:
    """Return the `response_format` of a file: a JSON Schema, or a whole response format."""
    try:
        data: Any = json.loads(path.read_text("utf-8-sig"))
    except ValueError as error:
        raise click.UsageError(f"--schema: {path} is not valid JSON: {error}") from error
    if not isinstance(data, dict):
        raise click.UsageError(
            f"--schema: {path}: expected a JSON object with a JSON Schema, not {type(data).__name__}"
        )
    if data.get("type") in _FORMATS:
        return data
    name = _NO_NAME.sub("_", str(data.get("title") or path.stem)).strip("_")[:64]
    return {"type": "json_schema", "json_schema": {"name": name or "response", "schema": data, "strict": True}}


def _read_text(path: Path) -> str:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path} is not text in UTF-8: {error.reason} at byte {error.start}"
        raise click.UsageError(message) from error
    return f"File {path.name}:\n\n{text.removesuffix(chr(10))}"
