"""The header `x-pg-ignored`: which fields of a request had no effect. Pure.

openapi.yaml marks the fields that a server may ignore with `x-may-ignore`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel

HEADER: Final = "x-pg-ignored"

Json = Mapping[str, Any]


def ignorable_fields(specification: Json) -> dict[str, tuple[str, ...]]:
    """The fields of the body that a server may ignore, by operation; operations without such fields are absent."""
    operations = (item for methods in specification["paths"].values() for item in methods.values())
    fields = {
        operation["operationId"]: tuple(dict.fromkeys(_iter_fields(_body_schemas(operation), specification)))
        for operation in operations
        if isinstance(operation, Mapping) and "requestBody" in operation
    }
    return {operation: names for operation, names in fields.items() if names}


def find_ignored(body: BaseModel | None, ignorable: Collection[str], obeyed: Collection[str]) -> list[str]:
    """The fields that a request sets to a value, and that are ignorable and not obeyed, as the request names them."""
    if body is None or not ignorable:
        return []
    names = {field.alias or name: name for name, field in type(body).model_fields.items()}
    return [
        field
        for field in ignorable
        if field not in obeyed and names[field] in body.model_fields_set and getattr(body, names[field]) is not None
    ]


def _body_schemas(operation: Json) -> list[Json]:
    return [content["schema"] for content in operation["requestBody"].get("content", {}).values()]


def _iter_fields(schemas: list[Json], specification: Json) -> Iterator[str]:
    for schema in schemas:
        for name, field in schema.get("properties", {}).items():
            if field.get("x-may-ignore"):
                yield name
        parts = [part for key in ("allOf", "anyOf", "oneOf") for part in schema.get(key, [])]
        if "$ref" in schema:
            parts.append(_resolve(schema["$ref"], specification))
        yield from _iter_fields(parts, specification)


def _resolve(reference: str, specification: Json) -> Json:
    value: Any = specification
    for step in reference.removeprefix("#/").split("/"):
        value = value[step.replace("~1", "/").replace("~0", "~")]
    schema: Json = value
    return schema
