"""Types of responses, by status and media type; pure."""

from __future__ import annotations

from typing import Any

from generator.media_types import classify_media_type, parse_media_type
from generator.relax import strip_conditions
from generator.schemas import Schema, join_types, json_type, resolve, success_responses
from generator.spec import Spec, SpecError
from polargrid_runtime.operation import ResponseType

Selector = tuple[str, tuple[tuple[str, tuple[Any, ...]], ...]]


def parse_responses(spec: Spec, context: str, operation: dict[str, Any], method: str) -> tuple[ResponseType, ...]:
    """Return the type of each successful response that is not a stream of events.

    Raises SpecError if there is no successful response, or one that cannot be read.
    """
    responses = success_responses(operation)
    if not responses:
        message = f"{context}: responses: add a 2xx response, or `default`; it is what the method returns"
        raise SpecError(message, location=("responses",))
    types: list[ResponseType] = []
    for status, response in responses.items():
        contents = resolve(spec, response).get("content", {}) if method != "head" else {}
        if not contents:
            types.append(ResponseType(status, "", None))
        for name, content in contents.items():
            media_type = parse_media_type(name)
            if classify_media_type(media_type) != "events":
                try:
                    type_ = _response_type(spec, f"{context}: {status} {name}", media_type, content.get("schema", {}))
                except SpecError as error:
                    location = ("responses", status, "content", name)
                    raise SpecError(error.message, location=location) from error
                types.append(ResponseType(status, media_type, type_))
    duplicate = next((item for item in types if types.count(item) > 1), None)
    if duplicate is not None:
        message = f"{context}: {duplicate.status} has {duplicate.media_type!r} twice; parameters do not tell them apart"
        raise SpecError(message, location=("responses", duplicate.status, "content"))
    return tuple(types)


def parse_response_selector(spec: Spec, context: str, operation: dict[str, Any]) -> Selector | None:
    """Return the request field that selects the response type, and its values by type, from `x-answers`."""
    selectors: dict[str, dict[str, list[Any]]] = {}
    contents = [
        pair
        for response in success_responses(operation).values()
        for pair in resolve(spec, response).get("content", {}).items()
    ]
    for name, content in contents:
        media_type = parse_media_type(name)
        if classify_media_type(media_type) == "events":
            continue
        schema = content.get("schema", {})
        for branch in resolve(spec, schema).get("anyOf", [schema]):
            type_ = _response_type(spec, context, media_type, branch)
            for expression, values in (branch.get("x-answers") or content.get("x-answers", {})).items():
                field = expression.rsplit("/", 1)[-1]
                selectors.setdefault(field, {}).setdefault(type_, []).extend(values)
    for field, types in selectors.items():
        if len(types) > 1:
            return field, tuple((type_, tuple(values)) for type_, values in types.items())
    return None


def _response_type(spec: Spec, context: str, media_type: str, schema: Schema) -> str:
    kind = classify_media_type(media_type)
    if kind == "unreadable":
        raise SpecError(f"{context}: cannot be read; expected JSON, text, events or binary data")
    if kind == "json":
        branches = schema.get("anyOf") or [schema]
        return join_types(json_type(spec, context, strip_conditions(spec, branch)) for branch in branches)
    target = resolve(spec, schema)
    if target.get("type", "string") != "string" or {"properties", "allOf", "anyOf", "oneOf"} & target.keys():
        data, result = ("text", "str") if kind == "text" else ("binary data", "bytes")
        raise SpecError(f"{context}: a schema of JSON for {data}; omit it, the method returns {result}")
    return "str" if kind == "text" and target.get("format") != "binary" else "bytes"
