"""Reads JSON Schemas of the document: the fields of an object, a value that is valid, whether a value is; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs

from polargrid_contract.extensions.runtime_expressions import resolve

_MAX_DEPTH = 8  # of a value that is built; a recursive schema has no end
_NO_SCHEMAS: Mapping[str, Any] = {}
_FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com/",
    "email": "a@example.com",
    "ipv4": "192.0.2.1",
}


def flatten_object(document: Mapping[str, Any], schema: Any) -> tuple[dict[str, Any], set[str]]:
    """Return the fields of an object and the names of the required ones, through references and `allOf`."""
    schema = resolve(document, schema) if isinstance(schema, Mapping) else {}
    properties: dict[str, Any] = dict(schema.get("properties", {}))
    required = set(schema.get("required", ()))
    for part in schema.get("allOf", ()):
        others, also_required = flatten_object(document, part)
        properties |= others
        required |= also_required
    return properties, required


def types_of(document: Mapping[str, Any], schema: Any) -> set[str]:
    """Return the JSON types that a schema names, with those of its alternatives; empty if it names none."""
    if not isinstance(schema, Mapping):
        return set()
    schema = resolve(document, schema)
    declared = schema.get("type", ())
    types = {declared} if isinstance(declared, str) else set(declared)
    if not types and ("enum" in schema or "const" in schema):
        types = {_type_of(value) for value in schema.get("enum", [schema.get("const")])}
    for keyword in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(keyword, ()):
            types |= types_of(document, part)
    return types


def _type_of(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def read_event_schema(document: Mapping[str, Any], schema: Any) -> Any:
    """Return the schema of the JSON in the data of an event; for lines of JSON it is the schema itself."""
    resolved = resolve(document, schema) if isinstance(schema, Mapping) else {}
    data = resolve(document, resolved.get("properties", {}).get("data", {}))
    branches = [resolve(document, it) for it in (data, *data.get("anyOf", ()), *data.get("oneOf", ()))]
    schemas = [it["contentSchema"] for it in branches if "contentSchema" in it]
    return {"anyOf": schemas} if schemas else schema


def is_binary(schema: Mapping[str, Any]) -> bool:
    """Whether a field of a form is a file, or a list of files."""
    schema = schema.get("items", schema) if schema.get("type") == "array" else schema
    return schema.get("format") == "binary" or "contentMediaType" in schema


def is_valid(document: Mapping[str, Any], schema: Any, value: Any) -> bool:
    """Whether a value is valid. A schema that the library cannot read makes no value invalid."""
    return not find_error(document, schema, value)


def find_error(document: Mapping[str, Any], schema: Any, value: Any) -> str:
    """Describe why a value is not valid, with the place in it; empty if it is."""
    schemas = document.get("components", {}).get("schemas", _NO_SCHEMAS)
    try:
        _compile(_Identity(schemas), json.dumps(schema)).validate(value)
    except jsonschema_rs.ValidationError as error:
        path = "/".join(str(step) for step in error.instance_path)
        return f"{path or 'the value'}: {error.message[:200]}"
    return ""


class _Identity:
    """A key of a cache that equals only itself, and keeps its mapping alive: a document is too large to compare."""

    def __init__(self, mapping: Mapping[str, Any]) -> None:
        self.mapping = mapping

    def __hash__(self) -> int:
        return id(self.mapping)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other.mapping is self.mapping


@lru_cache(maxsize=512)
def _compile(schemas: _Identity, text: str) -> jsonschema_rs.Validator:
    """Compile a schema with the components that it may reference, which must not change: it takes a millisecond."""
    root = {"components": {"schemas": schemas.mapping}, "allOf": [json.loads(text)]}
    return jsonschema_rs.validator_for(root, validate_formats=True)


def build_value(document: Mapping[str, Any], schema: Any, depth: int = 0) -> Any:
    """Build a short value that a schema allows: its example, constant or default, else the shortest of its type."""
    schema = resolve(document, schema) if isinstance(schema, Mapping) else {}
    if (declared := _read_declared(schema)) is not None:
        return declared
    for keyword in ("allOf", "anyOf", "oneOf"):
        if keyword in schema and "properties" not in schema:
            branches = schema[keyword]
            if keyword == "allOf" and len(branches) > 1:
                break
            return build_value(document, branches[0], depth + 1)
    properties, required = flatten_object(document, schema)
    types = schema.get("type", "object" if properties else "string")
    return _build_by_type(
        document, schema, types if isinstance(types, str) else types[0], (properties, required), depth
    )


def _read_declared(schema: Mapping[str, Any]) -> Any:
    """The example, constant, default or first value of an enum; None if there is none."""
    for keyword in ("example", "const", "default"):
        if schema.get(keyword) is not None:
            return schema[keyword]
    return next((values[0] for name in ("examples", "enum") if (values := schema.get(name))), None)


def _build_by_type(
    document: Mapping[str, Any],
    schema: Mapping[str, Any],
    name: str,
    fields: tuple[dict[str, Any], set[str]],
    depth: int,
) -> Any:
    if name in ("integer", "number"):
        return _build_number(schema)
    if name == "boolean":
        return False
    if name == "null" or depth > _MAX_DEPTH:
        return None
    if name == "array":
        return [build_value(document, schema.get("items", {}), depth + 1)] * max(1, schema.get("minItems", 1))
    if name == "object":
        properties, required = fields
        return {it: build_value(document, properties.get(it, {}), depth + 1) for it in sorted(required)}
    text: str = _FORMATS.get(str(schema.get("format")), "x" * max(1, schema.get("minLength", 1)))
    return text


def _build_number(schema: Mapping[str, Any]) -> Any:
    if "exclusiveMinimum" in schema:
        return schema["exclusiveMinimum"] + 1
    return schema.get("minimum", min(1, schema.get("maximum", 1)))
