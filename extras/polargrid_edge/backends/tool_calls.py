"""Parse the tool calls of a generated text. Pure.

The text of a call is `{"name": …, "arguments": {…}}`. A JSON schema enforces a required call; an optional call is
the bare object, a fenced block, or an object in `<tool_call>` tags.
"""

from __future__ import annotations

import json
import re
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

Json = dict[str, Any]

_OPENING = re.compile(r"\s*(?:<tool_call>\s*)?(?:```(?:json|tool_call)?\s*)?")
_BETWEEN = re.compile(r"\s*(?:```)?\s*(?:</tool_call>)?\s*[,;]?" + _OPENING.pattern)
_CLOSING = re.compile(r"\s*(?:```)?\s*(?:</tool_call>)?\s*")
_FIRST_KEY = re.compile(r'\{\s*(?:"(?P<key>[^"]*)"?|$)')
_KEYS = ("name", "arguments", "parameters")


def may_be_call(text: str) -> bool:
    """Whether a text with this beginning may still become a call, so that it must be buffered."""
    start = text.lstrip()
    if any(tag.startswith(start) for tag in ("<tool_call>", "```json", "```tool_call")):
        return True
    rest = text[_opening_length(text) :].lstrip()
    if not rest:
        return True
    first = _FIRST_KEY.match(rest)
    return first is not None and any(key.startswith(first["key"] or "") for key in _KEYS)


def _opening_length(text: str) -> int:
    match = _OPENING.match(text)
    return match.end() if match else 0


def parse_calls(text: str, names: Collection[str]) -> tuple[list[Json], str]:
    """Parse the calls at the beginning of the text; returns OpenAI's `tool_calls` and the rest of the text.

    A truncated last call after complete calls is dropped: it is not text.
    """
    calls: list[Json] = []
    end = 0
    at = _opening_length(text)
    while parsed := _parse_call(text, at, names):
        call, end = parsed
        calls.append(call)
        between = _BETWEEN.match(text, end)
        at = between.end() if between else end
    if not calls:
        return [], text
    closing = _CLOSING.match(text, end)
    rest = text[closing.end() if closing else end :].strip()
    return calls, "" if _is_truncated_call(rest) else rest


def _is_truncated_call(text: str) -> bool:
    if not may_be_call(text):
        return False
    try:
        json.JSONDecoder().raw_decode(text, _opening_length(text))
    except (ValueError, RecursionError):
        return True
    return False


def _parse_call(text: str, at: int, names: Collection[str]) -> tuple[Json, int] | None:
    try:
        value, end = json.JSONDecoder().raw_decode(text, at)
    except (ValueError, RecursionError):
        return None
    match value:
        case {"name": str(name), "arguments": dict() | str() as arguments} if name in names:
            return _build_call(name, arguments), end
        case {"name": str(name), "parameters": dict() as arguments} if name in names:
            return _build_call(name, arguments), end
        case _:
            return None


def _build_call(name: str, arguments: Json | str) -> Json:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {
        "id": f"call_{secrets.token_hex(12)}",
        "type": "function",
        "function": {"name": name, "arguments": text},
    }


def to_deltas(calls: Sequence[Json]) -> list[Json]:
    """Complete calls in the format of a stream, with an index."""
    return [{"index": index, **call} for index, call in enumerate(calls)]


def call_key(call: Json) -> tuple[str, str]:
    """The name and the arguments of a call: equal for calls that do the same."""
    function = call.get("function") or {}
    arguments = function.get("arguments")
    with suppress(ValueError, RecursionError):
        arguments = json.dumps(json.loads(arguments), sort_keys=True) if isinstance(arguments, str) else arguments
    return str(function.get("name")), str(arguments)


def drop_repeats(calls: Iterable[Json]) -> list[Json]:
    """The calls without those that are equal to an earlier one."""
    distinct: dict[tuple[str, str], Json] = {}
    for call in calls:
        distinct.setdefault(call_key(call), call)
    return list(distinct.values())
