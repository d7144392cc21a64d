"""Streams of events: the type of an event's data, and the end of the stream; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generator.media_types import classify_media_type, parse_media_type
from generator.schemas import Schema, json_type, resolve, success_responses
from generator.spec import Spec, SpecError
from generator.unions import all_properties, find_union
from polargrid_runtime.operation import EventStream

_ENVELOPE = {"data", "event", "id", "retry"}
_ERROR = "error"
_UNKNOWN = {"customTypePath": "polargrid_runtime.unions.UnknownObject"}


@dataclass(frozen=True)
class _Branch:
    name: str | None  # of `event:`
    schema: Schema  # of the data


def parse_events(spec: Spec, context: str, operation: dict[str, Any]) -> EventStream | None:
    """Return the event stream of an operation, whose schemas `name_chunks` has prepared; None if it has none."""
    streams = _find_streams(spec, operation)
    if not streams:
        return None
    if len(streams) > 1:
        message = f"{context}: several streams ({', '.join(media_type for _, media_type, _ in streams)}); expected one"
        raise SpecError(message, location=("responses",))
    location, media_type, content = streams[0]
    rules, names = content.get("x-event-stream", {}), content.get("x-chunk-names", {})
    try:
        last_data, last_field, last_types = _parse_last(spec, context, rules.get("last"), content["schema"], names)
        type_ = json_type(spec, context, content["schema"])
    except SpecError as error:
        raise SpecError(error.message, location=location) from error
    choices = rules.get("choices")
    return EventStream(
        type_,
        media_type,
        last_data=last_data,
        last_types=last_types,
        last_field=last_field,
        choices=choices["in"] if choices else None,
        finish=choices.get("once", "finish_reason") if choices else None,
        names=tuple(names.items()),
    )


def _parse_last(
    spec: Spec, context: str, last: Any, schema: Schema, names: dict[str, str]
) -> tuple[str | None, str, tuple[str, ...]]:
    """Return the data that ends a stream, or a field and its values in the last event; neither if its body ends it."""
    if last is None or isinstance(last, str):
        return last, "type", ()
    field, values = next(iter(last.items())) if isinstance(last, dict) and len(last) == 1 else ("", None)
    values = [values] if isinstance(values, str) else values
    if not values or not isinstance(values, list):
        raise SpecError(f"{context}: x-event-stream: last: expected data, like '[DONE]', or {{type: ...}} of an event")
    union = find_union(spec, resolve(spec, schema))
    if union is not None and union.property != field:
        message = f"{context}: x-event-stream: last: {field!r} does not tell the events apart"
        raise SpecError(f"{message}; expected {{{union.property}: ...}}")
    allowed = {value for _, own in union.branches for value in own} if union else {*names}
    unknown = [value for value in values if allowed and value not in allowed]
    if unknown:
        message = f"{context}: x-event-stream: last: no event has the {field} {unknown[0]!r}"
        raise SpecError(f"{message}; expected one of {', '.join(sorted(allowed))}")
    return None, field, tuple(values)


def name_chunks(spec: Spec) -> Spec:
    """Return the document in which the schema of each stream is that of an event's data, and has a name.

    An event is described as {data: JSON text of a schema}, with `contentSchema`, or by the schema of its data.
    Raises SpecError for events of several types that nothing tells apart.
    """
    schemas = dict(spec["components"].get("schemas", {}))
    result = {**spec, "components": {**spec["components"], "schemas": schemas}}
    paths = {}
    for path, item in spec["paths"].items():
        paths[path] = {
            method: _name_chunks(result, f"{method.upper()} {path}", operation, ("paths", path, method))
            if isinstance(operation, dict) and "responses" in operation
            else operation
            for method, operation in item.items()
        }
    return {**result, "paths": paths}


def _name_chunks(spec: Spec, context: str, operation: dict[str, Any], location: tuple[str, ...]) -> dict[str, Any]:
    if not _find_streams(spec, operation):
        return operation
    responses = dict(operation["responses"])
    for status, response in operation["responses"].items():
        contents = resolve(spec, response).get("content", {})
        named = {
            name: _name_chunk(spec, context, operation, content, (*location, "responses", status, "content", name))
            if classify_media_type(parse_media_type(name)) == "events"
            else content
            for name, content in contents.items()
        }
        if named != contents:
            responses[status] = {**resolve(spec, response), "content": named}
    return {**operation, "responses": responses}


def _name_chunk(
    spec: Spec, context: str, operation: dict[str, Any], content: dict[str, Any], location: tuple[str, ...]
) -> dict[str, Any]:
    if "x-chunk-names" in content:
        return content
    schema = content.get("schema") or content.get("itemSchema")
    if not schema:
        raise SpecError(f"{context}: a stream needs the schema of its events", location=location)
    branches = [branch for branch in _find_branches(spec, schema) if not _is_error(spec, branch)]
    references = list(dict.fromkeys(branch.schema["$ref"] for branch in branches if "$ref" in branch.schema))
    if len({_key(branch.schema) for branch in branches}) == 1:
        return {**content, "schema": branches[0].schema}
    if not branches or any("$ref" not in branch.schema for branch in branches):
        message = f"{context}: events: inline schema of data; move it to components/schemas, its name becomes the type"
        raise SpecError(message, location=location)
    name = "".join(word.title() for word in operation["operationId"].split("_")) + "Event"
    names = {branch.name: branch.schema["$ref"].rsplit("/", 1)[-1] for branch in branches if branch.name}
    union: Schema = {"oneOf": [{"$ref": reference} for reference in references], **_find_discriminator(spec, schema)}
    if find_union(spec, union) is not None:
        names = {}
    else:
        if set(names.values()) != {reference.rsplit("/", 1)[-1] for reference in references}:
            message = f"{context}: events of several types need a property with a constant for each, or `event` names"
            raise SpecError(message, location=location)
        union["oneOf"] = [*union["oneOf"], _UNKNOWN]
    name = _find_component(spec, union) or _add_component(spec, context, operation["operationId"], union, location)
    reference = {"$ref": f"#/components/schemas/{name}"}
    return {**content, "schema": reference, **({"x-chunk-names": names} if names else {})}


def _find_component(spec: Spec, union: Schema) -> str | None:
    """Return the component that is this union."""
    for name, schema in spec["components"]["schemas"].items():
        if (schema.get("oneOf") or schema.get("anyOf")) == union["oneOf"]:
            return str(name)
    return None


def _add_component(spec: Spec, context: str, operation: str, union: Schema, location: tuple[str, ...]) -> str:
    name = "".join(word.title() for word in operation.split("_")) + "Event"
    if name in spec["components"]["schemas"]:
        message = f"{context}: rename the schema {name}; the events of the operation have this name"
        raise SpecError(message, location=location)
    spec["components"]["schemas"][name] = {"description": f"An event of `{operation}`.", **union}
    return name


def _find_discriminator(spec: Spec, schema: Schema) -> Schema:
    target = resolve(spec, schema)
    if "discriminator" in target:
        return {"discriminator": target["discriminator"]}
    parts = [target.get("properties", {}).get("data"), target.get("contentSchema")]
    parts += target.get("oneOf") or target.get("anyOf") or []
    discriminators = [_find_discriminator(spec, part) for part in parts if part]
    return next((item for item in discriminators if item), {})


def _key(schema: Schema) -> str:
    return repr(sorted(schema.items(), key=lambda item: item[0]))


def _find_streams(spec: Spec, operation: dict[str, Any]) -> list[tuple[tuple[str, ...], str, dict[str, Any]]]:
    """Return (location, media type, media type object) of each stream."""
    contents = [
        (("responses", status, "content", name), parse_media_type(name), content)
        for status, response in success_responses(operation).items()
        for name, content in resolve(spec, response).get("content", {}).items()
    ]
    return [item for item in contents if classify_media_type(item[1]) == "events"]


def _find_branches(spec: Spec, schema: Schema, name: str | None = None) -> list[_Branch]:
    """Return the types of an event's data: those of a union, of `contentSchema`, or the schema itself."""
    target = resolve(spec, schema)
    properties = target.get("properties", {})
    if "data" in properties and set(properties) <= _ENVELOPE:
        event = resolve(spec, properties.get("event", {}))
        names = event.get("enum") or ([event["const"]] if "const" in event else [name])
        return [branch for item in names for branch in _find_branches(spec, properties["data"], item)]
    if "contentSchema" in target:
        return _find_branches(spec, target["contentSchema"], name)
    if branches := target.get("oneOf") or target.get("anyOf"):
        is_text = any("contentSchema" in resolve(spec, branch) for branch in branches)
        parts = [branch for branch in branches if not is_text or "contentSchema" in resolve(spec, branch)]
        return [branch for part in parts for branch in _find_branches(spec, part, name)]
    return [_Branch(name, schema)]


def _is_error(spec: Spec, branch: _Branch) -> bool:
    """Whether an event is an error, which the client raises."""
    kind = resolve(spec, all_properties(spec, branch.schema).get("type", {}))
    return _ERROR in (branch.name, kind.get("const")) or kind.get("enum") == [_ERROR]
