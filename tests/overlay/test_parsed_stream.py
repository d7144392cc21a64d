"""`chat.completions.stream` and `parse` with a type as `response_format`, and with strict tools."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pydantic
import pytest

from polargrid import ServerError, ValidationError
from polargrid.errors import ContentFilterFinishReasonError, LengthFinishReasonError
from polargrid.tools import pydantic_function_tool
from polargrid_generated.parsed import ParsedChatCompletion
from tests.overlay.test_text_stream import CHAT, HELLO, USAGE, choice, chunk, response


class Place(pydantic.BaseModel):
    """A place to visit."""

    name: str
    size: int = 0


class Node(pydantic.BaseModel):
    value: Place = pydantic.Field(description="What it holds.")
    others: list[Node] = pydantic.Field(default_factory=list)
    note: str | None = None


TOOL = pydantic_function_tool(Place)
PLAIN = {"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}
STRICT = {"type": "function", "function": {"name": "list", "parameters": {"type": "object"}, "strict": True}}


def call(arguments: str, index: int = 0, name: str | None = None) -> dict[str, Any]:
    start = {"id": f"call_{index}", "type": "function"} if name else {}
    return {**start, "index": index, "function": {"arguments": arguments, **({"name": name} if name else {})}}


def message(**fields: Any) -> dict[str, Any]:
    return {"index": 0, "message": {"role": "assistant", "content": None, **fields}, "finish_reason": "stop"}


def answer(item: dict[str, Any]) -> httpx.Response:
    fields = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "usage": USAGE}
    return httpx.Response(200, json={**fields, "choices": [item]})


PLACE = [
    chunk(choice(role="assistant", content="")),
    chunk(choice(content='{"name": "Os')),
    chunk(choice(content='lo", "size": 7}')),
    chunk(choice(finish_reason="stop")),
    chunk(usage=USAGE),
]
CALLS = [
    chunk(choice(role="assistant", content=None, tool_calls=[call("", 0, "Place")])),
    chunk(choice(tool_calls=[call('{"name": "Oslo",')])),
    chunk(choice(tool_calls=[call(' "size": 7}')])),
    chunk(choice(tool_calls=[call("{}", 1, "find")])),
    chunk(choice(tool_calls=[call('{"a": 1}', 2, "list")])),
    chunk(choice(finish_reason="tool_calls")),
]


@pytest.mark.parametrize(
    "send",
    [
        lambda client: client.chat.completions.parse(**CHAT, response_format=Place),
        lambda client: client.chat.completions.with_raw_response.parse(**CHAT, response_format=Place),
        lambda client: client.chat.completions.with_raw_response.create(**CHAT).parse(to=list),
        lambda client: client.post("/chat/completions", cast_to=list, body=CHAT),
    ],
)
def test_request_of_an_error(connect, send):
    """An exception for a text or a response that does not match has the request."""
    with pytest.raises(ServerError) as caught:
        send(connect(answer(message(content="[]"))))
    request = caught.value.request
    assert (request.method, request.url.path) == ("POST", "/v1/chat/completions")


def test_request_of_an_error_of_a_stream(connect):
    """The stream has it, too."""
    stream = connect(response(chunk(choice(content="[]", finish_reason="stop")))).chat.completions.stream(
        **CHAT, response_format=Place
    )
    with stream, pytest.raises(ServerError, match="does not match Place") as caught:
        stream.until_done()
    assert caught.value.request.url.path == "/v1/chat/completions"


def test_dump_of_what_is_set(connect):
    """It has the objects, and `parsed` only with a type."""
    calls = [{"id": "call_1", "type": "function", "function": {"name": "Place", "arguments": '{"name": "Oslo"}'}}]
    client = connect(
        answer(message(content='{"name": "Oslo"}')), answer(message(tool_calls=calls)), answer(message(content="Hi"))
    )
    first = client.chat.completions.parse(**CHAT, response_format=Place).choices[0].message
    second = client.chat.completions.parse(**CHAT, tools=[TOOL]).choices[0].message
    third = client.chat.completions.parse(**CHAT).choices[0].message
    assert first.to_dict()["parsed"] == {"name": "Oslo"}
    assert second.to_dict()["tool_calls"][0]["function"]["parsed_arguments"] == {"name": "Oslo"}
    assert "parsed" not in third.to_dict()


# Streams with a type


def test_events_of_a_parsed_text(connect):
    """The deltas have the JSON so far, the end has the object, in the order of OpenAI's SDK."""
    with connect(response(*PLACE)).chat.completions.stream(**CHAT, response_format=Place) as stream:
        events = [event for event in stream if event.type != "chunk"]
    assert [(event.type, event.parsed) for event in events] == [
        ("content.delta", None),
        ("content.delta", {}),
        ("content.delta", {"name": "Oslo", "size": 7}),
        ("content.done", Place(name="Oslo", size=7)),
    ]


def test_done_comes_with_the_finish_reason(connect):
    """Not after the chunk with the usage."""
    types = [event.type for event in connect(response(*HELLO)).chat.completions.stream(**CHAT)]
    assert types[-3:] == ["chunk", "content.done", "chunk"]


def test_final_of_a_parsed_text(connect):
    """It is a parsed response, as `parse` returns it; the request has the schema."""
    client = connect(response(*PLACE))
    final = client.chat.completions.stream(**CHAT, response_format=Place).get_final_completion()
    assert isinstance(final, ParsedChatCompletion)
    assert (final.parsed, final.choices[0].message.parsed) == (Place(name="Oslo", size=7),) * 2
    body = json.loads(client.requests[-1].content)
    assert body["response_format"]["json_schema"]["strict"] is True
    assert body["stream_options"] == {"include_usage": True}


def test_snapshots(connect):
    """A chunk has the response so far; so has the stream."""
    stream = connect(response(*PLACE)).chat.completions.stream(**CHAT, response_format=Place)
    texts = []
    for event in stream:
        if event.type == "chunk":
            assert event.snapshot == stream.current_completion_snapshot
            message = event.snapshot.choices[0].message
            texts.append((message.content, message.parsed))
    assert texts[1] == ('{"name": "Os', {})
    assert texts[-1] == ('{"name": "Oslo", "size": 7}', Place(name="Oslo", size=7))


@pytest.mark.parametrize("format_", [{"type": "json_object"}, None])
def test_format_that_is_sent_as_it_is(connect, format_):
    """Nothing is parsed."""
    client = connect(response(*PLACE))
    final = client.chat.completions.stream(**CHAT, response_format=format_).get_final_completion()
    assert final.parsed is None
    assert json.loads(client.requests[-1].content)["response_format"] == format_


def test_text_that_does_not_match(connect):
    """Iteration raises, with the text in `partial`."""
    stream = connect(response(*HELLO)).chat.completions.stream(**CHAT, response_format=Place)
    with pytest.raises(ServerError, match="response does not match Place: JSON: Invalid JSON") as caught:
        stream.until_done()
    assert caught.value.partial == "Hello"


@pytest.mark.parametrize(
    ("reason", "kind"), [("length", LengthFinishReasonError), ("content_filter", ContentFilterFinishReasonError)]
)
def test_text_that_ends_early(connect, reason, kind):
    """It is an error with the response: of a parsed text at once, of another by `get_final_completion`."""
    chunks = [*PLACE[:2], chunk(choice(finish_reason=reason))]
    with pytest.raises(kind) as caught:
        list(connect(response(*chunks)).chat.completions.stream(**CHAT, response_format=Place))
    assert caught.value.completion.choices[0].message.content == '{"name": "Os'
    stream = connect(response(*chunks)).chat.completions.stream(**CHAT).until_done()
    assert stream.final.choices[0].message.content == '{"name": "Os'
    with pytest.raises(kind):
        stream.get_final_completion()
    cut = {**message(content="{"), "finish_reason": reason}
    with pytest.raises(kind) as caught:
        connect(answer(cut)).chat.completions.parse(**CHAT)
    assert caught.value.completion.choices[0].message.content == "{"


def test_refusal_and_log_probabilities(connect):
    """They have events of their own."""
    tokens = [{"token": text, "logprob": -0.5, "bytes": None, "top_logprobs": []} for text in "ab"]
    chunks = [
        chunk({**choice(content="a"), "logprobs": {"content": tokens[:1], "refusal": None}}),
        chunk({**choice(content="b"), "logprobs": {"content": tokens[1:], "refusal": None}}),
        chunk({**choice(refusal="No"), "logprobs": {"content": None, "refusal": tokens[:1]}}),
        chunk(choice(refusal=".")),
        chunk(choice(finish_reason="stop")),
    ]
    events = [event for event in connect(response(*chunks)).chat.completions.stream(**CHAT) if event.type != "chunk"]
    assert [event.type for event in events] == [
        *["content.delta", "logprobs.content.delta"] * 2,
        *["refusal.delta", "logprobs.refusal.delta", "refusal.delta"],
        *["content.done", "refusal.done", "logprobs.content.done", "logprobs.refusal.done"],
    ]
    assert ([item.token for item in events[3].content], [item.token for item in events[3].snapshot]) == (["b"], [*"ab"])
    assert (events[6].snapshot, events[8].refusal) == ("No.", "No.")
    assert ([item.token for item in events[9].content], [item.token for item in events[10].refusal]) == ([*"ab"], ["a"])


# Tools


def test_events_of_strict_tools(connect):
    """A call is complete when the next one starts; its arguments are an object, a dict, or not parsed."""
    stream = connect(response(*CALLS)).chat.completions.stream(**CHAT, tools=[TOOL, PLAIN, STRICT])
    events = [event for event in stream if event.type != "chunk"]
    assert [(event.type.rpartition(".")[2], event.index, event.parsed_arguments) for event in events] == [
        ("delta", 0, None),
        ("delta", 0, {"name": "Oslo"}),
        ("delta", 0, {"name": "Oslo", "size": 7}),
        ("delta", 1, None),
        ("done", 0, Place(name="Oslo", size=7)),
        ("delta", 2, {"a": 1}),
        ("done", 1, None),
        ("done", 2, {"a": 1}),
    ]
    calls = stream.get_final_completion().choices[0].message.tool_calls
    assert [item.function.parsed_arguments for item in calls] == [Place(name="Oslo", size=7), None, {"a": 1}]


def test_interleaved_calls(connect):
    """A call whose arguments go on after the next one started is complete at the end."""
    chunks = [
        chunk(choice(tool_calls=[call("{", 0, "Place"), call("{", 1, "Place")])),
        chunk(choice(tool_calls=[call('"name": "A"}'), call('"name": "B"}', 1)])),
        chunk(choice(finish_reason="tool_calls")),
    ]
    events = connect(response(*chunks)).chat.completions.stream(**CHAT, tools=[TOOL])
    done = [event.parsed_arguments for event in events if event.type.endswith(".done")]
    assert done == [Place(name="A"), Place(name="B")]


def test_parse_of_strict_tools(connect):
    """The arguments of their calls are objects; the text is parsed beside them if it matches."""
    calls = [{**call(text, index, name)} for index, (name, text) in enumerate([("Place", '{"name": "Oslo"}')])]
    client = connect(answer(message(tool_calls=calls, content="Wait.")))
    result = client.chat.completions.parse(**CHAT, tools=[TOOL, PLAIN], response_format=Place)
    (parsed,) = result.choices[0].message.tool_calls
    assert (parsed.function.parsed_arguments, parsed.function.arguments) == (Place(name="Oslo"), '{"name": "Oslo"}')
    assert result.parsed is None
    assert json.loads(client.requests[-1].content)["tools"] == [
        {"type": "function", "function": dict(TOOL["function"])},
        PLAIN,
    ]


def test_arguments_that_do_not_match(connect):
    """The message names the tool."""
    client = connect(answer(message(tool_calls=[call('{"size": 1}', 0, "Place")])))
    with pytest.raises(ServerError, match="response does not match the arguments of Place: name: Field required"):
        client.chat.completions.parse(**CHAT, tools=[TOOL])


@pytest.mark.parametrize("format_", [{}, {"response_format": {"type": "json_object"}}, {"response_format": None}])
def test_parse_without_a_type(connect, format_):
    """The response has its type, without objects."""
    client = connect(answer(message(content="Hello")))
    result = client.chat.completions.parse(**CHAT, **format_)
    assert (type(result), result.parsed) == (ParsedChatCompletion, None)
    assert json.loads(client.requests[-1].content) == {**CHAT, **format_}


def test_pydantic_function_tool():
    """Name and description are those of the class, or of the call; the schema is strict."""
    assert {
        "type": "function",
        "function": {
            "name": "Place",
            "description": "A place to visit.",
            "strict": True,
            "parameters": {
                **Place.model_json_schema(),
                "required": ["name", "size"],
                "additionalProperties": False,
            },
        },
    } == TOOL
    function = pydantic_function_tool(Place, name="visit", description="Go there.")["function"]
    assert (function["name"], function["description"]) == ("visit", "Go there.")
    with pytest.raises(ValidationError, match="pydantic_function_tool: expected a Pydantic model"):
        pydantic_function_tool(int)  # type: ignore[arg-type]


def test_strict_schema_of_a_recursive_model():
    """A reference beside keywords is expanded, a recursive one stays; a null default is dropped."""
    schema = pydantic_function_tool(Node)["function"]["parameters"]
    node = schema["$defs"]["Node"]
    assert node["required"] == ["value", "others", "note"]
    assert node["properties"]["value"]["description"] == "What it holds."
    assert node["properties"]["value"]["properties"].keys() == {"name", "size"}
    assert node["properties"]["others"]["items"] == {"$ref": "#/$defs/Node"}
    assert "default" not in node["properties"]["note"]
    assert node["additionalProperties"] is False
