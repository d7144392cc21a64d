"""The OpenAPI document, and the part of it that applies to one server: its models and the operations of its profile."""

from __future__ import annotations

import copy
import json
from collections.abc import Collection, Iterable, Mapping
from importlib import resources
from typing import Any, cast

from polargrid_contract.examples import is_constant
from polargrid_contract.extensions.runtime_expressions import resolve
from polargrid_contract.operations import Document, DocumentedOperation, ModelUse, read_operations
from polargrid_contract.routing import list_routes

#: The field of the restricted document with the methods of each path, of all operations.
METHODS_BY_PATH = "x-methods"
#: The field of the restricted document with the routes of all operations, if only those of a profile may be requested.
ROUTES = "x-routes"
# schemathesis tries the key where an operation without any scheme responds with 401; this scheme needs none.
_NO_KEY, _NO_KEY_SCHEME = "noKey", {"type": "mutualTLS"}
# Statuses of other servers for bad requests, for which PolarGrid uses 400.
_OTHER_REJECTIONS = ("403", "405", "422", "501")
# Fields that a server may reject: examples with them are not sent.
_OPTIONAL_FIELDS = {"n", "logprobs", "tools", "max_completion_tokens", "x_trace"}


def load_document() -> Document:
    """Load openapi.yaml as it is shipped."""
    text = resources.files("polargrid_generated").joinpath("openapi.json").read_text("utf-8")
    document: Document = json.loads(text)
    return document


def restrict_document(
    document: Document, models: Mapping[str | None, str], names: Collection[str], *, shared_only: bool
) -> Document:
    """Return a copy with only the operations of these names, which use these models (by kind; None: any model).

    All of them are operations of the server under test, also if they have `servers`. `shared_only` removes what only
    PolarGrid promises.
    """
    document = copy.deepcopy(document)
    operations = list(read_operations(document).values())
    document[METHODS_BY_PATH] = _list_methods(operations)
    if shared_only:
        document[ROUTES] = list_routes(operations, "openai")
    operations = [it for it in operations if it.name in names]
    # What a path declares for all of its methods is in the definition of each.
    document["paths"] = {}
    for operation in operations:
        document["paths"].setdefault(operation.key, {})[operation.method.lower()] = operation.definition
    document.pop("servers", None)
    for operation in operations:
        definition = cast("Document", operation.definition)
        definition.pop("servers", None)
        if not operation.requires_key:
            definition["security"] = [{}, {_NO_KEY: []}]
        _remove_idempotency_key(document, definition)
        if (use := operation.model) is not None and use.kind in models:
            _set_model(document, operation, use, models[use.kind])
    document["components"].setdefault("securitySchemes", {})[_NO_KEY] = _NO_KEY_SCHEME
    if shared_only:
        _relax(document)
    _remove_dangling_links(document, names)
    return document


def _list_methods(operations: Iterable[DocumentedOperation]) -> dict[str, list[str]]:
    methods: dict[str, list[str]] = {}
    for operation in operations:
        methods.setdefault(operation.path, []).append(operation.method)
    return methods


def _operations(document: Document) -> list[dict[str, Any]]:
    return [operation for item in document["paths"].values() for operation in item.values()]


def _remove_idempotency_key(document: Document, operation: dict[str, Any]) -> None:
    """Remove the key, which tools would send again with other bodies; the behaviour suite checks it."""
    nodes = [(node, resolve(document, node)) for node in operation.pop("parameters", [])]
    parameters = [node for node, it in nodes if (it["in"], it["name"].lower()) != ("header", "idempotency-key")]
    if parameters:
        operation["parameters"] = parameters


def _set_model(document: Document, operation: DocumentedOperation, use: ModelUse, model: str) -> None:
    """Restrict the model of the operation to this one.

    The enum is in the schema of the field: from a condition around it schemathesis generates no invalid request.
    """
    if use.location != "body":
        _set_parameter(document, cast("Document", operation.definition), use.field, model)
        return
    for content in operation.contents.values():
        for schema in _component_schemas(document, content["schema"]):
            if use.field in schema.get("properties", {}):
                schema["properties"][use.field] = {"type": "string", "enum": [model]}
        examples = [content.get("example"), *(item.get("value") for item in content.get("examples", {}).values())]
        for example in examples:
            if isinstance(example, dict) and use.field in example:
                example[use.field] = model


def _set_parameter(document: Document, operation: Document, name: str, model: str) -> None:
    """Replace the parameter by one with this model only."""
    parameters = [copy.deepcopy(dict(resolve(document, node))) for node in operation.get("parameters", [])]
    for parameter in parameters:
        if parameter["name"] == name:
            parameter["schema"] = {"type": "string", "enum": [model]}
            for keyword in ("example", "examples"):
                parameter.pop(keyword, None)
    operation["parameters"] = parameters


def _component_schemas(document: Document, schema: Document) -> list[Document]:
    """The component that a schema references, or all components of an `allOf`."""
    if "allOf" in schema:
        return [component for part in schema["allOf"] for component in _component_schemas(document, part)]
    if "$ref" in schema:
        return _component_schemas(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
    return [schema]


def _relax(document: Document) -> None:
    """Remove what only PolarGrid promises: request ids, error types, statuses."""
    error = document["components"]["schemas"]["ErrorDetail"]
    error["required"] = ["message"]
    error["properties"]["type"] = {}
    error["properties"]["code"] = {}
    usage = document["components"]["schemas"].get("TokenUsage", {})
    usage["required"] = ["prompt_tokens", "total_tokens"]  # of embeddings; a behaviour check requires those of texts
    for schema in _request_schemas(document):
        if "n" in schema.get("properties", {}):  # a server may reject n > 1: llama.cpp needs a slot for each choice
            schema["properties"]["n"] |= {"maximum": 1}
    responses = [*document["components"]["responses"].values()]
    for operation in _operations(document):
        _remove_constants(document, operation)
        responses += operation["responses"].values()
        for content in operation.get("requestBody", {}).get("content", {}).values():
            if "examples" in content:
                content["examples"] = {name: it for name, it in content["examples"].items() if _is_basic(it["value"])}
        rejection = operation["responses"].get("400") or operation["responses"].get("500") or {"description": "Error."}
        operation["responses"] |= dict.fromkeys(_OTHER_REJECTIONS, rejection)
    for response in responses:
        response.pop("headers", None)
        for media_type, content in response.get("content", {}).items():
            # Other servers send WebVTT as plain text.
            is_text = media_type == "text/plain"
            content["schema"] = {"type": "string"} if is_text else _without_conditions(content["schema"])


def _remove_constants(document: Document, operation: Document) -> None:
    """Remove parameters of the query that tell operations of PolarGrid apart at one path."""
    parameters = operation.get("parameters", [])
    operation["parameters"] = [node for node in parameters if not is_constant(document, resolve(document, node))]


def _request_schemas(document: Document) -> list[Document]:
    return [
        schema
        for operation in _operations(document)
        for content in operation.get("requestBody", {}).get("content", {}).values()
        for schema in _component_schemas(document, content["schema"])
    ]


def _is_basic(example: Any) -> bool:
    """Whether the example uses no feature that a server may leave out."""
    has_format = isinstance(example.get("response_format"), dict)
    return not has_format and not _OPTIONAL_FIELDS & set(example)


def _without_conditions(schema: Document) -> Document:
    """Reduce an `allOf` of a component and conditions to the component."""
    if "anyOf" in schema:
        return {**schema, "anyOf": [_without_conditions(branch) for branch in schema["anyOf"]]}
    return schema["allOf"][0] if "allOf" in schema else schema


def _remove_dangling_links(document: Document, operations: Collection[str]) -> None:
    for operation in _operations(document):
        for response in operation["responses"].values():
            links = response.get("links", {})
            response["links"] = {name: it for name, it in links.items() if it.get("operationId") in operations}
            if not response["links"]:
                del response["links"]
