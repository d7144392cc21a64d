"""Names of fields and extensions: unknown, misspelt, of an older version, or in the wrong object; pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

from generator.lint.describe import describe_error, find_closest, suggest
from generator.lint.document import Finding
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
_UNSUPPORTED = ("$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$vocabulary")

_CALLBACKS = "are requests of the server, which the SDK cannot receive; remove them"
_DIALECTS = ("https://json-schema.org/draft/2020-12/schema", "https://spec.openapis.org/oas/3.1/dialect/base")


@cache
def load_extensions() -> dict[str, Any]:
    """Return the schema of the extensions: properties by the kind of object, then by the extension's name."""
    schema: dict[str, Any] = json.loads(_EXTENSIONS.read_text(encoding="utf-8"))
    return schema


def check_names(item: Object) -> Iterator[tuple[Finding, str]]:
    """Yield each field and extension that an object of its kind does not have, and the name that is meant, if any."""
    if item.is_reference or (item.kind == "media type" and "/" not in str(item.location[-1])):
        return
    extensions = load_extensions()["properties"].get(item.kind, {}).get("properties", {})
    for name in item.value:
        location = (*item.location, name)
        if name.startswith("x-"):
            if item.kind != "security requirement" and name not in extensions:
                message = f"unknown extension {name!r} of the {item.kind}; {_advise_extension(name, extensions)}"
                yield Finding(message, location, True), find_closest(name, extensions)
        elif item.kind not in _CHOSEN_NAMES and name not in FIELDS[item.kind] and name not in _UNSUPPORTED:
            message = f"unknown field {name!r} of the {item.kind}; {_advise(item, name)}"
            is_other = name in _OTHER_VERSIONS.get(item.kind, {})
            yield Finding(message, location, True), "" if is_other else find_closest(name, FIELDS[item.kind])


def check_unsupported(item: Object) -> Iterator[Finding]:
    """Yield what is legal and would have no effect, or another one."""
    fields = {
        "schema": dict.fromkeys(_UNSUPPORTED, "is not supported; name the schema in components/schemas and use $ref"),
        "document": {"webhooks": _CALLBACKS},
        "operation": {"callbacks": _CALLBACKS},
        "components": {"callbacks": _CALLBACKS},
    }
    for name, message in fields.get(item.kind, {}).items():
        if name in item.value:
            yield Finding(f"{name} {message}", (*item.location, name), True)
    for name in ("$schema", "jsonSchemaDialect"):
        if name in item.value and item.value[name] not in _DIALECTS and item.kind in ("schema", "document"):
            message = f"{item.value[name]!r} is not supported; the schemas are of JSON Schema 2020-12, remove it"
            yield Finding(message, (*item.location, name))


def _advise(item: Object, name: str) -> str:
    other = _OTHER_VERSIONS.get(item.kind, {}).get(name)
    if other:
        return other
    guess = suggest(name, FIELDS[item.kind])
    if not guess and item.kind == "example":
        return "write the example below `value`"
    return guess or "remove it, or name an extension of it x-… in generator/extensions.schema.json"


def _advise_extension(name: str, extensions: dict[str, Any]) -> str:
    by_kind = load_extensions()["properties"]
    owners = [kind for kind, schema in by_kind.items() if name in schema["properties"]]
    if owners:
        return f"it belongs to {' or '.join(f'an {kind}' if kind[0] in 'aeio' else f'a {kind}' for kind in owners)}"
    everywhere = [key for schema in by_kind.values() for key in schema["properties"]]
    return suggest(name, extensions) or suggest(name, everywhere) or "add it to generator/extensions.schema.json"


def check_extensions(item: Object) -> Iterator[Finding]:
    """Yield each known extension whose value is not of its form."""
    schema = _schema_of(item.kind)
    if item.is_reference or not any(name in schema.get("properties", {}) for name in item.value):
        return
    for error in _validator(item.kind).iter_errors(item.value):
        for location, sentence, is_key in describe_error(error, item.value, schema):
            name = str(location[0]) if location else ""
            text = schema["properties"].get(name, {}).get("description", "").rstrip(".")
            explanation = f"; {name}: {text[0].lower()}{text[1:]}" if text else ""
            yield Finding(f"{sentence}{explanation}", (*item.location, *location), is_key)


@cache
def _schema_of(kind: str) -> dict[str, Any]:
    schema = load_extensions()
    return {**schema["properties"].get(kind, {}), "$defs": schema["$defs"]}


@cache
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(_schema_of(kind), offline=True)
