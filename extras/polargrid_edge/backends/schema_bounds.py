"""Bounds of the JSON schemas that constrain a model. Pure.

llama.cpp compiles a schema to a grammar, in code that nothing can interrupt: a schema of 200 bytes can cost half a
minute and gigabytes, and a long chain of references exhausts the stack. Within these bounds it takes about a second.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import unquote

MAX_DEPTH: Final = 64
"""The levels of subschemas, through references: about half of what 512 KiB hold, the stack of a thread on macOS."""
MAX_BYTES: Final = 256 * 1024
MAX_SUBSCHEMAS: Final = 2_000
MAX_DEFINITIONS: Final = 200
MAX_VALUES: Final = 10_000
MAX_REPETITIONS: Final = 20_000
# A pointer is for a message, and there are as many as subschemas.
_MAX_NAME: Final = 50

_REPETITIONS: Final = (
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minLength",
    "minContains",
    "maxContains",
)
# The values of these keywords are no schemas, even where they look like one.
_VALUES: Final = frozenset({"const", "enum", "default", "example", "examples", "required", "dependentRequired", "type"})
_DEFINITIONS: Final = frozenset({"$defs", "definitions"})
_SCHEMA_MAPS: Final = _DEFINITIONS | {"properties", "patternProperties", "dependentSchemas", "dependencies"}

Schema = Mapping[str, Any]


class SchemaError(ValueError):
    """A schema that cannot constrain a model; the message names the keyword and where it is."""


@dataclass(slots=True)
class SchemaBounds:
    """Counts what the schemas of one request cost together."""

    size: int = 0
    subschemas: int = 0
    values: int = 0
    repetitions: int = 0

    def check(self, schema: Schema) -> None:
        """Add a schema. Raises `SchemaError` at the first keyword that exceeds a bound; the cost is linear."""
        try:
            self.size += len(json.dumps(schema, separators=(",", ":")))
        except RecursionError:
            raise _too_deep("#") from None
        if self.size > MAX_BYTES:
            raise SchemaError(f"the schema has {self.size} bytes; the limit is {MAX_BYTES}")
        for path, node, _ in iter_subschemas(schema):
            self._check_node(path, node)
        _check_references(schema)

    def _check_node(self, path: str, node: Schema) -> None:
        self.subschemas += 1
        if self.subschemas > MAX_SUBSCHEMAS:
            raise SchemaError(f"more than {MAX_SUBSCHEMAS} subschemas, at {path}")
        values = node.get("enum")
        self.values += len(values) if isinstance(values, list) else 0
        if self.values > MAX_VALUES:
            raise SchemaError(f"`enum` at {path}: all together have more than {MAX_VALUES} values")
        for keyword in _REPETITIONS:
            value = node.get(keyword)
            self.repetitions += int(value) if isinstance(value, int | float) and 0 < value < float("inf") else 0
            if self.repetitions > MAX_REPETITIONS:
                raise SchemaError(
                    f"`{keyword}` at {path}: the repetitions of the schema add up to more than {MAX_REPETITIONS}"
                )
        for keyword in ("$id", "id"):
            if path != "#" and isinstance(node.get(keyword), str):  # it would change what references refer to
                raise SchemaError(f"`{keyword}` at {path}: supported only at the root of the schema")


def iter_subschemas(
    schema: Schema, path: str = "#", *, with_definitions: bool = True
) -> Iterator[tuple[str, Schema, int]]:
    """Yield a schema and each schema within it, with pointer and depth. Raises `SchemaError` where it is too deep."""
    pending: list[tuple[str, Schema, int]] = [(path, schema, 1)]
    while pending:
        at, node, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise _too_deep(at)
        yield at, node, depth
        skipped = _VALUES if with_definitions else _VALUES | _DEFINITIONS
        pending += [(child_path, child, depth + 1) for child_path, child in _iter_children(at, node, skipped)]


def _iter_children(path: str, node: Schema, skipped: frozenset[str]) -> Iterator[tuple[str, Schema]]:
    for keyword, value in node.items():
        if keyword in skipped:
            continue
        if keyword not in _SCHEMA_MAPS and isinstance(value, dict):
            yield f"{path}/{keyword[:_MAX_NAME]}", value
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        if keyword in _SCHEMA_MAPS or isinstance(value, list):
            at = f"{path}/{keyword[:_MAX_NAME]}/"
            yield from ((at + str(key)[:_MAX_NAME], child) for key, child in items if isinstance(child, dict))


def _too_deep(path: str) -> SchemaError:
    return SchemaError(f"nested deeper than {MAX_DEPTH} levels, references included, at {path[:100]}")


def _check_references(schema: Schema) -> None:
    """Check the depth of the schema through its references; no definition is compiled within itself."""
    heights: dict[str, int] = {}
    references: dict[str, set[str]] = {}
    pending = ["#"]
    while pending:
        target = pending.pop()
        if target in heights:
            continue
        if len(heights) > MAX_DEFINITIONS:
            raise SchemaError(f"`$ref`: more than {MAX_DEFINITIONS} definitions are referred to")
        heights[target], references[target] = 1, set()
        for path, node, depth in iter_subschemas(_resolve(schema, target), target, with_definitions=False):
            heights[target] = max(heights[target], depth)
            if "$ref" in node:
                references[target].add(_check_reference(node["$ref"], path))
        pending += references[target]
    _check_depth(heights, references)


def _check_reference(reference: object, path: str) -> str:
    if isinstance(reference, str) and (reference == "#" or reference.startswith("#/")):
        return reference
    raise SchemaError(f"`$ref` at {path}: {reference!r} is not a pointer into the schema, such as #/$defs/name")


def _resolve(schema: Schema, pointer: str) -> Schema:
    node: Any = schema
    for step in pointer.split("/")[1:]:
        key = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and key.isdecimal() and int(key) < len(node):
            node = node[int(key)]
        elif isinstance(node, dict) and key in node:
            node = node[key]
        else:
            raise SchemaError(f"`$ref`: {pointer} does not exist")
    if isinstance(node, bool):
        return {}
    if not isinstance(node, dict):
        raise SchemaError(f"`$ref`: {pointer} is not a schema")
    return node


def _check_depth(heights: Mapping[str, int], references: Mapping[str, set[str]]) -> None:
    """Check the longest path: definitions that refer to each other may all be on it."""
    reachable = {target: _reach(target, references) for target in heights}

    @cache
    def measure(target: str) -> int:
        circle = {other for other in reachable[target] if target in reachable[other]} | {target}
        beyond = {other for member in circle for other in references[member]} - circle
        return sum(heights[member] for member in circle) + max(map(measure, beyond), default=0)

    for target in heights:
        if measure(target) > MAX_DEPTH:
            raise _too_deep(target)


def _reach(start: str, references: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    pending = [*references[start]]
    while pending:
        target = pending.pop()
        if target not in seen:
            seen.add(target)
            pending += references[target]
    return seen
