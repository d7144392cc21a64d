"""Names of fields and extensions: unknown, misspelt, of an older version, or in the wrong object; pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

from generator.lint.describe import describe_error, suggest
from generator.lint.document import METHODS, Finding
from generator.lint.objects import FIELDS, Object

_EXTENSIONS = Path(__file__).parent.parent / "extensions.schema.json"
_CHOSEN_NAMES = ("paths", "responses", "callback", "security requirement")
#: Fields of other versions of OpenAPI and JSON Schema, and what to write instead.
_OTHER_VERSIONS = {
    "schema": {
        "nullable": "write type: [string, 'null']",
        "id": "write a name in components/schemas",
        "definitions": "write components/schemas",
        "additionalItems": "write prefixItems and items",
        "dependencies": "write dependentRequired or dependentSchemas",
        "divisibleBy": "write multipleOf",
        "itemSchema": "it is of OpenAPI 3.2; describe one event in `schema`, with x-event-stream",
    },
    "media type": {"itemSchema": "it is of OpenAPI 3.2; describe one event in `schema`, with x-event-stream"},
    "response": {"schema": "move it into content: {application/json: {schema: …}}"},
    "request body": {"schema": "move it into content: {application/json: {schema: …}}"},
    "operation": {"consumes": "write requestBody.content", "produces": "write the `content` of responses"},
    "parameter": {
        **dict.fromkeys(("type", "format", "enum", "default", "items", "minimum", "maximum", "pattern", "minLength",
                         "maxLength", "const"), "move it into `schema`"),
        "collectionFormat": "write style and explode",
    },
    "header": dict.fromkeys(("type", "format", "enum", "default", "pattern"), "move it into `schema`"),
    "document": {
        **dict.fromkeys(("host", "basePath", "schemes"), "write servers"),
        **dict.fromkeys(("consumes", "produces"), "write content: {media type: …}"),
        "definitions": "write components/schemas",
        "securityDefinitions": "write components/securitySchemes",
        "$self": "it is of OpenAPI 3.2",
    },
    "path": {"query": "it is of OpenAPI 3.2", "additionalOperations": "it is of OpenAPI 3.2"},
    "tag": {"parent": "it is of OpenAPI 3.2", "kind": "it is of OpenAPI 3.2"},
}  # fmt: skip
#: Keywords of JSON Schema that move or rename references; the generator resolves `#/…` only.
_UNSUPPORTED = ("$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary")


@cache
def load_extensions() -> dict[str, Any]:
    """Return the schema of the extensions: properties by the kind of object, then by the extension's name."""
    schema: dict[str, Any] = json.loads(_EXTENSIONS.read_text(encoding="utf-8"))
    return schema


def check_fields(item: Object) -> Iterator[Finding]:
    """Yield each field that an object of its kind does not have."""
    if item.kind in _CHOSEN_NAMES or item.is_reference:
        return
    known = FIELDS[item.kind]
    for name in item.value:
        if name.startswith("x-"):
            continue
        place = (*item.location, name)
        if name in _UNSUPPORTED and item.kind == "schema":
            yield Finding(f"{name} is not supported; name the schema in components/schemas and use $ref", place, True)
        elif name not in known:
            yield Finding(f"unknown field {name!r} of the {item.kind}; {_advise(item, name)}", place, True)


def _advise(item: Object, name: str) -> str:
    other = _OTHER_VERSIONS.get(item.kind, {}).get(name)
    if other:
        return other
    guess = suggest(name, FIELDS[item.kind])
    if not guess and item.kind == "example":
        return "write the example below `value`"
    if not guess and name.lower() in METHODS:
        guess = f"did you mean {name.lower()!r}?"
    return guess or "remove it, or name an extension of it x-… in generator/extensions.schema.json"


def check_extensions(item: Object) -> Iterator[Finding]:
    """Yield each extension that is unknown, in the wrong object, or of another form."""
    names = [name for name in item.value if name.startswith("x-")]
    if not names or item.kind == "security requirement":
        return
    by_kind = load_extensions()["properties"]
    known = by_kind.get(item.kind, {}).get("properties", {})
    for name in names:
        place = (*item.location, name)
        if name in known:
            continue
        owners = [kind for kind, schema in by_kind.items() if name in schema["properties"]]
        if owners:
            advice = f"it belongs to a {' or a '.join(owners)}"
        else:
            everywhere = [key for schema in by_kind.values() for key in schema["properties"]]
            advice = suggest(name, known) or suggest(name, everywhere) or "add it to generator/extensions.schema.json"
        yield Finding(f"unknown extension {name!r} of the {item.kind}; {advice}", place, True)
    for error in _validator(item.kind).iter_errors(item.value):
        for place, sentence in describe_error(error, item.value):
            yield Finding(f"{sentence}{_explain(known, place)}", (*item.location, *place))


def _explain(known: dict[str, Any], place: tuple[str | int, ...]) -> str:
    text = known.get(str(place[0]), {}).get("description", "") if place else ""
    return f" ({place[0]}: {text[0].lower()}{text[1:].rstrip('.')})" if text else ""


@cache
def _validator(kind: str) -> Draft202012Validator:
    schema = load_extensions()
    return Draft202012Validator({**schema["properties"].get(kind, {}), "$defs": schema["$defs"]}, offline=True)
