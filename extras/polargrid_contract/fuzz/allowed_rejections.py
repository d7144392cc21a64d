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


def _has_empty_message(body: Body) -> bool:
    """OpenAI's API requires content in every message except those of an assistant with calls or a refusal."""
    instead = ("tool_calls", "function_call", "refusal", "audio")
    return any(
        message.get("content") is None and not (message.get("role") == "assistant" and any(map(message.get, instead)))
        for message in body.get("messages", [])
    )


def _tool_names(body: Body) -> set[str]:
    return {tool["function"]["name"] for tool in body.get("tools") or []}


def _requires_missing_tool(body: Body) -> bool:
    function = body.get("function_call")
    if isinstance(function, Mapping):
        return function["name"] not in {it["name"] for it in body.get("functions") or []}
    choice = body.get("tool_choice")
    if isinstance(choice, Mapping):
        named = choice["allowed_tools"]["tools"] if "allowed_tools" in choice else [choice]
        return not {it["function"]["name"] for it in named} <= _tool_names(body)
    return choice == "required" and not _tool_names(body)


def _forces_call(choice: Any) -> bool:
    if isinstance(choice, Mapping) and "allowed_tools" in choice:
        return bool(choice["allowed_tools"]["mode"] == "required")
    return choice not in (None, "auto", "none")


def _requires_json_schema(body: Body) -> bool:
    """A generated object is rarely a JSON Schema that constrains a model."""
    response_format = body.get("response_format") or {}
    parameters = any(tool["function"].get("parameters") for tool in body.get("tools") or [])
    parameters = parameters or any(function.get("parameters") for function in body.get("functions") or [])
    forced_call = parameters and any(_forces_call(body.get(name)) for name in ("tool_choice", "function_call"))
    return response_format.get("type") == "json_schema" or forced_call


def _has_top_logprobs_only(body: Body) -> bool:
    return body.get("top_logprobs") is not None and not body.get("logprobs")


def _has_file(body: Body) -> bool:
    return "file" in body


_RULES: dict[str, tuple[tuple[str, Callable[[Body], bool]], ...]] = {
    "chat": (
        ("a message may require content", _has_empty_message),
        ("a required tool must be among the tools", _requires_missing_tool),
        ("a response can only be constrained by a valid JSON Schema", _requires_json_schema),
        ("top_logprobs requires logprobs", _has_top_logprobs_only),
    ),
    "speech-to-text": (("bytes that are not audio cannot be transcribed", _has_file),),
}
