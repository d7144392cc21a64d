"""Answers from the examples of the document, made to fit the request."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

from polargrid_contract.extensions.runtime_expressions import evaluate
from polargrid_edge.errors import invalid_request
from polargrid_testing.fake.document import (
    Json,
    load_operations,
    read_fields,
    read_response,
    select_media_type,
    select_schema,
)
from polargrid_testing.fake.families import find_family
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.samples import EVENT_STREAM, FILE, Sample, render_events, sample_schema
from polargrid_testing.steps import Answer

_TEXT = "Hello from the edge."


def build_example(request: ReceivedRequest, number: int) -> Answer:
    """Return the example of the document for a request."""
    family = find_family(request.operation)
    if family is not None:
        return family.build(_choose_value(family.method, request), request, number, family.options)
    sample = load_operations()[request.operation]
    body = read_fields(request)
    media_type = select_media_type(sample.name, sample.status, body)
    headers = {"content-type": media_type} if media_type else {}
    content = read_response(sample.name, sample.status).get("content", {}).get(media_type, {})
    return Answer(sample.status, headers, _render(sample, media_type, content, request))


def _choose_value(method: str, request: ReceivedRequest) -> Any:
    if method in ("speech", "embedding"):
        return None
    return _choose_message(read_fields(request)) if method == "chat" else _TEXT


def _choose_message(body: Json) -> Any:
    """Return what a model must say: a call of a function that the request requires, or JSON, or any text."""
    choice, tools = body.get("tool_choice"), body.get("tools") or ()
    functions = [tool["function"] for tool in tools if isinstance(tool.get("function"), Mapping)]
    if isinstance(choice, Mapping) and "function" in choice:
        functions = [item for item in functions if item.get("name") == choice["function"].get("name")]
    if functions and (choice == "required" or isinstance(choice, Mapping)):
        arguments = _sample_own_schema(functions[0].get("parameters"), "tools")
        return {"tool_calls": [{"name": functions[0].get("name"), "arguments": arguments}]}
    response_format = body.get("response_format")
    match response_format.get("type") if isinstance(response_format, Mapping) else None:
        case "json_schema":
            schema = (response_format.get("json_schema") or {}).get("schema")  # type: ignore[union-attr]
            return json.dumps(_sample_own_schema(schema, "response_format"))
        case "json_object":
            return "{}"
        case _:
            return "Hello! How can I help you?"


def _sample_own_schema(schema: Any, name: str) -> Any:
    """Return a value of a schema in a request. Raises `EdgeError` if it cannot be resolved, or has no end."""
    schema = schema or {"type": "object"}
    try:
        return sample_schema(schema, schema)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise invalid_request(f"{name}: no value for this schema: {type(error).__name__} {error}", name) from None


def _render(sample: Sample, media_type: str, content: Json, request: ReceivedRequest) -> bytes:
    if media_type == EVENT_STREAM:
        return render_events(sample.events)
    if not media_type:
        return b""
    schema = select_schema(content, read_fields(request)) if "schema" in content else {}
    value = sample.response if media_type == sample.media_type else sample_schema(schema, is_full=True)
    if media_type.endswith("json"):
        return json.dumps(_agree(value, content, sample, request), ensure_ascii=False).encode()
    return value.encode() if isinstance(value, str) and media_type.startswith("text/") else FILE


def _agree(value: Any, content: Json, sample: Sample, request: ReceivedRequest) -> Any:
    """Return a copy of an example in which what must be the same as in the request is."""
    value = copy.deepcopy(value)
    parameters = dict(_read_parameters(sample, request))
    for rule in content.get("x-agreement", ()):
        expressions = rule.get("same", ())
        response = next((item for item in expressions if item.startswith("$response.body#")), None)
        source = next((item for item in expressions if item.startswith("$request.")), None)
        if response is None or source is None:
            continue
        wanted = evaluate(source, parameters=parameters, request=read_fields(request))
        *path, last = response.partition("#")[2].split("/")[1:]
        target = value
        for step in path:
            target = target.get(step) if isinstance(target, dict) else None
        if wanted is not None and isinstance(target, dict):
            target[last] = wanted
    return value


def _read_parameters(sample: Sample, request: ReceivedRequest) -> Iterator[tuple[str, dict[str, str]]]:
    yield "query", {name: values[-1] for name, values in request.query.items()}
    yield "path", sample.read_path_arguments(request.target)
