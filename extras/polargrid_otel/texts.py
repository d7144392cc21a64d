"""Texts that can be recorded: of any object, without the key, and encodable; pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Redact = Callable[[str], str]


def to_text(value: object) -> str:
    """Return `str` of an object of the caller, or its class."""
    try:
        text = str(value)
    except Exception:  # noqa: BLE001 - of the caller's code
        return f"<{type(value).__name__}>"
    return replace_surrogates(text)


def to_json(value: Any) -> str:
    """Return JSON text; what JSON does not have is written by `str`, and what cannot be written by its class."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=to_text)
    except (ValueError, TypeError, RecursionError):  # it contains itself, a huge number, or keys that are no text
        return json.dumps(f"<{type(value).__name__}>")
    return replace_surrogates(text)


def replace_surrogates(text: str) -> str:
    """Replace halves of surrogate pairs, as names of files have them: exporters lose a batch that has one."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def redact_attributes(attributes: dict[str, Any], redact: Redact) -> None:
    """Remove the key from the texts among the values."""
    for name, value in attributes.items():
        if type(value) is str or type(value) is list:
            attributes[name] = redact_value(value, redact)


def redact_value(value: Any, redact: Redact) -> Any:
    """Return a text or a list of texts without the key."""
    return redact(value) if type(value) is str else [redact(item) for item in value]
