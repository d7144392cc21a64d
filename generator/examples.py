"""The example of a docstring: a call with the example of openapi.yaml, and what to do with its result; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pprint import pformat
from typing import Any

_WIDTH = 96
_FILE = re.compile(r"\(the bytes of (.*)\)")


@dataclass(frozen=True)
class Example:
    """What the document shows of the request and the response of an operation."""

    body: Any = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """By their names on the wire."""
    has_text: bool = False
    """Whether the response, and a chunk of it, has a text."""


def read_example(content: Mapping[str, Any]) -> Any:
    """Return the first example of a media type or a parameter; None if it has none."""
    return next((item["value"] for item in content.get("examples", {}).values()), content.get("example"))


def write_values(names: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    """Return the arguments of values whose Python names are known, by their names on the wire."""
    return [f"{names[name]}={_write(value)}" for name, value in values.items() if name in names]


def write_value(value: Any) -> str:
    """Return a value that is no keyword argument; what files are by their names is none of their bytes."""
    return _write(value)


def write_call(function: str, arguments: Sequence[str]) -> list[str]:
    """Return the lines of a call, one or more for each argument if it is long."""
    line = f"{function}({', '.join(arguments)})"
    if len(line) <= _WIDTH and "\n" not in line:
        return [line]
    lines = [f"    {text}" for part in arguments for text in f"{part},".split("\n")]
    return [f"{function}(", *lines, ")"]


def _write(value: Any) -> str:
    if isinstance(value, str):
        match = _FILE.fullmatch(value)
        return json.dumps(match[1] if match else value, ensure_ascii=False)
    text = pformat(value, width=_WIDTH - 16, sort_dicts=False)
    return text if '"' in text else text.replace("'", '"')
