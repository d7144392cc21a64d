"""A stream of chunks joins to the response that it is a form of, and two responses are compared part by part."""

from __future__ import annotations

import json
from typing import Any

import pytest

from polargrid_contract.exchange import Exchange, TimedBytes
from polargrid_contract.readers.assembled_stream import AssembledExchange, assemble
from polargrid_contract.readers.event_stream import Stream
from polargrid_contract.readers.response_difference import find_difference

Json = dict[str, Any]


def join(*chunks: Any) -> Json:
    body = b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks) + b"data: [DONE]\n\n"
    headers = {"content-type": "text/event-stream"}
    exchange = Exchange("", "POST", "/", {}, None, None, status=200, response_headers=headers)
    fields = {**vars(exchange), "chunks": (TimedBytes(0.0, body),)}
    response: Json = AssembledExchange(**fields).json()
    assert response == assemble(Stream(Exchange(**fields)))
    return response


def delta(index: int = 0, reason: str | None = None, **fields: Any) -> Json:
    return {"id": "a", "choices": [{"index": index, "delta": fields, "finish_reason": reason}]}


def call(index: int, **fields: Any) -> Json:
    function = {name: fields.pop(name) for name in ("name", "arguments") if name in fields}
    return delta(tool_calls=[{"index": index, **fields, "function": function}])


def test_texts_are_joined_by_their_choice():
    """Choices may take turns; the role counts once, a null content is none."""
    response = join(
        delta(0, role="assistant", content=""),
        delta(1, role="assistant", content=None),
        delta(1, content="x"),
        delta(0, role="assistant", content="a"),
        delta(0, content="b", refusal="no"),
        delta(1, "stop"),
        delta(0, "length"),
        {"id": "a", "choices": [], "usage": {"total_tokens": 3}},
    )
    assert response == {
        "id": "a",
        "choices": [
            {"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": "ab", "refusal": "no"}},
            {"index": 1, "finish_reason": "stop", "message": {"role": "assistant", "content": "x"}},
        ],
        "usage": {"total_tokens": 3},
    }


def test_calls_are_joined_by_their_index():
    """Fragments of several calls may take turns; what is repeated counts once."""
    response = join(
        call(1, id="c1", type="function", name="g", arguments=""),
        call(0, id="c0", type="function", name="f", arguments='{"a"'),
        call(1, id="c1", type="function", name="g", arguments="{}"),
        call(0, id=None, name="", arguments=": 1}"),
        delta(0, "tool_calls"),
    )
    assert response["choices"][0]["message"]["tool_calls"] == [
        {"id": "c0", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
        {"id": "c1", "type": "function", "function": {"name": "g", "arguments": "{}"}},
    ]


def test_log_probabilities_are_joined():
    """Those of chat are a list, those of a completion several."""
    chat = [
        {**delta(content="a"), "choices": [{**delta()["choices"][0], "logprobs": {"content": [n]}}]} for n in (1, 2)
    ]
    assert join(*chat)["choices"][0]["logprobs"] == {"content": [1, 2]}
    texts = [
        {"choices": [{"index": 0, "text": text, "logprobs": {"tokens": [text], "text_offset": [0]}}]} for text in "ab"
    ]
    choice = join(*texts, {"choices": [{"index": 0, "text": "", "logprobs": None, "finish_reason": "stop"}]})["choices"]
    assert choice == [
        {"index": 0, "finish_reason": "stop", "text": "ab", "logprobs": {"tokens": ["a", "b"], "text_offset": [0, 0]}}
    ]


@pytest.mark.parametrize(
    "chunk",
    [
        {},
        {"choices": None},
        {"choices": {}},
        {"choices": ["a"], "usage": 5},
        {"choices": [{"index": "0", "delta": {}}]},
        {"choices": [{"index": 0, "delta": None}]},
        {"choices": [{"index": 0, "delta": {"tool_calls": [5, {"index": {}}, {"function": 5}]}}]},
        {"choices": [{"index": 0, "delta": {"content": 5}, "logprobs": 5}]},
    ],
)
def test_a_chunk_of_another_shape_is_read(chunk: Json):
    """What is missing is reported by a rule for the whole response."""
    assert isinstance(join(chunk)["choices"], list)


TEXT = {
    "id": "a",
    "created": 1,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "a"},
            "logprobs": {"content": [{"token": "a", "logprob": -0.101, "bytes": [97]}]},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}
CALLS = {"choices": [{"index": 0, "message": {"tool_calls": [{"function": {"name": "f", "arguments": '{"a": 1}'}}]}}]}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (TEXT, {**TEXT, "id": "b", "created": 2, "more": 1}),
        (TEXT, json.loads(json.dumps(TEXT).replace("-0.101", "-0.1012"))),
        (CALLS, json.loads(json.dumps(CALLS).replace('\\"a\\": 1', '\\"a\\":1'))),
        ({"choices": [{"index": 0, "text": "a"}]}, {"choices": [{"index": 0, "text": "a", "logprobs": None}]}),
    ],
)
def test_equal_responses(first: Json, second: Json):
    """Ids, times, white space in arguments and the last digits of a number may differ."""
    assert find_difference(first, second) is None


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ('"content": "a"', '"content": "b"', "content of choice 0"),
        ('"stop"', '"length"', "finish_reason of choice 0"),
        ("-0.101", "-0.5", "tokens of choice 0"),
        ('"total_tokens": 2', '"total_tokens": 3', "usage"),
        ('"index": 0', '"index": 1', "role of choice 0"),
        ('"model": "m"', '"model": "n"', "model"),
    ],
)
def test_the_part_that_differs_is_named(old: str, new: str, part: str):
    """A message says which part of a response it is about."""
    difference = find_difference(TEXT, json.loads(json.dumps(TEXT).replace(old, new)))
    assert difference is not None
    assert difference[0].startswith(f"{part}: ")


def test_a_further_choice_differs():
    """What only the second response has is named as well."""
    second = {**TEXT, "choices": [*TEXT["choices"], {"index": 1, "text": "b"}]}
    assert find_difference(TEXT, second) == ("no role of choice 1", "role of choice 1: null")
