"""Rewrite tool calls and their results as facts. Pure.

A model of half a billion parameters that sees its own calls and their results calls again, and again. With the
results as facts and without any tool in the prompt, it responds with text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]


def ends_with_result(messages: object) -> bool:
    """Whether the last message is the result of a tool."""
    last = messages[-1] if isinstance(messages, list) and messages else None
    return isinstance(last, dict) and last.get("role") == "tool"


def results_to_facts(messages: Sequence[Json]) -> list[Json]:
    """The conversation without tool calls; their results are facts in the system message, which is the first."""
    functions = {call.get("id"): call.get("function") or {} for message in messages for call in _calls(message)}
    facts = [
        f"{_call_text(functions.get(message.get('tool_call_id'), {}))} returned {_text(message.get('content'))}"
        for message in messages
        if message.get("role") == "tool"
    ]
    if not facts:
        return list(messages)
    instruction = "These facts were looked up just now:\n" + "\n".join(facts) + "\nAnswer from them."
    spoken = [message for message in messages if message.get("role") != "tool" and not _has_only_calls(message)]
    system = [_text(message.get("content")) for message in spoken if message["role"] == "system"]
    others = [_remove_calls(message) for message in spoken if message["role"] != "system"]
    return [{"role": "system", "content": "\n\n".join([*system, instruction])}, *others]


def _calls(message: Mapping[str, Any]) -> list[Json]:
    return message.get("tool_calls") or []


def _remove_calls(message: Json) -> Json:
    return {name: value for name, value in message.items() if name != "tool_calls"}


def _has_only_calls(message: Mapping[str, Any]) -> bool:
    return bool(_calls(message)) and not message.get("content")


def _call_text(function: Mapping[str, Any]) -> str:
    return f"{function.get('name', 'a function')}({function.get('arguments', '')})"


def _text(content: object) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else json.dumps(content, default=str)
