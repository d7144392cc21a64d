"""Tool calls: each has an id of its own, and arguments that a program can use; streamed, their fragments join."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from polargrid_contract.checks.requests import TextResponse, ask_cached, ask_fresh
from polargrid_contract.checks.shapes import get_field
from polargrid_contract.checks.streamed_client import UnjoinedStreamError, stream_texts
from polargrid_contract.checks.structured_output import CHAT, CITY_SCHEMA, MAX_TOKENS, QUESTION
from polargrid_contract.client import OperationMissing, ServerClient
from polargrid_contract.readers.assembled_stream import Json, list_call_fragments
from polargrid_contract.readers.event_stream import Stream
from polargrid_contract.readers.json_text import JSONTextError, parse_json
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation
from polargrid_contract.schemas import find_error

_NAMES = ("get_weather", "get_time")
STRICT_TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": CITY_SCHEMA, "strict": True}} for name in _NAMES
]
#: The fields of a request for two choices with calls.
TWO_CALLS: Json = {"max_tokens": MAX_TOKENS, "tools": STRICT_TOOLS, "tool_choice": "required", "n": 2}


@check(
    "tool-call-ids-unique",
    on=CHAT,
    rationale="A client returns the result of a call by its id: two calls with one id get each other's results.",
    reference="openapi.yaml, ToolCall.id; OpenAI API, Function calling",
)
def check_ids(client: ServerClient) -> Iterator[Violation]:
    """Every call of every choice and of every response has an id, and no two have the same."""
    seen: set[str] = set()
    responses = [_ask(client), _ask(client, is_fresh=True)]
    for response in responses:
        for call in list_calls(response.choices):
            identity = call.get("id")
            if not isinstance(identity, str) or not identity or identity in seen:
                is_known = isinstance(identity, str) and identity in seen
                actual = f"id {identity!r} again" if is_known else f"id {identity!r}"
                yield client.violation(response.exchange, expected="an id that no other call has", actual=actual)
            seen.add(str(identity))
    if not seen:
        raise CheckSkipped(f"{MAX_TOKENS} tokens are too few for a call of this model")


@check(
    "tool-call-arguments-valid",
    on=CHAT,
    rationale="A program calls the function with these arguments.",
    reference="openapi.yaml, FunctionDefinition.strict; OpenAI API, Function calling, Strict mode",
)
def check_arguments(client: ServerClient) -> Iterator[Violation]:
    """The name is that of a tool, and the arguments of a strict tool match its schema, unless they are truncated."""
    response = _ask(client)
    is_strict = client.target.profile == "polargrid"  # other servers may ignore `strict`
    for choice in response.choices:
        for call in list_calls([choice]):
            function = get_field(response.exchange, call, "function", kind=dict)
            name, arguments = function.get("name"), function.get("arguments")
            if name not in _NAMES:
                yield client.violation(response.exchange, expected=f"one of {', '.join(_NAMES)}", actual=repr(name))
            elif choice.get("finish_reason") == "length":
                continue
            elif error := _find_argument_error(arguments, CITY_SCHEMA if is_strict else {"type": "object"}):
                expected = f"arguments that match {json.dumps(CITY_SCHEMA)}"
                yield client.violation(response.exchange, expected=expected, actual=f"{error} in {arguments!r}")


@check(
    "stream-tool-call-fragments",
    on=CHAT,
    rationale="A client starts a call at the fragment with its id and name, and adds the others by their index.",
    reference="openapi.yaml, ToolCallDelta; OpenAI API, Chat, Streaming, delta.tool_calls",
)
def check_fragments(client: ServerClient) -> Iterator[Violation]:
    """Indexes count from 0 in each choice; the first fragment has id, type and name; no later one has others."""
    try:
        exchange = _ask(stream_texts(client)).exchange
    except UnjoinedStreamError as unjoined:  # fragments without an id or a name join to no call
        exchange = unjoined.exchange
    stream = Stream(exchange)
    count = 0
    for index in stream.indexes:
        fragments = list_call_fragments(stream, index)
        count += len(fragments)
        if list(fragments) != list(range(len(fragments))):
            expected = f"calls with the indexes {list(range(len(fragments)))} in choice {index}"
            yield client.violation(exchange, expected=expected, actual=str(list(fragments)))
        for first, *others in fragments.values():
            if error := _find_fragment_error(first, others):
                yield client.violation(exchange, expected="id, type and name once, at first", actual=error)
    if not count:
        raise CheckSkipped(f"{MAX_TOKENS} tokens are too few for a call of this model")


def list_calls(choices: Sequence[Json]) -> list[Json]:
    """The tool calls of some choices."""
    calls = [(choice.get("message") or {}).get("tool_calls") for choice in choices]
    return [call for group in calls if isinstance(group, list) for call in group if isinstance(call, dict)]


def _ask(client: ServerClient, *, is_fresh: bool = False) -> TextResponse:
    """Request two choices with calls; one if the server has no `n`."""
    ask = ask_fresh if is_fresh else ask_cached
    try:
        return ask(client, *CHAT, QUESTION, optional=True, **TWO_CALLS)
    except OperationMissing:
        return ask(client, *CHAT, QUESTION, optional=True, **{**TWO_CALLS, "n": 1})


def _find_argument_error(arguments: Any, schema: Json) -> str:
    try:
        value = parse_json(str(arguments))
    except JSONTextError as error:
        return str(error)
    return find_error({}, schema, value)


def _find_fragment_error(first: Json, others: list[Json]) -> str:
    """Describe what is wrong with the fragments of one call; a value that is repeated is right."""
    known = _read_names(first)
    for name, value in known.items():
        if not isinstance(value, str) or not value:
            return f"no {name} in the first fragment: {json.dumps(first)[:200]}"
    for fragment in others:
        for name, value in _read_names(fragment).items():
            if value and value != known[name]:
                return f"{name} {known[name]!r}, then {value!r}"
    return ""


def _read_names(fragment: Json) -> Json:
    function = fragment.get("function")
    name = function.get("name") if isinstance(function, dict) else None
    return {"id": fragment.get("id"), "type": fragment.get("type"), "name": name}
