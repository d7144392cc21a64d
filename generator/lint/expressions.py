"""Runtime expressions (`$response.body#/id`) of links and extensions that lead to no field; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator.lint.describe import name_choices, suggest
from generator.lint.document import Finding, Location
from generator.lint.objects import Object
from generator.lint.references import References

_BODY = re.compile(r"\$(request|response)\.body#((?:/[^/]+)+)")


def check_expressions(item: Object, references: References) -> Iterator[Finding]:
    """Yield each expression of an object whose field is in none of the bodies that it may mean."""
    if item.is_reference or item.kind not in ("operation", "media type", "schema", "link"):
        return
    names = ("parameters", "requestBody") if item.kind == "link" else [key for key in item.value if key[:2] == "x-"]
    for name in names:
        bodies = {"request": find_requests(item, references), "response": _find_responses(item, references, name)}
        for location, text, is_key in _find_texts(item.value.get(name), (*item.location, name)):
            source, steps = parse_expression(text) or ("", [])
            message = find_fields(bodies[source], steps, references)[1] if bodies.get(source) else ""
            if message:
                yield Finding(f"{text!r}: the {source} has {message}", location, is_key)


def _find_texts(value: Any, location: Location) -> Iterator[tuple[Location, str, bool]]:
    if isinstance(value, dict):
        for key, entry in value.items():
            yield (*location, key), key, True
            yield from _find_texts(entry, (*location, key))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _find_texts(entry, (*location, index))
    elif isinstance(value, str):
        yield location, value, False


def _ancestor(item: Object, kind: str) -> Object | None:
    current: Object | None = item
    while current is not None and current.kind != kind:
        current = current.parent
    return current


def find_requests(item: Object, references: References) -> list[Object]:
    """Return the schemas of the body of the request of an operation, or of an object in it."""
    operation = _ancestor(item, "operation")
    body = references.child(operation, "requestBody") if operation else None
    body = references.resolve(body) if body else None
    return _schemas_of(body, references)


def _find_responses(item: Object, references: References, name: str) -> list[Object]:
    media_type = _ancestor(item, "media type")
    if media_type is not None:
        schema = references.child(media_type, "schema")
        return [schema] if schema else []
    response = _ancestor(item, "response")
    if response is not None:
        return _schemas_of(response, references)
    operations = [item]
    if name == "x-job":  # its states are those of the operation that is polled
        poll = item.value[name].get("poll") if isinstance(item.value[name], dict) else None
        operations += [
            other
            for other in references.objects
            if other.kind == "operation" and poll is not None and other.value.get("operationId") == poll
        ]
    return [
        schema
        for operation in operations
        for status, child in _statuses(operation, references)
        if status.startswith("2") and (resolved := references.resolve(child))
        for schema in _schemas_of(resolved, references)
    ]


def _statuses(operation: Object, references: References) -> list[tuple[str, Object]]:
    responses = references.child(operation, "responses")
    return [(str(child.location[-1]), child) for child in references.children(responses)] if responses else []


def _schemas_of(item: Object | None, references: References) -> list[Object]:
    """Return the schemas of a body."""
    contents = [child for child in references.children(item) if child.kind == "media type"] if item else []
    schemas = [references.child(content, "schema") for content in contents]
    return [schema for schema in schemas if schema]


def find_fields(schemas: list[Object], steps: list[str], references: References) -> tuple[list[Object], str]:
    """Return the schemas of a field, and which step leads to no field. Both are empty if a schema allows any name."""
    for step in steps:
        parts = [part for schema in schemas for part in references.parts(schema)]
        if any(is_open(part) for part in parts):
            return [], ""
        names = [str(name) for part in parts for name in part.value.get("properties", {})]
        children = [references.child(part, "properties", step) for part in parts]
        children += [references.child(part, "items") for part in parts if re.fullmatch("-?[0-9]+", step)]
        schemas = [schema for schema in children if schema]
        if not schemas:
            return [], f"no field {step!r}; {suggest(step, names) or name_choices(names)}"
    return schemas, ""


def parse_expression(text: str) -> tuple[str, list[str]] | None:
    """Return `request` or `response` and the steps of `$request.body#/…`; None for another text."""
    match = _BODY.fullmatch(text)
    if match is None:
        return None
    return match[1], [step.replace("~1", "/").replace("~0", "~") for step in match[2].split("/")[1:]]


def is_open(item: Object) -> bool:
    """Whether a schema may have fields that it does not name."""
    value = item.value
    is_object = value.get("type", "object") in ("object", ["object", "null"])
    has_names = "properties" in value or any(key in value for key in ("$ref", "allOf", "anyOf", "oneOf", "not", "if"))
    return bool(value.get("additionalProperties")) or "patternProperties" in value or (is_object and not has_names)
