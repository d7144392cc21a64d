"""Forms of an answer: JSON where JSON was asked for, calls of tools, log probabilities."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from polargrid_contract.check import Fault, check
from polargrid_contract.checks.asking import Answer, answer
from polargrid_contract.server import Server

CHAT = ("chat_completion",)
_PLACE = {
    "type": "object",
    "properties": {"city": {"type": "string", "enum": ["Paris", "Rome"]}},
    "required": ["city"],
    "additionalProperties": False,
}
_QUESTION = "What is the weather in Paris?"
_ROOM = 48  # tokens: enough for the small objects asked for


@check(
    "json-object-obeyed",
    on=CHAT,
    why="The answer goes straight into a parser.",
    source="openapi.yaml, ResponseFormat; OpenAI API, Structured outputs, JSON mode",
)
def json_object_obeyed(server: Server) -> Iterator[Fault]:
    """An object of JSON and nothing around it; where it was cut, the beginning of one."""
    prompt = 'Answer with this JSON object and nothing else: {"city": "Paris"}'
    told = answer(server, *CHAT, prompt, max_tokens=_ROOM, response_format={"type": "json_object"}, optional=True)
    if not _is_object(told, told.text):
        yield server.fault(told.exchange, expected="a JSON object", came=repr(told.text))


@check(
    "json-schema-obeyed",
    on=CHAT,
    why="The answer goes straight into a program that reads these fields.",
    source="openapi.yaml, JsonSchemaFormat; OpenAI API, Structured outputs",
)
def json_schema_obeyed(server: Server) -> Iterator[Fault]:
    """The fields of the schema, and no others."""
    wanted = {"type": "json_schema", "json_schema": {"name": "place", "schema": _PLACE, "strict": True}}
    told = answer(server, *CHAT, _QUESTION, max_tokens=_ROOM, response_format=wanted, optional=True)
    if not _is_object(told, told.text) or (_whole(told) and not _is_place(told.text)):
        yield server.fault(told.exchange, expected='{"city": "Paris"} or {"city": "Rome"}', came=repr(told.text))


@check(
    "required-tool-called",
    on=CHAT,
    why="A program that needs a call has nothing to do with a text.",
    source="openapi.yaml, tool_choice; OpenAI API, Function calling, tool_choice",
)
def required_tool_called(server: Server) -> Iterator[Fault]:
    """A tool that was offered is called, with arguments that are an object of JSON."""
    named: dict[str, Any] = {"type": "function", "function": {"name": "tell_weather"}}
    for choice in ("required", named):
        told = _with_tools(server, choice)
        calls = told.choice["message"].get("tool_calls") or []
        if not calls and (_whole(told) or told.text.lstrip()[:1] not in {"", "{", "[", "<"}):
            yield server.fault(told.exchange, expected="tool_calls", came=f"none, but {told.text!r}")
        for call in calls:
            function = call["function"]
            good = call["id"] and call["type"] == "function" and function["name"] == "tell_weather"
            if not good or not isinstance(function["arguments"], str) or not _is_object(told, function["arguments"]):
                expected = "an id, type 'function', the name 'tell_weather', arguments as text of a JSON object"
                yield server.fault(told.exchange, expected=expected, came=json.dumps(call))
        ended = {"tool_calls", "length"} | ({"stop"} if choice is named or _lenient(server) else set())
        if calls and told.finish_reason not in ended:
            yield server.fault(told.exchange, expected="finish_reason 'tool_calls'", came=repr(told.finish_reason))


@check(
    "no-tool-called-unasked",
    on=CHAT,
    why="A call that nobody can answer ends the conversation.",
    source="openapi.yaml, tool_choice; OpenAI API, Function calling, tool_choice",
)
def no_tool_called_unasked(server: Server) -> Iterator[Fault]:
    """None with tool_choice none."""
    told = _with_tools(server, "none")
    if told.choice["message"].get("tool_calls") or told.finish_reason == "tool_calls":
        yield server.fault(told.exchange, expected="a text", came=json.dumps(told.choice["message"]))


@check(
    "logprobs-as-asked",
    on=CHAT,
    why="Who weighs an answer needs the probability of each of its tokens; who does not is spared them.",
    source="openapi.yaml, ChatLogprobs; OpenAI API, Chat, logprobs",
)
def logprobs_as_asked(server: Server) -> Iterator[Fault]:
    """A probability for each token, with as many others as asked for; none where none are asked for."""
    unasked = answer(server, *CHAT, max_tokens=5).choice.get("logprobs")
    if unasked and unasked.get("content"):
        without = answer(server, *CHAT, max_tokens=5).exchange
        yield server.fault(without, expected="no logprobs, as none were asked for", came=json.dumps(unasked)[:200])
    told = answer(server, *CHAT, max_tokens=5, logprobs=True, top_logprobs=2, optional=True)
    tokens = (told.choice.get("logprobs") or {}).get("content") or []
    if not tokens:
        yield server.fault(told.exchange, expected="logprobs.content", came=repr(told.choice.get("logprobs")))
        return
    joined = "".join(token["token"] for token in tokens)
    if "\ufffd" not in joined and told.text.strip() not in joined:
        yield server.fault(told.exchange, expected=f"the tokens of {told.text!r}", came=repr(joined))
    for token in tokens:
        others = token.get("top_logprobs") or []
        if not all(each["logprob"] <= 0 for each in (token, *others)):
            yield server.fault(told.exchange, expected="logprob of 0 at most", came=json.dumps(token))
        elif len(others) != 2:
            yield server.fault(told.exchange, expected="2 top_logprobs", came=f"{len(others)} at {token['token']!r}")


def _with_tools(server: Server, choice: Any) -> Answer:
    about = {"name": "tell_weather", "description": "Tells the weather of a city.", "parameters": _PLACE}
    tools = [{"type": "function", "function": about}]
    return answer(server, *CHAT, _QUESTION, max_tokens=_ROOM, tools=tools, tool_choice=choice, optional=True)


def _lenient(server: Server) -> bool:
    return server.target.profile == "openai"


def _whole(told: Answer) -> bool:
    return bool(told.finish_reason != "length")


def _is_object(told: Answer, text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return not _whole(told) and text.lstrip()[:1] in {"", "{"}


def _is_place(text: str) -> bool:
    return bool(json.loads(text) in ({"city": "Paris"}, {"city": "Rome"}))
