"""Path and query parameters of operations; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openapi_python_client.strings import PythonIdentifier

from generator.schemas import join_types, resolve
from generator.spec import Spec, SpecError

#: Arguments that every method has: the fields of CallOptions, and those of the templates.
RESERVED = ("timeout", "idle_timeout", "deadline", "max_retries", "on_meta", "extra_headers", "extra_query",
            "extra_body", "options", "request", "file")  # fmt: skip
_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


@dataclass(frozen=True)
class Parameter:
    """A path or query parameter; an argument of the method unless it has a constant value."""

    name: str
    location: str
    argument: str
    type: str
    description: str
    required: bool
    constant: Any = None


def parse_parameters(spec: Spec, context: str, items: list[dict[str, Any]]) -> tuple[Parameter, ...]:
    """Return the parameters of an operation, required ones first. Raises SpecError for one that is not generated."""
    parameters = [_parse_parameter(spec, context, resolve(spec, item)) for item in items]
    return tuple(sorted(parameters, key=lambda item: not item.required))


def _parse_parameter(spec: Spec, context: str, item: dict[str, Any]) -> Parameter:
    name, schema = item["name"], resolve(spec, item.get("schema", {}))
    argument, constant = str(PythonIdentifier(name, prefix="param")), schema.get("const")
    if item["in"] not in ("path", "query"):
        raise SpecError(f"{context}: parameter {name!r} is in {item['in']!r}; expected path or query")
    if constant is None and argument in RESERVED:
        raise SpecError(f"{context}: parameter {name!r} is reserved; every method has {', '.join(RESERVED)}")
    type_ = _scalar_type(context, name, schema)
    return Parameter(
        name, item["in"], argument, type_, item.get("description", ""), bool(item.get("required")), constant
    )


def _scalar_type(context: str, name: str, schema: dict[str, Any]) -> str:
    kinds = schema.get("type", "string")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    unknown = [kind for kind in kinds if kind not in (*_TYPES, "null")]
    if unknown:
        raise SpecError(f"{context}: parameter {name!r} has the type {unknown[0]}; expected one of {', '.join(_TYPES)}")
    return join_types(_TYPES[kind] for kind in kinds if kind != "null")
