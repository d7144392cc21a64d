"""The document with one way to write each thing; pure.

Parameters, servers and security of paths and of the document are those of each operation; references to parameters,
bodies, responses and headers are resolved; inline objects have names; the parameters of an operation are a component;
the schema of a stream is that of an event's data.
"""

from __future__ import annotations

import copy
from typing import Any

from generator.bodies import body_schema_name
from generator.definitions import lift_definitions
from generator.events import name_chunks
from generator.hoist import Hoister
from generator.media_types import classify_media_type, parse_media_type
from generator.names import check_operation_id, check_schema_names, pascal_case
from generator.parameters import parameters_schema, parse_parameters
from generator.relax import strip_conditions
from generator.schemas import resolve, success_responses
from generator.spec import Spec, SpecError
from generator.unions import name_unions

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
#: Marks the component of an operation's parameters: it is no schema of the document.
PARAMETERS_OF = "x-parameters-of"


def normalize(spec: Spec) -> Spec:
    """Return a copy of a valid document in its normal form. Raises SpecError for what has none."""
    if spec.get("webhooks"):
        message = "webhooks are requests of the server, which the SDK cannot receive; remove them"
        raise SpecError(message, location=("webhooks",))
    result = lift_definitions(copy.deepcopy(spec))
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    check_schema_names(schemas)
    for name in list(schemas):
        location = ("components", "schemas", name)
        try:
            schemas[name] = Hoister(result, f"schema {name}").replace_parts(schemas[name], name)
        except SpecError as error:
            raise SpecError(error.message, location=location) from error
    paths: dict[str, Any] = {}
    for key, item in result["paths"].items():
        target = resolve(result, item)
        if "trace" in target:
            message = f"TRACE {key}: the method is not supported; remove it"
            raise SpecError(message, location=("paths", key, "trace"))
        paths[key] = {method: _normalize(result, key, method, target) for method in METHODS if method in target}
    return name_chunks(name_unions({**result, "paths": paths}))


def _normalize(spec: Spec, key: str, method: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return an operation, complete without its path item and without references to anything but schemas."""
    context = f"{method.upper()} {key}"
    try:
        operation = _merge(spec, item, item[method])
        name = pascal_case(check_operation_id(context, operation))
        if "callbacks" in operation:
            message = f"{context}: callbacks are requests of the server, which the SDK cannot receive; remove them"
            raise SpecError(message, location=("callbacks",))
        hoister = Hoister(spec, context)
        _name_parameters(hoister, name, operation["parameters"])
        _name_body(spec, hoister, name, operation.get("requestBody", {}))
        for response in success_responses(operation).values():
            _name_response(spec, hoister, name, response)
        schema = parameters_schema(context, parse_parameters(spec, context, key, operation["parameters"]))
        if schema is not None:
            hoister.add(f"{name}Parameters", {**schema, PARAMETERS_OF: operation["operationId"]})
    except SpecError as error:
        raise SpecError(error.message, location=("paths", key, method, *error.location)) from error
    return operation


def _merge(spec: Spec, item: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    own = [_resolve(spec, parameter) for parameter in operation.get("parameters", ())]
    names = {(parameter["in"], parameter["name"]) for parameter in own}
    shared = [_resolve(spec, parameter) for parameter in item.get("parameters", ())]
    merged = {
        **copy.deepcopy(operation),
        "parameters": own + [part for part in shared if (part["in"], part["name"]) not in names],
        "security": operation.get("security", spec.get("security", [])),
        "responses": {str(status): _resolve_response(spec, part) for status, part in operation["responses"].items()},
    }
    if servers := operation.get("servers", item.get("servers")):
        merged["servers"] = servers
    if "requestBody" in operation:
        merged["requestBody"] = _resolve(spec, operation["requestBody"])
    return merged


def _resolve(spec: Spec, node: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of what a reference leads to, with the description beside the reference."""
    siblings = {key: value for key, value in node.items() if key in ("description", "summary") and "$ref" in node}
    return {**copy.deepcopy(resolve(spec, node)), **siblings}


def _resolve_response(spec: Spec, node: dict[str, Any]) -> dict[str, Any]:
    response = _resolve(spec, node)
    if "headers" in response:
        response["headers"] = {name: _resolve(spec, header) for name, header in response["headers"].items()}
    return response


def _name_parameters(hoister: Hoister, name: str, parameters: list[dict[str, Any]]) -> None:
    for parameter in parameters:
        part = next(iter(parameter["content"].values())) if "content" in parameter else parameter
        if "schema" in part:
            part["schema"] = hoister.replace(part["schema"], name + pascal_case(parameter["name"]))


def _name_body(spec: Spec, hoister: Hoister, name: str, body: dict[str, Any]) -> None:
    named: list[tuple[Any, Any]] = []
    for media_type, content in body.get("content", {}).items():
        if body_schema_name(spec, media_type, content) != "":
            continue
        inline = content.get("schema", {})
        reference = next((reference for schema, reference in named if schema == inline), None)
        if reference is None:
            own = f"{name}{pascal_case(media_type.partition('/')[2]) if named else ''}Request"
            reference = hoister.add(own, hoister.replace_parts(inline, own))
            named.append((inline, reference))
        content["schema"] = reference


def _name_response(spec: Spec, hoister: Hoister, name: str, response: dict[str, Any]) -> None:
    for media_type, content in response.get("content", {}).items():
        kind = classify_media_type(parse_media_type(media_type))
        if kind == "json" and "schema" in content:
            schema = content["schema"]
            if strip_conditions(spec, schema) is schema:
                content["schema"] = hoister.replace(schema, f"{name}Response")
        elif kind == "events" and "schema" in content:
            content["schema"] = hoister.replace_event(content["schema"], f"{name}Event")
