"""A conversation in which a model calls functions: the next request, and the results."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from polargrid.errors import ValidationError
from polargrid.tools import Function, function_tool
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
        self._messages: list[Any] = [*request.get("messages", ())]
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
        """Add the result of a call, for the next request."""
        content = result if error is None else f"error: {type(error).__name__}: {error}"
        self._messages.append({"role": "tool", "tool_call_id": call.id, "content": _serialize_result(content)})
        self._results.append(ToolCallResult(call.id, call.function.name, call.function.arguments, result, error))

    def finish(self) -> ToolRunResult[ChatCompletionResponse]:
        """Return the conversation."""
        is_limit = self._rounds >= self._max_rounds
        return ToolRunResult(self._responses[-1], self._messages, self._results, self._responses, is_limit)


def _serialize_result(result: Any) -> str:
    """JSON, or `str` for what JSON does not have."""
    try:
        text = result if isinstance(result, str) else to_json(result, fallback=str).decode()
    except ValueError:
        text = str(result)
    return text.encode("utf-8", "replace").decode()
