"""Values that match JSON schemas: the smallest that is not empty, the same each time."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


class SchemaValues:
    """Makes values of schemas whose references are in a document."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._open = ["#"]
        """The references of the schemas that a value is made for."""

    def resolve(self, node: Any) -> Any:
        """Return what a node refers to, or the node. Raises `KeyError` if it leads nowhere."""
        if "$ref" not in node:
            return node
        target: Any = self._document
        for step in node["$ref"].removeprefix("#").split("/")[1:]:
            target = target[step.replace("~1", "/").replace("~0", "~")]
        return self.resolve(target)

    def sample(self, schema: Json, *, is_full: bool = False) -> Any:
        """Return a value that matches a schema; with `is_full` an object has its optional fields too."""
        if isinstance(schema, bool):
            return self.sample({}, is_full=is_full)
        if "$ref" not in schema:
            return self._sample(schema, is_full=is_full)
        self._open.append(schema["$ref"])
        try:
            return self.sample(self.resolve(schema), is_full=is_full)
        finally:
            self._open.pop()

    def _leads_back(self, schema: Any) -> bool:
        """Whether a schema is one that it is a part of: a value of it has no end."""
        return isinstance(schema, Mapping) and schema.get("$ref") in self._open

    def _sample(self, schema: Json, *, is_full: bool) -> Any:
        named = [schema[name] for name in ("example", "const", "default") if schema.get(name) is not None]
        named += [schema[name][0] for name in ("examples", "enum") if schema.get(name)]
        if named:
            return named[0]
        for name in ("oneOf", "anyOf"):
            if schema.get(name):
                branches = [branch for branch in schema[name] if not self._leads_back(branch)]
                return self.sample((branches or schema[name])[0], is_full=is_full)
        parts = [self.sample(part, is_full=is_full) for part in schema.get("allOf", ())]
        kinds = schema.get("type", "object" if parts or "properties" in schema else "string")
        kind = kinds if isinstance(kinds, str) else kinds[0]
        if kind == "object":
            required = schema.get("required", ())
            used = {name: item for name, item in schema.get("properties", {}).items() if is_full or name in required}
            own = {name: self.sample(item, is_full=is_full) for name, item in used.items()}
            return {name: value for fields in [*parts, own] for name, value in fields.items()}
        if kind == "array":
            if self._leads_back(schema.get("items")):
                return []
            count = min(max(schema.get("minItems", 1), 1), schema.get("maxItems", sys.maxsize))
            return [self.sample(schema["items"], is_full=is_full)] * count if "items" in schema else []
        return _sample_scalar(kind, schema)


_TEXTS = {
    "date": "2026-11-30",
    "date-time": "2026-11-30T12:00:00Z",
    "uuid": "8c1a4c2e-9f0e-4d8e-8a3c-0f2a4f2f9c11",
    "uri": "https://example.com/",
    "email": "a@example.com",
}


def _sample_scalar(kind: str, schema: Json) -> Any:
    if kind in ("integer", "number"):
        return _sample_number(schema)
    if kind == "string":
        text = _TEXTS.get(schema.get("format", ""), "text")
        return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]
    return {"boolean": True}.get(kind)


def _sample_number(schema: Json) -> Any:
    lower, upper = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    number = schema.get("minimum", 1 if lower is None else lower + 1)
    if upper is not None and number >= upper:
        return upper - 1 if lower is None else (lower + upper) / 2
    return min(number, schema.get("maximum", number))
