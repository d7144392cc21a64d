"""Relaxes the document for clients: servers must follow it strictly, while a client must outlive a newer server.

The types of responses are generated from a relaxed view: an enum or a constant accepts any other value of its type;
bounds, patterns and conditions are dropped. Requests stay strict, except for bounds of an array or an object that is a
branch of a union, for which datamodel-code-generator would generate a class of its own; the server checks those. A
schema that both reach keeps its bounds: the model drops them for responses.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Any

from generator.lint.document import METHODS
from generator.media_types import EVENT_STREAM
from generator.schemas import (
    Schema,
    component_kind,
    map_subschemas,
    reachable_names,
    reference_names,
    resolve,
    success_responses,
)
from generator.spec import Spec
from generator.unions import all_properties, find_closed_properties

_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
           "pattern", "maxItems", "uniqueItems", "minProperties", "maxProperties"}  # fmt: skip
#: Not minItems: a response without a choice is none.
_CONDITIONS = {"if", "then", "else", "not", "contains", "minContains", "maxContains", "propertyNames",
               "dependentRequired", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems"}  # fmt: skip
#: Keywords of a branch of `allOf` that add no field.
_WITHOUT_FIELDS = _BOUNDS | _CONDITIONS | {"minItems", "required", "type"}
_WITHOUT_FIELDS |= {"title", "description", "example", "examples"}
#: Scalars without which a response, or a part of one, says nothing.
_CONTENT = {"ModelInfo.id", "name", "text"}


def relax(spec: Spec) -> Spec:
    """Return a copy of the document in which every schema that a response reaches is relaxed."""
    relaxed = copy.deepcopy(spec)
    schemas = relaxed["components"].setdefault("schemas", {})
    contents = [content for item in _operations(relaxed) for content in _contents(relaxed, item)]
    names = reachable_names((content.get("schema") for content in contents), schemas)
    requests = request_schemas(relaxed)
    closed = find_closed_properties(relaxed, [*(schemas[name] for name in names), *_schemas(contents)])
    enums = {name: schema["enum"] for name, schema in schemas.items() if component_kind(schema) == "enum"}
    for name in names - enums.keys():
        tags = closed.get(name, {})
        schemas[name] = _relax_schema(spec, enums, schemas[name], tags=tags, has_bounds=name in requests)
    for content in contents:
        content["schema"] = _relax_schema(spec, enums, content.get("schema", {}))
    return strip_branch_bounds(relaxed)


def strip_branch_bounds(spec: Spec) -> Spec:
    """Return the document without bounds of arrays and objects in unions, with the values that tell branches apart."""
    schemas = spec["components"].get("schemas", {})
    closed = find_closed_properties(spec, list(schemas.values()))
    for name, tags in closed.items():
        properties = dict(schemas[name].get("properties", {}))
        for field, values in tags.items():
            if not {"const", "enum", "anyOf", "$ref"} & properties.get(field, {"$ref": ""}).keys():
                properties[field] = _close(properties[field], values)
        schemas = {**schemas, name: {**schemas[name], **({"properties": properties} if properties else {})}}
    stripped = {name: _strip_branch_bounds(schema) for name, schema in schemas.items()}
    return {**spec, "components": {**spec["components"], "schemas": stripped}}


def lenient_fields(spec: Spec) -> dict[str, list[str]]:
    """Return the required fields that servers may omit, by the names of the schemas of responses.

    Only of operations that other servers have as well. In a chunk of a stream, which is a part, these are all fields.
    A response has to have its lists and objects, except for those that a chunk may have as well, like the usage.
    """
    schemas = spec["components"].get("schemas", {})
    operations = [item for item in _operations(spec) if "openai" in item.get("x-profiles", ())]
    contents = [pair for item in operations for pair in _success_contents(spec, item)]
    chunks = [content for media_type, content in contents if media_type == EVENT_STREAM]
    successes = [content for item in _operations(spec) for _, content in _success_contents(spec, item)]
    requests = request_schemas(spec)
    success_names = reachable_names(_schemas(successes), schemas)
    in_chunks = reachable_names(_schemas(chunks), schemas)
    shared = reachable_names(_schemas(content for _, content in contents), schemas)

    def is_lenient(name: str, field: str) -> bool:
        schema = schemas[name].get("properties", {}).get(field, {})
        if resolve(spec, schema).get("type") in (None, "array", "object"):
            return name in in_chunks or any(part in in_chunks for part in reference_names([schema]))
        return name in in_chunks or not {field, f"{name}.{field}"} & _CONTENT

    return {
        name: [
            field
            for field in (*_list_required(schemas[name]), *_list_defaults(schemas[name]))
            if (name in shared and is_lenient(name, field))
            or _is_one_way(spec, schemas[name], field, is_in_requests=name in requests)
        ]
        for name in sorted(success_names)
        if component_kind(schemas[name]) == "class"
    }


def _is_one_way(spec: Spec, schema: Schema, field: str, *, is_in_requests: bool) -> bool:
    """Whether a field is required in requests only, or in responses only."""
    target = resolve(spec, all_properties(spec, schema).get(field, {}))
    return bool(target.get("writeOnly") or (target.get("readOnly") and is_in_requests))


def _list_required(schema: Schema) -> list[str]:
    return [name for part in (schema, *schema.get("allOf", ())) for name in part.get("required", ())]


def _list_defaults(schema: Schema) -> list[str]:
    """Return the fields with a value for a missing one, which stands for null as well."""
    fields = schema.get("properties", {}).items()
    return [name for name, part in fields if part.get("default") is not None and "null" not in part.get("type", ())]


def response_schemas(spec: Spec) -> set[str]:
    """Return the names of the schemas that a response reaches, an error included."""
    contents = [content for item in _operations(spec) for content in _contents(spec, item)]
    return reachable_names(_schemas(contents), spec["components"].get("schemas", {}))


def request_schemas(spec: Spec) -> set[str]:
    """Return the names of the schemas that a request reaches."""
    start: list[Any] = []
    for item in _operations(spec):
        body = resolve(spec, item.get("requestBody", {}))
        start += _schemas(body.get("content", {}).values())
        start += [resolve(spec, parameter).get("schema") for parameter in item.get("parameters", ())]
    return reachable_names(start, spec["components"].get("schemas", {}))


def strip_conditions(spec: Spec, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the component that `allOf` adds conditions to, which are no type of their own; else the schema."""
    first, *others = schema.get("allOf") or [{}]
    if "$ref" not in first or not others:
        return schema
    fields = all_properties(spec, first).keys()
    rest = {key: value for key, value in schema.items() if key != "allOf"}
    return schema if any(_adds_fields(part, fields) for part in (rest, *others)) else first


def _adds_fields(schema: Schema, fields: Collection[str]) -> bool:
    keys = {key for key in schema if not key.startswith("x-")} - _WITHOUT_FIELDS
    return bool(keys - {"properties"}) or not schema.get("properties", {}).keys() <= fields


def _operations(spec: Spec) -> list[dict[str, Any]]:
    return [item for path in spec["paths"].values() for method, item in path.items() if method in METHODS]


def _contents(spec: Spec, operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the media type objects of every response, errors included."""
    responses = [resolve(spec, response) for response in operation["responses"].values()]
    return [content for response in responses for content in response.get("content", {}).values()]


def _success_contents(spec: Spec, operation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    responses = success_responses(operation)
    return [pair for item in responses.values() for pair in resolve(spec, item).get("content", {}).items()]


def _schemas(contents: Iterable[dict[str, Any]]) -> list[Schema]:
    return [content["schema"] for content in contents if "schema" in content]


def _relax_schema(
    spec: Spec,
    enums: dict[str, list[Any]],
    schema: Schema,
    *,
    tags: Mapping[str, list[str]] | None = None,
    has_bounds: bool = False,
) -> Schema:
    """Relax a schema; `tags` are the properties that tell it from the other branches of a union."""
    component = strip_conditions(spec, schema)
    if component is not schema:
        return component
    dropped = _CONDITIONS if has_bounds else _CONDITIONS | _BOUNDS
    relax_part = partial(_relax_schema, spec, enums, has_bounds=has_bounds)
    relaxed = map_subschemas({key: value for key, value in schema.items() if key not in dropped}, relax_part)
    for name, values in (tags or {}).items():
        if name in relaxed.get("properties", {}):
            relaxed["properties"][name] = _close(schema["properties"][name], values)
    name = str(relaxed.get("$ref", "")).rsplit("/", 1)[-1]
    if name in enums:
        siblings = {key: value for key, value in relaxed.items() if key != "$ref"}
        kind = "string" if isinstance(enums[name][0], str) else "integer"
        return {**siblings, "anyOf": [{"$ref": relaxed["$ref"]}, {"type": kind}]}
    constant = [relaxed.pop("const")] if "const" in relaxed else []
    allowed = relaxed.pop("enum", None) or constant
    return _accept_others(relaxed, allowed) if allowed else relaxed


def _close(schema: Schema, values: list[str]) -> Schema:
    description = {name: schema[name] for name in ("description",) if name in schema}
    return {**description, "type": "string", **({"const": values[0]} if len(values) == 1 else {"enum": values})}


def _accept_others(schema: Schema, values: list[Any]) -> Schema:
    """Accept any value of the types of an enum."""
    types = schema.pop("type", [])
    kinds = {name: [value for value in values if type(value) is kind] for kind, name in _TYPES.items()}
    branches: list[Schema] = []
    for kind, own in kinds.items():
        is_number = kind == "number" or (kind == "integer" and "number" in types)
        branches += [{"type": kind, "enum": own}] * (bool(own) and kind in ("string", "integer") and not is_number)
        branches += [{"type": "number" if is_number else kind}] * bool(own)
    has_null = None in values or "null" in types
    branches += [{"type": "null"}] * has_null
    branches = [branch for index, branch in enumerate(branches) if branch not in branches[:index]]
    if any(isinstance(value, list | dict) for value in values):
        return schema
    return {**schema, **branches[0]} if len(branches) == 1 else {**schema, "anyOf": branches}


_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}


def _strip_branch_bounds(schema: Schema) -> Schema:
    result = map_subschemas(schema, _strip_branch_bounds)
    for key in {"anyOf", "oneOf"} & result.keys():
        if len(result[key]) == 2 and {"type": "null"} in result[key]:
            continue  # it is no union in Python
        result[key] = [{k: v for k, v in branch.items() if not _is_dropped(k, branch)} for branch in result[key]]
    return result


def _is_dropped(keyword: str, branch: Schema) -> bool:
    kinds = branch.get("type", [])
    is_scalar = bool({"string", "integer", "number"} & set(kinds if isinstance(kinds, list) else [kinds]))
    return keyword in _CONDITIONS or (keyword in _BOUNDS | {"minItems"} and not is_scalar)
