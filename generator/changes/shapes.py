"""Arguments of operations and fields of types, as the document describes them; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.changes.annotations import Union, parse_annotation
from generator.changes.schemas import Names, describe_type
from generator.schemas import resolve
from generator.spec import Location, Spec

LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
OTHER_BOUNDS = ("pattern", "multipleOf", "uniqueItems")


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
    fields: Mapping[str, Field] = field(default_factory=dict)
    """The fields of an inline object."""

    @property
    def facts(self) -> tuple[Any, ...]:
        """All facts but the name: two fields with the same are one that was renamed."""
        return (self.type, self.required, self.default, dict(self.bounds), self.sent_in, dict(self.fields))


def read_parameter(spec: Spec, item: dict[str, Any], name: str, location: Location, names: Names) -> Field:
    """Return a parameter as an argument."""
    contents: list[dict[str, Any]] = list(item.get("content", {}).values())
    content = contents[0] if contents else {}
    schema = item.get("schema", content.get("schema", {}))
    schema = {**schema, "deprecated": item.get("deprecated", schema.get("deprecated"))}
    return _read_field(spec, name, schema, location, names, required=bool(item.get("required")), sent_in=item["in"])


def read_body_fields(spec: Spec, schema: dict[str, Any], location: Location, names: Names) -> dict[str, Field]:
    """Return the fields of a request body; a body without fields is one argument, `request` or `file`."""
    fields = read_fields(spec, schema, location, names)
    if fields or not schema:
        return fields
    name = "file" if resolve(spec, schema).get("format") == "binary" else "request"
    return {name: _read_field(spec, name, schema, location, names, required=True)}


def read_fields(spec: Spec, schema: dict[str, Any], location: Location, names: Names) -> dict[str, Field]:
    """Return the fields of an object, those of its `allOf` first."""
    if "$ref" in schema:
        location = tuple(schema["$ref"].removeprefix("#/").split("/"))
        return read_fields(spec, resolve(spec, schema), location, names)
    fields: dict[str, Field] = {}
    for index, part in enumerate(schema.get("allOf", [])):
        fields |= read_fields(spec, part, (*location, "allOf", index), names)
    required = set(schema.get("required", []))
    for name, item in schema.get("properties", {}).items():
        place: Location = (*location, "properties", name)
        fields[name] = _read_field(spec, name, item, place, names, required=name in required)
    return fields


def _read_field(
    spec: Spec,
    name: str,
    schema: Any,
    location: Location,
    names: Names,
    *,
    required: bool,
    sent_in: str = "body",
) -> Field:
    schema = schema if isinstance(schema, dict) else {}
    plain = {key: value for key, value in schema.items() if key not in ("default", "deprecated")}
    target = schema if "default" in schema else resolve(spec, schema)
    return Field(
        name=name,
        type=parse_annotation(describe_type(spec, plain, names)),
        required=required,
        location=location,
        default=json.dumps(target["default"], ensure_ascii=False) if "default" in target else None,
        bounds=_read_bounds(spec, schema),
        deprecated=bool(schema.get("deprecated")),
        sent_in=sent_in,
        fields={} if "$ref" in schema else read_fields(spec, _item_of(schema), location, names),
    )


def _item_of(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the inline object of a field: the field itself, an item of its list, or a branch of its union."""
    for item in (schema, schema.get("items"), *schema.get("anyOf", []), *schema.get("oneOf", [])):
        if isinstance(item, dict) and "properties" in item:
            return item
    return {}


def _read_bounds(spec: Spec, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the bounds of a field, of a scalar that it refers to, or of the branches of its union."""
    nodes = [schema, resolve(spec, schema), *schema.get("anyOf", []), *schema.get("oneOf", [])]
    keys = (*LOWER_BOUNDS, *UPPER_BOUNDS, *OTHER_BOUNDS)
    return {key: node[key] for node in reversed(nodes) for key in keys if key in node}
