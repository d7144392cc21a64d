"""Schemas as Python types; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from generator.changes.annotations import Union, parse_annotation
from generator.schemas import join_types, resolve
from generator.spec import Spec

STREAMS = ("text/event-stream", "application/x-ndjson", "application/jsonl", "application/x-jsonlines")
_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_FORMATS = {
    "binary": "bytes",
    "byte": "bytes",
    "date": "date",
    "date-time": "datetime",
    "time": "time",
    "duration": "timedelta",
    "uuid": "UUID",
    "uri": "AnyUrl",
    "email": "EmailStr",
}


def is_class(schema: Mapping[str, Any]) -> bool:
    """Whether a component becomes a class: an object or an enum, and not a union or a scalar."""
    return any(key in schema for key in ("properties", "enum", "allOf"))


def find_references(node: Any) -> Iterator[tuple[str, str]]:
    """Yield (kind, name) of each component that a node refers to: ("schemas", "Message")."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            kind, _, name = node["$ref"].removeprefix("#/components/").partition("/")
            yield kind, name
        for value in node.values():
            yield from find_references(value)
    if isinstance(node, list):
        for value in node:
            yield from find_references(value)


class SchemaReader:
    """The schemas of a document; `names` renames components, so that references to a renamed type compare equal."""

    def __init__(self, spec: Spec, names: Mapping[str, str]) -> None:
        self.spec = spec
        self.names = names

    @cached_property
    def _values(self) -> dict[str, tuple[str, ...]]:
        """The values of each enum that is a class, as Python writes them."""
        schemas: dict[str, Any] = self.spec.get("components", {}).get("schemas", {})
        enums = {name: schema["enum"] for name, schema in schemas.items() if "enum" in schema}
        return {self.names.get(name, name): tuple(map(repr, values)) for name, values in enums.items()}

    def resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the schema that a chain of `$ref` leads to."""
        return resolve(self.spec, schema)

    def read_type(self, schema: Any) -> Union:
        """Return the type of a schema."""
        return parse_annotation(self._describe(schema), self._values)

    def read_response(self, media_type: str, schema: dict[str, Any]) -> Union:
        """Return the type of a response that is not streamed."""
        if media_type == "application/json" or media_type.endswith("+json"):
            return self.read_type(schema)
        is_text = self.resolve(schema).get("format") != "binary" and media_type.startswith("text/")
        return parse_annotation("str" if is_text else "bytes")

    def read_chunk(self, schema: dict[str, Any]) -> Union:
        """Return the type of a chunk of a stream: of the data of an event, else of a line."""
        chunks = list(self._find_data(schema))
        return frozenset(member for chunk in chunks or [schema] for member in self.read_type(chunk))

    def _find_data(self, node: Any) -> Iterator[dict[str, Any]]:
        if isinstance(node, dict):
            node = self.resolve(node)
            if "contentSchema" in node:
                yield node["contentSchema"]
            for value in node.values():
                yield from self._find_data(value)
        if isinstance(node, list):
            for value in node:
                yield from self._find_data(value)

    def _describe(self, schema: Any, path: tuple[str, ...] = ()) -> str:
        """Return a schema as an annotation; `path` holds the components that lead to it, as it may contain itself."""
        if not isinstance(schema, dict) or not schema:
            return "Any"
        if "$ref" in schema:
            return self._describe_reference(schema["$ref"], path)
        if "const" in schema or "enum" in schema:
            values = schema.get("enum", [schema.get("const")])
            return join_types("None" if value is None else f"Literal[{value!r}]" for value in values)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return join_types(self._describe(item, path) for item in schema[key])
        if "allOf" in schema:  # conditions are no type
            parts = [item for item in schema["allOf"] if set(item) & {"$ref", "type", "properties"}]
            return self._describe((parts or schema["allOf"])[0], path)
        kinds = schema.get("type", [])
        kinds = kinds if isinstance(kinds, list) else [kinds]
        return join_types(self._describe_kind(kind, schema, path) for kind in kinds) or "Any"

    def _describe_reference(self, reference: str, path: tuple[str, ...]) -> str:
        name = reference.rpartition("/")[2]
        schema = self.resolve({"$ref": reference})
        if is_class(schema) or name in path:
            return self.names.get(name, name)
        return self._describe(schema, (*path, name))

    def _describe_kind(self, kind: str, schema: dict[str, Any], path: tuple[str, ...]) -> str:
        if kind == "array":
            return f"list[{self._describe(schema.get('items'), path)}]"
        if kind == "object":
            return f"dict[str, {self._describe(schema.get('additionalProperties'), path)}]"
        if kind == "string":
            return _FORMATS.get(schema.get("format", ""), "str")
        return _SCALARS.get(kind, "Any")
