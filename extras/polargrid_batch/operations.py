"""The operations that rows can call, by openapi.yaml: those with a body, and a response that is not a stream."""

from __future__ import annotations

from functools import cache
from typing import Any

from polargrid_batch.errors import BatchInputError
from polargrid_generated.operations import OPERATIONS
from polargrid_runtime.operation import Operation, split_path

#: Fields of a request that take the text of a prompt.
_PROMPT_FIELDS = ("messages", "input", "prompt")


@cache
def list_operations() -> tuple[Operation[Any, Any], ...]:
    """Return the operations, in the order of the document."""
    return tuple(operation for operation in OPERATIONS if _is_for_rows(operation))


@cache
def find_operation(method: str, url: str) -> Operation[Any, Any]:
    """Return the operation with this method and this path, perhaps with a query. Raises BatchInputError."""
    path, query = split_path(url)
    for operation in list_operations():
        if operation.path == path and dict(operation.query) == dict(query):
            if operation.method != method:
                raise BatchInputError(f"method: unknown {method!r}; expected {operation.method!r} for {url}")
            return operation
    expected = ", ".join(map(describe_url, list_operations()))
    raise BatchInputError(f"url: unknown {url!r}; expected one of: {expected}")


@cache
def find_operation_by_name(name: str) -> Operation[Any, Any]:
    """Return the operation with this name, like `chat_completion`. Raises BatchInputError."""
    for operation in list_operations():
        if operation.name == name:
            return operation
    expected = ", ".join(operation.name for operation in list_operations())
    raise BatchInputError(f"operation: unknown {name!r}; expected one of: {expected}")


def describe_url(operation: Operation[Any, Any]) -> str:
    """Return the URL of an operation as a row names it."""
    return operation.path + ("?" if operation.query else "") + "&".join("=".join(pair) for pair in operation.query)


def find_prompt_field(operation: Operation[Any, Any]) -> str:
    """Return the required field that takes the text of a prompt. Raises BatchInputError if there is none."""
    fields = operation.request_type.model_fields if operation.request_type else {}
    for name in _PROMPT_FIELDS:
        if name in fields and fields[name].is_required():
            return name
    raise BatchInputError(f"prompt: the request of {operation.name} has no field for a prompt")


def _is_for_rows(operation: Operation[Any, Any]) -> bool:
    has_arguments = any(item.constant is None and item.required for item in operation.parameters)
    is_complete = bool(operation.responses) and operation.body_kind in ("json", "form")
    return is_complete and operation.request_type is not None and not has_arguments
