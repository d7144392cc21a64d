"""Schemas of the document: their parts by position, the kind of a component, and Python types; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from generator.spec import Spec, SpecError

Schema = dict[str, Any]
#: Where JSON Schema has subschemas; a field of the same name, like `items`, is below `properties`.
_SINGLE = ("additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames", "then",
           "unevaluatedItems", "unevaluatedProperties")  # fmt: skip
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS = ("$defs", "dependentSchemas", "patternProperties", "properties")
MAX_DEPTH = 20  # of unions and compositions, which may be circular
_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


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
    """Return a union that names each type once, None last."""
    members = list(dict.fromkeys(part for kind in types for part in split_union(kind)))
    return " | ".join([kind for kind in members if kind != "None"] + ["None"] * ("None" in members))


def split_union(expression: str) -> list[str]:
    """Return the members of a union: `dict[str, A | B] | None` has two."""
    members, depth = [""], 0
    for part in expression.split(" | "):
        members[-1] += f" | {part}" if depth else part
        depth += part.count("[") - part.count("]")
        if not depth:
            members.append("")
    return [member for member in members if member]


def success_responses(operation: dict[str, Any]) -> dict[str, Any]:
    """Return the responses of a success by status: those of 2xx, else `default`."""
    responses = {str(status).upper(): item for status, item in operation["responses"].items()}
    success = {status: item for status, item in responses.items() if status.startswith("2")}
    return success or ({"default": responses["DEFAULT"]} if "DEFAULT" in responses else {})


def map_subschemas(schema: Schema, change: Callable[[Any], Any]) -> Schema:
    """Return a copy of a schema whose direct subschemas are changed."""
    result = dict(schema)
    for key, value in schema.items():
        if key in _SINGLE and isinstance(value, dict):
            result[key] = change(value)
        elif key in _LISTS and isinstance(value, list):
            result[key] = [change(item) for item in value]
        elif key in _MAPS and isinstance(value, dict):
            result[key] = {name: change(item) for name, item in value.items()}
    return result


def iter_subschemas(schema: Any) -> Iterator[Schema]:
    """Yield the direct subschemas of a schema."""
    parts: list[Schema] = []
    if isinstance(schema, dict):
        map_subschemas(schema, parts.append)
    yield from (part for part in parts if isinstance(part, dict))


def walk_schema(schema: Any) -> Iterator[Schema]:
    """Yield a schema and everything below it, without following references."""
    if isinstance(schema, dict):
        yield schema
        for part in iter_subschemas(schema):
            yield from walk_schema(part)


def reference_names(schemas: Iterable[Any]) -> list[str]:
    """Return the names of the components that schemas refer to, each time."""
    nodes = (node for schema in schemas for node in walk_schema(schema))
    return [node["$ref"].rsplit("/", 1)[-1] for node in nodes if isinstance(node.get("$ref"), str)]


def reachable_names(start: Iterable[Any], schemas: Spec) -> set[str]:
    """Return the names of the components that schemas refer to, directly or by others."""
    names: set[str] = set()
    queue = list(start)
    while queue:
        for name in reference_names([queue.pop()]):
            if name not in names and name in schemas:
                names.add(name)
                queue.append(schemas[name])
    return names


def component_kind(schema: Schema) -> Literal["class", "enum", "alias"]:
    """Return what a component becomes: a class, an enum, or the name of another type (array, map, union, scalar)."""
    values = schema.get("enum")
    if values and (all(type(value) is str for value in values) or all(type(value) is int for value in values)):
        return "enum"
    if "properties" in schema or any("$ref" in part or "properties" in part for part in schema.get("allOf", ())):
        return "class"
    is_object = schema.get("type") == "object" and not {"anyOf", "oneOf", "patternProperties"} & schema.keys()
    return "class" if is_object and not isinstance(schema.get("additionalProperties"), dict) else "alias"


def list_types(spec: Spec, schema: Schema, depth: int = 0) -> set[str]:
    """Return the types of a schema's values, as JSON Schema names them; nothing if it does not say."""
    schema = resolve(spec, schema)
    if depth > MAX_DEPTH:
        return set()
    branches = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    kinds = {kind for branch in branches for kind in list_types(spec, branch, depth + 1)}
    own = schema.get("type", [])
    kinds |= {own} if isinstance(own, str) else set(own)
    kinds |= {"object"} if "properties" in schema else set()
    return kinds | ({"null"} if None in schema.get("enum", ()) else set())


def json_type(spec: Spec, context: str, schema: Schema, names: tuple[str, ...] = ()) -> str:
    """Return the type of a JSON response: models, and lists, dicts and unions of them.

    The value of an enum is a string or a number: it may be a new one. Raises SpecError for an inline object, which has
    no name, or an array or a map that contains itself. `names` are the components that contain the schema.
    """
    if "$ref" in schema:
        return _resolve_reference(spec, context, schema, names)
    if branches := schema.get("anyOf") or schema.get("oneOf"):
        return join_types(json_type(spec, context, branch, names) for branch in branches)
    if len(schema.get("allOf", ())) == 1:
        return json_type(spec, context, schema["allOf"][0], names)
    if "properties" in schema or "allOf" in schema:
        return type_name(context, schema)
    kinds = schema.get("type") or _value_types(schema)
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return join_types(_container_type(spec, context, schema, kind, names) for kind in kinds)


def _value_types(schema: Schema) -> list[str]:
    """Return the types of the values of an enum or a constant; nothing known is any."""
    values = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    names = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    return list(dict.fromkeys(names.get(type(value), "any") for value in values)) or ["any"]


def _resolve_reference(spec: Spec, context: str, schema: Schema, names: tuple[str, ...]) -> str:
    name, target = type_name(context, schema), resolve(spec, schema)
    if name in names:
        cycle = " -> ".join([*names, name])
        raise SpecError(f"{context}: {name} contains itself ({cycle}); put an object with properties between")
    if component_kind(target) == "class" or "anyOf" in target or "oneOf" in target:
        return name
    return json_type(spec, context, target, (*names, name))


def _container_type(spec: Spec, context: str, schema: Schema, kind: str, names: tuple[str, ...]) -> str:
    if kind == "array":
        return f"list[{json_type(spec, context, schema.get('items', {}), names)}]"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"dict[str, {json_type(spec, context, values, names) if isinstance(values, dict) else 'Any'}]"
    return _SCALARS.get(kind, "Any")


def find_classes(spec: Spec, names: Iterable[str]) -> set[str]:
    """Return the classes that types name: those themselves, their bases, and the branches of unions."""
    schemas = spec["components"].get("schemas", {})
    classes: set[str] = set()
    queue = list(names)
    while queue:
        name = queue.pop()
        schema = schemas.get(name, {})
        kind = component_kind(schema)
        if name in classes or kind == "enum":
            continue
        if kind == "class":
            classes.add(name)
        parts = [*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ()), schema]
        queue += [part["$ref"].rsplit("/", 1)[-1] for part in parts if "$ref" in part]
    return classes


def list_items(spec: Spec) -> dict[str, str]:
    """Return the item type of each schema of the form {object: list, data: [...]}, by the schema's name."""
    items_by_name = {}
    for name, schema in spec.get("components", {}).get("schemas", {}).items():
        fields = schema.get("properties", {})
        items, kind = fields.get("data", {}).get("items", {}), fields.get("object", {})
        if "list" in (kind.get("const"), *kind.get("enum", ())) and "$ref" in items:
            item = type_name(name, items)
            is_class = component_kind(resolve(spec, items)) == "class"
            items_by_name[name] = item if is_class else f'"{item}"'  # defined behind the classes
    return items_by_name
