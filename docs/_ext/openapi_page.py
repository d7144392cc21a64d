"""Renders the HTTP API: openapi.json -> Markdown. Pure, except for the hook that Sphinx calls.

A marker in `reference/http.md` is replaced while Sphinx reads the page; no file is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

Json = Mapping[str, Any]
MARKER = "<!-- the operations of openapi.json -->\n"
DOCUMENT = Path(__file__).parents[2] / "generated/polargrid_generated/openapi.json"


def setup(app: Sphinx) -> Json:
    """Insert the operations when Sphinx reads the page."""
    app.connect("source-read", _replace_marker, priority=100)  # before llms_text collects the pages
    return {"parallel_read_safe": True}


def _replace_marker(_: Sphinx, __: str, source: list[str]) -> None:
    if MARKER in source[0]:
        source[0] = source[0].replace(MARKER, render_page(json.loads(DOCUMENT.read_text(encoding="utf-8"))))


def render_page(document: Json) -> str:
    """Return every operation with its fields and statuses, then the parameters that they share, then every type."""
    parameters = ["## Parameters", "", *_render_parameters(document)]
    return "\n".join([*_render_operations(document), *parameters, "## Types", "", *_render_types(document)])


def _render_operations(document: Json) -> Iterator[str]:
    for tag in document["tags"]:
        yield from (f"## {tag['name'].capitalize()}", "", f"{tag['description']}.", "")
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if operation["tags"] == [tag["name"]]:
                    yield from _render_operation(document, f"{method.upper()} {path}", operation)


def _render_operation(document: Json, name: str, operation: Json) -> Iterator[str]:
    yield from (f"### {name}", "", operation["summary"], "", operation.get("description", ""), "")
    names = [operation["x-call"]] if "x-call" in operation else []
    methods = [f"`client.{name}`" for name in [*names, operation["operationId"]]]
    yield from (f"In Python: {' or '.join(methods)}. {_authentication(operation)}", "")
    for reference in operation.get("parameters", ()):
        parameter = _resolve(document, reference)
        schema = parameter["schema"]
        if "$ref" in reference:
            name = parameter["name"]
            yield from (f"{parameter['in'].capitalize()} [`{name}`](#{name.lower()}), {_kind(schema)}", "")
            continue
        value = f"always `{json.dumps(schema['const'])}`" if "const" in schema else _kind(schema)
        yield from (f"Query `{parameter['name']}`, {value}: {_line(parameter['description'])}", "")
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield from (f"**Request**, `{media}`: {_kind(content['schema'])}", "")
        yield from _render_fields(document, content["schema"])
        yield from _render_example(content)
    yield from ("**Responses**", "", "| Status | Description | Body |", "|---|---|---|")
    for status, reference in operation["responses"].items():
        response = _resolve(document, reference)
        yield f"| {status} | {_cell(response['description'])} | {_cell(_bodies(response))} |"
    yield ""


def _render_parameters(document: Json) -> Iterator[str]:
    for parameter in document["components"].get("parameters", {}).values():
        yield from (f"### {parameter['name']}", "", parameter["description"], "", _bounds(parameter["schema"]), "")


def _authentication(operation: Json) -> str:
    return "Requires an API key." if operation.get("security") else "Requires no API key."


def _render_example(content: Json) -> Iterator[str]:
    examples = content.get("examples", {})
    value = next((example["value"] for example in examples.values()), None)
    if isinstance(value, dict) and "file" not in value:
        yield from ("```json", json.dumps(value, indent=2, ensure_ascii=False), "```", "")


def _bodies(response: Json) -> str:
    kinds = [f"`{media}`: {_kind(content.get('schema', {}))}" for media, content in response.get("content", {}).items()]
    return "; ".join(kinds) or "none"


def _render_types(document: Json) -> Iterator[str]:
    for name, schema in document["components"]["schemas"].items():
        yield from (f"### {name}", "", _line(schema.get("description", "")), "")
        fields = [*_render_fields(document, schema)]
        yield from fields or (f"{_bounds(schema) or _kind(schema)}.", "")


def _render_fields(document: Json, schema: Json) -> Iterator[str]:
    fields, required = _merge_fields(document, schema)
    if not fields:
        return
    yield from ("| Field | Type | Description |", "|---|---|---|")
    for name, field in fields.items():
        mark = " *" if name in required else ""
        texts = [_line(_resolve(document, field).get("description", "")), _bounds(field)]
        yield f"| `{name}`{mark} | {_cell(_kind(field))} | {_cell(' '.join(text for text in texts if text))} |"
    yield from ("", "\\* required" if required else "", "")


def _merge_fields(document: Json, schema: Json) -> tuple[dict[str, Json], set[str]]:
    """Return the fields of a schema, including those of its `allOf`, and the names of the required ones."""
    schema = _resolve(document, schema)
    fields, required = dict(schema.get("properties", {})), set(schema.get("required", ()))
    for part in schema.get("allOf", ()):
        part_fields, part_required = _merge_fields(document, part)
        fields, required = {**part_fields, **fields}, required | part_required
    return fields, required


def _resolve(document: Json, schema: Json) -> Json:
    """Return the target of a reference; keywords next to the reference override it."""
    if "$ref" not in schema:
        return schema
    target: Any = document
    for step in schema["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    return {**_resolve(document, target), **{name: value for name, value in schema.items() if name != "$ref"}}


_KIND_KEYWORDS = {"$ref", "type", "enum", "const", "anyOf", "oneOf", "allOf"}


def _kind(schema: Json) -> str:
    """The type of a value, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for keyword, word in (("anyOf", " or "), ("oneOf", " or "), ("allOf", " and ")):
        # A part without a type only restricts which fields may be combined.
        if parts := [part for part in schema.get(keyword, ()) if part.keys() & _KIND_KEYWORDS]:
            return word.join(dict.fromkeys(_kind(part) for part in parts))
    if values := schema.get("enum", [schema["const"]] if "const" in schema else None):
        return " ".join(f"`{json.dumps(value)}`" for value in values)
    if "contentSchema" in schema:
        return _kind(schema["contentSchema"])
    kinds = schema.get("type", "object" if "properties" in schema else "any")
    return " or ".join(_describe(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _describe(kind: str, schema: Json) -> str:
    if kind == "array":
        return f"array of {_kind(schema['items'])}" if "items" in schema else "array"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_kind(schema['additionalProperties'])}"
    return kind


_BOUNDS = {
    "minimum": "from {}",
    "exclusiveMinimum": "above {}",
    "maximum": "to {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "default": "default {}",
}


def _bounds(schema: Json) -> str:
    parts = [schema, *schema.get("anyOf", ())]
    texts = [
        text.format(f"`{json.dumps(part[name])}`") for part in parts for name, text in _BOUNDS.items() if name in part
    ]
    return f"({', '.join(texts)})" if texts else ""


def _line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")
