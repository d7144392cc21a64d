"""OpenAPI's runtime expressions, and references within the document; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WHERE = {"$request.body": "request", "$response.body": "response"}


def value(expression: Any, **bodies: Any) -> Any:
    """What `$request.body#/n` or `$response.body#/usage/total_tokens` says; None where it is not there."""
    source, _, pointer = str(expression).partition("#")
    found = bodies[_WHERE[source]]
    for step in pointer.split("/")[1:]:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def resolved(document: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The node that a reference leads to, or the node itself."""
    while "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def response_for(document: Mapping[str, Any], operation: Mapping[str, Any], status: int) -> Mapping[str, Any]:
    """What the operation declares of answers with this status; nothing where they are not documented."""
    return resolved(document, operation.get("responses", {}).get(str(status), {}))


def same(one: Any, other: Any) -> bool:
    """Equal as JSON has it: 1 is no true."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
