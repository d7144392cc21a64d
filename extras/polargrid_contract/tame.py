"""A generated request, made bearable for a model: what it asks for stays, how much of it does not; pure.

A fuzzer asks for 4,096 tokens and 4,096 characters of speech, which is minutes of a model's time and shows no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MOST_TOKENS = 8
_MOST_CHARACTERS = 40
_MOST_CHOICES = 2
# Beyond these the schema forbids it: such a request stays as wrong as it is.
_LONGEST_INPUT = 4096
_ALLOWED = {"max_tokens": 4096, "max_completion_tokens": 4096, "n": 8}
_CHAT = ("chat_completion", "completion")


def tamed(operation: str, body: Any) -> Any:
    """The same body with fewer tokens, choices and characters; the caller's own is not changed."""
    if not isinstance(body, Mapping):
        return body
    if operation in _CHAT:
        less = _fewer_tokens(body)
        return {**body, **less} if less else body
    text = body.get("input")
    if operation == "text_to_speech" and isinstance(text, str) and _MOST_CHARACTERS < len(text) <= _LONGEST_INPUT:
        return {**body, "input": text[:_MOST_CHARACTERS]}
    return body


def _fewer_tokens(body: Mapping[str, Any]) -> dict[str, Any]:
    wanted = {"max_tokens": _MOST_TOKENS, "max_completion_tokens": _MOST_TOKENS, "n": _MOST_CHOICES}
    less = {name: most for name, most in wanted.items() if most < _whole(body.get(name)) <= _ALLOWED[name]}
    return less if body.get("max_tokens") is not None else {"max_tokens": _MOST_TOKENS, **less}


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0


def form_parts(body: Mapping[str, Any], recording: tuple[str, bytes, str]) -> list[tuple[str, tuple[Any, ...]]]:
    """The parts of a form with a recording in place of its generated file, as `requests` takes them."""
    fields = [(name, (None, str(value))) for name, value in body.items() if name != "file"]
    return [*fields, ("file", recording)]
