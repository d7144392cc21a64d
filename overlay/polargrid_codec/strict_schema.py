"""JSON schemas in the strict form, which servers with structured output accept: each property is required; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter

_Resolve = Callable[[str], Any]


def to_strict_json_schema(kind: type[BaseModel] | TypeAdapter[Any]) -> dict[str, Any]:
    """Return the strict JSON schema of a type: no other properties, each one required, no `$ref` beside keywords."""
    schema = kind.json_schema() if isinstance(kind, TypeAdapter) else kind.model_json_schema()

    def resolve(reference: str) -> Any:
        target: Any = schema
        for part in reference.removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        return target

    strict: dict[str, Any] = _to_strict(schema, resolve, ())
    return strict


def _to_strict(schema: Any, resolve: _Resolve, expanded: tuple[str, ...]) -> Any:
    """`expanded` are the references whose targets contain this schema: a recursive one is not expanded again."""
    if not isinstance(schema, Mapping):
        return schema
    reference = schema.get("$ref")
    if reference is not None and len(schema) > 1:
        others = {name: value for name, value in schema.items() if name != "$ref"}
        if reference in expanded:
            return {"$ref": reference}
        return _to_strict({**resolve(reference), **others}, resolve, (*expanded, reference))
    result = {name: _to_strict_keyword(name, value, resolve, expanded) for name, value in schema.items()}
    if schema.get("type") == "object":
        result.setdefault("additionalProperties", False)
    if isinstance(schema.get("properties"), Mapping):
        result["required"] = [*schema["properties"]]
    if len(result.get("allOf", ())) == 1:
        result |= result.pop("allOf")[0]
    if result.get("default", ...) is None:
        del result["default"]
    return result


def _to_strict_keyword(name: str, value: Any, resolve: _Resolve, expanded: tuple[str, ...]) -> Any:
    if name in ("$defs", "definitions", "properties") and isinstance(value, Mapping):
        return {key: _to_strict(item, resolve, expanded) for key, item in value.items()}
    if name in ("anyOf", "allOf", "oneOf", "prefixItems") and isinstance(value, list):
        return [_to_strict(item, resolve, expanded) for item in value]
    return _to_strict(value, resolve, expanded) if name == "items" else value
