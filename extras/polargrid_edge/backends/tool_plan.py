"""Which tools a model gets, and the schema of their calls. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from polargrid_edge.backends.request_error import InvalidFieldError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolPlan:
    """The tools in the prompt (`offered`), and the names of which the model must call one (`required`).

    A response has one call if it is not `parallel`, and no call twice if it is `distinct`. The call of a `legacy`
    request, one with `functions`, is a `function_call`.
    """

    offered: tuple[Json, ...] = ()
    required: tuple[str, ...] = ()
    parallel: bool = True
    distinct: bool = False
    legacy: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(str(tool["function"]["name"]) for tool in self.offered)

    @property
    def finish_reason(self) -> str:
        """Why a response with a call ends."""
        return "function_call" if self.legacy else "tool_calls"


def plan_tools(body: Mapping[str, Any]) -> ToolPlan:
    """Parse `tools` and `tool_choice`, or their older form `functions` and `function_call`. Raises `ValueError`."""
    tools = tuple(_validate_tool(tool) for tool in [*(body.get("tools") or ()), *_from_functions(body)])
    legacy = not body.get("tools") and bool(body.get("functions"))
    field = _choice_field(body, legacy=legacy)
    choice = body.get(field) or "auto"
    if choice == "none" or (choice == "auto" and not tools):
        return ToolPlan()
    if not tools:
        raise InvalidFieldError(field, f"{choice!r} requires a tool, but the request has none")
    offered, required = _choose(tools, choice, field)
    return ToolPlan(
        offered, required, parallel=body.get("parallel_tool_calls") is not False and not legacy, legacy=legacy
    )


def _choice_field(body: Mapping[str, Any], *, legacy: bool) -> str:
    """The field that chooses: of two, the one in the form of the tools."""
    fields = ("function_call", "tool_choice") if legacy else ("tool_choice", "function_call")
    return next((field for field in fields if body.get(field) is not None), fields[0])


def _from_functions(body: Mapping[str, Any]) -> list[Json]:
    return [{"type": "function", "function": function} for function in body.get("functions") or ()]


def _choose(tools: tuple[Json, ...], choice: object, field: str) -> tuple[tuple[Json, ...], tuple[str, ...]]:
    """The tools that are offered, and the names of which one is required."""
    names = ToolPlan(tools).names
    match choice:
        case "auto":
            return tools, ()
        case "required":
            return tools, names
        case {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": list(allowed)}} if allowed:
            chosen = [_check_name(_function_name(tool), names, field) for tool in allowed]
            offered = tuple(tool for tool in tools if tool["function"]["name"] in chosen)
            return offered, ToolPlan(offered).names if mode == "required" else ()
        case _:
            return tools, (_check_name(_function_name(choice), names, field),)


def _check_name(name: str, names: Sequence[str], field: str) -> str:
    if name not in names:
        raise InvalidFieldError(field, f"unknown tool {name!r}; expected one of: {', '.join(names)}")
    return name


def _function_name(choice: object) -> str:
    match choice:
        case {"function": {"name": str(name)}} | {"name": str(name)}:
            return name
        case _:
            raise ValueError('tool_choice must be "none", "auto", "required", name a function, or be allowed_tools')


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
