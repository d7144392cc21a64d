"""Lenient reader of JSON, so that a check can look at a response that `readers.json_text` does not accept; pure."""

from __future__ import annotations

import json
from typing import Any


def load_json(data: bytes) -> Any:
    """Parse JSON as common parsers do: with NaN, duplicate names and a byte order mark.

    Halves of surrogate pairs, which cannot be sent or written to a report, become U+FFFD. Raises ValueError, and
    RecursionError for a deep value.
    """
    value = json.loads(data)
    return _replace_surrogates(value) if b"\\u" in data else value


def _replace_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_replace_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_replace_surrogates(name): _replace_surrogates(item) for name, item in value.items()}
    return value
