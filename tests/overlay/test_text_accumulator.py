"""The complete response that the chunks of a streamed text amount to."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from polargrid.types import ChatCompletionChunk, ChatCompletionResponse, CompletionChunk, CompletionResponse
from polargrid_runtime.text_accumulator import TextAccumulator

FIELDS = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def chunk(*choices: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Build a chunk of a chat."""
    return {**FIELDS, "choices": list(choices), **fields}


def choice(index: int = 0, finish_reason: str | None = None, logprobs: Any = None, **delta: Any) -> dict[str, Any]:
    """Build a choice of a chunk, with its delta."""
    return {"index": index, "delta": delta, "finish_reason": finish_reason, "logprobs": logprobs}


def call(index: int = 0, arguments: str | None = None, name: str | None = None, **fields: Any) -> dict[str, Any]:
    """Build a delta of a tool call."""
    function = {key: value for key, value in {"name": name, "arguments": arguments}.items() if value is not None}
    return {"index": index, "function": function, **fields}


def accumulate(*chunks: dict[str, Any]) -> ChatCompletionResponse:
    """Return the response of a streamed chat."""
    accumulator: TextAccumulator[ChatCompletionChunk, ChatCompletionResponse] = TextAccumulator(ChatCompletionResponse)
    for item in chunks:
        list(accumulator.add(ChatCompletionChunk.model_validate(item)))
    return accumulator.build_response()


def accumulate_message(*chunks: dict[str, Any]) -> dict[str, Any]:
    """Return the message of the first choice, without empty fields."""
    return accumulate(*chunks).choices[0].message.model_dump(exclude_none=True)


HELLO = [
    chunk(choice(role="assistant", content="")),
    chunk(choice(content="Hel")),
    chunk(choice(content="lo")),
    chunk(choice(finish_reason="stop")),
    chunk(usage=USAGE),
]


# Text


def test_text():
    """Deltas are joined; role, finish reason and usage are kept."""
    message = {"role": "assistant", "content": "Hello"}
    expected = {
        **FIELDS,
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": USAGE,
    }
    assert accumulate(*HELLO) == ChatCompletionResponse.model_validate(expected)


@pytest.mark.parametrize(
    ("fields", "content"),
    [
        ({"message": {"role": "assistant", "content": "Hello"}}, "Hello"),
        ({"text": "Hello"}, "Hello"),
        ({}, ""),
        ({"delta": None}, ""),
    ],
)
def test_choice_without_a_delta(fields, content):
    """It has a message all the same, with the text that some servers send instead of one."""
    response = accumulate(chunk({"index": 0, "finish_reason": "stop", **fields}))
    assert response.choices[0].message.content == content


def test_interleaved_choices():
    """Each has its own text; they are sorted by index."""
    response = accumulate(
        chunk(choice(1, content="b")),
        chunk(choice(0, content="a"), choice(1, content="B")),
        chunk(choice(1, "length"), choice(0, "stop", content="A")),
    )
    assert [(item.index, item.message.content, item.finish_reason) for item in response.choices] == [
        (0, "aA", "stop"),
        (1, "bB", "length"),
    ]


@pytest.mark.parametrize("index", [{}, {"index": None}])
def test_choices_without_an_index(index):
    """Their position in the chunk is their index; their texts are not joined."""
    chunks = [chunk(*[{**index, "delta": {"content": text}} for text in texts]) for texts in ("ab", "AB")]
    response = accumulate(*chunks)
    assert [(item.index, item.message.content) for item in response.choices] == [(0, "aA"), (1, "bB")]


def test_default_role():
    """Some servers do not send one."""
    message = accumulate_message(chunk(choice(content="a")), chunk(choice(finish_reason="stop")))
    assert message == {"role": "assistant", "content": "a"}


def test_no_text():
    """The content is an empty string, as in a response that is not streamed."""
    message = accumulate_message(chunk(choice()), chunk(choice(finish_reason="stop")))
    assert message == {"role": "assistant", "content": ""}


def test_repeated_fields_are_not_joined():
    """Role, name and id may be in each chunk."""
    chunks = [chunk(choice(role="assistant", content=text, name="x")) for text in "ab"]
    assert accumulate_message(*chunks) == {"role": "assistant", "content": "ab", "name": "x"}
    assert accumulate(*chunks).id == "chatcmpl-1"


def test_missing_finish_reason():
    """A stream may end with [DONE] alone; the reason is None."""
    (item,) = accumulate(*HELLO[:3]).choices
    assert (item.message.content, item.finish_reason) == ("Hello", None)


def test_chunks_are_not_changed():
    """The accumulator copies what it keeps."""
    first = ChatCompletionChunk.model_validate(chunk(choice(content="a", notes=[1], mood={"words": ["a"]})))
    original = copy.deepcopy(first)
    accumulator = TextAccumulator(ChatCompletionResponse)
    list(accumulator.add(first))
    list(accumulator.add(ChatCompletionChunk.model_validate(chunk(choice(notes=[2], mood={"words": ["b"]})))))
    accumulator.build_response()
    assert first == original


def test_completion():
    """The texts and log probabilities of completions are joined as well."""
    fields = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m"}
    choices = [
        {"index": 0, "text": "Pa", "finish_reason": None, "logprobs": {"tokens": ["Pa"], "token_logprobs": [-1.0]}},
        {"index": 1, "text": "", "finish_reason": "length", "logprobs": None},
        {"index": 0, "text": "ris", "finish_reason": "stop", "logprobs": {"tokens": ["ris"], "token_logprobs": [-2.0]}},
    ]
    chunks = [*({"choices": [item]} for item in choices), {"choices": [], "usage": USAGE}]
    accumulator: TextAccumulator[CompletionChunk, CompletionResponse] = TextAccumulator(CompletionResponse)
    for item in chunks:
        list(accumulator.add(CompletionChunk.model_validate({**fields, **item})))
    response = accumulator.build_response()
    assert [(item.text, item.finish_reason) for item in response.choices] == [("Paris", "stop"), ("", "length")]
    assert response.choices[0].logprobs.model_dump(exclude_unset=True) == {
        "tokens": ["Pa", "ris"],
        "token_logprobs": [-1.0, -2.0],
    }
    assert (response.object, response.usage.total_tokens) == ("text_completion", 5)


# Tool calls

FIRST = call(0, "", "add", id="call_1", type="function")
REST = ['{"a"', ": 1", "}"]


@pytest.mark.parametrize(
    "deltas",
    [
        [FIRST, *[call(0, text) for text in REST]],
        [FIRST, *[call(0, text, "add", id="call_1", type="function") for text in REST]],
        [FIRST, *[call(0, text, "", id="", type=None) for text in REST]],
    ],
    ids=["once", "repeated", "then empty"],
)
def test_arguments_of_a_call_are_joined(deltas):
    """Its id, type and name may be in the first delta or in each one."""
    message = accumulate_message(*[chunk(choice(tool_calls=[delta])) for delta in deltas])
    function = {"name": "add", "arguments": '{"a": 1}'}
    assert message["tool_calls"] == [{"id": "call_1", "type": "function", "function": function}]


def test_interleaved_calls():
    """They are sorted by index, which is not part of the response; the content is null."""
    message = accumulate_message(
        chunk(choice(tool_calls=[call(1, '{"b', "two", id="b", type="function")])),
        chunk(choice(tool_calls=[call(0, "{", "one", id="a", type="function"), call(1, '": 2}')])),
        chunk(choice(0, "tool_calls", tool_calls=[call(0, "}")])),
    )
    calls = [(item["id"], item["function"]["arguments"]) for item in message["tool_calls"]]
    assert calls == [("a", "{}"), ("b", '{"b": 2}')]
    assert "index" not in message["tool_calls"][0]
    assert "content" not in message


def test_call_without_arguments():
    """They are an empty string, not null."""
    delta = {"index": 0, "id": "a", "function": {"name": "now", "arguments": None}}
    message = accumulate_message(chunk(choice(tool_calls=[delta])))
    assert message["tool_calls"] == [{"id": "a", "type": "function", "function": {"name": "now", "arguments": ""}}]


def test_text_and_call():
    """A message may have both."""
    now = call(0, "{}", "now", id="a")
    message = accumulate_message(chunk(choice(content="Wait.")), chunk(choice(tool_calls=[now])))
    assert (message["content"], len(message["tool_calls"])) == ("Wait.", 1)


def test_snapshots_of_arguments():
    """Each event has the arguments up to its delta; its repr does not."""
    accumulator = TextAccumulator(ChatCompletionResponse)
    deltas = [call(0, '{"a"', "f", id="a"), call(0, ": 1}")]
    chunks = [ChatCompletionChunk.model_validate(chunk(choice(tool_calls=[delta]))) for delta in deltas]
    events = [event for item in chunks for event in accumulator.add(item) if event.type != "chunk"]
    assert [(event.arguments_delta, event.arguments) for event in events] == [('{"a"', '{"a"'), (": 1}", '{"a": 1}')]
    assert repr(events[1]) == (
        "ToolCallDelta(name='f', arguments_delta=': 1}', index=0, type='tool_calls.function.arguments.delta')"
    )


def test_legacy_function_call():
    """Its arguments are joined; its name may be in each delta."""
    deltas = [{"name": "f", "arguments": '{"a"'}, {"name": "f", "arguments": ": 1}"}, {"arguments": None}]
    message = accumulate_message(*[chunk(choice(function_call=delta)) for delta in deltas])
    assert message["function_call"] == {"name": "f", "arguments": '{"a": 1}'}


def test_calls_of_several_choices():
    """Each choice has its own; an id may be in both."""
    deltas = [choice(index, tool_calls=[call(0, f"[{index}]", "f", id="a")]) for index in (0, 1)]
    response = accumulate(chunk(*deltas), chunk(*deltas[:0]))
    calls = [item.message.tool_calls[0] for item in response.choices]
    assert [(item.id, item.function.arguments) for item in calls] == [("a", "[0]"), ("a", "[1]")]


# Other fields


def test_unknown_fields():
    """Reasoning and refusals are joined, lists grow, any other field has its last value."""
    message = accumulate_message(
        chunk(choice(reasoning_content="Let me ", notes=[1], mood={"joy": 1, "words": ["a"]}, rank=1)),
        chunk(choice(reasoning_content="think.", notes=[2], mood={"joy": 2, "words": ["b"]}, rank=2, refusal="N")),
        chunk(choice(refusal="o.")),
    )
    assert message["reasoning_content"] == "Let me think."
    assert (message["notes"], message["mood"], message["rank"]) == ([1, 2], {"joy": 2, "words": ["a", "b"]}, 2)
    assert message["refusal"] == "No."
    response = accumulate(chunk(choice(content="a"), system_fingerprint="fp"), chunk(usage=USAGE))
    assert response.system_fingerprint == "fp"


def test_logprobs():
    """Those of all chunks are in one list, as models."""
    tokens = [{"token": text, "logprob": -0.5, "bytes": None, "top_logprobs": []} for text in "abc"]
    response = accumulate(
        chunk(choice(content="ab", logprobs={"content": tokens[:2]})),
        chunk(choice(content="c", logprobs={"content": tokens[2:]})),
        chunk(choice(finish_reason="stop")),
    )
    assert [item.token for item in response.choices[0].logprobs.content] == ["a", "b", "c"]
    assert type(response.choices[0].logprobs.content[0]).__name__ == "TokenLogprob"


@pytest.mark.parametrize("usage", [{}, {"usage": None}, {"usage": {**USAGE, "total_tokens": 4}}])
def test_last_usage(usage):
    """Before the last chunk it is missing, null, or that of the tokens so far."""
    assert accumulate(*[{**item, **usage} for item in HELLO[:-1]], HELLO[-1]).usage.total_tokens == 5


def test_missing_usage():
    """It is None; the response can be dumped and compared."""
    response = accumulate(*HELLO[:-1])
    assert response.usage is None
    assert json.loads(response.model_dump_json())["usage"] is None
    assert response == copy.deepcopy(response)


def test_repr_of_a_delta_has_no_snapshot():
    """A log of events would grow with the square of the text."""
    accumulator = TextAccumulator(ChatCompletionResponse)
    events = [event for item in HELLO for event in accumulator.add(ChatCompletionChunk.model_validate(item))]
    assert repr([event for event in events if event.type == "content.delta"][2]) == (
        "ContentDelta(delta='lo', index=0, type='content.delta')"
    )


# Any stream

TEXT = st.text(max_size=12)
CALLS = st.lists(st.tuples(TEXT.filter(bool), st.dictionaries(TEXT, TEXT, max_size=2)), max_size=2)


@st.composite
def split(draw: st.DrawFn, text: str) -> list[str]:
    """Split a text; some of its parts are empty."""
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=4)))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[tuple[str, list[tuple[str, str]], str]]]:
    """Build the chunks of several choices, interleaved; and text, calls and finish reason of each choice."""
    queues, expected = [], []
    for index, (text, calls) in enumerate(draw(st.lists(st.tuples(TEXT, CALLS), min_size=1, max_size=3))):
        encoded = [(name, json.dumps(arguments)) for name, arguments in calls]
        queues.append([choice(index, content=part) for part in draw(split(text))])
        for number, (name, arguments) in enumerate(encoded):
            first = [choice(index, tool_calls=[call(number, "", name, id=f"c{number}", type="function")])]
            rest = [choice(index, tool_calls=[call(number, part)]) for part in draw(split(arguments))]
            queues.append(first + rest)
        expected.append((text, encoded, draw(st.sampled_from(["stop", "length"]))))
    order = draw(st.permutations([number for number, queue in enumerate(queues) for _ in queue]))
    deltas = [queues[number].pop(0) for number in order]
    ends = [choice(index, reason) for index, (_, _, reason) in enumerate(expected)]
    chunks, rest = [], [*deltas, *ends]
    while rest:
        count = draw(st.integers(1, 3))
        chunks, rest = [*chunks, chunk(*rest[:count])], rest[count:]
    return chunks, expected


@given(streams())
def test_any_split_gives_the_response(example):
    """The sizes of chunks and the order of choices make no difference."""
    chunks, expected = example
    response = accumulate(*chunks)
    assert [
        (
            item.message.content or "",
            [(tool.function.name, tool.function.arguments) for tool in item.message.tool_calls or ()],
            item.finish_reason,
        )
        for item in response.choices
    ] == expected


@given(streams())
def test_events_add_up_to_the_response(example):
    """Each snapshot is the text of the deltas so far."""
    chunks, expected = example
    accumulator, texts = TextAccumulator(ChatCompletionResponse), {}
    events = [event for item in chunks for event in accumulator.add(ChatCompletionChunk.model_validate(item))]
    for event in events:
        if event.type == "content.delta":
            texts[event.index] = texts.get(event.index, "") + event.delta
            assert event.snapshot == texts[event.index]
    texts = {index: text for index, text in texts.items() if text}
    assert texts == {index: text for index, (text, _, _) in enumerate(expected) if text}
    events += accumulator.finish()
    assert {event.index: event.content for event in events if event.type == "content.done"} == texts
    arguments = [event.arguments for event in events if event.type == "tool_calls.function.arguments.done"]
    assert sorted(arguments) == sorted(text for _, encoded, _ in expected for _, text in encoded)
