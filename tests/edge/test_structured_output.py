"""A response matches its JSON schema, or the error says that it does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest

from tests.edge.scripted import ScriptedEdge
from tests.edge.test_app import CHAT, CHAT_PATH, read_error, read_events

Json = dict[str, Any]

MULTIPLE = {"type": "object", "properties": {"a": {"type": "integer", "multipleOf": 5}}, "required": ["a"]}
GOOD, WRONG = '{"a": 10}', '{"a": 12}'


def schema_format(schema: Json, **fields: Any) -> Json:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, **fields}}


def tool(parameters: Json, *, strict: bool | None = None) -> Json:
    return {"type": "function", "function": {"name": "count", "parameters": parameters, "strict": strict}}


def call(arguments: str) -> tuple[Json, str]:
    function = {"name": "count", "arguments": arguments}
    return {"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": function}]}, "tool_calls"


def text(content: str, reason: str = "stop") -> tuple[Json, str]:
    return {"content": content}, reason


@pytest.fixture
def script(fake_edge: ScriptedEdge) -> Iterator[ScriptedEdge]:
    """The scripted edge, without requests of other tests."""
    fake_edge.text.bodies.clear()
    yield fake_edge
    fake_edge.text.deltas.clear()


BODY = CHAT | {"response_format": schema_format(MULTIPLE)}
REQUIRED = CHAT | {"tools": [tool(MULTIPLE, strict=True)], "tool_choice": "required"}


@pytest.mark.parametrize(
    ("body", "deltas"),
    [
        (BODY, [text(WRONG), text(GOOD)]),
        (BODY, [text("not JSON"), text("[1"), text(GOOD)]),
        (BODY, [text("```json", "length"), text(GOOD)]),
        (CHAT | {"response_format": {"type": "json_object"}}, [text("[]"), text(GOOD)]),
        (REQUIRED, [call(WRONG), call(GOOD)]),
    ],
)
def test_a_mismatch_is_generated_again(
    script: ScriptedEdge, fake_client: httpx.Client, body: Json, deltas: Any
) -> None:
    """The response is the one that matches."""
    script.text.deltas = list(deltas)
    response = fake_client.post(CHAT_PATH, json=body)
    assert response.status_code == 200, response.text
    message = response.json()["choices"][0]["message"]
    assert (message["content"] or message["tool_calls"][0]["function"]["arguments"]) == GOOD
    assert len(script.text.bodies) == len(deltas)


def test_another_attempt_is_another_request(script: ScriptedEdge, fake_client: httpx.Client) -> None:
    """With the same seed and temperature 0 the model would repeat itself."""
    script.text.deltas = [text(WRONG), text(WRONG), text(GOOD)]
    assert fake_client.post(CHAT_PATH, json=BODY | {"seed": 7, "temperature": 0}).status_code == 200
    bodies = script.text.bodies
    assert (bodies[0]["seed"], bodies[0]["temperature"]) == (7, 0)
    assert len({body["seed"] for body in bodies}) == 3
    assert [body["temperature"] for body in bodies[1:]] == [0.7, 0.7]


@pytest.mark.parametrize(
    ("body", "delta", "param"), [(BODY, text(WRONG), "response_format"), (REQUIRED, call(WRONG), "tools")]
)
def test_a_model_that_does_not_follow_the_schema_is_an_error(
    script: ScriptedEdge, fake_client: httpx.Client, body: Json, delta: Any, param: str
) -> None:
    """After three attempts, with the keyword and where it is."""
    script.text.deltas = [delta] * 4
    error = read_error(fake_client.post(CHAT_PATH, json=body), 400)
    assert (error["code"], error["param"]) == ("schema_mismatch", param)
    assert "`multipleOf` at #/properties/a/multipleOf" in error["message"]
    assert len(script.text.bodies) == 3


def test_free_text_is_not_the_fault_of_the_model(script: ScriptedEdge, fake_client: httpx.Client) -> None:
    """llama.cpp ignores a schema that its grammar cannot hold; the message says so."""
    script.text.deltas = [text("I am an AI.")] * 3
    error = read_error(fake_client.post(CHAT_PATH, json=BODY), 400)
    assert (error["code"], error["param"]) == ("schema_mismatch", "response_format")
    assert error["message"].endswith("its grammar cannot hold the schema, or no value matches it")


def test_a_stream_that_does_not_match_ends_with_an_error(script: ScriptedEdge, fake_client: httpx.Client) -> None:
    """Its text is sent as it is generated, so the mismatch is the last event, without a finish_reason before it."""
    script.text.deltas = [text(WRONG)]
    *chunks, last = read_events(fake_client.post(CHAT_PATH, json=BODY | {"stream": True}))
    assert json.loads(last)["error"]["code"] == "schema_mismatch"
    choices = [json.loads(chunk)["choices"][0] for chunk in chunks]
    assert "".join(choice["delta"]["content"] for choice in choices) == WRONG
    assert all(choice["finish_reason"] is None for choice in choices)


def test_a_stream_that_matches_is_complete(script: ScriptedEdge, fake_client: httpx.Client) -> None:
    """It is generated once."""
    script.text.deltas = [text(GOOD)]
    assert read_events(fake_client.post(CHAT_PATH, json=BODY | {"stream": True}))[-1] == "[DONE]"
    assert len(script.text.bodies) == 1


@pytest.mark.parametrize(
    ("body", "delta"),
    [
        (CHAT | {"response_format": schema_format(MULTIPLE, strict=False)}, text(WRONG)),
        (BODY, text('{"a": 1', "length")),
        (BODY | {"stop": ["}"]}, text('{"a": 10')),
        (CHAT | {"response_format": {"type": "text"}}, text(WRONG)),
        (CHAT | {"tools": [tool(MULTIPLE)]}, call(WRONG)),
        (CHAT | {"tools": [tool(MULTIPLE, strict=False)], "tool_choice": "required"}, call(WRONG)),
    ],
    ids=["not strict", "max_tokens", "a stop sequence", "text", "a tool", "a tool that is not strict"],
)
def test_other_responses_are_not_compared(
    script: ScriptedEdge, fake_client: httpx.Client, body: Json, delta: Any
) -> None:
    """A text that was cut, and where the request does not demand the schema."""
    script.text.deltas = [delta]
    assert fake_client.post(CHAT_PATH, json=body).status_code == 200
    assert len(script.text.bodies) == 1


NESTED: Json = {"type": "integer"}
for _ in range(4):
    NESTED = {"type": "array", "items": NESTED, "maxItems": 1_000_000}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"response_format": schema_format(NESTED)}, "response_format"),
        ({"response_format": schema_format(NESTED, strict=False)}, "response_format"),
        ({"tools": [tool(NESTED)], "tool_choice": "required"}, "tools"),
        ({"response_format": schema_format({"type": "poem"})}, "response_format"),
        ({"response_format": schema_format({"pattern": "("})}, "response_format"),
        ({"response_format": schema_format({"$ref": "https://example.com"})}, "response_format"),
        ({"tools": [tool({"type": "poem"}, strict=True)]}, "tools"),
    ],
)
def test_a_schema_that_cannot_be_followed_is_rejected(
    script: ScriptedEdge, fake_client: httpx.Client, fields: Json, param: str, stream: bool
) -> None:
    """Before the model is asked; the message names the place."""
    response = fake_client.post(CHAT_PATH, json=CHAT | fields | {"stream": stream})
    error = read_error(response, 400)
    assert (error["param"], error["code"]) == (param, "invalid_schema")
    assert " at #" in error["message"]
    assert script.text.bodies == []


def test_a_tool_that_constrains_nothing_may_be_large(script: ScriptedEdge, fake_client: httpx.Client) -> None:
    """An optional call is only in the prompt."""
    script.text.deltas = [text("No.")]
    assert fake_client.post(CHAT_PATH, json=CHAT | {"tools": [tool(NESTED)]}).status_code == 200


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": r"^\d{5}(-\d{4})?$"},
        {"type": "number", "minimum": 0.5, "maximum": 1.5},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.25},
        {"type": "integer", "multipleOf": 7, "minimum": 0, "maximum": 100},
        {"type": "string", "format": "date"},
        {"type": "array", "items": {"enum": ["x", "y", "z"]}, "uniqueItems": True, "minItems": 2, "maxItems": 3},
    ],
)
def test_the_real_model_matches_or_the_error_says_so(client: httpx.Client, schema: Json) -> None:
    """Whatever it generates: a text that matches, or 400 with the keyword."""
    document = {"type": "object", "properties": {"a": schema}, "required": ["a"], "additionalProperties": False}
    body = CHAT | {"response_format": schema_format(document), "max_tokens": 48}
    response = client.post(CHAT_PATH, json=body)
    if response.status_code == 200:
        (choice,) = response.json()["choices"]
        assert choice["finish_reason"] == "length" or jsonschema_rs.is_valid(
            document, json.loads(choice["message"]["content"]), validate_formats=True
        )
    else:
        assert read_error(response, 400)["code"] == "schema_mismatch"


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"enum": []},
        {"type": "integer", "minimum": 5, "maximum": 3},
        {"allOf": [{"type": "integer"}, {"type": "string"}]},
        {"type": "integer", "minimum": 2**70},
        {"type": "number", "multipleOf": 1e-300, "maximum": 1e-290, "exclusiveMinimum": 0},
    ],
)
def test_a_schema_that_the_grammar_cannot_hold_has_no_complete_response(client: httpx.Client, schema: Any) -> None:
    """Where no value matches, or the engine has a limit."""
    document = {"type": "object", "properties": {"a": schema}, "required": ["a"], "additionalProperties": False}
    response = client.post(CHAT_PATH, json=CHAT | {"response_format": schema_format(document)})
    if response.status_code == 200:
        assert response.json()["choices"][0]["finish_reason"] == "length"
    else:
        assert read_error(response, 400)["code"] == "schema_mismatch"


@pytest.mark.parametrize(
    "schema",
    [
        {"const": '\xe4\U0001f600"\\\n\u2028'},
        {"type": "string", "pattern": r"^\p{Lu}\p{L}{2}$"},
        {"type": "string", "pattern": "^[\U0001f600-\U0001f602]{2}$"},
        {"type": ["string", "null"], "maxLength": 5},
        {"type": "number", "multipleOf": 0.1, "minimum": 0, "maximum": 1},
        {"enum": [f"v{number}" for number in range(5_000)]},
        {"const": {"b": [1, 2.5, None, True]}},
    ],
)
def test_a_schema_that_the_grammar_holds_is_followed(client: httpx.Client, schema: Json) -> None:
    """Also in other scripts than Latin."""
    document = {"type": "object", "properties": {"a": schema}, "required": ["a"], "additionalProperties": False}
    body = CHAT | {"response_format": schema_format(document), "max_tokens": 48}
    (choice,) = client.post(CHAT_PATH, json=body).raise_for_status().json()["choices"]
    assert choice["finish_reason"] == "stop"
    assert jsonschema_rs.is_valid(document, json.loads(choice["message"]["content"]))
