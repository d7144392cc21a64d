"""Texts that a JSON Schema forces: the response has exactly this text, in any script, plain or with `stop`.

A model has no choice here, so that the whole path is compared: the grammar, the tokenizer, the text, JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from polargrid_contract.checks.requests import TextResponse, ask_cached
from polargrid_contract.checks.shapes import get_field
from polargrid_contract.client import ServerClient
from polargrid_contract.readers.json_text import JSONTextError, parse_json
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation

CHAT = "chat_completion"
PROMPT = "Repeat the text."
MAX_TOKENS = 96  # enough for each text, also if all of its characters are escaped
#: Short texts by what is difficult about them.
FORCED_TEXTS = {
    "Greek and a combining mark": "Καλημέρα e\u0301 \u00e9",
    "emoji of one character and of several": "a😀b \U0001f469\u200d\U0001f467\U0001f1e8\U0001f1e6",
    "quotes, backslashes and markup": "\"a\" 'b' \\ \\n / <b>&amp;</b>",
    "spaces, line breaks and tabs": "  a   b \na\r\n\tc",
    "right to left, and line separators": "שלום \u2028b\u2029c\u0085d",
    "the end of a stream": "data: [DONE]\n\ndata: a",
}
_BY_ENUM = "Greek and a combining mark"
_STOPS = {
    "Greek and a combining mark": ("μ", "\u00e9"),
    "emoji of one character and of several": ("😀",),
}
_TOOL = "say"


@check(
    "forced-text-exact",
    on=(CHAT,),
    rationale="A text that a schema forces arrives unchanged, or no text can be trusted to.",
    reference="openapi.yaml, JsonSchemaFormat; JSON Schema, const and enum; OpenAI API, Structured outputs",
)
def check_forced_text(client: ServerClient) -> Iterator[Violation]:
    """The content is JSON with the constant, or the only value of an enum, character for character."""
    responses = []
    for name, text in FORCED_TEXTS.items():
        for keyword in ("const", "enum") if name == _BY_ENUM else ("const",):
            response = _ask(client, response_format=build_format(text, keyword))
            responses.append(response)
            if error := find_forced_error(text, response.text, response.finish_reason):
                expected = f"{text!r} ({name}), which the schema forces by {keyword}"
                yield client.violation(response.exchange, expected=expected, actual=error)
    _require_complete(responses)


@check(
    "forced-arguments-exact",
    on=(CHAT,),
    rationale="A function gets the arguments that its schema forces, unchanged.",
    reference="openapi.yaml, FunctionDefinition.strict",
    profiles=("polargrid",),
)
def check_forced_arguments(client: ServerClient) -> Iterator[Violation]:
    """The arguments of a strict function are JSON with the constant, character for character."""
    responses = []
    for name, text in FORCED_TEXTS.items():
        response = _ask(client, **build_tool_fields(text))
        responses.append(response)
        arguments = _read_arguments(response)
        if error := find_forced_error(text, arguments, response.finish_reason):
            expected = f"{text!r} ({name}) as the argument of the function, which its schema forces"
            yield client.violation(response.exchange, expected=expected, actual=error)
    _require_complete(responses)


@check(
    "forced-text-stops",
    on=(CHAT,),
    rationale="A stop sequence is found in the text, and not in its bytes or tokens.",
    reference="openapi.yaml, stop; OpenAI API, Chat, stop",
)
def check_forced_stop(client: ServerClient) -> Iterator[Violation]:
    """The text ends before a stop sequence in any script, with the finish_reason `stop`."""
    compared = 0
    for name, stop in ((name, stop) for name, stops in _STOPS.items() for stop in stops):
        response_format = build_format(FORCED_TEXTS[name])
        text = _ask(client, response_format=response_format).text
        if stop not in text:
            continue  # the character may be escaped
        compared += 1
        response = _ask(client, response_format=response_format, stop=[stop])
        expected = text[: text.index(stop)]
        if (response.text.rstrip(), response.finish_reason) != (expected.rstrip(), "stop"):
            actual = f"{response.text!r} and {response.finish_reason!r}"
            yield client.violation(
                response.exchange, expected=f"{expected!r} and 'stop', before {stop!r}", actual=actual
            )
    if not compared:
        raise CheckSkipped("the forced texts are escaped, so that they have no character to stop at")


def build_format(text: str, keyword: str = "const") -> dict[str, Any]:
    """The `response_format` that forces the content to be {"text": text}."""
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": _schema(text, keyword), "strict": True}}


def build_tool_fields(text: str) -> dict[str, Any]:
    """The fields of a request that force a call of a function with the arguments {"text": text}."""
    function = {"name": _TOOL, "description": "Say it.", "parameters": _schema(text, "const"), "strict": True}
    choice = {"type": "function", "function": {"name": _TOOL}}
    return {"tools": [{"type": "function", "function": function}], "tool_choice": choice}


def find_forced_error(text: str, content: str, finish_reason: Any) -> str:
    """Describe a content other than {"text": text} in strict JSON; empty if it is that, or max_tokens truncates it."""
    if finish_reason == "length":
        return ""
    try:
        value = parse_json(content)
    except JSONTextError as error:
        return f"{error}: {content!r}"
    return "" if value == {"text": text} else f"{content!r}"


def _require_complete(responses: Sequence[TextResponse]) -> None:
    """Raise CheckSkipped if no response is complete, so that none could be compared."""
    if all(response.finish_reason == "length" for response in responses):
        raise CheckSkipped(f"the server truncates every response to {MAX_TOKENS} tokens")


def _read_arguments(response: TextResponse) -> str:
    """The arguments of the first call; empty if there is none."""
    calls = get_field(response.exchange, response.choice, "message", kind=dict).get("tool_calls") or []
    arguments: str = get_field(response.exchange, calls, 0, "function", "arguments", kind=str) if calls else ""
    return arguments


def _schema(text: str, keyword: str) -> dict[str, Any]:
    value = {"type": "string", **({"const": text} if keyword == "const" else {"enum": [text]})}
    return {"type": "object", "properties": {"text": value}, "required": ["text"], "additionalProperties": False}


def _ask(client: ServerClient, **fields: Any) -> TextResponse:
    return ask_cached(client, CHAT, PROMPT, max_tokens=MAX_TOKENS, optional=True, **fields)
