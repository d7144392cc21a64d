"""Tool calls: what to ask of a model, and how to read what it wrote. Pure.

A call is written as `{"name": …, "arguments": {…}}`. Where one is demanded, a JSON schema leaves the model
nothing else to write; where it is free to call, it writes the object bare, fenced, or in `<tool_call>` tags.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from polargrid_edge.backends.looked_up import ends_with_result

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolPlan:
    """What a request says of tools: those the model is shown, and the names of those it must choose from."""

    shown: tuple[Json, ...] = ()
    demanded: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(str(tool["function"]["name"]) for tool in self.shown)


def plan(body: Mapping[str, Any]) -> ToolPlan:
    """Reads `tools` and `tool_choice` (none, auto, required, or one function). Raises `ValueError`.

    Free to call, a model is shown no tools when a result came last: it is to answer from that.
    """
    tools = tuple(_checked(tool) for tool in body.get("tools") or ())
    choice = body.get("tool_choice") or "auto"
    names = ToolPlan(tools).names
    if choice == "none" or (choice == "auto" and (not tools or ends_with_result(body.get("messages")))):
        return ToolPlan()
    if choice == "auto":
        return ToolPlan(tools)
    if not tools:
        raise ValueError("tool_choice asks for a tool, but tools is empty")
    if choice == "required":
        return ToolPlan(tools, names)
    chosen = _chosen_name(choice)
    if chosen not in names:
        raise ValueError(f"tool_choice names {chosen!r}, which is not among the tools {', '.join(names)}")
    return ToolPlan(tools, (chosen,))


def _checked(tool: object) -> Json:
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


def _chosen_name(choice: object) -> str:
    match choice:
        case {"function": {"name": str(name)}}:
            return name
        case _:
            raise ValueError('tool_choice must be "none", "auto", "required" or name one function')


def call_schema(plan: ToolPlan, otherwise: Json | None = None) -> Json:
    """The JSON schema of one call of a demanded tool (of any, if none is), or of `otherwise` where given."""
    wanted = plan.demanded or plan.names
    schemas = {str(t["function"]["name"]): t["function"]["parameters"] for t in plan.shown}
    calls: list[Json] = [
        {
            "type": "object",
            "properties": {"name": {"const": name}, "arguments": {"$ref": f"#/$defs/{i}"}},
            "required": ["name", "arguments"],
            "additionalProperties": False,
        }
        for i, name in enumerate(wanted)
    ]
    parts = {str(i): schemas[name] for i, name in enumerate(wanted)}
    if otherwise is not None:
        calls.append({"$ref": "#/$defs/otherwise"})
        parts["otherwise"] = otherwise
    try:
        definitions = {key: _moved(part, f"#/$defs/{key}") for key, part in parts.items()}
    except RecursionError:
        raise ValueError("a tool's schema is nested too deeply") from None
    return {"anyOf": calls, "$defs": definitions} if len(calls) > 1 else {**calls[0], "$defs": definitions}


def _moved(schema: Any, root: str) -> Any:
    """The schema with its local references pointing below `root`, where it is put."""
    if isinstance(schema, dict):
        return {
            key: root + value[1:]
            if key == "$ref" and isinstance(value, str) and value[:1] == "#"
            else _moved(value, root)
            for key, value in schema.items()
        }
    return [_moved(item, root) for item in schema] if isinstance(schema, list) else schema


_OPENING = re.compile(r"\s*(?:<tool_call>\s*)?(?:```(?:json|tool_call)?\s*)?")
_BETWEEN = re.compile(r"\s*(?:```)?\s*(?:</tool_call>)?\s*[,;]?" + _OPENING.pattern)
_CLOSING = re.compile(r"\s*(?:```)?\s*(?:</tool_call>)?\s*")
_FIRST_KEY = re.compile(r'\{\s*(?:"(?P<key>[^"]*)"?|$)')
_KEYS = ("name", "arguments", "parameters")


def may_be_call(text: str) -> bool:
    """Whether a text that has begun like this may still become a call, so that it must be held back."""
    start = text.lstrip()
    if any(tag.startswith(start) for tag in ("<tool_call>", "```json", "```tool_call")):
        return True
    rest = text[_opening(text) :].lstrip()
    if not rest:
        return True
    first = _FIRST_KEY.match(rest)
    return first is not None and any(key.startswith(first["key"] or "") for key in _KEYS)


def _opening(text: str) -> int:
    found = _OPENING.match(text)
    return found.end() if found else 0


def parse_calls(text: str, names: Collection[str]) -> tuple[list[Json], str]:
    """The calls the text begins with, as OpenAI's `tool_calls`, and the text after them: all, if none.

    A last call that is cut short is left out: beside whole calls its piece would read as something said.
    """
    calls: list[Json] = []
    end = 0
    at = _opening(text)
    while call := _call_at(text, at, names):
        made, end = call
        calls.append(made)
        between = _BETWEEN.match(text, end)
        at = between.end() if between else end
    if not calls:
        return [], text
    closing = _CLOSING.match(text, end)
    rest = text[closing.end() if closing else end :].strip()
    return calls, "" if _is_cut_call(rest) else rest


def _is_cut_call(text: str) -> bool:
    if not may_be_call(text):
        return False
    try:
        json.JSONDecoder().raw_decode(text, _opening(text))
    except (ValueError, RecursionError):
        return True
    return False


def _call_at(text: str, at: int, names: Collection[str]) -> tuple[Json, int] | None:
    try:
        found, end = json.JSONDecoder().raw_decode(text, at)
    except (ValueError, RecursionError):
        return None
    match found:
        case {"name": str(name), "arguments": dict() | str() as arguments} if name in names:
            return _tool_call(name, arguments), end
        case {"name": str(name), "parameters": dict() as arguments} if name in names:
            return _tool_call(name, arguments), end
        case _:
            return None


def _tool_call(name: str, arguments: Json | str) -> Json:
    written = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {
        "id": f"call_{secrets.token_hex(12)}",
        "type": "function",
        "function": {"name": name, "arguments": written},
    }


def deltas(calls: Sequence[Json]) -> list[Json]:
    """Whole calls as a stream sends them: each with its index."""
    return [{"index": index, **call} for index, call in enumerate(calls)]
