"""`chat.completions.parse`: a type goes out as its JSON schema, and objects of the type come back."""

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
from polargrid.structured import Shape
from polargrid.types import ChatCompletionResponse
from polargrid_generated.parsed import ParsedChatCompletion

CHAT = {"model": "m", "messages": [{"role": "user", "content": "Where?"}]}
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


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


def choice(content: str | None, index: int = 0, finish_reason: str = "stop", **more: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, **more}
    return {"index": index, "message": message, "finish_reason": finish_reason, "seen": True}


def answer(*choices: dict[str, Any]) -> httpx.Response:
    """An answer of an edge, with a field that this version does not know."""
    fields = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "usage": USAGE, "note": "n"}
    return httpx.Response(200, headers={"x-request-id": "req_1"}, json={**fields, "choices": list(choices)})


def parsed(connect, kind: Any, *choices: dict[str, Any]) -> ParsedChatCompletion[Any]:
    return connect(answer(*choices)).chat.completions.parse(**CHAT, response_format=kind)


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
def test_an_object_of_the_type(connect, kind, text, expected):
    """What the model wrote becomes an object of the type, with the answer around it as it came."""
    made = parsed(connect, kind, choice(text))
    assert (made.parsed, type(made.parsed)) == (expected, type(expected))
    assert made.choices[0].message.content == text
    assert (made.usage.total_tokens, made.choices[0].finish_reason, made.meta.request_id) == (5, "stop", "req_1")
    assert (made.model_extra, made.choices[0].model_extra) == ({"note": "n"}, {"seen": True})
    assert isinstance(made, ChatCompletionResponse)


def test_what_is_sent(connect):
    """The type's JSON schema, by its name; nothing else is otherwise."""
    client = connect(answer(choice('{"name": "Oslo"}')))
    client.chat.completions.parse(**CHAT, response_format=Place, temperature=0)
    form = {"type": "json_schema", "json_schema": {"name": "Place", "schema": Place.model_json_schema()}}
    assert json.loads(client.requests[-1].content) == {**CHAT, "temperature": 0, "response_format": form}


@pytest.mark.parametrize(("name", "sent"), [("Straße", "Stra_e"), ("x" * 90, "x" * 64), ("Place[int]", "Place_int_")])
def test_the_name_of_a_schema(name, sent):
    """It is one that the API takes, whatever the type is called."""
    assert Shape(type(name, (Place,), {})).response_format["json_schema"]["name"] == sent


def test_several_answers(connect):
    """Each choice has its own object; the answer's is the first."""
    made = parsed(connect, list[int], choice("[1]"), choice("[2]", 1), choice(None, 2, refusal="No."))
    assert [each.message.parsed for each in made.choices] == [[1], [2], None]
    assert made.parsed == [1]


@pytest.mark.parametrize(
    "made",
    [
        choice(None),
        choice(None, refusal="I cannot say."),
        choice("I cannot say.", refusal="I cannot say."),
        choice("", finish_reason="content_filter"),
        choice(None, tool_calls=[{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]),
        choice("Wait.", tool_calls=[{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]),
    ],
)
def test_no_object(connect, made):
    """A refusal and a call of a tool have none: that is no fault."""
    answered = parsed(connect, Place, made)
    assert answered.parsed is None
    assert answered.choices[0].message.content == made["message"]["content"]


def test_no_choices(connect):
    """Nor has an answer without choices."""
    assert parsed(connect, Place).parsed is None


def test_null_is_an_object(connect):
    """Where the type allows it, JSON's null is what the model says."""
    assert parsed(connect, Place | None, choice("null")).parsed is None


# Faults


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Oslo is a city.", "JSON: Invalid JSON"),
        ('{"name": "Oslo"', "JSON: Invalid JSON"),
        ('{"size": 1}', "name: Field required"),
        ('{"name": "Oslo", "size": "big", "kind": 1}', "size: Input should be a valid integer"),
        ("[]", "JSON: Input should be an object"),
    ],
)
def test_a_text_that_holds_none(connect, text, told):
    """The error names what is wrong, quotes the text, and has it whole in `partial`, with the request's id."""
    with pytest.raises(ServerError) as fault:
        parsed(connect, Place, choice(text))
    said = fault.value
    assert said.message.startswith(f"the answer is not the Place it should be: {told}")
    assert text[:12] in said.message
    assert (said.partial, said.request_id, said.meta.request_id, said.status_code) == (text, "req_1", "req_1", 200)


@pytest.mark.parametrize("text", ['{"name": "Os', '{"name": "Oslo"}', "", None])
def test_a_text_that_was_cut_off(connect, text):
    """It is told as such, even where what came could be read or nothing came: raise max_tokens."""
    with pytest.raises(ServerError, match="cut off: raise max_tokens") as fault:
        parsed(connect, Place, choice(text, finish_reason="length"))
    assert fault.value.partial == (text or "")


def test_a_fault_travels(connect):
    """It is pickled and copied with all that it says."""
    with pytest.raises(ServerError) as fault:
        parsed(connect, Place, choice("[]"))
    for twin in (pickle.loads(pickle.dumps(fault.value)), copy.deepcopy(fault.value)):  # noqa: S301
        assert (str(twin), twin.partial, twin.request_id) == (str(fault.value), "[]", "req_1")


class Unknown:
    """A type that Pydantic knows nothing of."""


class Undefined(pydantic.BaseModel):
    other: Missing  # noqa: F821 - it is nowhere


@pytest.mark.parametrize("kind", [Unknown, Undefined, {"type": "json_object"}, 7, list[Unknown]])
def test_a_type_without_a_schema(connect, kind):
    """It is refused before anything is sent."""
    client = connect(answer())
    with pytest.raises(ValidationError, match="response_format: a Pydantic model, dataclass or TypedDict is needed"):
        client.chat.completions.parse(**CHAT, response_format=kind)
    assert client.requests == []


def test_a_stream_of_objects_is_refused(connect):
    """`parse` waits for the whole answer; asked to stream it says so."""
    with pytest.raises(TypeError, match="stream"):
        connect(answer()).chat.completions.parse(**CHAT, response_format=Place, stream=True)


# What is made of it


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, lambda made: pickle.loads(pickle.dumps(made))])  # noqa: S301
def test_it_is_copied_and_pickled(connect, twin):
    """With its object, and equal to what it was."""
    made = parsed(connect, Place, choice('{"name": "Oslo"}'))
    same = twin(made)
    assert (type(same), same) == (type(made), made)
    assert same.parsed == Place(name="Oslo")


def test_it_is_dumped(connect):
    """As any answer, the object among its fields."""
    made = parsed(connect, Point, choice('{"x": 1, "y": 2}'))
    assert json.loads(made.model_dump_json())["choices"][0]["message"]["parsed"] == {"x": 1.0, "y": 2.0}
    assert made.model_dump()["choices"][0]["message"]["content"] == '{"x": 1, "y": 2}'


def test_types_that_come_and_go():
    """A type that is made anew for each call is let go: of 1,000 types 64 are kept, and all that hangs on them."""

    def asked() -> weakref.ref[type]:
        class Reply(pydantic.BaseModel):
            text: str

        whole = ChatCompletionResponse.model_validate_json(answer(choice('{"text": "a"}')).content)
        assert Shape(Reply).parsed(whole).parsed == Reply(text="a")
        return weakref.ref(Reply)

    made = [asked() for _ in range(1000)]
    gc.collect()
    assert sum(kind() is not None for kind in made) <= 64
    assert made[0]() is None
