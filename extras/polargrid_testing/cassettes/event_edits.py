"""Credentials that are cut into strings of JSON, as a model writes a key: token by token, an event each; pure.

The strings that follow each other at one path, of the events of a stream or the items of a list, are searched as one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from polargrid_testing.cassettes.body_notation import find_style, is_shallow, render_json
from polargrid_testing.cassettes.edits import Edit, apply_edits, crosses_parts

Find = Callable[[str], list[Edit]]
_DATA = re.compile(r"^data: ?(\{[^\r\n]*\}|\[[^\r\n]+\])[ \t]*$", re.MULTILINE | re.ASCII)


def find_string_edits(data: bytes, find: Find) -> list[Edit]:
    """Return new texts of the events, or of the JSON body, whose strings hold parts of a credential.

    Positions are bytes of the body.
    """
    text = data.decode("latin-1")
    spans = [match.span(1) for match in _DATA.finditer(text.replace("\r", "\n"))]  # of the same length
    if not spans and text[:1] in ("{", "["):
        spans = [(0, len(text))]
    values = [_load(text[start:end]) for start, end in spans]
    changed = sorted(redact_strings(values, find))
    return [
        Edit(*spans[number], _render(values[number], text[slice(*spans[number])]).decode("latin-1"))
        for number in changed
    ]


def redact_strings(values: list[Any], find: Find) -> set[int]:
    """Replace credentials that are cut into several strings, in place; return the numbers of the values changed."""
    groups: dict[tuple[str, ...], list[_Leaf]] = {}
    for number, value in enumerate(values):
        for leaf in _iter_leaves(value, number):
            groups.setdefault(leaf.path, []).append(leaf)
    changed = set()
    for leaves in groups.values():
        texts = [leaf.text for leaf in leaves]
        edits = find("".join(texts)) if len(texts) > 1 or leaves[0].is_codes else []
        if crosses_parts(texts, edits) or (edits and leaves[0].is_codes):
            for leaf, text in zip(leaves, apply_edits(texts, edits), strict=True):
                if leaf.text != text:
                    leaf.replace(text)
                    changed.add(leaf.number)
    return changed


class _Leaf:
    """A string in a value, or a list of the codes of its bytes, as the log probabilities of a token have."""

    def __init__(self, number: int, path: tuple[str, ...], container: Any, key: Any) -> None:
        self.number, self.path, self._container, self._key = number, path, container, key
        value = container[key]
        self.is_codes = isinstance(value, list)
        self.text: str = bytes(value).decode("latin-1") if self.is_codes else value

    def replace(self, text: str) -> None:
        self._container[self._key] = list(text.encode("latin-1")) if self.is_codes else text


def _iter_leaves(value: Any, number: int, path: tuple[str, ...] = ()) -> Iterator[_Leaf]:
    if isinstance(value, dict):
        location = (*path, str(value["index"])) if isinstance(value.get("index"), int) else path
        for name, item in value.items():
            yield from _visit(value, name, item, number, (*location, name))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _visit(value, position, item, number, (*path, "[]"))


def _visit(container: Any, key: Any, item: Any, number: int, path: tuple[str, ...]) -> Iterator[_Leaf]:
    if isinstance(item, str) or _is_codes(item):
        yield _Leaf(number, path, container, key)
    else:
        yield from _iter_leaves(item, number, path)


def _is_codes(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(type(item) is int and 0 <= item < 256 for item in value)


def _load(text: str) -> Any:
    try:
        value = json.loads(text.encode("latin-1"))
    except (ValueError, RecursionError):
        return None
    return value if is_shallow(value) else None


def _render(value: Any, original: str) -> bytes:
    """Write a value as it was written, if that is known, else compactly."""
    style = find_style(_load(original), original.encode("latin-1").decode("utf-8", "replace"))
    return render_json(value, style or "compact")
