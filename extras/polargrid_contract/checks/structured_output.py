"""Structured output: JSON objects, JSON schemas, tool calls, log probabilities."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import NoneType
from typing import Any, cast

from polargrid_contract.checks.requests import TextResponse, ask_cached
from polargrid_contract.checks.shapes import get_field
from polargrid_contract.client import ServerClient
from polargrid_contract.registry import check
from polargrid_contract.results import Violation

CHAT = ("chat_completion",)
CITY_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "enum": ["Paris", "Rome"]}},
    "required": ["city"],
    "additionalProperties": False,
}
QUESTION = "What is the weather in Paris?"
_TOOL = "get_weather"
MAX_TOKENS = 48  # enough for the small objects that are requested
_MAX_TEXT_TOKENS = 24  # enough to begin a call
CITY_TOOLS = [
    {
        "type": "function",
        "function": {"name": _TOOL, "description": "Get the weather of a city.", "parameters": CITY_SCHEMA},
    }
]
JSON_PROMPT = 'Answer with this JSON object and nothing else: {"city": "Paris"}'
JSON_FIELDS: dict[str, Any] = {"max_tokens": MAX_TOKENS, "response_format": {"type": "json_object"}}
_SCHEMA_FORMAT = {"type": "json_schema", "json_schema": {"name": "place", "schema": CITY_SCHEMA, "strict": True}}
SCHEMA_FIELDS: dict[str, Any] = {"max_tokens": MAX_TOKENS, "response_format": _SCHEMA_FORMAT}


@check(
    "json-object-valid",
    on=CHAT,
    rationale="A client passes the response to a JSON parser.",
    reference="openapi.yaml, ResponseFormat; OpenAI API, Structured outputs, JSON mode",
)
def check_json_object(client: ServerClient) -> Iterator[Violation]:
    """The text is a JSON object without text around it; a truncated response is the start of one."""
    response = ask_cached(client, *CHAT, JSON_PROMPT, optional=True, **JSON_FIELDS)
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
    response = ask_cached(client, *CHAT, QUESTION, optional=True, **SCHEMA_FIELDS)
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
        calls = _tool_calls(response)
        if not calls and (_is_complete(response) or response.text.lstrip()[:1] not in {"", "{", "[", "<"}):
            actual = f"no tool call, text {response.text!r}"
            yield client.violation(response.exchange, expected="tool_calls", actual=actual)
        for call in calls:
            function = get_field(response.exchange, call, "function", kind=dict)
            is_valid = call.get("id") and call.get("type") == "function" and function.get("name") == _TOOL
            arguments = function.get("arguments")
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
    if _tool_calls(response) or response.finish_reason == "tool_calls":
        actual = json.dumps(response.choice.get("message"))
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
    unrequested = _read_logprobs(plain)
    if unrequested.get("content"):
        actual = json.dumps(unrequested)[:200]
        yield client.violation(plain.exchange, expected="no logprobs without a request", actual=actual)
    response = ask_cached(client, *CHAT, max_tokens=5, logprobs=True, top_logprobs=2, optional=True)
    tokens = _read_logprobs(response).get("content") or []
    if not tokens:
        actual = repr(response.choice.get("logprobs"))
        yield client.violation(response.exchange, expected="logprobs.content", actual=actual)
        return
    exchange = response.exchange
    joined = "".join(get_field(exchange, token, "token", kind=str) for token in tokens)
    if "\ufffd" not in joined and response.text.strip() not in joined:
        yield client.violation(response.exchange, expected=f"the tokens of {response.text!r}", actual=repr(joined))
    for token in tokens:
        alternatives = get_field(exchange, {"top_logprobs": [], **token}, "top_logprobs", kind=list)
        if not all(get_field(exchange, item, "logprob", kind=float) <= 0 for item in (token, *alternatives)):
            yield client.violation(response.exchange, expected="logprobs of at most 0", actual=json.dumps(token))
        elif len(alternatives) != 2:
            actual = f"{len(alternatives)} for {token['token']!r}"
            yield client.violation(response.exchange, expected="2 top_logprobs", actual=actual)


def build_tool_fields(tool_choice: Any) -> dict[str, Any]:
    """The fields of a request for a call of a function."""
    return {
        "max_tokens": _MAX_TEXT_TOKENS if tool_choice == "none" else MAX_TOKENS,
        "tools": CITY_TOOLS,
        "tool_choice": tool_choice,
    }


def _ask_with_tool(client: ServerClient, tool_choice: Any) -> TextResponse:
    return ask_cached(client, *CHAT, QUESTION, optional=True, **build_tool_fields(tool_choice))


def _tool_calls(response: TextResponse) -> list[dict[str, Any]]:
    """The calls of tools; empty for null and for none."""
    calls = response.choice.get("message", {}).get("tool_calls")
    calls = get_field(response.exchange, [] if calls is None else calls, kind=list)
    return [get_field(response.exchange, call, kind=dict) for call in calls]


def _read_logprobs(response: TextResponse) -> dict[str, Any]:
    """The log probabilities of the first choice; empty for null and for none."""
    logprobs = response.choice.get("logprobs")
    logprobs = get_field(response.exchange, {} if logprobs is None else logprobs, kind=dict)
    get_field(response.exchange, {"content": None, **logprobs}, "content", kind=(list, NoneType))
    return cast("dict[str, Any]", logprobs)


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
