"""JSON bodies that are no object of a model, forms, Accept, and additional fields of closed models."""

from __future__ import annotations

import json
from typing import Any

import pytest

from polargrid import ValidationError
from polargrid_codec.encoding import build_request
from polargrid_runtime.operation import Body, EventStream, Operation, ResponseType

MODELS = "polargrid_generated.models"
MESSAGES = Body("application/json", "list[Message]", required=True)
LIMITS = Body("application/merge-patch+json", "dict[str, int]")


def build(body: Body | None, request: Any = None, *, stream: bool = False, extra_body: Any = None, **facts: Any) -> Any:
    operation: Operation[Any, Any] = Operation("things", "POST", "/v1/things", MODELS, body=body, **facts)
    extra: dict[str, Any] = {"extra_headers": {"x-a": "1"}, "extra_query": {}, "extra_body": extra_body or {}}
    return build_request(operation, request, stream=stream, **extra)


def test_list():
    """The items of a list are validated, and sent as JSON."""
    request = build(MESSAGES, ({"role": "user", "content": "Hi"},))
    assert json.loads(request.content) == [{"role": "user", "content": "Hi"}]
    assert request.headers["Content-Type"] == "application/json"
    assert (request.target, request.extra_headers, request.form, request.uploads) == (
        "/v1/things",
        {"x-a": "1"},
        None,
        (),
    )


def test_invalid_item():
    """An invalid item is named by its place."""
    with pytest.raises(ValidationError) as caught:
        build(MESSAGES, [{"role": "user", "content": "Hi"}, {"content": "Hi"}])
    assert (caught.value.param, str(caught.value)) == ("1.role", "1.role: Field required")


def test_map():
    """A map is sent under its own media type; additional fields override those of the same name."""
    request = build(LIMITS, {"a": 1, "b": 2}, extra_body={"b": 3})
    assert json.loads(request.content) == {"a": 1, "b": 3}
    assert request.headers["Content-Type"] == "application/merge-patch+json"
    assert json.loads(build(LIMITS, extra_body={"b": 3}).content) == {"b": 3}


def test_optional_value():
    """A body that may be missing is not sent without a value, and one that may not is rejected."""
    request = build(LIMITS)
    assert (request.content, "Content-Type" in request.headers) == (None, False)
    with pytest.raises(ValidationError):
        build(MESSAGES)


def test_additional_fields_of_a_list():
    """A list has no fields to add."""
    with pytest.raises(ValidationError, match="extra_body: the body has no fields, as it is not an object") as caught:
        build(MESSAGES, [{"role": "user", "content": "Hi"}], extra_body={"a": 1})
    assert caught.value.param == "extra_body"


@pytest.mark.parametrize(
    ("responses", "events", "stream", "expected"),
    [
        ((("200", "application/json", "Any"), ("202", "application/json", "Any")), None, False, "application/json"),
        ((("200", "application/json", "Any"), ("200", "text/csv", "str")), None, False, "application/json, text/csv"),
        ((("204", "", None),), None, False, "*/*"),
        ((("200", "application/json", "Any"),), EventStream("str"), False, "application/json"),
        ((("200", "application/json", "Any"),), EventStream("str"), True, "text/event-stream"),
        ((), EventStream("str", "application/x-ndjson"), True, "application/x-ndjson"),
        ((("200", "audio/mpeg", "bytes"),), None, True, "audio/mpeg"),
    ],
)
def test_accept(responses, events, stream, expected):
    """Accept has each media type of the responses once, or that of the events."""
    kinds = tuple(ResponseType(*item) for item in responses)
    assert build(None, stream=stream, responses=kinds, events=events).headers["Accept"] == expected
