"""Arguments of operations and fields of types, as the document describes them; pure."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.changes.annotations import Union, render_union
from generator.changes.schemas import SchemaReader
from generator.spec import Location

LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
BOUNDS = (*LOWER_BOUNDS, *UPPER_BOUNDS, "pattern", "multipleOf", "uniqueItems")


@dataclass(frozen=True)
class Field:
    """An argument of an operation, or a field of a type."""

    name: str
    type: Union
    required: bool
    location: Location = field(compare=False)
    default: str | None = None
    """The default as JSON."""
    bounds: Mapping[str, Any] = field(default_factory=dict)
    deprecated: bool = False
    sent_in: str = "body"
    read_only: bool = False
    """Whether only responses have it."""
    fields: Mapping[str, Field] = field(default_factory=dict)
    """The fields of an inline object."""

    @property
    def facts(self) -> tuple[Any, ...]:
        """All facts but the name: two fields with the same are one that was renamed."""
        return (self.type, self.required, self.default, dict(self.bounds), self.sent_in, dict(self.fields))


def read_parameter(reader: SchemaReader, item: dict[str, Any], name: str, location: Location) -> Field:
    """Return a parameter as an argument."""
    contents: list[dict[str, Any]] = list(item.get("content", {}).values())
    content = contents[0] if contents else {}
    schema = item.get("schema", content.get("schema", {}))
    schema = {**schema, "deprecated": item.get("deprecated", schema.get("deprecated"))}
    return _read_field(reader, name, schema, location, required=bool(item.get("required")), sent_in=item["in"])


def read_body_fields(reader: SchemaReader, schema: dict[str, Any], location: Location) -> dict[str, Field]:
    """Return the fields of a request body; a body without fields is one argument, `request` or `file`."""
    fields = read_fields(reader, schema, location)
    if fields or not schema:
        return {name: item for name, item in fields.items() if not item.read_only}
    name = "file" if reader.resolve(schema).get("format") == "binary" else "request"
    return {name: _read_field(reader, name, schema, location, required=True)}


def read_fields(reader: SchemaReader, schema: dict[str, Any], location: Location) -> dict[str, Field]:
    """Return the fields of an object, those of its `allOf` first."""
    if "$ref" in schema:
        location = tuple(schema["$ref"].removeprefix("#/").split("/"))
        return read_fields(reader, reader.resolve(schema), location)
    fields: dict[str, Field] = {}
    for index, part in enumerate(schema.get("allOf", [])):
        fields |= read_fields(reader, part, (*location, "allOf", index))
    required = set(schema.get("required", []))
    for key, item in schema.get("properties", {}).items():
        path: Location = (*location, "properties", key)
        name = _find_attribute(key)
        fields[name] = _read_field(reader, name, item, path, required=key in required)
    return fields


def _find_attribute(name: str) -> str:
    """Return the name of a field in Python: `granularities` for `granularities[]`."""
    attribute = re.sub(r"\W+", "_", name).strip("_") or "field"
    return f"{attribute}_" if keyword.iskeyword(attribute) else attribute


def _read_field(
    reader: SchemaReader,
    name: str,
    schema: Any,
    location: Location,
    *,
    required: bool,
    sent_in: str = "body",
) -> Field:
    schema = schema if isinstance(schema, dict) else {}
    plain = {key: value for key, value in schema.items() if key not in ("default", "deprecated")}
    target = schema if "default" in schema else reader.resolve(schema)
    return Field(
        name=name,
        type=reader.read_type(plain),
        required=required,
        location=location,
        default=json.dumps(target["default"], ensure_ascii=False) if "default" in target else None,
        bounds=_read_bounds(reader, schema),
        deprecated=bool(schema.get("deprecated")),
        sent_in=sent_in,
        read_only=bool(target.get("readOnly") or schema.get("readOnly")),
        fields={} if "$ref" in schema else read_fields(reader, _item_of(schema), location),
    )


def _item_of(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the inline object of a field: the field itself, an item of its list, or a branch of its union."""
    for item in (schema, schema.get("items"), *schema.get("anyOf", []), *schema.get("oneOf", [])):
        if isinstance(item, dict) and "properties" in item:
            return item
    return {}


def _read_bounds(reader: SchemaReader, schema: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the bounds of a field by keyword: its own, `items.maxLength` of its items, `str.maxLength` of a branch."""
    target = {**reader.resolve(schema), **schema}
    bounds = {f"{prefix}{key}": target[key] for key in BOUNDS if key in target}
    if isinstance(target.get("items"), dict):
        bounds |= _read_bounds(reader, target["items"], f"{prefix}items.") if "$ref" not in target["items"] else {}
    for branch in [*target.get("anyOf", []), *target.get("oneOf", [])]:
        bounds |= _read_bounds(reader, branch, f"{prefix}{render_union(reader.read_type(branch))}.")
    return bounds
