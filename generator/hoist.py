"""Names for inline schemas: each object that has fields becomes a component, named by its operation or its parent."""

from __future__ import annotations

from typing import Any

from generator.names import pascal_case
from generator.relax import strip_conditions
from generator.schemas import Schema, component_kind, resolve
from generator.spec import Spec, SpecError

_ENVELOPE = {"data", "event", "id", "retry"}  # of a server-sent event
_SITE = ("default", "deprecated", "readOnly", "writeOnly")  # keywords that say something of a field, not of its type


class Hoister:
    """Adds inline schemas to the components of a document, which it changes."""

    def __init__(self, spec: Spec, context: str) -> None:
        self._spec, self._context = spec, context

    def add(self, name: str, schema: Schema) -> Schema:
        """Add a component and return the reference to it. Raises SpecError if there is one of this name."""
        schemas = self._spec["components"]["schemas"]
        if name in schemas:
            message = f"the inline schema is named {name}, as another one is; move it to components/schemas"
            raise SpecError(f"{self._context}: {message}")
        schemas[name] = schema
        return {"$ref": f"#/components/schemas/{name}"}

    def replace(self, schema: Schema, name: str) -> Schema:
        """Return a schema with a reference in place of itself, if it is an inline object, and of those inside of it."""
        schema = self.replace_parts(schema, name)
        if not self._is_inline_object(schema):
            return schema
        site = {key: schema[key] for key in _SITE if key in schema}
        own = {key: value for key, value in schema.items() if key not in site}
        kinds = own.get("type", "object")
        if isinstance(kinds, list) and "null" in kinds:
            return {**site, "anyOf": [self.add(name, {**own, "type": "object"}), {"type": "null"}]}
        return {**site, **self.add(name, own)}

    def replace_parts(self, schema: Schema, name: str) -> Schema:
        """Return a schema with references in place of the inline objects inside of it."""
        if not isinstance(schema, dict) or strip_conditions(self._spec, schema) is not schema:
            return schema
        result = dict(schema)
        for key, suffix in (("items", "Item"), ("additionalProperties", "Value")):
            if isinstance(result.get(key), dict):
                result[key] = self.replace(result[key], name + suffix)
        if isinstance(result.get("properties"), dict):
            fields = result["properties"].items()
            result["properties"] = {field: self.replace(part, name + pascal_case(field)) for field, part in fields}
        for key in ("anyOf", "oneOf"):
            if key in result:
                result[key] = self._replace_branches(result[key], name)
        if "allOf" in result:
            result["allOf"] = [self.replace_parts(part, name) for part in result["allOf"]]
        return result

    def replace_event(self, schema: Schema, name: str) -> Schema:
        """Return the schema of an event, which itself has no name, with references in place of inline data."""
        target = resolve(self._spec, schema)
        properties = target.get("properties", {})
        if "data" in properties and set(properties) <= _ENVELOPE:
            return {**target, "properties": {**properties, "data": self._replace_data(properties["data"], name)}}
        branches = target.get("oneOf") or target.get("anyOf")
        if "$ref" in schema or not branches:
            return self.replace(schema, name)
        key = "oneOf" if "oneOf" in target else "anyOf"
        events = [self.replace_event(part, _branch_name(part, f"{name}{i}")) for i, part in enumerate(branches, 1)]
        return {**target, key: events}

    def _replace_data(self, schema: Schema, name: str) -> Schema:
        if "contentSchema" in schema:
            content = schema["contentSchema"]
            if {"oneOf", "anyOf"} & content.keys():
                return {**schema, "contentSchema": self.replace_parts(content, name)}
            return {**schema, "contentSchema": self.replace(content, name)}
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return {**schema, key: [self._replace_data(part, name) for part in schema[key]]}
        return schema

    def _replace_branches(self, branches: list[Schema], name: str) -> list[Schema]:
        inline = [branch for branch in branches if isinstance(branch, dict) and self._is_inline_object(branch)]
        if len(inline) < 2:
            return [self.replace(branch, name) for branch in branches]
        return [self.replace(branch, _branch_name(branch, f"{name}{i}")) for i, branch in enumerate(branches, 1)]

    def _is_inline_object(self, schema: Schema) -> bool:
        if "$ref" in schema or not ("properties" in schema or len(schema.get("allOf", ())) > 1):
            return False
        return component_kind(schema) == "class" and strip_conditions(self._spec, schema) is schema


def _branch_name(branch: Schema, name: str) -> str:
    """Return the name of a branch of a union: its title, if it has one."""
    title: Any = branch.get("title")
    return pascal_case(title) if isinstance(title, str) and title else name
