"""What models of requests do not accept: null for a field that has none, and fields beyond the schema; pure."""

from __future__ import annotations

from generator.bodies import find_required_names
from generator.relax import request_schemas, response_schemas
from generator.schemas import Schema, component_kind, reachable_names, resolve
from generator.spec import Spec
from generator.unions import all_properties


def not_null_fields(spec: Spec) -> dict[str, list[str]]:
    """Return the optional fields of which null is no value, by the names of the schemas of JSON requests.

    A form has no null: None is not sent. A field with a default has its own type, without None.
    """
    schemas = spec["components"]["schemas"]
    result: dict[str, list[str]] = {}
    for name in sorted(_json_names(spec)):
        if component_kind(schemas[name]) == "class":
            required = find_required_names(spec, schemas[name])
            fields = all_properties(spec, schemas[name]).items()
            optional = [(field, part) for field, part in fields if field not in required and "default" not in part]
            result[name] = [field for field, part in optional if not _accepts_null(spec, part)]
    return {name: fields for name, fields in result.items() if fields}


def read_only_fields(spec: Spec) -> dict[str, set[str]]:
    """Return the fields that only responses have, by the names of the schemas of requests."""
    schemas = spec["components"]["schemas"]
    fields = {name: all_properties(spec, schemas[name]).items() for name in request_schemas(spec)}
    return {name: {key for key, part in items if resolve(spec, part).get("readOnly")} for name, items in fields.items()}


def find_closed_schemas(spec: Spec) -> set[str]:
    """Return the names of the schemas of requests alone that accept no other fields than theirs."""
    names = request_schemas(spec) - response_schemas(spec)
    return {name for name in names if is_closed(spec["components"]["schemas"][name])}


def _json_names(spec: Spec) -> set[str]:
    contents = [
        pair
        for item in spec["paths"].values()
        for operation in item.values()
        for pair in operation.get("requestBody", {}).get("content", {}).items()
    ]
    roots = [content.get("schema") for name, content in contents if name.partition(";")[0].strip().endswith("json")]
    return reachable_names(roots, spec["components"]["schemas"])


def is_closed(schema: Schema) -> bool:
    """Whether an object has no other fields than those of its schema."""
    return schema.get("additionalProperties") is False or schema.get("unevaluatedProperties") is False


def _accepts_null(spec: Spec, schema: Schema) -> bool:
    """Whether null is a value, or nothing says that it is none."""
    target = {**resolve(spec, schema), **{key: value for key, value in schema.items() if key != "$ref"}}
    if "const" in target or "enum" in target:
        return None in [target.get("const", ""), *target.get("enum", ())]
    kinds = target.get("type", "null")
    branches = target.get("anyOf") or target.get("oneOf")
    return (
        "null" in (kinds if isinstance(kinds, list) else [kinds])
        and (not branches or any(_accepts_null(spec, branch) for branch in branches))
        and all(_accepts_null(spec, part) for part in target.get("allOf", ()))
    )
