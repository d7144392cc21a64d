"""Calls that were made, told as facts. Pure.

A model of half a billion parameters that sees its own calls and their results calls again, and again. Told what was
looked up, without a function in sight, it answers: so results of functions are shown to it as facts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]


def ends_with_result(messages: object) -> bool:
    """Whether the last message is what a function returned."""
    last = messages[-1] if isinstance(messages, list) and messages else None
    return isinstance(last, dict) and last.get("role") == "tool"


def as_facts(messages: Sequence[Json]) -> list[Json]:
    """The conversation without its calls: what they returned stands in the system's message, before all others."""
    asked = {call.get("id"): call.get("function") or {} for message in messages for call in _calls(message)}
    facts = [
        f"{_written(asked.get(message.get('tool_call_id'), {}))} returned {_text(message.get('content'))}"
        for message in messages
        if message.get("role") == "tool"
    ]
    if not facts:
        return list(messages)
    told = "These facts were looked up just now:\n" + "\n".join(facts) + "\nAnswer from them."
    said = [message for message in messages if message.get("role") != "tool" and not _only_calls(message)]
    system = [_text(message.get("content")) for message in said if message["role"] == "system"]
    others = [_without_calls(message) for message in said if message["role"] != "system"]
    return [{"role": "system", "content": "\n\n".join([*system, told])}, *others]


def _calls(message: Mapping[str, Any]) -> list[Json]:
    return message.get("tool_calls") or []


def _without_calls(message: Json) -> Json:
    return {name: value for name, value in message.items() if name != "tool_calls"}


def _only_calls(message: Mapping[str, Any]) -> bool:
    return bool(_calls(message)) and not message.get("content")


def _written(function: Mapping[str, Any]) -> str:
    return f"{function.get('name', 'a function')}({function.get('arguments', '')})"


def _text(content: object) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else json.dumps(content, default=str)
