"""Unions of objects that a property tells apart, from `discriminator` or from constants of the branches; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generator.media_types import classify_media_type, parse_media_type
from generator.names import pascal_case
from generator.schemas import Schema, component_kind, resolve, success_responses, walk_schema
from generator.spec import Spec


@dataclass(frozen=True)
class TaggedUnion:
    """A union of named objects, each with the values of one property."""

    property: str
    branches: tuple[tuple[str, tuple[str, ...]], ...]
    """Component, and its values of the property."""
    has_null: bool = False

    def type_text(self, *, is_open: bool) -> str:
        """Return its annotation; an open union accepts other values as an UnknownObject."""
        names = [name for name, _ in self.branches]
        unknown, null = ["UnknownObject"] * is_open, ["None"] * self.has_null
        kind, tags = "OpenUnion" if is_open else "ClosedUnion", tuple(values for _, values in self.branches)
        return f"Annotated[{' | '.join([*names, *unknown, *null])}, {kind}({self.property!r}, {tags!r})]"


def find_union(spec: Spec, schema: Schema) -> TaggedUnion | None:
    """Return the tagged union that a schema is; None for any other schema."""
    branches = _flatten(spec, schema)
    names = [branch["$ref"].rsplit("/", 1)[-1] for branch in branches if "$ref" in branch]
    has_null = {"type": "null"} in branches
    if len(set(names)) < 2 or len(names) + has_null != len(branches):
        return None
    targets = {name: spec["components"]["schemas"].get(name, {}) for name in names}
    if any(component_kind(target) != "class" for target in targets.values()):
        return None
    tags = _explicit_tags(spec, schema, targets) or _constant_tags(spec, targets)
    return TaggedUnion(tags[0], tuple(tags[1].items()), has_null) if tags else None


def name_unions(spec: Spec) -> Spec:
    """Return a normalized document in which each tagged union of a JSON response is a component, or refers to one."""
    schemas = dict(spec["components"]["schemas"])
    result = {**spec, "components": {**spec["components"], "schemas": schemas}}
    for item in spec["paths"].values():
        for operation in item.values():
            name = pascal_case(operation["operationId"])
            for response in success_responses(operation).values():
                for media_type, content in response.get("content", {}).items():
                    if classify_media_type(parse_media_type(media_type)) == "json" and "schema" in content:
                        content["schema"] = _name_union(result, content["schema"], f"{name}Response")
    return result


def _name_union(spec: Spec, schema: Schema, name: str) -> Schema:
    if "$ref" not in schema and find_union(spec, schema) is not None:
        schemas, unique = spec["components"]["schemas"], name
        while unique in schemas:
            unique += "Union"
        schemas[unique] = {"description": f"One of the types of `{name}`.", **schema}
        return {"$ref": f"#/components/schemas/{unique}"}
    result = dict(schema)
    for key, suffix in (("items", "Item"), ("additionalProperties", "Value")):
        if isinstance(result.get(key), dict):
            result[key] = _name_union(spec, result[key], name + suffix)
    for key in ("anyOf", "oneOf"):
        if key in result:
            result[key] = [_name_union(spec, branch, name) for branch in result[key]]
    return result


def find_closed_properties(spec: Spec, schemas: list[Schema]) -> dict[str, dict[str, list[str]]]:
    """Return the values of each property that tells branches apart, by component and property."""
    closed: dict[str, dict[str, list[str]]] = {}
    for schema in (part for root in schemas for part in walk_schema(root)):
        union = find_union(spec, schema)
        for name, values in union.branches if union else ():
            tags = closed.setdefault(name, {}).setdefault(union.property if union else "", [])
            tags += [value for value in values if value not in tags]
    return closed


def _flatten(spec: Spec, schema: Schema) -> list[Schema]:
    """Return the branches of a union, and those of the unions among them."""
    branches: list[Schema] = []
    for branch in schema.get("oneOf") or schema.get("anyOf") or ():
        target = resolve(spec, branch)
        is_union = "oneOf" in target or "anyOf" in target
        branches += _flatten(spec, target) if is_union else [branch]
    return branches


def _explicit_tags(
    spec: Spec, schema: Schema, targets: dict[str, Schema]
) -> tuple[str, dict[str, tuple[str, ...]]] | None:
    discriminator = schema.get("discriminator")
    if not discriminator:
        return None
    mapping = discriminator.get("mapping", {})
    name = discriminator["propertyName"]
    constants = _constant_tags(spec, targets, name)
    if not mapping and constants:
        return constants
    tags: dict[str, tuple[str, ...]] = dict.fromkeys(targets, ())
    for value, reference in mapping.items():
        target = reference.rsplit("/", 1)[-1]
        if target in tags:
            tags[target] = (*tags[target], value)
    return name, {target: values or (target,) for target, values in tags.items()}  # the name is the implicit value


def _constant_tags(
    spec: Spec, targets: dict[str, Schema], only: str | None = None
) -> tuple[str, dict[str, tuple[str, ...]]] | None:
    """Return the property that each branch requires with values of its own."""
    fields = [all_properties(spec, target) for target in targets.values()]
    for name in [only] if only else list(fields[0]):
        values = [_constants(spec, properties.get(name, {})) for properties in fields]
        flat = [value for own in values for value in own]
        if all(values) and len(set(flat)) == len(flat):
            return name, dict(zip(targets, values, strict=True))
    return None


def all_properties(spec: Spec, schema: Schema) -> dict[str, Any]:
    """Return the properties of an object and of those that it inherits from."""
    target = resolve(spec, schema)
    inherited: dict[str, Any] = {}
    for part in target.get("allOf", ()):
        inherited |= all_properties(spec, part)
    return {**inherited, **target.get("properties", {})}


def _constants(spec: Spec, schema: Schema) -> tuple[str, ...]:
    target = resolve(spec, schema)
    values = [target["const"]] if "const" in target else target.get("enum", [])
    return tuple(values) if all(isinstance(value, str) for value in values) else ()
