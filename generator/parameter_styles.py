"""How the value of a parameter is written, and what has no form there; pure."""

from __future__ import annotations

from typing import Any, cast

from generator.schemas import MAX_DEPTH, list_types, resolve
from generator.spec import Spec, SpecError
from polargrid_runtime.operation import Style

#: The styles of a place, the default first.
_STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
_DELIMITED = ("spaceDelimited", "pipeDelimited")


def check_style(spec: Spec, context: str, item: dict[str, Any]) -> tuple[dict[str, Any], Style, bool]:
    """Return the schema of a parameter, its style and whether it is exploded.

    Raises SpecError if OpenAPI has no form for its values in this style and place.
    """
    if "content" in item:
        media_type, content = next(iter(item["content"].items()))
        if not media_type.partition(";")[0].strip().lower().endswith("json"):
            raise SpecError(f"{context}: content {media_type!r} is not supported; expected application/json")
        return content.get("schema", {}), "json", False
    schema, location = item.get("schema", {}), item["in"]
    style = item.get("style", _STYLES[location][0])
    if style not in _STYLES[location]:
        raise SpecError(f"{context}: style {style!r} in {location}; expected one of {', '.join(_STYLES[location])}")
    explode = bool(item.get("explode", style == "form"))
    kinds = list_types(spec, schema)
    if "null" in kinds and item.get("required"):
        raise SpecError(f"{context} is required and may be null, which has no form; remove null or `required`")
    is_compound = bool(kinds & {"array", "object"})
    if style == "deepObject" and kinds - {"null"} != {"object"}:
        raise SpecError(f"{context}: style deepObject is for objects; use form")
    if style in _DELIMITED and (explode or not is_compound):
        reason = "has no exploded form" if explode else "is for arrays and objects"
        raise SpecError(f"{context}: style {style} {reason}; use form")
    if location == "cookie" and explode and is_compound:
        raise SpecError(f"{context}: several cookies of one name have no order; set `explode: false`")
    if is_compound and any(list_types(spec, part) & {"array", "object"} for part in _parts(spec, schema)):
        message = "a list or an object inside of another has no form; use `content: {application/json: ...}`"
        raise SpecError(f"{context}: {message}")
    return schema, cast(Style, style), explode


def parse_constant(spec: Spec, context: str, schema: dict[str, Any]) -> Any:
    """Return the only value of a parameter, or None if it has others."""
    resolved = resolve(spec, schema)
    if "const" not in resolved:
        return None
    constant = resolved["const"]
    if not isinstance(constant, str | int | float):
        raise SpecError(f"{context}: const {constant!r}; expected a string, a number or a boolean")
    return constant


def _parts(spec: Spec, schema: dict[str, Any], depth: int = 0) -> list[dict[str, Any]]:
    """Return the schemas of the items of a list, and of the fields of an object."""
    schema = resolve(spec, schema)
    if depth > MAX_DEPTH:
        return []
    parts = list(schema.get("properties", {}).values())
    parts += [schema[name] for name in ("items", "additionalProperties") if isinstance(schema.get(name), dict)]
    branches = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    return parts + [part for branch in branches for part in _parts(spec, branch, depth + 1)]
