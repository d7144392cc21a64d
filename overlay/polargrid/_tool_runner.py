"""A conversation in which a model calls functions: the next request, and the results."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic_core import PydanticSerializationError

from polargrid.errors import ValidationError
from polargrid.tools import Function, function_tool
from polargrid_codec.jsonable import SecretValueError, to_jsonable
from polargrid_generated.models import ChatCompletionResponse, ToolCall
from polargrid_runtime.tool_results import ToolCallResult, ToolRunResult


class ToolRunner:
    """State of the conversation."""

    def __init__(
        self, request: Mapping[str, Any], functions: Sequence[Function], max_rounds: int, *, accepts_async: bool
    ) -> None:
        if not isinstance(functions, Sequence):
            raise ValidationError("tools: expected a list of functions", param="tools")
        tools = [function_tool(function) for function in functions]
        self._tools = {tool.name: tool for tool in tools}
        if not tools or len(self._tools) < len(tools):
            raise ValidationError("tools: expected at least one function, and no two of one name", param="tools")
        coroutine = next((tool.name for tool in tools if inspect.iscoroutinefunction(tool.function)), None)
        if coroutine and not accepts_async:
            raise ValidationError(f"tools: {coroutine} is async; use the async client", param="tools")
        if request.get("n") not in (None, 1):
            raise ValidationError(f"n: expected 1 with tools, not {request['n']!r}", param="n")
        if isinstance(max_rounds, bool) or not isinstance(max_rounds, int) or max_rounds < 1:
            raise ValidationError(f"max_rounds: expected an integer from 1, not {max_rounds!r}", param="max_rounds")
        self._request = {**request, "tools": [tool.definition() for tool in tools]}
        messages = request.get("messages", ())
        if not isinstance(messages, Iterable):
            raise ValidationError(f"messages: expected a list, not {type(messages).__name__}", param="messages")
        self._messages: list[Any] = [*messages]
        self._max_rounds, self._rounds = max_rounds, 0
        self._results: list[ToolCallResult] = []
        self._responses: list[ChatCompletionResponse] = []

    @property
    def request(self) -> dict[str, Any]:
        """The next request. A required call is required once; after the last round the model may not call."""
        request = {**self._request, "messages": self._messages}
        if self._rounds and request.get("tool_choice") != "none":
            request["tool_choice"] = "auto" if self._rounds < self._max_rounds else "none"
        return request

    def add_response(self, response: ChatCompletionResponse) -> list[ToolCall]:
        """Add a response and return its calls; none end the conversation."""
        self._responses.append(response)
        message, may_call = response.choices[0].message, self.request.get("tool_choice") != "none"
        excluded = None if may_call else {"tool_calls"}  # calls without results would make the next request invalid
        self._messages.append(message.model_dump(exclude=excluded, exclude_unset=True, by_alias=True))
        calls = [*(message.tool_calls or ())] if may_call else []
        self._rounds += bool(calls)
        return calls

    def invoke(self, call: ToolCall) -> Any:
        """Call the function. Raises ValidationError if it is unknown or the arguments do not match."""
        tool = self._tools.get(call.function.name)
        if tool is None:
            names = ", ".join(self._tools)
            raise ValidationError(f"unknown function {call.function.name!r}; expected one of: {names}")
        return tool.invoke(call.function.arguments)

    def add_result(self, call: ToolCall, result: Any = None, error: Exception | None = None) -> None:
        """Add the result of a call, for the next request; a result that holds a secret is an error."""
        content = ""
        if error is None:
            try:
                content = _serialize_result(result)
            except Exception as caught:  # noqa: BLE001 - objects of the caller may raise anything
                result, error = None, ValidationError(f"{call.function.name}: {_to_text(caught)}")
        if error is not None:
            content = f"error: {type(error).__name__}: {_to_text(error)}"
        content = content.encode("utf-8", "replace").decode()
        self._messages.append({"role": "tool", "tool_call_id": call.id, "content": content})
        self._results.append(ToolCallResult(call.id, call.function.name, call.function.arguments, result, error))

    def finish(self) -> ToolRunResult[ChatCompletionResponse]:
        """Return the conversation."""
        is_limit = self._rounds >= self._max_rounds
        return ToolRunResult(self._responses[-1], self._messages, self._results, self._responses, is_limit)


def _serialize_result(result: Any) -> str:
    """JSON, or `str` for what JSON does not have. Raises SecretValueError."""
    try:
        return result if isinstance(result, str) else _encoder.encode(result)
    except SecretValueError:
        raise
    except Exception:  # noqa: BLE001 - objects of the caller may raise anything
        return str(result)


def _to_text(error: Exception) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - an exception of the caller
        return "(without a message)"


def _to_jsonable(value: Any) -> Any:
    try:
        return to_jsonable(value)
    except PydanticSerializationError:
        return str(value)


_encoder = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), default=_to_jsonable)
