"""What differs between two responses of a text operation that are equal, such as a plain and a streamed one; pure.

Ids and times differ, and are left out; so are fields of the server's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")
_DIGITS = 2  # of a log probability: its last digits depend on the order of additions
_EXCERPT = 160


def find_difference(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the first part that differs, as expected and actual value; None if the responses are equal."""
    others = dict(_list_parts(actual))
    for name, value in _list_parts(expected):
        if others.get(name) != value:
            return _describe(name, value), _describe(name, others.get(name))
        others.pop(name)
    for name, value in others.items():
        return f"no {name}", _describe(name, value)
    return None


def _list_parts(response: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each part that two equal responses share, with a name for a message."""
    yield "model", response.get("model")
    for choice in sorted(response.get("choices") or [], key=lambda it: str(it.get("index"))):
        label = f"choice {choice.get('index')}"
        message = choice["message"] if "message" in choice else {"content": choice.get("text")}
        for name in ("role", "content", "refusal"):
            yield f"{name} of {label}", message.get(name) or None
        calls = message.get("tool_calls") or []
        yield f"tool calls of {label}", [_read_call(call) for call in calls]
        yield f"tokens of {label}", _read_tokens(choice.get("logprobs"))
        yield f"finish_reason of {label}", choice.get("finish_reason")
    usage = response.get("usage") or {}
    yield "usage", {name: usage.get(name) for name in _COUNTS}


def _read_call(call: Mapping[str, Any]) -> Any:
    """The function and its arguments; white space between them does not count."""
    function = call.get("function") or {}
    arguments = str(function.get("arguments"))
    try:
        return [call.get("type"), function.get("name"), json.loads(arguments)]
    except (ValueError, RecursionError):
        return [call.get("type"), function.get("name"), arguments]


def _read_tokens(logprobs: Any) -> Any:
    tokens = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    return [
        [_read_token(token), [_read_token(other) for other in token.get("top_logprobs") or []]]
        for token in tokens or []
    ]


def _read_token(token: Mapping[str, Any]) -> Any:
    logprob = token.get("logprob")
    rounded = round(logprob, _DIGITS) if isinstance(logprob, int | float) else logprob
    return [token.get("token"), rounded, token.get("bytes")]


def _describe(name: str, value: Any) -> str:
    return f"{name}: {json.dumps(value, ensure_ascii=False)[:_EXCERPT]}"
