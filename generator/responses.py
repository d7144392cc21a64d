"""Types of responses and of streamed chunks, by media type; pure."""

from __future__ import annotations

from typing import Any

from generator.relax import strip_conditions
from generator.schemas import join_types, resolve, type_name
from generator.spec import Spec, SpecError
from polargrid_runtime.operation import EventStream, ResponseType

_EVENT_STREAM = "text/event-stream"


def parse_responses(
    spec: Spec, context: str, responses: dict[str, Any]
) -> tuple[tuple[ResponseType, ...], EventStream | None]:
    """Return the type of each successful response, and its event stream."""
    if not any(str(status).startswith("2") for status in responses):
        raise SpecError(f"{context}: responses: a 2xx response is required")
    types: list[ResponseType] = []
    events: EventStream | None = None
    for status, media_type, content in _success_contents(spec, responses):
        if media_type == _EVENT_STREAM:
            last = content.get("x-event-stream", {}).get("last")
            events = EventStream(_chunk_type(spec, context, content["schema"]), last_data=last)
        else:
            kind = _response_type(spec, context, media_type, content.get("schema", {}))
            types.append(ResponseType(status, media_type, kind))
    return tuple(types), events


def parse_response_selector(
    spec: Spec, context: str, responses: dict[str, Any]
) -> tuple[str, tuple[tuple[str, tuple[Any, ...]], ...]] | None:
    """Return the request field that selects the response type, and its values by type, from `x-answers`."""
    selectors: dict[str, dict[str, list[Any]]] = {}
    for _, media_type, content in _success_contents(spec, responses):
        if media_type == _EVENT_STREAM:
            continue
        for branch in content.get("schema", {}).get("anyOf", [content.get("schema", {})]):
            kind = _response_type(spec, context, media_type, branch)
            for expression, values in (branch.get("x-answers") or content.get("x-answers", {})).items():
                field = expression.rsplit("/", 1)[-1]
                selectors.setdefault(field, {}).setdefault(kind, []).extend(values)
    for field, kinds in selectors.items():
        if len(kinds) > 1:
            return field, tuple((kind, tuple(values)) for kind, values in kinds.items())
    return None


def _success_contents(spec: Spec, responses: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return (status, media type, media type object) of each content of a successful response."""
    successes = [(str(status), resolve(spec, item)) for status, item in responses.items() if str(status)[0] == "2"]
    return [(status, *pair) for status, success in successes for pair in success.get("content", {}).items()]


def _response_type(spec: Spec, context: str, media_type: str, schema: dict[str, Any]) -> str:
    if media_type == "application/json":
        return join_types(type_name(context, strip_conditions(item)) for item in schema.get("anyOf", [schema]))
    return "bytes" if resolve(spec, schema).get("format") == "binary" else "str"


def _chunk_type(spec: Spec, context: str, schema: dict[str, Any]) -> str:
    """Return the type of an event's data: the schema is {data: "[DONE]" or JSON text of a named schema}."""
    data = resolve(spec, schema).get("properties", {}).get("data", {})
    for branch in data.get("anyOf", [data]):
        if "contentSchema" in branch:
            return type_name(context, branch["contentSchema"])
    raise SpecError(f"{context}: {_EVENT_STREAM}: `data` has no contentSchema; it names the type of a chunk")
