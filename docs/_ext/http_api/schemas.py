"""Schemas in Markdown: the type of a value in a few words, its limits, a table of its fields; pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from http_api.document import Json, reference_name, resolve

_TYPE_KEYWORDS = {"$ref", "type", "enum", "const", "anyOf", "oneOf", "allOf", "contentSchema"}
_LIMITS = {
    "minimum": "from {}",
    "exclusiveMinimum": "above {}",
    "maximum": "to {}",
    "exclusiveMaximum": "below {}",
    "multipleOf": "in steps of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "default": "default {}",
}


class SchemaWriter:
    """Writes the schemas of a document; `link` returns the link to a named one."""

    def __init__(self, document: Json, link: Callable[[str], str]) -> None:
        self._document, self._link = document, link

    def describe(self, schema: Json) -> str:
        """Return the type of a value, in a few words."""
        if "$ref" in schema:
            return self._link(reference_name(schema))
        if parts := self._describe_parts(schema):
            return parts
        if values := schema.get("enum", [schema["const"]] if "const" in schema else None):
            return " ".join(to_code(value) for value in values)
        if "contentSchema" in schema:
            return self.describe(schema["contentSchema"])
        kinds = schema.get("type", "object" if "properties" in schema else "any")
        kinds = "file" if is_file(schema) else kinds
        return " or ".join(self._describe_kind(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds))

    def _describe_parts(self, schema: Json) -> str:
        """Return the types that a schema is composed of; nothing if there are none."""
        for keyword in ("anyOf", "oneOf"):
            # A part without a type only restricts which fields may be combined.
            if parts := [part for part in schema.get(keyword, ()) if part.keys() & _TYPE_KEYWORDS]:
                return " or ".join(dict.fromkeys(self.describe(part) for part in parts))
        named = [part for part in schema.get("allOf", ()) if "$ref" in part]
        inherited = {name for part in named for name in self._merge_fields(part)[0]}
        own = [name for name in self._merge_fields(schema)[0] if name not in inherited]  # others restrict theirs
        return " and ".join([*map(self.describe, named), *(f"`{name}`" for name in own)]) if named else ""

    def _describe_kind(self, kind: str, schema: Json) -> str:
        if kind == "array" and "items" in schema:
            return f"array of {self.describe(schema['items'])}"
        if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
            return f"object of {self.describe(schema['additionalProperties'])}"
        return f"{kind} ({schema['format']})" if kind == "string" and "format" in schema else kind

    def write_fields(self, schema: Json) -> Iterator[str]:
        """Yield a table of the fields of an object; nothing for any other value."""
        fields, required = self._merge_fields(schema)
        if not fields:
            return
        yield from ("| Field | Type | Description |", "|---|---|---|")
        for name, field in fields.items():
            mark = " *" if name in required else ""
            yield f"| `{name}`{mark} | {to_cell(self.describe(field))} | {to_cell(self.describe_use(field))} |"
        yield from ("", "\\* required" if required else "", "")

    def write_responses(self, responses: Iterable[tuple[str, Json]]) -> Iterator[str]:
        """Yield a table of responses, which are pairs of a status and what it means."""
        yield from ("| Status | Description | Headers | Body |", "|---|---|---|---|")
        for status, response in responses:
            headers = ", ".join(f"`{name}`" for name in response.get("headers", {})) or "none"
            bodies = [
                f"`{media_type}`: {self.describe(content.get('schema', {}))}"
                for media_type, content in response.get("content", {}).items()
            ]
            cells = [status, response.get("description", ""), headers, "; ".join(bodies) or "none"]
            yield f"| {' | '.join(to_cell(cell) for cell in cells)} |"

    def describe_use(self, schema: Json) -> str:
        """Return the description of a value, its limits, and whether it is deprecated or may be ignored."""
        target = resolve(self._document, schema)
        may_ignore = "A server may ignore it." if target.get("x-may-ignore") else ""
        marks = "**Deprecated.**" if target.get("deprecated") else ""
        texts = [marks, target.get("description", ""), may_ignore, limits(schema)]
        return to_line(" ".join(text for text in texts if text))

    def _merge_fields(self, schema: Json) -> tuple[dict[str, Json], set[str]]:
        """Return the fields of a schema, including those of its `allOf`, and the names of the required ones."""
        schema = resolve(self._document, schema)
        fields, required = dict(schema.get("properties", {})), set(schema.get("required", ()))
        for part in schema.get("allOf", ()):
            part_fields, part_required = self._merge_fields(part)
            fields, required = {**part_fields, **fields}, required | part_required
        return fields, required


def is_file(schema: Json) -> bool:
    """Whether a value is bytes: a field of a form, a body."""
    return "contentMediaType" in schema or schema.get("format") == "binary"


def limits(schema: Json) -> str:
    """Return the limits and the default of a value, in parentheses."""
    parts = [schema, *schema.get("anyOf", ())]
    texts = [text.format(to_code(part[name])) for part in parts for name, text in _LIMITS.items() if name in part]
    return f"({', '.join(texts)})" if texts else ""


def to_code(value: Any) -> str:
    """Return a JSON value as code."""
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def to_line(text: str) -> str:
    """Return a text without line breaks."""
    return " ".join(text.split())


def to_cell(text: str) -> str:
    """Return a text for a cell of a table."""
    return to_line(text).replace("|", "\\|")
