"""The objects of OpenAPI 3.1 with their fields, and a walk over those of a document; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from generator.lint.document import METHODS, Location, Spec

_SCHEMA_MAPS = ("properties", "patternProperties", "$defs", "dependentSchemas")
_SCHEMA_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SCHEMAS = ("items", "additionalProperties", "unevaluatedItems", "unevaluatedProperties", "contains", "propertyNames",
            "not", "if", "then", "else", "contentSchema")  # fmt: skip
#: Keywords whose schemas describe the same value as the schema that has them.
_UNIONS = ("allOf", "anyOf", "oneOf")
#: Those that restrict values without describing their fields.
CONDITIONS = ("if", "then", "else", "not", "dependentSchemas")
_EXAMPLES = {"example": "", "examples": "{example}"}
_DOCS = {"description": "", "externalDocs": "external documentation"}
_PARAMETER = {"description": "", "required": "", "deprecated": "", "style": "", "explode": "", "schema": "schema",
              "content": "{media type}", **_EXAMPLES}  # fmt: skip

#: The fields of each object: "" for a value, else the kind of its objects, in [] for a list and in {} for a map.
FIELDS: dict[str, dict[str, str]] = {
    "document": {"openapi": "", "info": "info", "jsonSchemaDialect": "", "servers": "[server]", "paths": "paths",
                 "webhooks": "{path}", "components": "components", "security": "[security requirement]",
                 "tags": "[tag]", "externalDocs": "external documentation"},
    "info": {"title": "", "summary": "", "description": "", "termsOfService": "", "contact": "contact",
             "license": "license", "version": ""},
    "contact": {"name": "", "url": "", "email": ""},
    "license": {"name": "", "identifier": "", "url": ""},
    "server": {"url": "", "description": "", "variables": "{server variable}"},
    "server variable": {"enum": "", "default": "", "description": ""},
    "tag": {"name": "", **_DOCS},
    "external documentation": {"description": "", "url": ""},
    "components": {"schemas": "{schema}", "responses": "{response}", "parameters": "{parameter}",
                   "examples": "{example}", "requestBodies": "{request body}", "headers": "{header}",
                   "securitySchemes": "{security scheme}", "links": "{link}", "callbacks": "{callback}",
                   "pathItems": "{path}"},
    "path": {"$ref": "", "summary": "", "description": "", "servers": "[server]", "parameters": "[parameter]",
             **dict.fromkeys(METHODS, "operation")},
    "operation": {"tags": "", "summary": "", **_DOCS, "operationId": "", "parameters": "[parameter]",
                  "requestBody": "request body", "responses": "responses", "callbacks": "{callback}", "deprecated": "",
                  "security": "[security requirement]", "servers": "[server]"},
    "parameter": {"name": "", "in": "", "allowEmptyValue": "", "allowReserved": "", **_PARAMETER},
    "header": _PARAMETER,
    "request body": {"description": "", "content": "{media type}", "required": ""},
    "media type": {"schema": "schema", "encoding": "{encoding}", **_EXAMPLES},
    "encoding": {"contentType": "", "headers": "{header}", "style": "", "explode": "", "allowReserved": ""},
    "response": {"description": "", "headers": "{header}", "content": "{media type}", "links": "{link}"},
    "example": {"summary": "", "description": "", "value": "", "externalValue": ""},
    "link": {"operationRef": "", "operationId": "", "parameters": "", "requestBody": "", "description": "",
             "server": "server"},
    "security scheme": {"type": "", "description": "", "name": "", "in": "", "scheme": "", "bearerFormat": "",
                        "flows": "flows", "openIdConnectUrl": ""},
    "flows": dict.fromkeys(("implicit", "password", "clientCredentials", "authorizationCode"), "flow"),
    "flow": {"authorizationUrl": "", "tokenUrl": "", "refreshUrl": "", "scopes": ""},
    "discriminator": {"propertyName": "", "mapping": ""},
    "xml": {"name": "", "namespace": "", "prefix": "", "attribute": "", "wrapped": ""},
    "schema": {
        **dict.fromkeys(_SCHEMA_MAPS, "{schema}"), **dict.fromkeys(_SCHEMA_LISTS, "[schema]"),
        **dict.fromkeys(_SCHEMAS, "schema"), **_DOCS, "discriminator": "discriminator", "xml": "xml",
        **dict.fromkeys((
            "$ref", "$schema", "$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary", "$comment", "type",
            "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength",
            "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxContains", "minContains",
            "maxProperties", "minProperties", "required", "dependentRequired", "title", "default", "deprecated",
            "readOnly", "writeOnly", "examples", "example", "format", "contentEncoding", "contentMediaType"), ""),
    },
}  # fmt: skip
#: The kinds of objects whose fields are names that the author chooses.
_MAPS = {"paths": "path", "responses": "response", "callback": "path"}
_REFERABLE = ("schema", "response", "parameter", "example", "request body", "header", "security scheme", "link",
              "callback", "path")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Object:
    """An object of the document, or a reference to one of its kind."""

    kind: str
    value: dict[str, Any]
    location: Location
    parent: Object | None = field(default=None, repr=False)

    @property
    def is_reference(self) -> bool:
        """Whether another object stands in its place. A schema has its own keywords beside `$ref`."""
        return self.kind != "schema" and self.kind in _REFERABLE and "$ref" in self.value


def is_in_place(item: Object) -> bool:
    """Whether a schema below another one describes the same value."""
    return _is_below(item, (*_UNIONS, *CONDITIONS))


def is_condition(item: Object) -> bool:
    """Whether a schema below another one restricts the same value without describing its fields."""
    return _is_below(item, CONDITIONS)


def _is_below(item: Object, keywords: tuple[str, ...]) -> bool:
    parent = item.parent
    return parent is not None and parent.kind == "schema" and item.location[len(parent.location)] in keywords


def walk(spec: Spec) -> list[Object]:
    """Return every object of a document, parents first; values of a wrong type are left out."""
    return list(_walk("document", spec, (), None))


def _walk(kind: str, value: Any, location: Location, parent: Object | None) -> Iterator[Object]:
    if not isinstance(value, dict):
        return
    item = Object(kind, value, location, parent)
    yield item
    if item.is_reference:
        return
    for name, child in value.items():
        if name.startswith("x-"):
            if (kind, name) == ("media type", "x-agreement") and isinstance(child, list):
                yield from _walk_conditions(child, (*location, name), item)
            continue
        child_kind = _MAPS.get(kind) or FIELDS.get(kind, {}).get(name, "")
        entries: Any = {(): child}
        if child_kind.startswith("{"):
            entries = {(key,): entry for key, entry in child.items()} if isinstance(child, dict) else {}
        elif child_kind.startswith("["):
            entries = {(index,): entry for index, entry in enumerate(child)} if isinstance(child, list) else {}
        for key, entry in entries.items() if child_kind else ():
            yield from _walk(child_kind.strip("{}[]"), entry, (*location, name, *key), item)


def _walk_conditions(rules: list[Any], location: Location, parent: Object) -> Iterator[Object]:
    """Yield the schemas of the rules {if: schema of the request, then: schema of the response}."""
    for index, rule in enumerate(rules):
        for keyword in ("if", "then"):
            if isinstance(rule, dict) and keyword in rule:
                yield from _walk("schema", rule[keyword], (*location, index, keyword), parent)
