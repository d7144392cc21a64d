"""OpenAPI runtime expressions, and references within the document; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_BODIES = {"$request.body": "request", "$response.body": "response"}
_PARAMETERS = ("path", "query", "header")


def evaluate(expression: Any, *, parameters: Mapping[str, Any] | None = None, **bodies: Any) -> Any:
    """Evaluate `$request.body#/n`, `$response.body#/usage/total_tokens` or `$request.path.model`.

    `parameters` are values of parameters by place and name. The result is None if the field or parameter is missing.
    """
    source, _, pointer = str(expression).partition("#")
    if source not in _BODIES:
        location, _, name = source.removeprefix("$request.").partition(".")
        if location not in _PARAMETERS or not name:
            raise ValueError(f"unknown runtime expression {expression!r}")
        return (parameters or {}).get(location, {}).get(name)
    value = bodies[_BODIES[source]]
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
    """The declaration of responses with this status, of its class, or of any; empty if they are not documented."""
    responses = {str(name).upper(): response for name, response in operation.get("responses", {}).items()}
    names = (str(status), f"{status // 100}XX", "DEFAULT")
    return resolve(document, next((responses[name] for name in names if name in responses), {}))


def is_equal(first: Any, second: Any) -> bool:
    """Compare as JSON does, also within arrays and objects: 1 does not equal true, and equals 1.0."""
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(is_equal, first, second))
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return first.keys() == second.keys() and all(is_equal(value, second[name]) for name, value in first.items())
    return isinstance(first, bool) == isinstance(second, bool) and bool(first == second)
