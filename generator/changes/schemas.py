"""Schemas as Python annotations; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.schemas import join_types, resolve
from generator.spec import Spec

Names = Mapping[str, str]
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


def describe_type(spec: Spec, schema: Any, names: Names, path: tuple[str, ...] = ()) -> str:
    """Return a schema as an annotation; `path` holds the components that lead to it, as it may contain itself."""
    if not isinstance(schema, dict) or not schema:
        return "Any"
    if "$ref" in schema:
        return _describe_reference(spec, schema["$ref"], names, path)
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return join_types("None" if value is None else f"Literal[{value!r}]" for value in values)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return join_types(describe_type(spec, item, names, path) for item in schema[key])
    if "allOf" in schema:  # conditions are no type
        parts = [item for item in schema["allOf"] if set(item) & {"$ref", "type", "properties"}] or schema["allOf"]
        return describe_type(spec, parts[0], names, path)
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return join_types(_describe_kind(spec, kind, schema, names, path) for kind in kinds) or "Any"


def _describe_reference(spec: Spec, reference: str, names: Names, path: tuple[str, ...]) -> str:
    name = reference.rpartition("/")[2]
    schema = resolve(spec, {"$ref": reference})
    if is_class(schema) or name in path:
        return names.get(name, name)
    return describe_type(spec, schema, names, (*path, name))


def _describe_kind(spec: Spec, kind: str, schema: dict[str, Any], names: Names, path: tuple[str, ...]) -> str:
    if kind == "array":
        return f"list[{describe_type(spec, schema.get('items'), names, path)}]"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"dict[str, {describe_type(spec, values, names, path)}]"
    if kind == "string":
        return _FORMATS.get(schema.get("format", ""), "str")
    return _SCALARS.get(kind, "Any")


def describe_response(spec: Spec, media_type: str, schema: dict[str, Any], names: Names) -> str:
    """Return the type of a response that is not streamed."""
    if media_type == "application/json" or media_type.endswith("+json"):
        return describe_type(spec, schema, names)
    is_text = resolve(spec, schema).get("format") != "binary" and media_type.startswith("text/")
    return "str" if is_text else "bytes"


def describe_stream(spec: Spec, schema: dict[str, Any], names: Names) -> str:
    """Return the type of a chunk: of the data of an event, else of a line."""
    chunks = list(_find_data(spec, schema))
    return join_types(describe_type(spec, chunk, names) for chunk in chunks or [schema])


def _find_data(spec: Spec, node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        node = resolve(spec, node)
        if "contentSchema" in node:
            yield node["contentSchema"]
        for value in node.values():
            yield from _find_data(spec, value)
    if isinstance(node, list):
        for value in node:
            yield from _find_data(spec, value)
