"""Schemas that are defined inside of others (`$defs`), as components; pure."""

from __future__ import annotations

from typing import Any

from generator.spec import Spec, SpecError

_SCHEMAS = "#/components/schemas/"


def lift_definitions(spec: Spec) -> Spec:
    """Return a document whose components have no `$defs`: each definition is a component, which references name.

    Raises SpecError for a definition that has the name of another schema.
    """
    schemas = spec.get("components", {}).get("schemas", {})
    lifted: dict[str, Any] = {}
    for owner, schema in schemas.items():
        for name, definition in (schema.get("$defs") or {}).items() if isinstance(schema, dict) else ():
            if name in schemas or name in lifted:
                message = f"schema {owner}: $defs: another schema has the name {name}; rename one of them"
                raise SpecError(message, location=("components", "schemas", owner, "$defs", name))
            lifted[name] = definition
    if not lifted:
        return spec
    own = {name: {key: value for key, value in schema.items() if key != "$defs"} for name, schema in schemas.items()}
    result = {**spec, "components": {**spec["components"], "schemas": {**own, **lifted}}}
    return _rename(result)  # type: ignore[no-any-return]


def _rename(node: Any) -> Any:
    """Return a node in which references lead to the components."""
    if isinstance(node, list):
        return [_rename(item) for item in node]
    if not isinstance(node, dict):
        return node
    result = {key: _rename(value) for key, value in node.items()}
    reference = result.get("$ref")
    if isinstance(reference, str) and reference.startswith(_SCHEMAS) and "/$defs/" in reference:
        result["$ref"] = _SCHEMAS + reference.rsplit("/", 1)[-1]
    return result
