"""The crutch of a model that repeats its tool calls. Pure.

A model of half a billion parameters that sees its own calls and their results finds the next call, but not the end:
it calls again what it called before, and again. When it has repeated a call, the results become facts of the prompt,
without any tool, and it responds with text.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from polargrid_edge.backends.tool_calls import call_key
from polargrid_edge.backends.tool_plan import ToolPlan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]


def end_repetition(plan: ToolPlan, messages: Sequence[Json]) -> tuple[ToolPlan, list[Json]]:
    """The plan and the messages for a model that repeats its calls.

    It has its tools until it has made the same call twice since the last message of the user; a required call is made
    in any case. Without tools in the prompt, results are facts.
    """
    if plan.offered and (plan.required or not has_repeated_call(messages)):
        return replace(plan, distinct=True), list(messages)
    return ToolPlan(), results_to_facts(messages)


def has_repeated_call(messages: Sequence[Json]) -> bool:
    """Whether a call was made twice, with the same arguments, since the last message of the user."""
    counts: Counter[tuple[str, str]] = Counter()
    for message in messages:
        if message.get("role") == "user":
            counts.clear()
        counts.update(call_key(call) for call in _calls(message))
    return any(count > 1 for count in counts.values())


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
