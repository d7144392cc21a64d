"""Limits on the size of generated requests: a valid request stays valid, an invalid one stays invalid; pure.

A fuzzer requests 4,096 tokens and 4,096 characters of speech, or as much as the context of a model holds by leaving out
max_tokens, which takes minutes and finds nothing more. Requests of operations that run a model are limited.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from polargrid_contract.extensions.runtime_expressions import resolve
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.schemas import flatten_object

_NUMBERS = {"max_tokens": 8, "max_completion_tokens": 8, "n": 2, "best_of": 2}
_MAX_CHARACTERS = 40


def limit_request(operation: DocumentedOperation, body: Any) -> Any:
    """Return the body with fewer tokens, choices and characters; the argument is not modified."""
    if not isinstance(body, Mapping) or operation.model is None or operation.has_effect:
        return body
    properties, _ = flatten_object(operation.document, operation.json_schema)
    changed = {
        name: limited
        for name, schema in properties.items()
        if (limited := _limit(name, resolve(operation.document, schema), body.get(name))) is not None
    }
    if "max_tokens" in properties and body.get("max_tokens") is None:
        changed = {"max_tokens": _NUMBERS["max_tokens"], **changed}
    return {**body, **changed} if changed else body


def _limit(name: str, schema: Mapping[str, Any], value: Any) -> Any:
    """The limited value; None if the value is small, or invalid by the bounds of the schema and stays so."""
    if name in _NUMBERS and isinstance(value, int):
        return _NUMBERS[name] if _NUMBERS[name] < value <= schema.get("maximum", value) else None
    if isinstance(value, str) and "maxLength" in schema and _MAX_CHARACTERS < len(value) <= schema["maxLength"]:
        return value[:_MAX_CHARACTERS]
    return None


def build_form_parts(
    body: Mapping[str, Any], files: Collection[str], recording: tuple[str, bytes, str]
) -> list[tuple[str, tuple[Any, ...]]]:
    """Build the form parts that `requests` expects, with a recording in place of each generated file."""
    lists = {name: value if isinstance(value, list) else [value] for name, value in body.items() if name not in files}
    fields = [(name, (None, str(item))) for name, items in lists.items() for item in items]
    return [*fields, *((name, recording) for name in files if name in body)]
