"""Parameters of operations: path, query, and the idempotency key; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jsonschema_rs
from openapi_python_client.strings import PythonIdentifier

from generator.schemas import join_types, resolve
from generator.spec import Spec, SpecError
from polargrid_runtime.operation import Parameter

#: Arguments that every method has: the fields of CallOptions, and those of the templates.
RESERVED = ("timeout", "idle_timeout", "deadline", "max_retries", "on_meta", "extra_headers", "extra_query",
            "extra_body", "options", "request", "file")  # fmt: skip
_IDEMPOTENCY_KEY = "idempotency-key"
_SAMPLE_KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"
_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


@dataclass(frozen=True)
class APIParameter:
    """A parameter, with what its argument needs."""

    fact: Parameter
    type: str
    description: str

    @property
    def argument(self) -> str:
        return self.fact.argument

    @property
    def required(self) -> bool:
        return self.fact.required


def parse_parameters(spec: Spec, context: str, items: list[dict[str, Any]]) -> tuple[APIParameter, ...]:
    """Return the path and query parameters of an operation, required ones first.

    Raises SpecError for any other parameter, except for the idempotency key, which is not an argument.
    """
    resolved = [resolve(spec, item) for item in items]
    parameters = [_parse_parameter(spec, context, item) for item in resolved if not _is_idempotency_key(item)]
    return tuple(sorted(parameters, key=lambda item: not item.required))


def accepts_idempotency_key(spec: Spec, context: str, items: list[dict[str, Any]]) -> bool:
    """Whether an operation has the header Idempotency-Key. Raises SpecError if its schema rejects the SDK's keys."""
    declared = [item for item in (resolve(spec, item) for item in items) if _is_idempotency_key(item)]
    for item in declared:
        schema = resolve(spec, item.get("schema", {}))
        if not jsonschema_rs.validator_for({**schema, "components": spec["components"]}).is_valid(_SAMPLE_KEY):
            raise SpecError(f"{context}: parameter {item['name']!r} must accept a UUID, which the SDK sends")
    return bool(declared)


def _is_idempotency_key(item: dict[str, Any]) -> bool:
    return (item["in"], item["name"].lower()) == ("header", _IDEMPOTENCY_KEY)


def _parse_parameter(spec: Spec, context: str, item: dict[str, Any]) -> APIParameter:
    name, schema = item["name"], resolve(spec, item.get("schema", {}))
    argument, constant = str(PythonIdentifier(name, prefix="param")), schema.get("const")
    if item["in"] not in ("path", "query"):
        message = "expected path or query, or the header Idempotency-Key; callers send others with extra_headers"
        raise SpecError(f"{context}: parameter {name!r} is in {item['in']!r}; {message}")
    if constant is None and argument in RESERVED:
        raise SpecError(f"{context}: parameter {name!r} is reserved; every method has {', '.join(RESERVED)}")
    type_ = _scalar_type(context, name, schema)
    fact = Parameter(name, item["in"], argument, required=bool(item.get("required")), constant=constant)
    return APIParameter(fact, type_, item.get("description", ""))


def _scalar_type(context: str, name: str, schema: dict[str, Any]) -> str:
    kinds = schema.get("type", "string")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    unknown = [kind for kind in kinds if kind not in (*_TYPES, "null")]
    if unknown:
        raise SpecError(f"{context}: parameter {name!r} has the type {unknown[0]}; expected one of {', '.join(_TYPES)}")
    return join_types(_TYPES[kind] for kind in kinds if kind != "null")
