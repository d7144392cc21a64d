"""Bodies as plain data that can be read in YAML, and from which their bytes are built again exactly; pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

_MAX_DEPTH = 50
_BASE64_COLUMNS = 100
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: How servers write JSON. A body that none of them reproduces is text.
_STYLES: dict[str, dict[str, Any]] = {
    "compact": {"separators": (",", ":"), "ensure_ascii": False},
    "spaced": {"ensure_ascii": False},
    "compact ascii": {"separators": (",", ":")},
    "spaced ascii": {},
    "indented": {"indent": 2, "ensure_ascii": False},
}


def describe_body(data: bytes) -> dict[str, Any]:
    """Return a body as `json` (with its `style`, unless it is compact), else `text`, else `base64`."""
    description = describe_bytes(data)
    return _describe_json(description.get("text", "")) or description


def describe_bytes(data: bytes) -> dict[str, Any]:
    """Return bytes as `text` if they are UTF-8 without control characters, else as `base64`."""
    with suppress(UnicodeDecodeError):
        if not _CONTROL.search(data):
            return {"text": data.decode()}
    code = base64.b64encode(data).decode()
    lines = [code[start : start + _BASE64_COLUMNS] for start in range(0, len(code), _BASE64_COLUMNS)]
    return {"base64": "".join(f"{line}\n" for line in lines)}


def build_body(description: Mapping[str, Any]) -> bytes:
    """Return the bytes of a body that is `json`, `text` or `base64`. Raises ValueError or TypeError."""
    notations = description.keys() - {"style"}
    if len(notations) != 1:
        raise ValueError(f"expected one of json, text, base64, not {sorted(notations) or 'nothing'}")
    if "json" in description:
        return render_json(description["json"], str(description.get("style", "compact")))
    if "base64" in description:
        return base64.b64decode("".join(str(description["base64"]).split()), validate=True)
    text = description.get("text")
    if text is None or isinstance(text, bool | list | dict):
        raise ValueError(f"text: expected a text, not {text!r}; quote it")
    return str(text).encode()


def render_json(value: Any, style: str) -> bytes:
    """Return a JSON value in one of the styles."""
    if style not in _STYLES:
        raise ValueError(f"unknown style {style!r} of JSON; expected one of: {', '.join(_STYLES)}")
    return json.dumps(value, **_STYLES[style]).encode("utf-8", "surrogatepass")


def find_style(value: Any, text: str) -> str | None:
    """Return the style in which a JSON value is written like this text."""
    return next((name for name, style in _STYLES.items() if json.dumps(value, **style) == text), None)


def _describe_json(text: str) -> dict[str, Any] | None:
    if text[:1] not in ("{", "["):
        return None
    try:
        value = json.loads(text)
        style = find_style(value, text) if is_shallow(value) else None
    except (ValueError, RecursionError):
        return None
    if style is None:
        return None
    return {"json": value} if style == "compact" else {"json": value, "style": style}


def is_shallow(value: Any, depth: int = _MAX_DEPTH) -> bool:
    """Whether YAML can nest a value as deeply."""
    if depth == 0:
        return False
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(is_shallow(item, depth - 1) for item in items)
