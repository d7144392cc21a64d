"""What the types of responses, events, pages and jobs are, and which of them are refused."""

from __future__ import annotations

from typing import Any

import pytest

from generator.normalize import normalize
from generator.operations import parse_operations
from generator.spec import SpecError
from polargrid_runtime.operation import EventStream, Pages, ResponseType


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


SCHEMAS = {
    "Report": {"type": "object", "properties": {"id": {"type": "string"}, "status": {"type": "string"}}},
    "Colors": {"type": "array", "items": ref("Color")},
    "Color": {"type": "string", "enum": ["red"]},
    "Loop": {"type": "array", "items": ref("Loop")},
    "Cat": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cat"}}},
    "Dog": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "dog"}}},
    "Plain": {"type": "object", "properties": {"a": {"type": "string"}}},
    "Page": {"type": "object", "properties": {"data": {"type": "array", "items": ref("Report")}, "next": {}}},
}
PARAMETER = {"name": "after-id", "in": "query", "schema": {"type": "string"}}
JOB = {"poll": "poll_it", "id": "$response.body#/id", "parameter": "id"}


def parse(responses: dict[str, Any], method: str = "get", others: dict[str, Any] | None = None, **fields: Any) -> Any:
    """Parse a document with one operation, and perhaps others."""
    operation = {"operationId": "do_it", "tags": ["text"], "summary": "It.", "responses": responses, **fields}
    paths = {"/v1/it": {method: operation}, **(others or {})}
    spec = {"openapi": "3.1.0", "info": {}, "paths": paths, "components": {"schemas": SCHEMAS}}
    return parse_operations(normalize(spec))[0]


def content(*media_types: str, schema: Any = None, status: str = "200", **fields: Any) -> dict[str, Any]:
    part = {**({} if schema is None else {"schema": schema}), **fields}
    return {status: {"description": "It.", "content": dict.fromkeys(media_types, part)}}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (ref("Report"), "Report"),
        (ref("Colors"), "list[str]"),
        ({"type": "array", "items": ref("Report")}, "list[Report]"),
        ({"type": "object", "additionalProperties": ref("Report")}, "dict[str, Report]"),
        ({"type": "object"}, "dict[str, Any]"),
        ({"type": ["string", "null"]}, "str | None"),
        ({"anyOf": [{"type": "null"}, ref("Report")]}, "Report | None"),
        ({"oneOf": [ref("Cat"), ref("Dog")]}, "DoItResponse"),
        ({"type": "array", "items": {"oneOf": [ref("Cat"), ref("Dog")]}}, "list[DoItResponseItem]"),
        ({"anyOf": [ref("Report"), ref("Plain")]}, "Report | Plain"),
        ({"type": "object", "properties": {"a": {}}}, "DoItResponse"),
        ({"allOf": [ref("Plain"), {"properties": {"b": {}}}]}, "DoItResponse"),
        ({"allOf": [ref("Plain"), {"properties": {"a": {"const": "x"}}}]}, "Plain"),
        ({"enum": [1, 2]}, "int"),
        (None, "Any"),
    ],
    ids=str,
)
def test_type_of_json(schema, expected):
    """A component by its name; arrays, maps and scalars as Python's own types."""
    assert parse(content("application/json", schema=schema)).response_type == expected


@pytest.mark.parametrize(
    ("media_type", "schema", "expected"),
    [
        ("application/json; charset=utf-8", ref("Report"), ("application/json", "Report")),
        ("application/vnd.x+json", ref("Report"), ("application/vnd.x+json", "Report")),
        ("text/csv", {"type": "string"}, ("text/csv", "str")),
        ("application/xml", None, ("application/xml", "str")),
        ("application/octet-stream", None, ("application/octet-stream", "bytes")),
        ("image/PNG", {"type": "string", "format": "binary"}, ("image/png", "bytes")),
        ("audio/*", {"type": "string"}, ("audio/*", "bytes")),
        ("*/*", None, ("*/*", "bytes")),
    ],
)
def test_type_by_media_type(media_type, schema, expected):
    """JSON is parsed, text is text, anything else is bytes."""
    assert parse(content(media_type, schema=schema)).responses == (ResponseType("200", *expected),)


@pytest.mark.parametrize(
    ("responses", "expected"),
    [
        (content("application/json", schema=ref("Report")) | {"202": {"description": "."}}, "Report | None"),
        (content("application/json", schema=ref("Report"), status="2XX"), "Report"),
        (content("application/json", schema=ref("Report"), status="default"), "Report"),
        (content("application/json", schema=ref("Report"), status="default") | {"204": {"description": "."}}, "None"),
    ],
)
def test_type_by_status(responses, expected):
    """The method returns the union of every success; `default` is one only without any 2xx."""
    assert parse(responses).response_type == expected


def test_head_has_no_content():
    """Whatever GET would return."""
    assert parse(content("application/json", schema=ref("Report")), method="head").response_type == "None"


EVENTS = {"oneOf": [ref("Cat"), ref("Dog")]}
NAMED = {
    "oneOf": [
        {"properties": {"event": {"const": name}, "data": {"contentSchema": ref(name)}}} for name in ("Report", "Plain")
    ]
}


@pytest.mark.parametrize(
    ("media_type", "schema", "rules", "expected"),
    [
        ("text/event-stream", ref("Report"), None, EventStream("Report")),
        ("text/event-stream", {"properties": {"data": {"contentSchema": ref("Report")}}}, None, EventStream("Report")),
        ("text/event-stream", {"properties": {"data": {"type": "string"}}}, None, EventStream("str")),
        ("text/event-stream", EVENTS, {"last": "[END]"}, EventStream("DoItEvent", last_data="[END]")),
        (
            "text/event-stream",
            EVENTS,
            {"last": {"kind": ["dog"]}},
            EventStream("DoItEvent", last_types=("dog",), last_field="kind"),
        ),
        ("application/jsonl", ref("Report"), None, EventStream("Report", media_type="application/jsonl")),
        (
            "text/event-stream",
            NAMED,
            {"last": {"type": "Plain"}},
            EventStream("DoItEvent", last_types=("Plain",), names=(("Report", "Report"), ("Plain", "Plain"))),
        ),
        (
            "text/event-stream",
            ref("Report"),
            {"last": "[DONE]", "choices": {"in": "choices", "once": "finish_reason"}},
            EventStream("Report", last_data="[DONE]", choices="choices", finish="finish_reason"),
        ),
    ],
)
def test_events(media_type, schema, rules, expected):
    """The type of an event's data, and the end of the stream."""
    fields = {"x-event-stream": rules} if rules else {}
    operation = parse(content(media_type, schema=schema, **fields))
    assert (operation.events, operation.only_streams) == (expected, True)


@pytest.mark.parametrize(
    ("responses", "fields", "message"),
    [
        ({"404": {"description": "."}}, {}, "responses: add a 2xx response"),
        (content("multipart/mixed"), {}, "200 multipart/mixed: cannot be read"),
        (content("json"), {}, "200 json: cannot be read"),
        (content("application/zip", schema=ref("Report")), {}, "a schema of JSON for binary data"),
        (content("application/xml", schema=ref("Report")), {}, "a schema of JSON for text"),
        (content("application/json", schema=ref("Loop")), {}, "Loop contains itself"),
        (content("application/json", "application/json;v=2", schema=ref("Report")), {}, "'application/json' twice"),
        (content("text/event-stream", "application/jsonl", schema=ref("Report")), {}, "several streams"),
        (content("text/event-stream"), {}, "a stream needs the schema of its events"),
        (content("text/event-stream", schema={"oneOf": [ref("Report"), ref("Plain")]}), {}, "need a property with"),
        (
            content("text/event-stream", schema=EVENTS, **{"x-event-stream": {"last": {"kind": "cow"}}}),
            {},
            "no event has the kind 'cow'; expected one of cat, dog",
        ),
        (
            content("text/event-stream", schema=EVENTS, **{"x-event-stream": {"last": {"type": "cat"}}}),
            {},
            "'type' does not tell the events apart; expected {kind: ...}",
        ),
        (
            content("text/event-stream", schema=EVENTS, **{"x-event-stream": {"last": {"kind": 1}}}),
            {},
            "last: expected data, like",
        ),
        (content("application/json", schema=ref("Page")), {"x-pages": {"items": "$response.body#/data"}}, "without"),
        (
            content("application/json", schema=ref("Page")),
            {"x-pages": {"items": "$response.body#/data", "parameter": "page", "next": "$response.body#/next"}},
            "unknown parameter 'page'",
        ),
        (
            content("application/json", schema=ref("Page")),
            {"x-pages": {"items": "$response.body#/next", "parameter": "after-id", "next": "$response.body#/next"}},
            "is not a list",
        ),
        (
            content("application/json", schema=ref("Page")),
            {"x-pages": {"items": "$response.body#/data", "parameter": "after-id", "next": "$response.body#/last"}},
            "no response has $response.body#/last",
        ),
        (
            content("application/json", schema=ref("Page")),
            {"x-pages": {"items": "data", "parameter": "after-id", "next": "$response.body#/next"}},
            "is not an expression like",
        ),
        (content("application/json", schema=ref("Report")), {"x-job": {**JOB, "polls": 1}}, "with 'polls'"),
        (content("application/json", schema=ref("Report")), {"x-job": {**JOB, "poll": "x"}}, "unknown operation 'x'"),
        (content("application/json", schema=ref("Report")), {"x-job": {**JOB, "parameter": "x"}}, "'x' and no other"),
        (content("application/json", schema=ref("Report")), {"x-job": JOB}, "needs a result, beside status 202"),
        (
            content("application/json", schema=ref("Report")),
            {"x-job": {**JOB, "failed": {"$response.body#/status": "failed"}}},
            "needs a result",
        ),
    ],
    ids=str,
)
def test_refusals(responses, fields, message):
    """The message names the operation and what is wrong, its location leads to the line."""
    poll = {
        "operationId": "poll_it",
        "tags": ["text"],
        "summary": "It.",
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "responses": content("application/json", schema=ref("Report")),
    }
    with pytest.raises(SpecError) as caught:
        parse(responses, others={"/v1/polls/{id}": {"get": poll}}, parameters=[PARAMETER], **fields)
    assert caught.value.message.startswith("GET /v1/it: ")
    assert message in caught.value.message
    assert caught.value.location[:3] == ("paths", "/v1/it", "get")


def test_pages():
    """The parameter is the argument of the method, the values are paths into a response."""
    rules = {"items": "$response.body#/data", "parameter": "after-id", "next": "$response.body#/data/-1/id"}
    operation = parse(content("application/json", schema=ref("Page")), parameters=[PARAMETER], **{"x-pages": rules})
    assert operation.paged.pages == Pages(("data",), "after_id", ("data", "-1", "id"))
    assert (operation.paged.type, operation.method_names) == ("Report", ["do_it", "do_it_iter"])
