"""Schemas of the document as Python types; pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.spec import Spec, SpecError


def resolve(spec: Spec, node: dict[str, Any]) -> dict[str, Any]:
    """Return the node that a chain of `$ref` leads to."""
    while "$ref" in node:
        target: Any = spec
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def type_name(context: str, schema: dict[str, Any]) -> str:
    """Return the name of the component that a schema refers to. Raises SpecError for an inline schema."""
    if "$ref" not in schema:
        raise SpecError(f"{context}: inline schema; move it to components/schemas, where its name becomes the type")
    return str(schema["$ref"]).rsplit("/", 1)[-1]


def join_types(types: Iterable[str]) -> str:
    """Return a union that names each type once."""
    return " | ".join(dict.fromkeys(types))


def list_items(spec: Spec) -> dict[str, str]:
    """Return the item type of each schema of the form {object: list, data: [...]}, by the schema's name."""
    items_by_name = {}
    for name, schema in spec.get("components", {}).get("schemas", {}).items():
        fields = schema.get("properties", {})
        items, kind = fields.get("data", {}).get("items", {}), fields.get("object", {})
        if "list" in (kind.get("const"), *kind.get("enum", ())) and "$ref" in items:
            items_by_name[name] = type_name(name, items)
    return items_by_name
