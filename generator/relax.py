"""Relaxes the document for clients: servers must follow it strictly, while a client must outlive a newer server.

The types of responses are generated from a relaxed view: an enum or a constant accepts any other string, bounds,
patterns and conditions are dropped. Requests stay strict, except for bounds inside a branch of `anyOf`, for which
datamodel-code-generator would generate a class of its own; the server checks those.
"""

from __future__ import annotations

import copy
from typing import Any

from generator.schemas import resolve
from generator.spec import Spec

_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "pattern"}
_BOUNDS |= {"maxItems", "uniqueItems", "if", "then", "else", "not"}  # not minItems: a response without a choice is none
_EVENT_STREAM = "text/event-stream"
#: Scalars without which a response, or a part of one, says nothing.
_CONTENT = {"ModelInfo.id", "name", "text"}


def relax(spec: Spec) -> Spec:
    """Return a copy of the document in which every schema that a response reaches is relaxed."""
    relaxed = copy.deepcopy(spec)
    schemas = relaxed["components"]["schemas"]
    responses = [operation["responses"] for operation in _operations(relaxed)]
    responses.append(relaxed["components"].get("responses", {}))
    for name in _reachable_schemas(responses, schemas):
        schemas[name] = _relax_schema(schemas[name])
    for response in (response for by_status in responses for response in by_status.values()):
        for content in response.get("content", {}).values():
            content["schema"] = _relax_schema(content.get("schema", {}))
    relaxed["components"]["schemas"] = _strip_branch_bounds(schemas)
    return relaxed


def lenient_fields(spec: Spec) -> dict[str, list[str]]:
    """Return the required fields that servers may omit, by the names of the schemas of responses.

    Only of operations that other servers have as well. In a chunk of a stream, which is a part, these are all fields.
    A response has to have its lists and objects, except for those that a chunk may have as well, like the usage.
    """
    schemas = spec["components"]["schemas"]
    operations = [item for item in _operations(spec) if "openai" in item.get("x-profiles", ())]
    responses = [response for item in operations for response in item["responses"].values()]
    contents = [content for response in responses for content in response.get("content", {}).items()]
    in_chunks = _reachable_schemas([item for media_type, item in contents if media_type == _EVENT_STREAM], schemas)
    shared = _reachable_schemas([item for _, item in contents], schemas)

    def is_lenient(name: str, field: str) -> bool:
        schema = schemas[name].get("properties", {}).get(field, {})
        if resolve(spec, schema).get("type") in (None, "array", "object"):
            return name in in_chunks or any(part in in_chunks for part in _reference_names(schema))
        return name in in_chunks or not {field, f"{name}.{field}"} & _CONTENT

    return {
        name: [field for field in schemas[name].get("required", []) if name in shared and is_lenient(name, field)]
        for name in sorted(_reachable_schemas([item["responses"] for item in _operations(spec)], schemas))
        if "properties" in schemas[name]
    }


def request_schemas(spec: Spec) -> set[str]:
    """Return the names of the schemas that a request reaches."""
    return _reachable_schemas([item.get("requestBody") for item in _operations(spec)], spec["components"]["schemas"])


def strip_conditions(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the component that `allOf` adds conditions to, which are no type of their own; else the schema."""
    first, *others = schema.get("allOf") or [{}]
    return first if "$ref" in first and others and not _reference_names(others) else schema


def _operations(spec: Spec) -> list[dict[str, Any]]:
    return [item for path in spec["paths"].values() for item in path.values() if "operationId" in item]


def _reachable_schemas(start: Any, schemas: Spec) -> set[str]:
    names: set[str] = set()
    queue = [start]
    while queue:
        for name in _reference_names(queue.pop()):
            if name not in names and name in schemas:
                names.add(name)
                queue.append(schemas[name])
    return names


def _reference_names(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"].rsplit("/", 1)[-1]] if isinstance(node.get("$ref"), str) else []
        return own + [name for value in node.values() for name in _reference_names(value)]
    if isinstance(node, list):
        return [name for value in node for name in _reference_names(value)]
    return []


def _relax_schema(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_relax_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    component = strip_conditions(schema)
    if component is not schema:
        return component
    relaxed = {key: _relax_schema(value) for key, value in schema.items() if key not in _BOUNDS}
    values = relaxed.pop("enum", None) or ([relaxed.pop("const")] if "const" in relaxed else None)
    return _accept_any_string(relaxed, values) if values else relaxed


def _accept_any_string(schema: dict[str, Any], values: list[Any]) -> dict[str, Any]:
    types = schema.pop("type", "string")
    optional = [{"type": "null"}] if "null" in types or None in values else []
    documented = {"type": "string", "enum": [value for value in values if value is not None]}
    return {**schema, "anyOf": [documented, {"type": "string"}, *optional]}


def _strip_branch_bounds(node: Any) -> Any:
    if isinstance(node, list):
        return [_strip_branch_bounds(item) for item in node]
    if not isinstance(node, dict):
        return node
    result = {key: _strip_branch_bounds(value) for key, value in node.items()}
    if "anyOf" in result:
        bounds = _BOUNDS | {"minItems"}
        result["anyOf"] = [{k: v for k, v in branch.items() if k not in bounds} for branch in result["anyOf"]]
    return result
