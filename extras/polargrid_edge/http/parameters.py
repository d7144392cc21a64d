"""Parse and validate the parameters of a request, outside of its body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from polargrid_edge.errors import invalid_request
from polargrid_edge.http.errors import from_validation

if TYPE_CHECKING:
    from starlette.datastructures import Headers

    from polargrid_runtime.operation import Operation, Parameter

Query = Sequence[tuple[str, str]]


def read_parameters(
    operation: Operation[Any, Any], path: Mapping[str, str], query: Query, headers: Headers
) -> BaseModel | None:
    """The parameters of a request as their type; None if the operation has none. Raises `EdgeError` 400.

    Each is one text, of which the last counts: no operation that the edge serves has lists or objects.
    """
    kind = operation.parameters_model
    if kind is None:
        return None
    templates = {value[1:-1]: name for name, value in operation.query if value.startswith("{")}
    values: dict[str, str] = {}
    for item in operation.parameters:
        texts = [] if item.constant is not None else _find_texts(item, path, query, headers, templates)
        if texts:
            values[item.argument] = texts[-1]
    try:
        parameters = kind.model_validate(values)  # not strict: they are texts
    except ValidationError as error:
        raise from_validation(error, values) from None
    for name, text in values.items():
        value = getattr(parameters, name, None)
        # Pydantic also takes the seconds since 1970 for a date.
        if isinstance(value, date) and not isinstance(value, datetime) and value.isoformat() != text:
            raise invalid_request(f"{name}: {text!r} is not a date like 2026-11-30", name)
    return parameters


def _find_texts(
    item: Parameter, path: Mapping[str, str], query: Query, headers: Headers, templates: Mapping[str, str]
) -> list[str]:
    if item.location == "header":
        return headers.getlist(item.name)
    if item.name in path:
        return [path[item.name]]
    name = templates.get(item.name, item.name)  # of the query that is a part of the path's key
    return [value for key, value in query if key == name]
