"""Python functions as tools of a model: their JSON schemas, and the conversation that calls them; the rest is pure."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, get_type_hints

import attrs
import pydantic
from pydantic_core import to_json

from polargrid.errors import ValidationError
from polargrid.wire import validation_error
from polargrid_generated.models import ChatCompletionResponse, ToolCall
from polargrid_runtime.tool_results import ToolCallResult, ToolRunResult

Function = Callable[..., Any]
_DESCRIBED = re.compile(r"^\s*(?::param\s+)?(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")


@attrs.frozen
class Tool:
    """A function as a model sees it."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    function: Function
    _adapter: pydantic.TypeAdapter[tuple[tuple[Any, ...], dict[str, Any]]]

    def definition(self) -> dict[str, Any]:
        """What a request says of it, in `tools`."""
        function = {"name": self.name, "description": self.description, "parameters": self.parameters}
        return {"type": "function", "function": {name: value for name, value in function.items() if value != ""}}

    def call(self, arguments: str) -> Any:
        """Call the function with JSON text. Raises ValidationError where it does not fit; else as the function does."""
        try:
            given, named = self._adapter.validate_json(arguments or "{}")
        except pydantic.ValidationError as error:
            raise validation_error(error, "the arguments") from error
        return self.function(*given, **named)


def tool_of(function: Function) -> Tool:
    """The tool that a function is: its annotations are the schema, its docstring the descriptions.

    Raises ValidationError, naming the argument, for a function that a model cannot call.
    """
    written = function.func if isinstance(function, partial) else function  # it has name, hints and docstring
    name = getattr(written, "__name__", "")
    if not callable(function) or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        raise ValidationError(f"tools: {function!r} is no function with a name", param="tools")
    try:
        signature, hints = _signature(function), get_type_hints(written, include_extras=True)
    except (NameError, TypeError, ValueError) as error:
        raise ValidationError(f"tools: {name}: its annotations cannot be read: {error}", param="tools") from error
    for parameter in signature.parameters.values():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise ValidationError(f"tools: {name}: {parameter} cannot be given by its name", param="tools")
        if parameter.name not in hints:
            raise ValidationError(f"tools: {name}: {parameter.name} has no annotation", param="tools")
    try:
        adapter = _adapter(name, signature, hints)
        schema = adapter.json_schema()
    except pydantic.errors.PydanticUserError as error:
        fault = _fault(signature, hints) or str(error).partition("\n")[0]
        raise ValidationError(f"tools: {name}: {fault}", param="tools") from error
    description, described = _described(inspect.getdoc(written) or "")
    for field, fields in schema.get("properties", {}).items():
        fields.pop("title", None)
        if field in described:
            fields.setdefault("description", described[field])
    return Tool(name, description, schema, function, adapter)


def _signature(function: Function) -> inspect.Signature:
    """What a caller still gives; what a partial has given is not for the model to change."""
    signature = inspect.signature(function)
    given = function.keywords if isinstance(function, partial) else {}
    return signature.replace(parameters=[item for name, item in signature.parameters.items() if name not in given])


def _fault(signature: inspect.Signature, hints: Mapping[str, Any]) -> str:
    """The first argument whose type has no JSON schema, and why."""
    for name in signature.parameters:
        try:
            pydantic.TypeAdapter(hints[name]).json_schema()
        except pydantic.errors.PydanticUserError as error:
            return f"{name}: {str(error).partition(chr(10))[0]}"
    return ""


def _adapter(name: str, signature: inspect.Signature, hints: Mapping[str, Any]) -> pydantic.TypeAdapter[Any]:
    """What turns JSON into arguments: Pydantic calls something with the function's signature that returns them."""

    def bound(*given: Any, **named: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return given, named

    parameters = [item.replace(annotation=hints[item.name]) for item in signature.parameters.values()]
    bound.__signature__ = signature.replace(parameters=parameters, return_annotation=Any)  # type: ignore[attr-defined]
    bound.__annotations__ = {item.name: item.annotation for item in parameters}
    bound.__name__ = name
    form: Any = bound
    return pydantic.TypeAdapter(form)


def _described(text: str) -> tuple[str, dict[str, str]]:
    """What a docstring says of the function, and of each argument: `Args:` as Google has it, or `:param name:`."""
    said: list[str] = []
    arguments: dict[str, str] = {}
    section, last = "", ""
    for line in text.splitlines():
        found = _DESCRIBED.match(line)
        if re.fullmatch(r"(Args|Arguments|Parameters|Returns|Raises|Yields|Examples?|Notes?):", line.strip()):
            section, last = line.strip(), ""
        elif found and (line.lstrip().startswith(":param") or section[:4] in ("Args", "Argu", "Para")):
            last = found[1]
            arguments[last] = found[2].strip()
        elif last and line.strip() and line.startswith(" "):
            arguments[last] += f" {line.strip()}"
        elif not section and not line.lstrip().startswith(":"):
            said.append(line)
    return "\n".join(said).strip(), arguments


def _told(result: Any) -> str:
    """A result as text: JSON, or what `str` makes of that which JSON cannot hold."""
    try:
        text = result if isinstance(result, str) else to_json(result, fallback=str).decode()
    except ValueError:
        text = str(result)
    return text.encode("utf-8", "replace").decode()


class Conversation:
    """A conversation in which the model calls functions: what is sent next, and what came of it."""

    def __init__(
        self, request: Mapping[str, Any], functions: Sequence[Function], max_rounds: int, *, is_async: bool
    ) -> None:
        if not isinstance(functions, Sequence):
            raise ValidationError("tools: a list of functions is needed", param="tools")
        tools = [tool_of(function) for function in functions]
        self._tools = {tool.name: tool for tool in tools}
        if not tools or len(self._tools) < len(tools):
            raise ValidationError("tools: functions with different names are needed, one at least", param="tools")
        late = next((tool.name for tool in tools if inspect.iscoroutinefunction(tool.function)), None)
        if late and not is_async:
            raise ValidationError(f"tools: {late} is async: use the async client", param="tools")
        if request.get("n") not in (None, 1):
            raise ValidationError("n: a conversation that calls functions has one answer", param="n")
        if isinstance(max_rounds, bool) or not isinstance(max_rounds, int) or max_rounds < 1:
            raise ValidationError("max_rounds: a whole number from 1 is needed", param="max_rounds")
        self._request = {**request, "tools": [tool.definition() for tool in tools]}
        self._messages: list[Any] = [*request.get("messages", ())]
        self._most, self._rounds = max_rounds, 0
        self._calls: list[ToolCallResult] = []
        self._answers: list[ChatCompletionResponse] = []

    @property
    def request(self) -> dict[str, Any]:
        """What is sent next. A call that must be made is made once; after the last round none may be."""
        request = {**self._request, "messages": self._messages}
        if self._rounds and request.get("tool_choice") != "none":
            request["tool_choice"] = "auto" if self._rounds < self._most else "none"
        return request

    def answered(self, answer: ChatCompletionResponse) -> list[ToolCall]:
        """An answer came. The calls that it asks for; none, when the conversation is over."""
        self._answers.append(answer)
        if not answer.choices:
            return []
        message, may_call = answer.choices[0].message, self.request.get("tool_choice") != "none"
        unanswered = None if may_call else {"tool_calls"}  # a conversation cannot go on with them
        self._messages.append(message.model_dump(exclude=unanswered, exclude_unset=True, by_alias=True))
        calls = [*(message.tool_calls or ())] if may_call else []
        self._rounds += bool(calls)
        return calls

    def call(self, call: ToolCall) -> Any:
        """Call what the model named. Raises ValidationError where that cannot be, else what the function raises."""
        tool = self._tools.get(call.function.name)
        if tool is None:
            raise ValidationError(f"there is no function {call.function.name}; there are {', '.join(self._tools)}")
        return tool.call(call.function.arguments)

    def returned(self, call: ToolCall, result: Any = None, error: Exception | None = None) -> None:
        """A call is over: what it came to is told to the model."""
        said = result if error is None else f"error: {type(error).__name__}: {error}"
        self._messages.append({"role": "tool", "tool_call_id": call.id, "content": _told(said)})
        self._calls.append(ToolCallResult(call.id, call.function.name, call.function.arguments, result, error))

    def run(self) -> ToolRunResult[ChatCompletionResponse]:
        """All of it, when it is over."""
        exhausted = self._rounds >= self._most
        return ToolRunResult(self._answers[-1], self._messages, self._calls, self._answers, exhausted)
