"""`chat.completions.run_tools`: what the model asks to be called is called, and it is asked again."""

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
    """Tell the weather."""
    return f"sunny in {city}"


def fails(city: str) -> str:
    """Fail."""
    raise LookupError(f"no station in {city}")


def answer(content: str | None = None, *calls: tuple[str, str], **more: Any) -> httpx.Response:
    """An answer that says something, or asks for calls: (function, arguments)."""
    asked = [
        {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for number, (name, arguments) in enumerate(calls)
    ]
    message = {"role": "assistant", "content": content, **({"tool_calls": asked} if asked else {}), **more}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if asked else "stop"}
    fields = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "usage": USAGE}
    return httpx.Response(200, json={**fields, "choices": [choice]})


OSLO = ("weather", '{"city": "Oslo"}')
SUNNY = answer("It is sunny.")


def sent(client) -> list[dict[str, Any]]:
    return [json.loads(request.content) for request in client.requests]


def told(client) -> list[str]:
    """What the model was told of its calls, in the last request."""
    return [message["content"] for message in sent(client)[-1]["messages"] if message["role"] == "tool"]


def test_a_call_and_an_answer(connect):
    """The function is called, its result told, and the next answer is the last."""
    client = connect(answer(None, OSLO), SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[weather], temperature=0)
    assert (run.text, run.max_rounds_reached, len(run.responses)) == ("It is sunny.", False, 2)
    assert isinstance(run.final, ChatCompletionResponse)
    assert run.final == run.responses[-1]
    (call,) = run.calls
    assert (call.id, call.name, call.arguments, call.result, call.error) == (
        "call_0",
        "weather",
        '{"city": "Oslo"}',
        "sunny in Oslo",
        None,
    )
    first, second = sent(client)
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


def test_no_call(connect):
    """A model that answers at once is asked once."""
    client = connect(SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[weather])
    assert (run.text, run.calls, len(client.requests)) == ("It is sunny.", [], 1)
    assert "tool_choice" not in sent(client)[0]


def test_several_calls_in_a_round(connect):
    """All are made, in their order, and all results told before the model is asked again; they are one round."""
    client = connect(answer("Let me see.", OSLO, ("weather", '{"city": "Ski"}')), SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[weather], max_rounds=2)
    assert [call.result for call in run.calls] == ["sunny in Oslo", "sunny in Ski"]
    messages = sent(client)[1]["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "tool", "tool"]
    assert [message.get("tool_call_id") for message in messages[2:]] == ["call_0", "call_1"]
    assert messages[1]["content"] == "Let me see."
    assert not run.max_rounds_reached


def test_several_rounds(connect):
    """The conversation grows, round by round."""
    client = connect(answer(None, OSLO), answer(None, ("weather", '{"city": "Ski"}')), SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[weather])
    assert [len(request["messages"]) for request in sent(client)] == [1, 3, 5]
    assert (len(run.responses), [call.arguments for call in run.calls]) == (3, ['{"city": "Oslo"}', '{"city": "Ski"}'])


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (
            ("snow", "{}"),
            ValidationError,
            "error: ValidationError: there is no function snow; there are weather,",
        ),
        (("weather", "{}"), ValidationError, "error: ValidationError: city: "),
        (("weather", "nonsense"), ValidationError, "error: ValidationError: the arguments: Invalid JSON"),
        (("fails", '{"city": "Oslo"}'), LookupError, "error: LookupError: no station in Oslo"),
    ],
)
def test_a_call_that_fails(connect, call, kind, said):
    """The model is told why, and may do better; the caller finds the exception among the calls."""
    client = connect(answer(None, call), answer(None, OSLO), SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[weather, fails])
    assert told(client)[0].startswith(said)
    assert (type(run.calls[0].error), run.calls[0].result) == (kind, None)
    assert (run.calls[1].result, run.text) == ("sunny in Oslo", "It is sunny.")


CIRCLE: list[Any] = []
CIRCLE.append(CIRCLE)


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("as it is", "as it is"),
        ("", ""),
        ({"a": [1, None, "é"]}, '{"a":[1,null,"é"]}'),
        (None, "null"),
        (False, "false"),
        (2.5, "2.5"),
        (Report(degrees=-3), '{"degrees":-3.0,"sky":"clear"}'),
        ([Wind(3)], '[{"speed":3}]'),
        ({"at": pydantic.TypeAdapter}, "TypeAdapter"),
        (b"\xff", "b'\\xff'"),
        (CIRCLE, "[[...]]"),
        ("half a pair \ud800", "half a pair ?"),
    ],
)
def test_a_result(connect, result, text):
    """Text is told as it is, anything else as JSON, and what has no JSON in Python's words."""

    def look() -> Any:
        return result

    client = connect(answer(None, ("look", "{}")), SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[look])
    assert text in told(client)[0] if text == "TypeAdapter" else told(client) == [text]
    assert run.calls[0].result is result


# How often


def test_the_last_round(connect):
    """After `max_rounds` of calls the model must answer: it is asked once more, without a choice."""
    client = connect(*[answer(None, OSLO)] * 4, SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[weather], max_rounds=2)
    assert [request.get("tool_choice") for request in sent(client)] == [None, "auto", "none"]
    assert (run.max_rounds_reached, len(run.calls), len(run.responses)) == (True, 2, 3)


def test_a_model_that_calls_although_it_must_not(connect):
    """Nothing is called after the last round, and the conversation ends as an answer."""
    client = connect(*[answer("Hm.", OSLO)] * 3, SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[weather], max_rounds=1)
    assert (len(run.calls), run.text) == (1, "Hm.")
    assert "tool_calls" not in run.messages[-1]


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "weather"}}])
def test_a_call_that_must_be_made_is_made_once(connect, choice):
    """With the result there the model is free again: else it could never answer."""
    client = connect(answer(None, OSLO), SUNNY)
    client.chat.completions.run_tools(**CHAT, tools=[weather], tool_choice=choice)
    assert [request["tool_choice"] for request in sent(client)] == [choice, "auto"]


def test_no_choice(connect):
    """A caller who allows no call is obeyed, even where the model is not obedient."""
    client = connect(answer("Hm.", OSLO), SUNNY)
    run = client.chat.completions.run_tools(**CHAT, tools=[weather], tool_choice="none")
    assert [request["tool_choice"] for request in sent(client)] == ["none"]
    assert (run.calls, run.text, run.max_rounds_reached) == ([], "Hm.", False)


# Afterwards


def test_to_go_on_with_it(connect):
    """`messages` is the whole conversation, fit to be sent again; the caller's own list is as it was."""
    mine = [*CHAT["messages"]]
    client = connect(answer(None, OSLO, thoughts="hm"), SUNNY, answer("You are welcome."))
    run = client.chat.completions.run_tools(model="m", messages=mine, tools=[weather])
    assert mine == CHAT["messages"]
    assert [message["role"] for message in run.messages] == ["user", "assistant", "tool", "assistant"]
    client.chat.completions.create(model="m", messages=[*run.messages, {"role": "user", "content": "Thanks!"}])
    assert sent(client)[2]["messages"][:4] == [*sent(client)[1]["messages"], run.messages[-1]]
    assert run.messages[1]["thoughts"] == "hm"


def test_a_failure_between_rounds(connect):
    """An edge that fails is an error of the call, as ever."""
    client = connect(answer(None, OSLO), httpx.Response(500, json={"error": {"message": "out of memory"}}))
    with pytest.raises(ServerError, match="out of memory"):
        client.chat.completions.run_tools(**CHAT, tools=[weather])


def test_no_choices(connect):
    """An answer without choices ends it, with no text."""
    empty = {**json.loads(SUNNY.content), "choices": []}
    run = connect(httpx.Response(200, json=empty)).chat.completions.run_tools(**CHAT, tools=[weather])
    assert (run.text, run.calls) == ("", [])


def test_options_are_those_of_every_round(connect):
    """So is each request's header."""
    client = connect(answer(None, OSLO), SUNNY)
    client.chat.completions.run_tools(**CHAT, tools=[weather], extra_headers={"X-A": "1"})
    assert [request.headers["x-a"] for request in client.requests] == ["1", "1"]


def test_an_interrupt_is_the_callers(connect):
    """Ctrl-C in a function is no result of it."""

    def stops() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        connect(answer(None, ("stops", "{}"))).chat.completions.run_tools(**CHAT, tools=[stops])


# Async functions


async def waited(city: str) -> str:
    """Tell the weather, in time."""
    await asyncio.sleep(0)
    return f"rainy in {city}"


def test_an_async_function(connect):
    """The async client awaits it; the other one refuses it before anything is sent."""
    client = connect(answer(None, ("waited", '{"city": "Oslo"}'), OSLO), SUNNY)
    if connect.name == "async":
        run = client.chat.completions.run_tools(**CHAT, tools=[waited, weather])
        assert [call.result for call in run.calls] == ["rainy in Oslo", "sunny in Oslo"]
    else:
        with pytest.raises(ValidationError, match="waited is async: use the async client"):
            client.chat.completions.run_tools(**CHAT, tools=[waited, weather])
        assert client.requests == []


# What cannot be


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"tools": []}, "tools: "),
        ({"tools": [weather, weather]}, "different names"),
        ({"tools": weather}, "tools: a list of functions"),
        ({"tools": [{"type": "function"}]}, "is no function with a name"),
        ({"tools": [weather], "n": 2}, "n: "),
        ({"tools": [weather], "max_rounds": 0}, "max_rounds: "),
        ({"tools": [weather], "max_rounds": True}, "max_rounds: "),
        ({"tools": [weather], "messages": []}, "messages: "),
    ],
)
def test_a_malformed_request(connect, wrong, told):
    """It is told before anything is sent."""
    client = connect(SUNNY)
    with pytest.raises(ValidationError) as fault:
        client.chat.completions.run_tools(**{**CHAT, **wrong})
    assert told in fault.value.message
    assert client.requests == []
