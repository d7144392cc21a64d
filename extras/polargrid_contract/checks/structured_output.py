"""Structured output: JSON objects, JSON schemas, tool calls, log probabilities."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from polargrid_contract.checks.requests import TextResponse, ask_cached
from polargrid_contract.client import ServerClient
from polargrid_contract.registry import check
from polargrid_contract.results import Violation

CHAT = ("chat_completion",)
_CITY_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "enum": ["Paris", "Rome"]}},
    "required": ["city"],
    "additionalProperties": False,
}
_QUESTION = "What is the weather in Paris?"
_TOOL = "get_weather"
_MAX_TOKENS = 48  # enough for the small objects that are requested


@check(
    "json-object-valid",
    on=CHAT,
    rationale="A client passes the response to a JSON parser.",
    reference="openapi.yaml, ResponseFormat; OpenAI API, Structured outputs, JSON mode",
)
def check_json_object(client: ServerClient) -> Iterator[Violation]:
    """The text is a JSON object without text around it; a truncated response is the start of one."""
    prompt = 'Answer with this JSON object and nothing else: {"city": "Paris"}'
    response = ask_cached(
        client, *CHAT, prompt, max_tokens=_MAX_TOKENS, response_format={"type": "json_object"}, optional=True
    )
    if not _is_object(response, response.text):
        yield client.violation(response.exchange, expected="a JSON object", actual=repr(response.text))


@check(
    "json-schema-respected",
    on=CHAT,
    rationale="A program reads these fields from the response.",
    reference="openapi.yaml, JsonSchemaFormat; OpenAI API, Structured outputs",
)
def check_json_schema(client: ServerClient) -> Iterator[Violation]:
    """The object has the fields of the schema and no others."""
    response_format = {
        "type": "json_schema",
        "json_schema": {"name": "place", "schema": _CITY_SCHEMA, "strict": True},
    }
    response = ask_cached(
        client, *CHAT, _QUESTION, max_tokens=_MAX_TOKENS, response_format=response_format, optional=True
    )
    is_valid = not _is_complete(response) or _is_city(response.text)
    if not _is_object(response, response.text) or not is_valid:
        expected = '{"city": "Paris"} or {"city": "Rome"}'
        yield client.violation(response.exchange, expected=expected, actual=repr(response.text))


@check(
    "required-tool-called",
    on=CHAT,
    rationale="A program that requires a tool call cannot use a text instead.",
    reference="openapi.yaml, tool_choice; OpenAI API, Function calling, tool_choice",
)
def check_required_tool(client: ServerClient) -> Iterator[Violation]:
    """The tool is called, with a JSON object as arguments."""
    specific: dict[str, Any] = {"type": "function", "function": {"name": _TOOL}}
    for tool_choice in ("required", specific):
        response = _ask_with_tool(client, tool_choice)
        calls = response.choice["message"].get("tool_calls") or []
        if not calls and (_is_complete(response) or response.text.lstrip()[:1] not in {"", "{", "[", "<"}):
            actual = f"no tool call, text {response.text!r}"
            yield client.violation(response.exchange, expected="tool_calls", actual=actual)
        for call in calls:
            function = call["function"]
            is_valid = call["id"] and call["type"] == "function" and function["name"] == _TOOL
            arguments = function["arguments"]
            if not is_valid or not isinstance(arguments, str) or not _is_object(response, arguments):
                expected = f"an id, type 'function', the name {_TOOL!r}, arguments as text of a JSON object"
                yield client.violation(response.exchange, expected=expected, actual=json.dumps(call))
        allowed = {"tool_calls", "length"}
        if tool_choice is specific or client.target.profile == "openai":
            allowed.add("stop")
        if calls and response.finish_reason not in allowed:
            actual = repr(response.finish_reason)
            yield client.violation(response.exchange, expected="finish_reason 'tool_calls'", actual=actual)


@check(
    "tool-choice-none-respected",
    on=CHAT,
    rationale="A tool call that the client cannot run ends the conversation.",
    reference="openapi.yaml, tool_choice; OpenAI API, Function calling, tool_choice",
)
def check_no_tool(client: ServerClient) -> Iterator[Violation]:
    """With tool_choice none there is no tool call."""
    response = _ask_with_tool(client, "none")
    if response.choice["message"].get("tool_calls") or response.finish_reason == "tool_calls":
        actual = json.dumps(response.choice["message"])
        yield client.violation(response.exchange, expected="a text", actual=actual)


@check(
    "logprobs-as-requested",
    on=CHAT,
    rationale="A client that evaluates a response needs the probability of each token; other clients do not.",
    reference="openapi.yaml, ChatLogprobs; OpenAI API, Chat, logprobs",
)
def check_logprobs(client: ServerClient) -> Iterator[Violation]:
    """There is a probability for each token, with the requested number of alternatives; without a request none."""
    plain = ask_cached(client, *CHAT, max_tokens=5)
    unrequested = plain.choice.get("logprobs")
    if unrequested and unrequested.get("content"):
        actual = json.dumps(unrequested)[:200]
        yield client.violation(plain.exchange, expected="no logprobs without a request", actual=actual)
    response = ask_cached(client, *CHAT, max_tokens=5, logprobs=True, top_logprobs=2, optional=True)
    tokens = (response.choice.get("logprobs") or {}).get("content") or []
    if not tokens:
        actual = repr(response.choice.get("logprobs"))
        yield client.violation(response.exchange, expected="logprobs.content", actual=actual)
        return
    joined = "".join(token["token"] for token in tokens)
    if "\ufffd" not in joined and response.text.strip() not in joined:
        yield client.violation(response.exchange, expected=f"the tokens of {response.text!r}", actual=repr(joined))
    for token in tokens:
        alternatives = token.get("top_logprobs") or []
        if not all(item["logprob"] <= 0 for item in (token, *alternatives)):
            yield client.violation(response.exchange, expected="logprobs of at most 0", actual=json.dumps(token))
        elif len(alternatives) != 2:
            actual = f"{len(alternatives)} for {token['token']!r}"
            yield client.violation(response.exchange, expected="2 top_logprobs", actual=actual)


def _ask_with_tool(client: ServerClient, tool_choice: Any) -> TextResponse:
    function = {"name": _TOOL, "description": "Get the weather of a city.", "parameters": _CITY_SCHEMA}
    tools = [{"type": "function", "function": function}]
    return ask_cached(
        client, *CHAT, _QUESTION, max_tokens=_MAX_TOKENS, tools=tools, tool_choice=tool_choice, optional=True
    )


def _is_complete(response: TextResponse) -> bool:
    return bool(response.finish_reason != "length")


def _is_object(response: TextResponse, text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return not _is_complete(response) and text.lstrip()[:1] in {"", "{"}


def _is_city(text: str) -> bool:
    try:
        return bool(json.loads(text) in ({"city": "Paris"}, {"city": "Rome"}))
    except ValueError:
        return False
