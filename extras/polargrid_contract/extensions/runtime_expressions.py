"""OpenAPI runtime expressions, and references within the document; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SOURCES = {"$request.body": "request", "$response.body": "response"}


def evaluate(expression: Any, **bodies: Any) -> Any:
    """Evaluate `$request.body#/n` or `$response.body#/usage/total_tokens`; None if the field is missing."""
    source, _, pointer = str(expression).partition("#")
    value = bodies[_SOURCES[source]]
    for step in pointer.split("/")[1:]:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def resolve(document: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference to its node; return other nodes unchanged."""
    while "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def response_for(document: Mapping[str, Any], operation: Mapping[str, Any], status: int) -> Mapping[str, Any]:
    """The declaration of responses with this status; empty if they are not documented."""
    return resolve(document, operation.get("responses", {}).get(str(status), {}))


def is_equal(first: Any, second: Any) -> bool:
    """Compare as JSON does: 1 does not equal true."""
    return isinstance(first, bool) == isinstance(second, bool) and bool(first == second)
