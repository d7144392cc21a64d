"""Parameters of operations: path, query, headers and cookies, and the idempotency key; pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import jsonschema_rs
from openapi_python_client.strings import PythonIdentifier

from generator.parameter_styles import check_style, parse_constant
from generator.schemas import resolve
from generator.spec import Location, Spec, SpecError
from polargrid_runtime.operation import RESERVED_HEADERS, Parameter, split_path

#: Arguments that every method has: the fields of CallOptions and those of the templates; and names in methods' bodies.
RESERVED = ("timeout", "idle_timeout", "deadline", "max_retries", "on_meta", "extra_headers", "extra_query",
            "extra_body", "options", "request", "file", "self", "operations", "provided_fields")  # fmt: skip
_IDEMPOTENCY_KEY = "idempotency-key"
_SAMPLE_KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"
_TEMPLATE = re.compile(r"{([^{}]*)}")
Place = Literal["path", "query", "header", "cookie"]


@dataclass(frozen=True)
class APIParameter:
    """A parameter, with what its argument needs."""

    fact: Parameter
    schema: dict[str, Any]
    description: str

    @property
    def argument(self) -> str:
        return self.fact.argument

    @property
    def required(self) -> bool:
        return self.fact.required


def parse_parameters(spec: Spec, context: str, key: str, items: list[dict[str, Any]]) -> tuple[APIParameter, ...]:
    """Return the parameters of an operation with the path key `key`: required ones first, of these the path's.

    The idempotency key is none of them. Raises SpecError, at the parameter's location in the operation, for one that
    the SDK cannot send.
    """
    parameters: list[APIParameter] = []
    for index, item in enumerate(items):
        if _is_idempotency_key(item):
            continue
        try:
            parameters.append(_parse_parameter(spec, context, item))
        except SpecError as error:
            raise SpecError(error.message, location=_location(index)) from error
    _check_templates(context, key, parameters)
    positions = {name: index for index, name in enumerate(_TEMPLATE.findall(key))}
    last = len(positions)

    def order(item: APIParameter) -> tuple[bool, int]:
        return not item.required, positions.get(item.fact.name, last) if item.fact.location == "path" else last

    return tuple(sorted(_name_arguments(context, parameters), key=order))


def parameters_schema(context: str, parameters: tuple[APIParameter, ...]) -> dict[str, Any] | None:
    """Return the schema of an object with a field for each argument; None if there is none."""
    arguments = [item for item in parameters if item.fact.constant is None]
    if not arguments:
        return None
    fields = {item.argument: _field_schema(item) for item in arguments}
    required = [item.argument for item in arguments if item.required]
    schema = {"type": "object", "description": f"The parameters of {context}.", "properties": fields}
    return {**schema, "required": required} if required else schema


def accepts_idempotency_key(spec: Spec, context: str, items: list[dict[str, Any]]) -> bool:
    """Whether an operation has the header Idempotency-Key. Raises SpecError if its schema rejects the SDK's keys."""
    declared = [(index, item) for index, item in enumerate(items) if _is_idempotency_key(item)]
    for index, item in declared:
        schema = resolve(spec, item.get("schema", {}))
        if not jsonschema_rs.validator_for({**schema, "components": spec["components"]}).is_valid(_SAMPLE_KEY):
            message = f"{context}: parameter {item['name']!r} must accept a UUID, which the SDK sends"
            raise SpecError(message, location=_location(index))
    return bool(declared)


def _location(index: int) -> Location:
    return "parameters", index


def _is_idempotency_key(item: dict[str, Any]) -> bool:
    return (item["in"], item["name"].lower()) == ("header", _IDEMPOTENCY_KEY)


def _parse_parameter(spec: Spec, context: str, item: dict[str, Any]) -> APIParameter:
    name, location = item["name"], item["in"]
    context = f"{context}: parameter {name!r}"
    if location not in get_args(Place):
        raise SpecError(f"{context} is in {location!r}; expected one of {', '.join(get_args(Place))}")
    if location == "header" and name.lower() in {*RESERVED_HEADERS, "cookie"}:
        raise SpecError(f"{context} is a header that the SDK sets; remove it{_explain_header(name.lower())}")
    if item.get("allowReserved"):
        raise SpecError(f"{context}: allowReserved is not supported; remove it, and accept percent-encoded values")
    schema, style, explode = check_style(spec, context, item)
    constant = parse_constant(spec, context, schema)
    argument = str(PythonIdentifier(re.sub(r"\W+", "_", name).strip("_"), prefix="param"))
    is_required = bool(item.get("required"))
    fact = Parameter(name, location, argument, required=is_required, style=style, explode=explode, constant=constant)
    description = item.get("description") or resolve(spec, schema).get("description", "")
    is_deprecated = item.get("deprecated") or resolve(spec, schema).get("deprecated")
    return APIParameter(fact, schema, f"{'Deprecated. ' if is_deprecated else ''}{description}".strip())


def _explain_header(name: str) -> str:
    """What describes the header instead."""
    reasons = {
        "authorization": ", and use `security`",
        "accept": ", and list the media types of the responses",
        "content-type": ", and name the media type of the requestBody",
        "cookie": ", and use `in: cookie`",
    }
    return reasons.get(name, "")


def _field_schema(item: APIParameter) -> dict[str, Any]:
    schema = {name: value for name, value in item.schema.items() if name != "default" or not item.required}
    return {**schema, "description": item.description} if item.description else schema


def _check_templates(context: str, key: str, parameters: list[APIParameter]) -> None:
    """Compare the templates of a path key with the parameters of the path."""
    path, query = split_path(key)
    partial = [name for name, value in query if _TEMPLATE.sub("", value) not in ("", value) or "{" in name]
    if partial:
        raise SpecError(f"{context}: the query of the path has {partial[0]!r} with a part in braces; use name={{name}}")
    names = [*_TEMPLATE.findall(path), *(_TEMPLATE.findall(value)[0] for _, value in query if "{" in value)]
    declared = {item.fact.name: item for item in parameters if item.fact.location == "path"}
    for name in names:
        if name not in declared or names.count(name) > 1:
            raise SpecError(f"{context}: the path has {{{name}}}, which needs one parameter of this name, `in: path`")
    for name, item in declared.items():
        if name not in names:
            raise SpecError(f"{context}: parameter {name!r} is `in: path`, but {key} has no {{{name}}}")
        if f"{{{name}}}" in dict(query).values() and item.fact.style != "simple":
            raise SpecError(f"{context}: parameter {name!r} is in a query; remove its style")
    others = {item.fact.name for item in parameters if item.fact.location == "query"}
    fixed = next((name for name, _ in query if name in others), None)
    if fixed is not None:
        raise SpecError(f"{context}: parameter {fixed!r} is in the query of the path as well; remove one")


def _name_arguments(context: str, parameters: list[APIParameter]) -> list[APIParameter]:
    """Add the place to the names of arguments that are reserved, or that two parameters would share."""
    counts = Counter(item.argument for item in parameters if item.fact.constant is None)
    result = []
    for item in parameters:
        if item.fact.constant is None and (item.argument in RESERVED or counts[item.argument] > 1):
            argument = f"{item.argument.rstrip('_')}_{item.fact.location}"
            item = replace(item, fact=replace(item.fact, argument=argument))  # noqa: PLW2901
        result.append(item)
    names = Counter(item.argument for item in result if item.fact.constant is None)
    duplicate = next((name for name, count in names.items() if count > 1), None)
    if duplicate is not None:
        raise SpecError(f"{context}: two parameters have the argument {duplicate!r}; rename one of them")
    return result
