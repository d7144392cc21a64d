"""Objects in a request that are not its own: of responses, of OpenAI's SDK, of the caller."""

from __future__ import annotations

import dataclasses
import json
from collections import UserDict
from enum import Enum
from types import MappingProxyType
from typing import Any

import httpx
import pydantic
import pytest
from openai.types.chat import ChatCompletionMessage
from openai.types.chat.parsed_chat_completion import ParsedChatCompletionMessage
from openai.types.shared import ResponseFormatJSONSchema
from openai.types.shared.response_format_json_schema import JSONSchema

from polargrid import ValidationError
from polargrid.types import (
    ChatCompletionResponse,
    ChatMessage,
    CompletionRequest,
    Message,
    NamedFunction,
    NamedToolChoice,
    TextContentPart,
    ToolCall,
    ToolCallFunction,
)
from polargrid_codec.encoding import build_request
from polargrid_generated import operations
from polargrid_generated.parsed import ParsedChatMessage
from tests.overlay.test_text_stream import choice, chunk, response

NO_OPTIONS: dict[str, Any] = {"extra_headers": {}, "extra_query": {}, "extra_body": {}}
MODEL = "llama-3.1-8b"
QUESTION = {"role": "user", "content": "Weather?"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
#: A message as a server sends it, with every field that a message of a response may have.
RECEIVED = {
    "role": "assistant",
    "content": "Sunny",
    "refusal": None,
    "tool_calls": [CALL],
    "function_call": CALL["function"],
    "annotations": [{"type": "url_citation", "url_citation": None}],
    "audio": {"id": "audio_1", "data": "UklGRg==", "expires_at": 1, "transcript": "Sunny"},
}
SENT = {
    "role": "assistant",
    "content": "Sunny",
    "tool_calls": [CALL],
    "function_call": CALL["function"],
    "audio": {"id": "audio_1"},
}


class City(pydantic.BaseModel):
    name: str


@dataclasses.dataclass
class Turn:
    role: str
    content: Any = None
    name: str | None = None
    tool_calls: Any = None
    mood: str = "calm"


def send(operation=operations.CHAT_COMPLETION, extra_body=None, **fields):
    options = {**NO_OPTIONS, "extra_body": extra_body or {}}
    return json.loads(build_request(operation, fields, stream=False, **options).content)


def send_message(message):
    return send(model=MODEL, messages=[QUESTION, message])["messages"][1]


def parse(kind, fields=RECEIVED):
    return kind.model_validate_json(json.dumps(fields))


# Messages


@pytest.mark.parametrize(
    "convert",
    [
        lambda fields: parse(ChatMessage, fields),
        lambda fields: parse(ParsedChatMessage, fields),
        lambda fields: ParsedChatMessage[City](**fields, parsed=City(name="x")),
        lambda fields: ChatCompletionMessage.construct(**fields),
        lambda fields: ParsedChatCompletionMessage.construct(**fields, parsed=City(name="x")),
    ],
    ids=["response", "parsed", "parsed-of-a-type", "openai", "openai-parsed"],
)
def test_message_of_a_response(convert):
    """It is sent with the fields that a message of a request has; its audio by the id."""
    assert send_message(convert(RECEIVED)) == SENT


@pytest.mark.parametrize("convert", [dict, MappingProxyType, UserDict, lambda fields: parse(Message, fields)])
def test_message_of_the_caller(convert):
    """A mapping and a message of a request keep every field."""
    fields = {**SENT, "refusal": None, "x_mood": "calm"}
    assert send_message(convert(fields)) == fields


def test_fields_that_the_server_did_not_send():
    """They are not sent, although the message has them as None."""
    message = parse(ChatMessage, {"role": "assistant", "content": "Hi"})
    assert message.tool_calls is message.audio is None
    assert send_message(message) == {"role": "assistant", "content": "Hi"}


def test_fields_that_the_document_does_not_have():
    """They are sent: a server knows its own fields, also in the parts of a message."""
    call = {**CALL, "extra_content": {"signature": "x"}}
    message = parse(ChatMessage, {"role": "assistant", "reasoning_details": [1], "tool_calls": [call]})
    assert send_message(message) == {"role": "assistant", "reasoning_details": [1], "tool_calls": [call]}


def test_object_of_the_caller():
    """A model and a dataclass give the fields that a message has, with their defaults, without None."""

    class Chat(pydantic.BaseModel):
        role: str = "user"
        content: list[City | TextContentPart]
        mood: str = "calm"

    part = TextContentPart(type="text", text="Hi")
    assert send_message(Turn("user", [part])) == {"role": "user", "content": [part.model_dump()]}
    assert send_message(Chat(content=[part])) == {"role": "user", "content": [part.model_dump()]}


def test_computed_field():
    """It is a field of a message like others."""

    class Prompt(pydantic.BaseModel):
        role: str = "user"
        city: City

        @pydantic.computed_field
        def content(self) -> str:
            return f"Where is {self.city.name}?"

    assert send_message(Prompt(city=City(name="Oslo"))) == {"role": "user", "content": "Where is Oslo?"}


class Mood(str, Enum):  # noqa: UP042 - what code before Python 3.11 has
    CALM = "calm"


class Markup(str):
    pass


@pytest.mark.parametrize("text", [Mood.CALM, Markup("calm")])
def test_text_of_a_subclass(text):
    """It is text, and no list of characters."""
    assert send_message({"role": "user", "content": text})["content"] == "calm"
    sent = send(model=text, messages=[{"role": "user", "content": [{"type": "text", "text": text}]}], stop=text)
    assert sent["messages"][0]["content"] == [{"type": "text", "text": "calm"}]
    assert (sent["model"], sent["stop"]) == ("calm", "calm")
    assert send(operations.COMPLETION, model=MODEL, prompt=text)["prompt"] == "calm"


def test_integers_as_names():
    """A map has them as JSON writes them, like the token ids of `logit_bias`; an object does not."""
    assert send(model=MODEL, messages=[QUESTION], logit_bias={50256: -100})["logit_bias"] == {"50256": -100}
    with pytest.raises(ValidationError, match=r"^messages\.1\.role: Field required"):
        send_message({1: "user"})


def test_parts_of_a_message():
    """Objects stand in mappings and mappings in objects, at any depth."""
    other = ChatCompletionMessage.construct(**RECEIVED)
    assert send_message({"role": "assistant", "tool_calls": other.tool_calls})["tool_calls"] == [CALL]
    assert send_message(Turn("assistant", tool_calls=other.tool_calls))["tool_calls"] == [CALL]
    message = parse(ChatMessage)
    fields = {"role": "assistant", "audio": message.audio, "function_call": message.function_call}
    assert send_message(fields) == {"role": "assistant", "audio": {"id": "audio_1"}, "function_call": CALL["function"]}


def test_results_of_the_sdk_are_not_sent():
    """A class of the SDK may derive from an object of requests: what it adds is no field of it."""

    class ParsedFunction(ToolCallFunction):
        parsed_arguments: Any = None

    class ParsedCall(ToolCall):
        function: ParsedFunction

    for kind in (ParsedFunction, ParsedCall):
        kind.__module__ = "polargrid_generated.parsed"
    call = ParsedCall(**{**CALL, "function": {**CALL["function"], "parsed_arguments": City(name="x")}})
    assert send_message({"role": "assistant", "tool_calls": [call]})["tool_calls"] == [CALL]
    assert send_message(Message(role="assistant", tool_calls=[call]))["tool_calls"] == [CALL]


# Other fields


def test_unions():
    """The object decides which branch of a union it is."""
    choice_ = NamedToolChoice(type="function", function=NamedFunction(name="f"))
    fields = {"model": MODEL, "messages": [QUESTION]}
    assert send(**fields, tool_choice=choice_)["tool_choice"] == {"type": "function", "function": {"name": "f"}}

    class Allowed(pydantic.BaseModel):
        mode: str = "auto"
        tools: list[NamedToolChoice]

    class AllowedChoice(pydantic.BaseModel):
        type: str = "allowed_tools"
        allowed_tools: Allowed

    allowed = AllowedChoice(allowed_tools=Allowed(tools=[choice_]))
    expected = {"mode": "auto", "tools": [{"type": "function", "function": {"name": "f"}}]}
    assert send(**fields, tool_choice=allowed)["tool_choice"] == {"type": "allowed_tools", "allowed_tools": expected}


def test_names_in_json():
    """Of a field with two names, as in OpenAI's models."""
    schema = JSONSchema(name="city", schema={"type": "object"})
    format_ = ResponseFormatJSONSchema(type="json_schema", json_schema=schema)
    sent = send(model=MODEL, messages=[QUESTION], response_format=format_)["response_format"]
    assert sent == {"type": "json_schema", "json_schema": {"name": "city", "schema": {"type": "object"}}}


def test_extra_body():
    """Objects in it are sent in the same way."""
    sent = send(model=MODEL, messages=[QUESTION], extra_body={"messages": [parse(ChatMessage)]})
    assert sent["messages"] == [SENT]


@pytest.mark.parametrize(
    "convert", [iter, tuple, lambda items: (item for item in items), lambda items: map(dict, items)]
)
def test_iterables(convert):
    """A list may be any iterable."""
    assert send(model=MODEL, messages=convert([QUESTION, SENT]))["messages"] == [QUESTION, SENT]
    assert send(operations.COMPLETION, model=MODEL, prompt=convert(["a"]) if convert is tuple else ["a"])


# Mistakes


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (object(), "messages.1: Input should be a valid dictionary or instance of Message"),
        (Turn, "messages.1: Input should be a valid dictionary or instance of Message"),
        (City(name="x"), "messages.1.role: Field required"),
        (Turn("usr"), "messages.1.role: Input should be 'system'"),
        (Turn("user", [Turn("user")]), "messages.1.content"),
        (Turn("user", City(name="x")), "messages.1.content"),
    ],
)
def test_objects_without_the_fields(message, error):
    """The error names the field, as for a mapping."""
    with pytest.raises(ValidationError) as caught:
        send_message(message)
    assert error in str(caught.value)


def test_request_of_another_operation():
    """A model of the API is no request of an operation that has another one."""
    request = CompletionRequest(model="m", prompt="p")
    with pytest.raises(ValidationError, match=r"^ChatCompletionRequest: "):
        build_request(operations.CHAT_COMPLETION, request, stream=False, **NO_OPTIONS)


def test_secrets():
    """A secret of a model of the caller is rejected, and not shown."""

    class Account(pydantic.BaseModel):
        role: str = "user"
        content: pydantic.SecretStr

    with pytest.raises(ValidationError) as caught:
        send_message(Account(content=pydantic.SecretStr("hidden")))
    assert "hidden" not in str(caught.value)
    assert "*" not in str(caught.value)


def test_objects_are_not_changed():
    """Neither is a mapping of the caller."""
    message, fields = parse(ChatMessage), {"role": "user", "content": [{"type": "text", "text": "Hi"}]}
    before = message.model_copy(deep=True), json.loads(json.dumps(fields))
    send(model=MODEL, messages=[message, fields])
    assert (message, fields) == before


# Both clients


def answer(message=RECEIVED, finish_reason="stop"):
    choices = [{"index": 0, "message": message, "finish_reason": finish_reason}]
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    fields = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": MODEL}
    return httpx.Response(200, json={**fields, "choices": choices, "usage": usage})


METHODS = {
    "create": lambda chat, messages: chat.create(model=MODEL, messages=messages),
    "stream=True": lambda chat, messages: list(chat.create(model=MODEL, messages=messages, stream=True)),
    "parse": lambda chat, messages: chat.parse(model=MODEL, messages=messages, response_format=City),
    "run_tools": lambda chat, messages: chat.run_tools(model=MODEL, messages=messages, tools=[weather]),
    "raw": lambda chat, messages: chat.with_raw_response.create(model=MODEL, messages=messages),
}


def weather() -> str:
    """Return the weather."""
    return "sunny"


@pytest.mark.parametrize("name", METHODS)
def test_message_of_an_answer_is_sent(connect, name):
    """`messages.append(response.choices[0].message)`, for each method."""
    text = {**RECEIVED, "content": '{"name": "x"}', "tool_calls": None}
    streamed = response(chunk(choice(role="assistant", content="Hi", finish_reason="stop")))
    client = connect(answer(), streamed if name == "stream=True" else answer(text))
    message = client.chat.completions.create(model=MODEL, messages=[QUESTION]).choices[0].message
    METHODS[name](client.chat.completions, [QUESTION, message])
    assert json.loads(client.requests[1].content)["messages"] == [QUESTION, SENT]


def test_message_of_a_request_as_a_mapping(connect):
    """The same with the methods that take the request as a whole, plain and streamed."""
    client = connect(answer(), response(chunk(choice(role="assistant", content="Hi", finish_reason="stop"))))
    message = ChatCompletionResponse.model_validate_json(answer().content).choices[0].message
    client.chat_completion({"model": MODEL, "messages": [QUESTION, message]})
    list(client.chat_completion_stream({"model": MODEL, "messages": [QUESTION, message]}))
    assert [json.loads(request.content)["messages"] for request in client.requests] == [[QUESTION, SENT]] * 2


def test_final_message_of_a_stream(connect):
    """It is sent like that of a response."""
    deltas = [choice(role="assistant", content="Hi"), choice(tool_calls=[{"index": 0, **CALL}], finish_reason="stop")]
    client = connect(response(*map(chunk, deltas)), answer())
    with client.chat.completions.stream(model=MODEL, messages=[QUESTION]) as stream:
        message = stream.get_final_completion().choices[0].message
    client.chat.completions.create(model=MODEL, messages=[QUESTION, message])
    sent = json.loads(client.requests[1].content)["messages"][1]
    assert sent == {"role": "assistant", "content": "Hi", "tool_calls": [CALL]}
