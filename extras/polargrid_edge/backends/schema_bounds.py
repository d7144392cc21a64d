"""Bounds of the JSON schemas that constrain a model. Pure.

llama.cpp compiles a schema to a grammar, in code that nothing can interrupt: a schema of 200 bytes can cost half a
minute and gigabytes. Within these bounds it takes about a second.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

MAX_DEPTH: Final = 64
MAX_BYTES: Final = 256 * 1024
MAX_SUBSCHEMAS: Final = 2_000
MAX_VALUES: Final = 10_000
MAX_REPETITIONS: Final = 20_000

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
_SCHEMA_MAPS: Final = frozenset(
    {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"}
)


class SchemaError(ValueError):
    """A schema that cannot constrain a model; the message names the keyword and where it is."""


@dataclass(slots=True)
class SchemaBounds:
    """Counts what the schemas of one request cost together."""

    size: int = 0
    subschemas: int = 0
    values: int = 0
    repetitions: int = 0

    def check(self, schema: Mapping[str, Any]) -> None:
        """Add a schema. Raises `SchemaError` at the first keyword that exceeds a bound; the cost is linear."""
        for path, node in iter_subschemas(schema):
            self._check_node(path, node)
        try:
            self.size += len(json.dumps(schema, separators=(",", ":")))
        except RecursionError:
            raise SchemaError("a value of the schema is nested too deeply") from None
        if self.size > MAX_BYTES:
            raise SchemaError(f"the schema has {self.size} bytes; the limit is {MAX_BYTES}")

    def _check_node(self, path: str, node: Mapping[str, Any]) -> None:
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


def iter_subschemas(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each schema within a schema, with its JSON pointer. Raises `SchemaError` where it is nested too deeply."""
    pending: list[tuple[str, Mapping[str, Any], int]] = [("#", schema, 0)]
    while pending:
        path, node, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise SchemaError(f"nested deeper than {MAX_DEPTH} levels, at {path[:200]}…")
        yield path, node
        pending += [(child_path, child, depth + 1) for child_path, child in _iter_children(path, node)]


def _iter_children(path: str, node: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for keyword, value in node.items():
        if keyword in _VALUES:
            continue
        if keyword not in _SCHEMA_MAPS and isinstance(value, dict):
            yield f"{path}/{keyword}", value
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        if keyword in _SCHEMA_MAPS or isinstance(value, list):
            yield from ((f"{path}/{keyword}/{key}", child) for key, child in items if isinstance(child, dict))
