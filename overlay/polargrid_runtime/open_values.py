"""Core schemas of Pydantic, opened for responses of newer servers, or closed as the document says; pure."""

from __future__ import annotations

from types import NoneType
from typing import Any

from pydantic_core import core_schema

_BOUNDS = {
    "str": {"min_length", "max_length", "pattern"},
    "int": {"ge", "gt", "le", "lt", "multiple_of"},
    "float": {"ge", "gt", "le", "lt", "multiple_of"},
    "list": {"max_length"},  # a response without a choice is none
    "dict": {"min_length", "max_length"},
    "datetime": {"tz_constraint"},
}
_SCALARS = {"str": str, "int": int}
_UNKNOWN = ""


def open_values(schema: Any) -> Any:
    """Return a schema without bounds, whose enums and constants accept any value of their kind."""
    kind = schema["type"]
    if kind in _BOUNDS:
        schema = {name: value for name, value in schema.items() if name not in _BOUNDS[kind]}
    if kind == "literal" and all(isinstance(value, str) for value in schema["expected"]):
        return core_schema.str_schema()
    if kind == "union":
        return _open_union(schema)
    return _map_parts(schema, open_values)


def close_values(schema: Any) -> Any:
    """Return a schema whose enums and unions accept only what the document has."""
    if schema["type"] == "union" and (documented := _find_documented_values(schema)):
        return documented
    if schema["type"] == "tagged-union":
        choices = {name: item for name, item in schema["choices"].items() if name != _UNKNOWN}
        schema = {**schema, "choices": choices, "discriminator": schema["metadata"]["property"]}
    return _map_parts(schema, close_values)


def _open_union(schema: Any) -> Any:
    documented = _find_documented_values(schema)
    if documented is None:
        return _map_parts(schema, open_values)
    if documented["type"] == "literal":
        return _choices(schema)[1]  # faster
    return {**schema, "mode": "left_to_right"}


def _find_documented_values(schema: Any) -> Any:
    """Return the enum or the constants of a union of them and their type; None for any other union."""
    choices = _choices(schema)
    if len(choices) != 2 or choices[0]["type"] not in ("literal", "enum"):
        return None
    documented, other = choices
    values = documented["expected"] if documented["type"] == "literal" else documented["members"]
    kind = _SCALARS.get(other["type"], NoneType)
    return documented if all(isinstance(value, kind) for value in values) else None


def _choices(schema: Any) -> list[Any]:
    return [choice[0] if isinstance(choice, tuple) else choice for choice in schema["choices"]]


def _map_parts(schema: Any, change: Any) -> Any:
    kind = schema["type"]
    if kind == "nullable":
        return {**schema, "schema": change(schema["schema"])}
    if kind == "list" and "items_schema" in schema:
        return {**schema, "items_schema": change(schema["items_schema"])}
    if kind == "dict" and "values_schema" in schema:
        return {**schema, "values_schema": change(schema["values_schema"])}
    if kind == "union":
        return {**schema, "choices": [change(choice) for choice in _choices(schema)]}
    return schema
