"""Strict reader of JSON texts: what RFC 8259 forbids or makes unreliable, and common parsers let pass; pure.

Python's own parser accepts NaN, duplicate names, a byte order mark, UTF-16 and halves of surrogate pairs; parsers of
other languages reject them, or read something else.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

#: Nested arrays and objects that every common parser reads; the least of their limits.
MAX_DEPTH = 64
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SURROGATE = re.compile("[\ud800-\udfff]")
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{\]}]', re.DOTALL)
_EXCERPT = 40  # characters


class JSONTextError(ValueError):
    """A text is not strict JSON; the message says why."""


def parse_json(data: bytes | str) -> Any:
    """Parse a strict JSON text.

    It is UTF-8 without a byte order mark, has no NaN, infinities or numbers beyond a double, no duplicate names, no
    surrogates that are not pairs, at most MAX_DEPTH levels, and nothing after the value. Raises JSONTextError.
    """
    text = _decode(data) if isinstance(data, bytes) else data
    if not text.strip(" \t\r\n"):
        raise JSONTextError("an empty text")
    if _measure_depth(text) > MAX_DEPTH:
        raise JSONTextError(f"more than {MAX_DEPTH} nested levels")
    try:
        value = json.loads(
            text, parse_constant=_reject_constant, parse_float=_parse_float, object_pairs_hook=_build_object
        )
    except json.JSONDecodeError as error:
        near = text[max(error.pos - _EXCERPT // 2, 0) : error.pos + _EXCERPT // 2]
        raise JSONTextError(f"{error.msg} at character {error.pos}, near {near!r}") from error
    for string in _iter_strings(value):
        if half := _SURROGATE.search(string):
            raise JSONTextError(f"U+{ord(half[0]):04X} without the other half of its pair in a text")
    return value


def find_json_error(data: bytes | str) -> str:
    """Describe why a text is not strict JSON; empty if it is."""
    try:
        parse_json(data)
    except JSONTextError as error:
        return str(error)
    return ""


def _decode(data: bytes) -> str:
    if data.startswith(_BYTE_ORDER_MARK):
        raise JSONTextError("a byte order mark at the start")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JSONTextError(f"bytes {data[error.start : error.end]!r} at {error.start}, which are not UTF-8") from error


def _measure_depth(text: str) -> int:
    """The deepest level of nesting; the parser itself fails on a deep text with an error of its own."""
    depth = deepest = 0
    for token in _BRACKETS.finditer(text):
        if token[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in "]}":
            depth -= 1
    return deepest


def _reject_constant(name: str) -> NoReturn:
    raise JSONTextError(f"{name}, which is no JSON number")


def _parse_float(literal: str) -> float:
    number = float(literal)
    if math.isinf(number):
        raise JSONTextError(f"the number {literal[:_EXCERPT]}, which no double can hold")
    return number


def _build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise JSONTextError(f"the name {repeated!r} {names.count(repeated)} times in one object")
    return fields


def _iter_strings(value: Any) -> Iterator[str]:
    """Yield every text and every name of a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _iter_strings(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _iter_strings(item)
