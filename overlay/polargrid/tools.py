"""Python functions as tools of a model: their JSON schemas; pure."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, get_type_hints

import attrs
import pydantic

from polargrid.errors import ValidationError
from polargrid_codec.invalid_fields import to_validation_error
from polargrid_codec.strict_schema import to_strict_json_schema
from polargrid_codec.structured_output import PydanticFunction

__all__ = ["Tool", "function_tool", "pydantic_function_tool"]
Function = Callable[..., Any]
_PARAMETER_LINE = re.compile(r"^\s*(?::param\s+)?(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")
_SECTION_LINE = re.compile(r"(Args|Arguments|Parameters|Returns|Raises|Yields|Examples?|Notes?):")


@attrs.frozen
class Tool:
    """A function that a model can call."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    function: Function
    _adapter: pydantic.TypeAdapter[tuple[tuple[Any, ...], dict[str, Any]]]

    def definition(self) -> dict[str, Any]:
        """Return its item of `tools` in a request."""
        function = {"name": self.name, "description": self.description, "parameters": self.parameters}
        return {"type": "function", "function": {name: value for name, value in function.items() if value != ""}}

    def invoke(self, arguments: str) -> Any:
        """Call the function with JSON text. Raises ValidationError if it does not match."""
        try:
            positional, named = self._adapter.validate_json(arguments or "{}")
        except pydantic.ValidationError as error:
            raise to_validation_error(error, "the arguments", arguments) from error
        return self.function(*positional, **named)


def pydantic_function_tool(
    model: type[pydantic.BaseModel], *, name: str | None = None, description: str | None = None
) -> dict[str, Any]:
    """Build a strict tool, an item of `tools`, whose arguments are the fields of a Pydantic model.

    `parse` and `stream` return the arguments of its calls as objects of the model. Name and description are those of
    the class, unless they are given. Raises ValidationError for a model without a JSON schema.
    """
    try:
        schema = to_strict_json_schema(model)
    except Exception as error:  # a model of the caller may raise anything
        reason = str(error).partition("\n")[0]
        raise ValidationError(f"pydantic_function_tool: expected a Pydantic model: {reason}", param="tools") from error
    function: dict[str, Any] = {"name": name or model.__name__, "strict": True, "parameters": schema}
    description = model.__doc__ if description is None else description
    if description is not None:
        function["description"] = description
    return {"type": "function", "function": PydanticFunction(function, model)}


def function_tool(function: Function) -> Tool:
    """Build the tool of a function: its annotations are the schema, its docstring the descriptions.

    Raises ValidationError, naming the argument, for a function that a model cannot call.
    """
    source = function.func if isinstance(function, partial) else function  # it has the name, hints and docstring
    name = getattr(source, "__name__", "")
    if not callable(function) or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        raise ValidationError(f"tools: expected a function with a name, not {function!r}", param="tools")
    try:
        signature, hints = _get_signature(function), get_type_hints(source, include_extras=True)
    except (NameError, TypeError, ValueError) as error:
        raise ValidationError(f"tools: {name}: cannot resolve its annotations: {error}", param="tools") from error
    for parameter in signature.parameters.values():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise ValidationError(f"tools: {name}: {parameter} cannot be passed by name", param="tools")
        if parameter.name not in hints:
            raise ValidationError(f"tools: {name}: {parameter.name} has no annotation", param="tools")
    try:
        adapter = _build_adapter(name, signature, hints)
        schema = adapter.json_schema()
    except Exception as error:  # a type of the caller may raise anything
        reason = _find_unsupported(signature, hints) or str(error).partition("\n")[0]
        raise ValidationError(f"tools: {name}: {reason}", param="tools") from error
    description, descriptions = _parse_docstring(inspect.getdoc(source) or "")
    for field, fields in schema.get("properties", {}).items():
        fields.pop("title", None)
        if field in descriptions:
            fields.setdefault("description", descriptions[field])
    return Tool(name, description, schema, function, adapter)


def _get_signature(function: Function) -> inspect.Signature:
    """Leave out what a partial has bound: the model cannot change it."""
    signature = inspect.signature(function)
    bound = function.keywords if isinstance(function, partial) else {}
    return signature.replace(parameters=[item for name, item in signature.parameters.items() if name not in bound])


def _find_unsupported(signature: inspect.Signature, hints: Mapping[str, Any]) -> str:
    """The first argument whose type has no JSON schema, and why."""
    for name in signature.parameters:
        try:
            pydantic.TypeAdapter(hints[name]).json_schema()
        except Exception as error:  # noqa: BLE001 - as above
            return f"{name}: {str(error).partition(chr(10))[0]}"
    return ""


def _build_adapter(name: str, signature: inspect.Signature, hints: Mapping[str, Any]) -> pydantic.TypeAdapter[Any]:
    """Return what parses JSON into arguments: Pydantic calls a function of the same signature that returns them."""

    def collect(*positional: Any, **named: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return positional, named

    parameters = [item.replace(annotation=hints[item.name]) for item in signature.parameters.values()]
    signature = signature.replace(parameters=parameters, return_annotation=Any)
    collect.__signature__ = signature  # type: ignore[attr-defined]
    collect.__annotations__ = {item.name: item.annotation for item in parameters}
    collect.__name__ = name
    function: Any = collect
    return pydantic.TypeAdapter(function)


def _parse_docstring(text: str) -> tuple[str, dict[str, str]]:
    """Return the description of the function and of each argument: `Args:` as Google's style, or `:param name:`."""
    description: list[str] = []
    arguments: dict[str, str] = {}
    section, current = "", ""
    for line in text.splitlines():
        match = _PARAMETER_LINE.match(line)
        if _SECTION_LINE.fullmatch(line.strip()):
            section, current = line.strip(), ""
        elif match and (line.lstrip().startswith(":param") or section[:4] in ("Args", "Argu", "Para")):
            current = match[1]
            arguments[current] = match[2].strip()
        elif current and line.strip() and line.startswith(" "):
            arguments[current] += f" {line.strip()}"
        elif not section and not line.lstrip().startswith(":"):
            description.append(line)
    return "\n".join(description).strip(), arguments
