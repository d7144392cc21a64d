"""`chat.completions.parse`: the JSON schema of a type is sent, and objects of the type are returned."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import weakref
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import httpx
import pydantic
import pytest
from typing_extensions import TypedDict

from polargrid import ServerError, ValidationError
from polargrid.types import ChatCompletionResponse
from polargrid_codec.structured_output import ResponseParser
from polargrid_generated.parsed import ParsedChatCompletion
from polargrid_runtime.redaction import Redactor

CHAT = {"model": "m", "messages": [{"role": "user", "content": "Where?"}]}
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}


class Place(pydantic.BaseModel):
    name: str
    size: int = 0
    kind: Literal["city", "village"] = "city"


@dataclass
class Point:
    x: float
    y: float


class Options(TypedDict):
    verbose: bool


def choice(content: str | None, index: int = 0, finish_reason: str = "stop", **fields: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, **fields}
    return {"index": index, "message": message, "finish_reason": finish_reason, "seen": True}


def response(*choices: dict[str, Any]) -> httpx.Response:
    """Build a response with fields that openapi.yaml does not have."""
    fields = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "usage": USAGE, "note": "n"}
    return httpx.Response(200, headers={"x-request-id": "req_1"}, json={**fields, "choices": list(choices)})


def parse(connect, kind: Any, *choices: dict[str, Any]) -> ParsedChatCompletion[Any]:
    return connect(response(*choices)).chat.completions.parse(**CHAT, response_format=kind)


# Types


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (Place, '{"name": "Oslo", "size": 7}', Place(name="Oslo", size=7)),
        (Point, '{"x": 1, "y": 2.5}', Point(1.0, 2.5)),
        (Options, '{"verbose": true}', {"verbose": True}),
        (list[int], "[1, 2]", [1, 2]),
        (list[Place], '[{"name": "Oslo"}]', [Place(name="Oslo")]),
        (dict[str, Point], '{"a": {"x": 0, "y": 0}}', {"a": Point(0, 0)}),
        (Place | Point, '{"x": 1, "y": 2}', Point(1, 2)),
        (Annotated[list[int], pydantic.Field(max_length=2)], "[1]", [1]),
        (bool, "false", False),
    ],
)
def test_object_of_the_type(connect, kind, text, expected):
    """It is in `parsed`; the rest of the response is unchanged."""
    result = parse(connect, kind, choice(text))
    assert (result.parsed, type(result.parsed)) == (expected, type(expected))
    assert result.choices[0].message.content == text
    assert (result.usage.total_tokens, result.choices[0].finish_reason) == (5, "stop")
    assert result.meta.request_id == "req_1"
    assert (result.model_extra, result.choices[0].model_extra) == ({"note": "n"}, {"seen": True})
    assert isinstance(result, ChatCompletionResponse)


def test_request_has_the_schema(connect):
    """`response_format` is the JSON schema of the type, with its name."""
    client = connect(response(choice('{"name": "Oslo"}')))
    client.chat.completions.parse(**CHAT, response_format=Place, temperature=0)
    schema = {**Place.model_json_schema(), "required": ["name", "size", "kind"], "additionalProperties": False}
    format_ = {"type": "json_schema", "json_schema": {"name": "Place", "schema": schema, "strict": True}}
    assert json.loads(client.requests[-1].content) == {**CHAT, "temperature": 0, "response_format": format_}


@pytest.mark.parametrize(
    ("name", "expected"), [("Straße", "Stra_e"), ("x" * 90, "x" * 64), ("Place[int]", "Place_int_")]
)
def test_name_of_a_schema(name, expected):
    """Characters that the API does not accept are replaced."""
    parser = ResponseParser({}, type(name, (Place,), {}), ParsedChatCompletion, Redactor(""))
    assert parser.request["response_format"]["json_schema"]["name"] == expected


def test_each_choice_has_an_object(connect):
    """`parsed` of the response is that of the first choice."""
    result = parse(connect, list[int], choice("[1]"), choice("[2]", 1), choice(None, 2, refusal="No."))
    assert [item.message.parsed for item in result.choices] == [[1], [2], None]
    assert result.parsed == [1]


@pytest.mark.parametrize(
    "item",
    [
        choice(None),
        choice(None, refusal="I cannot say."),
        choice("I cannot say.", refusal="I cannot say."),
        choice(None, tool_calls=[CALL]),
        choice("Wait.", tool_calls=[CALL]),
    ],
)
def test_refusal_or_tool_call_has_no_object(connect, item):
    """`parsed` is None."""
    result = parse(connect, Place, item)
    assert result.parsed is None
    assert result.choices[0].message.content == item["message"]["content"]


def test_response_without_choices(connect):
    """It is no response: the message names the field."""
    with pytest.raises(ServerError, match="choices: List should have at least 1 item"):
        parse(connect, Place)


def test_null_of_an_optional_type(connect):
    """JSON's null is a valid object of it."""
    assert parse(connect, Place | None, choice("null")).parsed is None


# Errors


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Oslo is a city.", "JSON: Invalid JSON"),
        ('{"name": "Oslo"', "JSON: Invalid JSON"),
        ('{"size": 1}', "name: Field required"),
        ('{"name": "Oslo", "size": "big", "kind": 1}', "size: Input should be a valid integer"),
        ("[]", "JSON: Input should be an object"),
    ],
)
def test_text_that_does_not_match(connect, text, reason):
    """The message has the reason and an excerpt; the text is in `partial`."""
    with pytest.raises(ServerError) as caught:
        parse(connect, Place, choice(text))
    error = caught.value
    assert error.message.startswith(f"response does not match Place: {reason}")
    assert text[:12] in error.message
    assert (error.partial, error.request_id, error.meta.request_id) == (text, "req_1", "req_1")
    assert error.status_code == 200


@pytest.mark.parametrize("text", ['{"name": "Os', '{"name": "Oslo"}', "", None])
def test_truncated_text(connect, text):
    """The message says what to do, even if the text can be parsed."""
    with pytest.raises(ServerError, match="it is truncated; raise max_tokens") as caught:
        parse(connect, Place, choice(text, finish_reason="length"))
    assert caught.value.partial == (text or "")


def test_error_can_be_copied_and_pickled(connect):
    """The text and the request id are kept."""
    with pytest.raises(ServerError) as caught:
        parse(connect, Place, choice("[]"))
    for copied in (pickle.loads(pickle.dumps(caught.value)), copy.deepcopy(caught.value)):  # noqa: S301
        assert (str(copied), copied.partial, copied.request_id) == (str(caught.value), "[]", "req_1")


class Unsupported:
    """A type without a JSON schema."""


class Undefined(pydantic.BaseModel):
    other: Missing  # noqa: F821 - it does not exist


class Broken:
    """A type whose schema cannot be built."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source, _handler):
        raise RuntimeError("broken")


@pytest.mark.parametrize("kind", [Unsupported, Undefined, Broken, 7, list[Unsupported]])
def test_type_without_a_schema(connect, kind):
    """It is rejected before sending."""
    client = connect(response())
    with pytest.raises(ValidationError, match=r"^response_format: expected a Pydantic model, dataclass or TypedDict"):
        client.chat.completions.parse(**CHAT, response_format=kind)
    assert client.requests == []


def test_parse_cannot_stream(connect):
    """`stream` is not an argument of it."""
    with pytest.raises(TypeError, match="stream"):
        connect(response()).chat.completions.parse(**CHAT, response_format=Place, stream=True)


# The result


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])  # noqa: S301
def test_result_can_be_copied_and_pickled(connect, clone):
    """The copy is equal and has the object."""
    result = parse(connect, Place, choice('{"name": "Oslo"}'))
    copied = clone(result)
    assert (type(copied), copied) == (type(result), result)
    assert copied.parsed == Place(name="Oslo")


def test_result_can_be_dumped(connect):
    """The object is one of the fields."""
    result = parse(connect, Point, choice('{"x": 1, "y": 2}'))
    assert json.loads(result.model_dump_json())["choices"][0]["message"]["parsed"] == {"x": 1.0, "y": 2.0}
    assert result.model_dump()["choices"][0]["message"]["content"] == '{"x": 1, "y": 2}'


def test_types_are_not_kept_forever():
    """Of types that are defined for one call, the cache keeps 64."""

    def parse_with_new_type() -> weakref.ref[type]:
        class Reply(pydantic.BaseModel):
            text: str

        chat = ChatCompletionResponse.model_validate_json(response(choice('{"text": "a"}')).content)
        parser = ResponseParser({}, Reply, ParsedChatCompletion, Redactor(""))
        assert parser.parse_response(chat).parsed == Reply(text="a")
        return weakref.ref(Reply)

    types = [parse_with_new_type() for _ in range(100)]
    gc.collect()
    assert sum(kind() is not None for kind in types) <= 64
    assert types[0]() is None
