"""`x-call` and `x-call-also`: how an operation is called by the names of OpenAI's SDK; pure."""

from __future__ import annotations

import keyword
import re
from typing import Any

from generator.spec import SpecError

_HELPERS = ("parse", "run_tools")
_STREAM = "(stream=True)"


def parse_call(context: str, operation: dict[str, Any]) -> tuple[str, bool]:
    """Return the dotted name of an operation, and whether it serves only calls of this name with stream=True."""
    call = operation.get("x-call") or ""
    name = str(call).removesuffix(_STREAM)
    parts = name.split(".")
    is_valid = len(parts) > 1 and all(re.fullmatch(r"[a-z][a-z0-9_]*", part) for part in parts)
    if call and (not is_valid or any(keyword.iskeyword(part) for part in parts)):
        message = f"{context}: x-call {call!r} is not a dotted name like chat.completions.create"
        raise SpecError(message, location=("x-call",))
    return name, str(call).endswith(_STREAM)


def parse_helpers(context: str, operation: dict[str, Any], *, has_only_body: bool) -> tuple[str, ...]:
    """Return the additional methods beside `x-call`."""
    names = operation.get("x-call-also", [])
    unknown = [name for name in names if name not in _HELPERS]
    if unknown:
        message = f"{context}: unknown x-call-also {unknown[0]!r}; expected one of {', '.join(_HELPERS)}"
        raise SpecError(message, location=("x-call-also",))
    if names and not operation.get("x-call"):
        message = f"{context}: x-call-also requires x-call, whose siblings it names"
        raise SpecError(message, location=("x-call-also",))
    if names and not has_only_body:
        message = f"{context}: x-call-also requires an operation without parameters and files"
        raise SpecError(message, location=("x-call-also",))
    return tuple(names)
