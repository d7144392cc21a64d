"""Tool calls: which tools a model gets, and how to parse its calls. Pure.

The text of a call is `{"name": …, "arguments": {…}}`. A JSON schema enforces a required call; an optional call is
the bare object, a fenced block, or an object in `<tool_call>` tags.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from polargrid_edge.backends.tool_results import ends_with_result

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolPlan:
    """The tools in the prompt (`offered`), and the names of which the model must call one (`required`)."""

    offered: tuple[Json, ...] = ()
    required: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(str(tool["function"]["name"]) for tool in self.offered)


def plan_tools(body: Mapping[str, Any]) -> ToolPlan:
    """Parse `tools` and `tool_choice` (none, auto, required, or a function). Raises `ValueError`.

    With an optional call, the model gets no tools after a result: its response is text about the result.
    """
    tools = tuple(_validate_tool(tool) for tool in body.get("tools") or ())
    choice = body.get("tool_choice") or "auto"
    names = ToolPlan(tools).names
    if choice == "none" or (choice == "auto" and (not tools or ends_with_result(body.get("messages")))):
        return ToolPlan()
    if choice == "auto":
        return ToolPlan(tools)
    if not tools:
        raise ValueError(f"tool_choice {choice!r} requires a tool, but tools is empty")
    if choice == "required":
        return ToolPlan(tools, names)
    name = _function_name(choice)
    if name not in names:
        raise ValueError(f"unknown tool {name!r} in tool_choice; expected one of: {', '.join(names)}")
    return ToolPlan(tools, (name,))


def _validate_tool(tool: object) -> Json:
    match tool:
        case {"type": "function", "function": {"name": str(name)} as function} if name:
            parameters: object = function.get("parameters")
            if parameters is None or isinstance(parameters, dict):
                return {
                    "type": "function",
                    "function": {**function, "parameters": parameters or {"type": "object"}},
                }
            raise ValueError(f"the parameters of tool {name!r} must be a JSON schema object")
        case _:
            raise ValueError('a tool must be {"type": "function", "function": {"name": …}}')


def _function_name(choice: object) -> str:
    match choice:
        case {"function": {"name": str(name)}}:
            return name
        case _:
            raise ValueError('tool_choice must be "none", "auto", "required" or name a function')


def call_schema(plan: ToolPlan, otherwise: Json | None = None) -> Json:
    """The JSON schema of a call of a required tool (of any tool if none is), or of `otherwise` if it is set."""
    names = plan.required or plan.names
    schemas = {str(t["function"]["name"]): t["function"]["parameters"] for t in plan.offered}
    calls: list[Json] = [
        {
            "type": "object",
            "properties": {"name": {"const": name}, "arguments": {"$ref": f"#/$defs/{i}"}},
            "required": ["name", "arguments"],
            "additionalProperties": False,
        }
        for i, name in enumerate(names)
    ]
    parts = {str(i): schemas[name] for i, name in enumerate(names)}
    if otherwise is not None:
        calls.append({"$ref": "#/$defs/otherwise"})
        parts["otherwise"] = otherwise
    try:
        definitions = {key: _rebase_references(part, f"#/$defs/{key}") for key, part in parts.items()}
    except RecursionError:
        raise ValueError("a tool's schema is nested too deeply") from None
    return {"anyOf": calls, "$defs": definitions} if len(calls) > 1 else {**calls[0], "$defs": definitions}


def _rebase_references(schema: Any, root: str) -> Any:
    """The schema with its local references rebased to `root`."""
    if isinstance(schema, dict):
        return {
            key: root + value[1:]
            if key == "$ref" and isinstance(value, str) and value[:1] == "#"
            else _rebase_references(value, root)
            for key, value in schema.items()
        }
    return [_rebase_references(item, root) for item in schema] if isinstance(schema, list) else schema


_OPENING = re.compile(r"\s*(?:<tool_call>\s*)?(?:```(?:json|tool_call)?\s*)?")
_BETWEEN = re.compile(r"\s*(?:```)?\s*(?:</tool_call>)?\s*[,;]?" + _OPENING.pattern)
_CLOSING = re.compile(r"\s*(?:```)?\s*(?:</tool_call>)?\s*")
_FIRST_KEY = re.compile(r'\{\s*(?:"(?P<key>[^"]*)"?|$)')
_KEYS = ("name", "arguments", "parameters")


def may_be_call(text: str) -> bool:
    """Whether a text with this beginning may still become a call, so that it must be buffered."""
    start = text.lstrip()
    if any(tag.startswith(start) for tag in ("<tool_call>", "```json", "```tool_call")):
        return True
    rest = text[_opening_length(text) :].lstrip()
    if not rest:
        return True
    first = _FIRST_KEY.match(rest)
    return first is not None and any(key.startswith(first["key"] or "") for key in _KEYS)


def _opening_length(text: str) -> int:
    match = _OPENING.match(text)
    return match.end() if match else 0


def parse_calls(text: str, names: Collection[str]) -> tuple[list[Json], str]:
    """Parse the calls at the beginning of the text; returns OpenAI's `tool_calls` and the rest of the text.

    A truncated last call after complete calls is dropped: it is not text.
    """
    calls: list[Json] = []
    end = 0
    at = _opening_length(text)
    while parsed := _parse_call(text, at, names):
        call, end = parsed
        calls.append(call)
        between = _BETWEEN.match(text, end)
        at = between.end() if between else end
    if not calls:
        return [], text
    closing = _CLOSING.match(text, end)
    rest = text[closing.end() if closing else end :].strip()
    return calls, "" if _is_truncated_call(rest) else rest


def _is_truncated_call(text: str) -> bool:
    if not may_be_call(text):
        return False
    try:
        json.JSONDecoder().raw_decode(text, _opening_length(text))
    except (ValueError, RecursionError):
        return True
    return False


def _parse_call(text: str, at: int, names: Collection[str]) -> tuple[Json, int] | None:
    try:
        value, end = json.JSONDecoder().raw_decode(text, at)
    except (ValueError, RecursionError):
        return None
    match value:
        case {"name": str(name), "arguments": dict() | str() as arguments} if name in names:
            return _build_call(name, arguments), end
        case {"name": str(name), "parameters": dict() as arguments} if name in names:
            return _build_call(name, arguments), end
        case _:
            return None


def _build_call(name: str, arguments: Json | str) -> Json:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {
        "id": f"call_{secrets.token_hex(12)}",
        "type": "function",
        "function": {"name": name, "arguments": text},
    }


def to_deltas(calls: Sequence[Json]) -> list[Json]:
    """Complete calls in the format of a stream, with an index."""
    return [{"index": index, **call} for index, call in enumerate(calls)]
