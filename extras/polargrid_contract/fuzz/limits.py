"""Limits on the size of generated requests: a valid request stays valid, an invalid one stays invalid; pure.

A fuzzer requests 4,096 tokens and 4,096 characters of speech, which takes minutes and finds nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MAX_TOKENS = 8
_MAX_CHARACTERS = 40
_MAX_CHOICES = 2
# The maxima of the schema: a larger value is invalid and stays so.
_SCHEMA_MAX_INPUT = 4096
_SCHEMA_MAXIMA = {"max_tokens": 4096, "max_completion_tokens": 4096, "n": 8}
_TEXT_OPERATIONS = ("chat_completion", "completion")


def limit_request(operation: str, body: Any) -> Any:
    """Return the body with fewer tokens, choices and characters; the argument is not modified."""
    if not isinstance(body, Mapping):
        return body
    if operation in _TEXT_OPERATIONS:
        limits = _text_limits(body)
        return {**body, **limits} if limits else body
    text = body.get("input")
    if operation == "text_to_speech" and isinstance(text, str) and _MAX_CHARACTERS < len(text) <= _SCHEMA_MAX_INPUT:
        return {**body, "input": text[:_MAX_CHARACTERS]}
    return body


def _text_limits(body: Mapping[str, Any]) -> dict[str, Any]:
    limits = {"max_tokens": _MAX_TOKENS, "max_completion_tokens": _MAX_TOKENS, "n": _MAX_CHOICES}
    exceeded = {
        name: limit for name, limit in limits.items() if limit < _as_int(body.get(name)) <= _SCHEMA_MAXIMA[name]
    }
    return exceeded if body.get("max_tokens") is not None else {"max_tokens": _MAX_TOKENS, **exceeded}


def _as_int(value: Any) -> int:
    return value if isinstance(value, int) else 0


def build_form_parts(body: Mapping[str, Any], recording: tuple[str, bytes, str]) -> list[tuple[str, tuple[Any, ...]]]:
    """Build the form parts that `requests` expects, with a recording in place of the generated file."""
    fields = [(name, (None, str(value))) for name, value in body.items() if name != "file"]
    return [*fields, ("file", recording)]
