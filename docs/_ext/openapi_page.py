"""The HTTP API as a page: openapi.json -> Markdown. Pure, but for the hook that Sphinx calls.

`reference/http.md` holds a line that says where it goes; nothing is written into the tree.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

Json = Mapping[str, Any]
PLACE = "<!-- the operations of openapi.json -->\n"
DOCUMENT = Path(__file__).parents[2] / "generated/polargrid_generated/openapi.json"


def setup(app: Sphinx) -> Json:
    """Put the operations in their place when Sphinx reads the page."""
    app.connect("source-read", _fill, priority=100)  # before what gathers the pages
    return {"parallel_read_safe": True}


def _fill(_: Sphinx, __: str, source: list[str]) -> None:
    if PLACE in source[0]:
        source[0] = source[0].replace(PLACE, page(json.loads(DOCUMENT.read_text(encoding="utf-8"))))


def page(document: Json) -> str:
    """Every operation with its fields and statuses, then every type."""
    return "\n".join([*_operations(document), "## Types", "", *_types(document)])


def _operations(document: Json) -> Iterator[str]:
    for tag in document["tags"]:
        yield from (f"## {tag['name'].capitalize()}", "", f"{tag['description']}.", "")
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if operation["tags"] == [tag["name"]]:
                    yield from _operation(document, f"{method.upper()} {path}", operation)


def _operation(document: Json, name: str, operation: Json) -> Iterator[str]:
    yield from (f"### {name}", "", operation["summary"], "", operation.get("description", ""), "")
    calls = [operation["x-call"]] if "x-call" in operation else []
    called = [f"`client.{call}`" for call in [*calls, operation["operationId"]]]
    yield from (f"In Python: {' or '.join(called)}. {_key(operation)}", "")
    for parameter in operation.get("parameters", ()):
        schema = parameter["schema"]
        value = f"always `{json.dumps(schema['const'])}`" if "const" in schema else _kind(schema)
        yield from (f"Query `{parameter['name']}`, {value}: {_line(parameter['description'])}", "")
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield from (f"**Request**, `{media}`: {_kind(content['schema'])}", "")
        yield from _fields(document, content["schema"])
        yield from _example(content)
    yield from ("**Answers**", "", "| Status | What it is | Body |", "|---|---|---|")
    for status, given in operation["responses"].items():
        answer = _resolved(document, given)
        yield f"| {status} | {_cell(answer['description'])} | {_cell(_bodies(answer))} |"
    yield ""


def _key(operation: Json) -> str:
    return "Needs a key." if operation.get("security") else "Needs no key."


def _example(content: Json) -> Iterator[str]:
    examples = content.get("examples", {})
    value = next((example["value"] for example in examples.values()), None)
    if isinstance(value, dict) and "file" not in value:
        yield from ("```json", json.dumps(value, indent=2, ensure_ascii=False), "```", "")


def _bodies(answer: Json) -> str:
    kinds = [f"`{media}`: {_kind(content.get('schema', {}))}" for media, content in answer.get("content", {}).items()]
    return "; ".join(kinds) or "none"


def _types(document: Json) -> Iterator[str]:
    for name, schema in document["components"]["schemas"].items():
        yield from (f"### {name}", "", _line(schema.get("description", "")), "")
        fields = [*_fields(document, schema)]
        yield from fields or (f"{_bounds(schema) or _kind(schema)}.", "")


def _fields(document: Json, schema: Json) -> Iterator[str]:
    fields, needed = _gathered(document, schema)
    if not fields:
        return
    yield from ("| Field | Type | Meaning |", "|---|---|---|")
    for name, field in fields.items():
        mark = " *" if name in needed else ""
        facts = [_line(_resolved(document, field).get("description", "")), _bounds(field)]
        yield f"| `{name}`{mark} | {_cell(_kind(field))} | {_cell(' '.join(fact for fact in facts if fact))} |"
    yield from ("", "\\* must be there" if needed else "", "")


def _gathered(document: Json, schema: Json) -> tuple[dict[str, Json], set[str]]:
    """The fields of a schema, those of what it is `allOf` included, and which must be there."""
    schema = _resolved(document, schema)
    fields, needed = dict(schema.get("properties", {})), set(schema.get("required", ()))
    for part in schema.get("allOf", ()):
        more, also = _gathered(document, part)
        fields, needed = {**more, **fields}, needed | also
    return fields, needed


def _resolved(document: Json, schema: Json) -> Json:
    """What a reference names; what stands beside the reference goes before it."""
    if "$ref" not in schema:
        return schema
    found: Any = document
    for step in schema["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return {**_resolved(document, found), **{name: value for name, value in schema.items() if name != "$ref"}}


_SAYS_KIND = {"$ref", "type", "enum", "const", "anyOf", "oneOf", "allOf"}


def _kind(schema: Json) -> str:
    """The type of a value, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for several, word in (("anyOf", " or "), ("oneOf", " or "), ("allOf", " and ")):
        # A part may only say which fields go together; that is no kind.
        if parts := [part for part in schema.get(several, ()) if part.keys() & _SAYS_KIND]:
            return word.join(dict.fromkeys(_kind(part) for part in parts))
    if values := schema.get("enum", [schema["const"]] if "const" in schema else None):
        return " ".join(f"`{json.dumps(value)}`" for value in values)
    if "contentSchema" in schema:
        return _kind(schema["contentSchema"])
    kinds = schema.get("type", "object" if "properties" in schema else "any")
    return " or ".join(_plain(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _plain(kind: str, schema: Json) -> str:
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
    told = [
        text.format(f"`{json.dumps(part[name])}`") for part in parts for name, text in _BOUNDS.items() if name in part
    ]
    return f"({', '.join(told)})" if told else ""


def _line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")
