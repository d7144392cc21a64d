"""`chat.completions.run_tools`: functions that the model calls are called, and their results are sent to it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import httpx
import pydantic
import pytest

from polargrid import ServerError, ValidationError
from polargrid.types import ChatCompletionResponse

CHAT = {"model": "m", "messages": [{"role": "user", "content": "How is the weather in Oslo?"}]}
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


class Report(pydantic.BaseModel):
    degrees: float
    sky: str = "clear"


@dataclass
class Wind:
    speed: int


def weather(city: str) -> str:
    """Return the weather."""
    return f"sunny in {city}"


def fail(city: str) -> str:
    """Fail."""
    raise LookupError(f"no station in {city}")


def response(content: str | None = None, *calls: tuple[str, str], **fields: Any) -> httpx.Response:
    """Build a response with a text, or with calls: (function, arguments)."""
    tool_calls = [
        {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for number, (name, arguments) in enumerate(calls)
    ]
    message = {"role": "assistant", "content": content, **({"tool_calls": tool_calls} if calls else {}), **fields}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}
    chat = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "usage": USAGE}
    return httpx.Response(200, json={**chat, "choices": [choice]})


OSLO = ("weather", '{"city": "Oslo"}')
SKI = ("weather", '{"city": "Ski"}')
SUNNY = response("It is sunny.")


def bodies(client) -> list[dict[str, Any]]:
    return [json.loads(request.content) for request in client.requests]


def tool_contents(client) -> list[str]:
    """Return the contents of the tool messages in the last request."""
    return [message["content"] for message in bodies(client)[-1]["messages"] if message["role"] == "tool"]


# Rounds


def test_one_round(connect):
    """The function is called, its result is sent, and the next response is the final one."""
    client = connect(response(None, OSLO), SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[weather], temperature=0)
    assert (run.text, run.max_rounds_reached, len(run.responses)) == ("It is sunny.", False, 2)
    assert isinstance(run.final, ChatCompletionResponse)
    assert run.final == run.responses[-1]
    (call,) = run.calls
    assert (call.id, call.name, call.arguments) == ("call_0", "weather", '{"city": "Oslo"}')
    assert (call.result, call.error) == ("sunny in Oslo", None)
    first, second = bodies(client)
    assert first["messages"] == CHAT["messages"]
    assert second["messages"][1:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_0", "type": "function", "function": {"name": OSLO[0], "arguments": OSLO[1]}}],
        },
        {"role": "tool", "tool_call_id": "call_0", "content": "sunny in Oslo"},
    ]
    assert (first["temperature"], second["temperature"]) == (0, 0)
    assert first["tools"] == second["tools"]
    assert first["tools"][0]["function"]["parameters"]["required"] == ["city"]


def test_response_without_a_call(connect):
    """It is the final one; `tool_choice` is not sent."""
    client = connect(SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[weather])
    assert (run.text, run.calls, len(client.requests)) == ("It is sunny.", [], 1)
    assert "tool_choice" not in bodies(client)[0]


def test_several_calls_of_one_response(connect):
    """They are one round: all results are in the next request, in order."""
    client = connect(response("Let me see.", OSLO, SKI), SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[weather], max_rounds=2)
    assert [call.result for call in run.calls] == ["sunny in Oslo", "sunny in Ski"]
    messages = bodies(client)[1]["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "tool", "tool"]
    assert [message.get("tool_call_id") for message in messages[2:]] == ["call_0", "call_1"]
    assert messages[1]["content"] == "Let me see."
    assert not run.max_rounds_reached


def test_several_rounds(connect):
    """Each request has the messages of the rounds before."""
    client = connect(response(None, OSLO), response(None, SKI), SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[weather])
    assert [len(body["messages"]) for body in bodies(client)] == [1, 3, 5]
    assert (len(run.responses), [call.arguments for call in run.calls]) == (3, [OSLO[1], SKI[1]])


def test_last_round(connect):
    """After `max_rounds` rounds, the request forbids calls."""
    client = connect(*[response(None, OSLO)] * 4, SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[weather], max_rounds=2)
    assert [body.get("tool_choice") for body in bodies(client)] == [None, "auto", "none"]
    assert (run.max_rounds_reached, len(run.calls), len(run.responses)) == (True, 2, 3)


def test_call_after_the_last_round_is_ignored(connect):
    """It is not in `messages` either, where it would need a result."""
    client = connect(*[response("Hm.", OSLO)] * 3, SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[weather], max_rounds=1)
    assert (len(run.calls), run.text) == (1, "Hm.")
    assert "tool_calls" not in run.messages[-1]


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "weather"}}])
def test_required_call_is_required_once(connect, choice):
    """Otherwise the model could never respond with a text."""
    client = connect(response(None, OSLO), SUNNY)
    client.chat.completions.run_tools(**CHAT, tools=[weather], tool_choice=choice)
    assert [body["tool_choice"] for body in bodies(client)] == [choice, "auto"]


def test_tool_choice_none(connect):
    """No function is called, even if the model calls one."""
    client = connect(response("Hm.", OSLO), SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[weather], tool_choice="none")
    assert [body["tool_choice"] for body in bodies(client)] == ["none"]
    assert (run.calls, run.text, run.max_rounds_reached) == ([], "Hm.", False)


# Results


@pytest.mark.parametrize(
    ("call", "kind", "content"),
    [
        (("snow", "{}"), ValidationError, "error: ValidationError: unknown function 'snow'; expected one of: weather,"),
        (("weather", "{}"), ValidationError, "error: ValidationError: city: "),
        (("weather", "nonsense"), ValidationError, "error: ValidationError: the arguments: Invalid JSON"),
        (("fail", '{"city": "Oslo"}'), LookupError, "error: LookupError: no station in Oslo"),
    ],
)
def test_failed_call(connect, call, kind, content):
    """The model gets the error and can correct the call; the exception is in `calls`."""
    client = connect(response(None, call), response(None, OSLO), SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[weather, fail])
    assert tool_contents(client)[0].startswith(content)
    assert (type(run.calls[0].error), run.calls[0].result) == (kind, None)
    assert (run.calls[1].result, run.text) == ("sunny in Oslo", "It is sunny.")


RECURSIVE: list[Any] = []
RECURSIVE.append(RECURSIVE)


@pytest.mark.parametrize(
    ("result", "content"),
    [
        ("as it is", "as it is"),
        ("", ""),
        ({"a": [1, None, "é"]}, '{"a":[1,null,"é"]}'),
        (None, "null"),
        (False, "false"),
        (2.5, "2.5"),
        (Report(degrees=-3), '{"degrees":-3.0,"sky":"clear"}'),
        ([Wind(3)], '[{"speed":3}]'),
        ({"at": pydantic.TypeAdapter}, """{"at":"<class 'pydantic.type_adapter.TypeAdapter'>"}"""),
        (b"\xff", "b'\\xff'"),
        (RECURSIVE, "[[...]]"),
        ("lone surrogate \ud800", "lone surrogate ?"),
    ],
)
def test_result_is_serialized(connect, result, content):
    """A string is sent as it is, any other value as JSON, and what JSON does not have as `str`."""

    def look() -> Any:
        return result

    client = connect(response(None, ("look", "{}")), SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[look])
    assert tool_contents(client) == [content]
    assert run.calls[0].result is result


class UnprintableError(Exception):
    """An object without text."""

    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


@pytest.mark.parametrize(
    "result", [UnprintableError(), [UnprintableError()], 10**5000], ids=["object", "inside", "number"]
)
def test_result_without_text(connect, result):
    """It is an error of the call, not of the conversation."""

    def look() -> Any:
        return result

    client = connect(response(None, ("look", "{}")), SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[look])
    assert tool_contents(client)[0].startswith("error: ValidationError: look: ")
    assert (run.calls[0].result, type(run.calls[0].error), run.text) == (None, ValidationError, "It is sunny.")


def test_error_without_text(connect):
    """Its class is the message."""

    def look() -> Any:
        raise UnprintableError

    client = connect(response(None, ("look", "{}")), SUNNY)
    client.chat.completions.run_tools(**CHAT, tools=[look])
    assert tool_contents(client) == ["error: UnprintableError: (without a message)"]


@pytest.mark.parametrize("wrap", [lambda secret: secret, lambda secret: {"key": [secret]}], ids=["secret", "inside"])
def test_result_with_a_secret(connect, wrap):
    """It is an error of the call: the model is shown neither the value nor asterisks."""

    def weather(city: str) -> Any:
        """Return the weather."""
        return wrap(pydantic.SecretStr(city))

    client = connect(response(None, OSLO), SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[weather])
    message = "weather: secrets are not sent; pass its get_secret_value()"
    assert tool_contents(client) == [f"error: ValidationError: {message}"]
    assert (run.calls[0].result, str(run.calls[0].error)) == (None, message)


def test_messages_continue_the_conversation(connect):
    """They can be sent with the next request; the list of the caller is unchanged."""
    messages = [*CHAT["messages"]]
    client = connect(response(None, OSLO, thoughts="hm"), SUNNY, response("You are welcome."))
    run = client.chat.completions.run_tools(model="m", messages=messages, tools=[weather])
    assert messages == CHAT["messages"]
    assert [message["role"] for message in run.messages] == ["user", "assistant", "tool", "assistant"]
    client.chat.completions.create(model="m", messages=[*run.messages, {"role": "user", "content": "Thanks!"}])
    assert bodies(client)[2]["messages"][:4] == [*bodies(client)[1]["messages"], run.messages[-1]]
    assert run.messages[1]["thoughts"] == "hm"


def test_response_without_choices(connect):
    """It is no response: the message names the field."""
    empty = {**json.loads(SUNNY.content), "choices": []}
    with pytest.raises(ServerError, match="choices: List should have at least 1 item"):
        connect(httpx.Response(200, json=empty)).chat.completions.run_tools(**CHAT, tools=[weather])


def test_error_response_between_rounds(connect):
    """It is raised like that of any call."""
    client = connect(response(None, OSLO), httpx.Response(500, json={"error": {"message": "out of memory"}}))
    with pytest.raises(ServerError, match="out of memory"):
        client.chat.completions.run_tools(**CHAT, tools=[weather])


def test_call_options_apply_to_each_round(connect):
    """Each request has the extra headers."""
    client = connect(response(None, OSLO), SUNNY)
    client.chat.completions.run_tools(**CHAT, tools=[weather], extra_headers={"X-A": "1"})
    assert [request.headers["x-a"] for request in client.requests] == ["1", "1"]


def test_keyboard_interrupt_in_a_function(connect):
    """It is not a result."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        connect(response(None, ("interrupt", "{}"))).chat.completions.run_tools(**CHAT, tools=[interrupt])


async def async_weather(city: str) -> str:
    """Return the weather."""
    await asyncio.sleep(0)
    return f"rainy in {city}"


def test_async_function(connect):
    """The async client awaits it; the sync client rejects it before sending."""
    client = connect(response(None, ("async_weather", '{"city": "Oslo"}'), OSLO), SUNNY)
    if connect.name == "async":
        run = client.chat.completions.run_tools(**CHAT, tools=[async_weather, weather])
        assert [call.result for call in run.calls] == ["rainy in Oslo", "sunny in Oslo"]
    else:
        with pytest.raises(ValidationError, match="async_weather is async; use the async client"):
            client.chat.completions.run_tools(**CHAT, tools=[async_weather, weather])
        assert client.requests == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tools": []}, "tools: expected at least one function"),
        ({"tools": [weather, weather]}, "no two of one name"),
        ({"tools": weather}, "tools: expected a list of functions"),
        ({"tools": [{"type": "function"}]}, "tools: expected a function with a name, not {'type': 'function'}"),
        ({"tools": [weather], "n": 2}, "n: expected 1 with tools, not 2"),
        ({"tools": [weather], "max_rounds": 0}, "max_rounds: expected an integer from 1, not 0"),
        ({"tools": [weather], "max_rounds": True}, "max_rounds: "),
        ({"tools": [weather], "messages": []}, "messages: "),
        ({"tools": [weather], "messages": 7}, "messages: expected a list, not int"),
    ],
)
def test_invalid_arguments(connect, arguments, message):
    """They are rejected before sending."""
    client = connect(SUNNY)
    with pytest.raises(ValidationError) as caught:
        client.chat.completions.run_tools(**{**CHAT, **arguments})
    assert message in caught.value.message
    assert client.requests == []
