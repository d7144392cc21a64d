"""Requests that a server may reject with 400 though the schema allows them; pure.

`x-may-reject` of an operation in openapi.yaml:

x-may-reject:
  - {reason: a model may have one size of vectors only, if: SCHEMA of the request body}
  - {reason: the period must not end before it starts, after: [$request.query.start, $request.query.end]}

The rules below are beyond both, and apply to operations with one kind of model. A rejection for another reason violates
the contract.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from polargrid_contract.extensions.runtime_expressions import evaluate
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.schemas import is_valid

Body = Mapping[str, Any]


def allowed_rejection(
    operation: DocumentedOperation, body: Any, parameters: Mapping[str, Any] | None = None
) -> str | None:
    """Return the rule that allows the server to reject this request; None if it must be accepted.

    `parameters` are values by place and name.
    """
    for rule in operation.definition.get("x-may-reject", ()):
        if _applies(operation, rule, body, parameters):
            return str(rule["reason"])
    if not isinstance(body, Mapping) or operation.model is None:
        return None
    rules = _RULES.get(operation.model.kind or "", ())
    return next((reason for reason, applies in rules if applies(body)), None)


def _applies(
    operation: DocumentedOperation, rule: Mapping[str, Any], body: Any, parameters: Mapping[str, Any] | None
) -> bool:
    if "if" in rule:
        return isinstance(body, Mapping) and is_valid(operation.document, rule["if"], body)
    first, second = (evaluate(it, request=body, parameters=parameters) for it in rule["after"])
    return None not in (first, second) and str(first) > str(second)


def _has_image(body: Body) -> bool:
    contents = [message.get("content") for message in body.get("messages", [])]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    return any(part.get("type") == "image_url" for part in parts)


def _has_empty_message(body: Body) -> bool:
    """OpenAI's API requires content in every message except those of an assistant with tool calls."""
    return any(
        message.get("content") is None and not (message.get("role") == "assistant" and message.get("tool_calls"))
        for message in body.get("messages", [])
    )


def _tool_names(body: Body) -> set[str]:
    return {tool["function"]["name"] for tool in body.get("tools") or []}


def _requires_missing_tool(body: Body) -> bool:
    choice = body.get("tool_choice")
    if isinstance(choice, Mapping):
        return choice["function"]["name"] not in _tool_names(body)
    return choice == "required" and not _tool_names(body)


def _requires_json_schema(body: Body) -> bool:
    """A generated object is rarely a JSON Schema that constrains a model."""
    response_format = body.get("response_format") or {}
    parameters = any(tool["function"].get("parameters") for tool in body.get("tools") or [])
    forced_call = parameters and body.get("tool_choice") not in (None, "auto", "none")
    return response_format.get("type") == "json_schema" or forced_call


def _has_top_logprobs_only(body: Body) -> bool:
    return body.get("top_logprobs") is not None and not body.get("logprobs")


def _has_file(body: Body) -> bool:
    return "file" in body


_RULES: dict[str, tuple[tuple[str, Callable[[Body], bool]], ...]] = {
    "chat": (
        ("a text model may reject images", _has_image),
        ("a message may require content", _has_empty_message),
        ("a required tool must be among the tools", _requires_missing_tool),
        ("a response can only be constrained by a valid JSON Schema", _requires_json_schema),
        ("top_logprobs requires logprobs", _has_top_logprobs_only),
    ),
    "speech-to-text": (("bytes that are not audio cannot be transcribed", _has_file),),
}
