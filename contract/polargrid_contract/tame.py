"""A generated request, made bearable for a model: what it asks for stays, how much of it does not; pure.

A fuzzer asks for 4,096 tokens and 4,096 characters of speech, which is minutes of a model's time and shows no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MOST_TOKENS = 12
_MOST_CHARACTERS = 80
_MOST_CHOICES = 2
_CHAT = ("chat_completion", "completion")


def tamed(operation: str, body: Any) -> Any:
    """The same body with fewer tokens, choices and characters; the caller's own is not changed."""
    if not isinstance(body, Mapping):
        return body
    if operation in _CHAT:
        return {**body, **_fewer_tokens(body)}
    if operation == "text_to_speech" and isinstance(body.get("input"), str):
        return {**body, "input": body["input"][:_MOST_CHARACTERS]}
    return body


def _fewer_tokens(body: Mapping[str, Any]) -> dict[str, Any]:
    less: dict[str, Any] = {"max_tokens": _least(body.get("max_tokens"), _MOST_TOKENS)}
    if body.get("max_completion_tokens") is not None:
        less["max_completion_tokens"] = _least(body["max_completion_tokens"], _MOST_TOKENS)
    if body.get("n") is not None:
        less["n"] = _least(body["n"], _MOST_CHOICES)
    return less


def _least(value: Any, most: int) -> int:
    return min(int(value), most) if isinstance(value, int | float) else most


def form_parts(body: Mapping[str, Any], recording: tuple[str, bytes, str]) -> list[tuple[str, tuple[Any, ...]]]:
    """The parts of a form with a recording in place of its generated file, as `requests` takes them."""
    fields = [(name, (None, str(value))) for name, value in body.items() if name != "file"]
    return [*fields, ("file", recording)]
