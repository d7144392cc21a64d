"""Requests as openapi-python-client has to see them, so that what the raw client sends is right; pure.

It writes each list of a query as repeated names and each object as names of its own, sends defaults, and knows no text
bodies. What is written in another way is an argument that takes the text as it is sent.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from generator.bodies import parse_body
from generator.normalize import PARAMETERS_OF
from generator.parameter_styles import check_style
from generator.schemas import Schema, list_types, map_subschemas, resolve
from generator.spec import Spec
from generator.unions import all_properties

_SEPARATORS = {
    "form": ",",
    "simple": ",",
    "spaceDelimited": "a space",
    "pipeDelimited": "|",
    "label": ".",
    "matrix": ";",
}


def view_requests(spec: Spec) -> Spec:
    """Return a copy of a normalized document, relaxed or not, with requests that the raw client can send."""
    schemas = {
        name: _drop_odd_enum(schema)
        for name, schema in spec["components"]["schemas"].items()
        if PARAMETERS_OF not in schema
    }
    paths: dict[str, Any] = {}
    for key, item in spec["paths"].items():
        for method, operation in item.items():
            paths.setdefault(_plain_names(key), {})[method] = _view_operation(
                spec, f"{method.upper()} {key}", operation
            )
    return {**spec, "paths": paths, "components": {**spec["components"], "schemas": schemas}}


def _plain_names(key: str) -> str:
    """Return a path whose templates have names that the generator reads: `{a.b}` is `{a_b}`."""
    return re.sub(r"{[^{}]*}", lambda match: re.sub(r"[^\w{}-]", "_", match[0]), key)


def _drop_odd_enum(schema: Schema) -> Schema:
    """Return a schema without enums whose values would be members of one name, like `a-b` and `a_b`."""
    values = schema.get("enum", ())
    members = {re.sub(r"\W+", "_", str(value)).upper() for value in values}
    result = _without(schema, "enum") if len(members) < len(values) else schema
    return map_subschemas(result, _drop_odd_enum)


def _view_operation(spec: Spec, context: str, operation: dict[str, Any]) -> dict[str, Any]:
    parameters = [part for item in operation["parameters"] for part in _view_parameter(spec, context, item)]
    view = {**operation, "parameters": parameters}
    body = parse_body(spec, context, operation.get("requestBody"))
    if body is not None:
        request = operation["requestBody"]
        content = next(iter(request["content"].values()))
        if body.kind in ("text", "binary"):
            content = {"schema": {"type": "string", "format": "binary"}}
        name = "application/octet-stream" if "*" in body.media_type else body.media_type
        view["requestBody"] = {**request, "content": {name: content}}
    return view


def _view_parameter(spec: Spec, context: str, item: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters that the raw client has in place of one."""
    schema, style, explode = check_style(spec, context, item)
    target = resolve(spec, schema)
    view = {
        key: value for key, value in item.items() if key not in ("content", "style", "explode", "example", "examples")
    }
    if item["in"] == "path":
        view["name"] = re.sub(r"[^\w-]", "_", item["name"])
    if "const" in target:
        return [{**view, "schema": {**_without(target, "const"), "default": target["const"]}}]
    if style == "deepObject":
        required = target.get("required", ())
        return [
            {**view, "name": f"{item['name']}[{name}]", "required": name in required and bool(item.get("required")),
             "schema": _without(resolve(spec, field), "default")}
            for name, field in all_properties(spec, schema).items()
        ]  # fmt: skip
    is_compound = {"array", "object"} & list_types(spec, target)
    if style == "json" or (is_compound and (item["in"] != "query" or not explode)):
        hint = "JSON." if style == "json" else f"Written with {_SEPARATORS[style]} between items."
        description = " ".join(filter(None, (item.get("description", ""), hint)))
        return [{**view, "description": description, "schema": {"type": "string"}}]
    if "format" in target and item["in"] in ("header", "cookie"):  # it takes text and numbers there only
        return [{**view, "schema": _without(target, "default", "format")}]
    if "boolean" in list_types(spec, target) and item["in"] in ("path", "cookie"):  # it would send True
        return [{**view, "schema": {"type": "string", "enum": ["true", "false"]}}]
    is_inherited = "default" in target and "$ref" in schema
    return [{**view, "schema": _without(target if is_inherited else schema, "default")}]


def _without(schema: Schema, *keys: str) -> Schema:
    return {key: value for key, value in copy.deepcopy(schema).items() if key not in keys}
