"""The OpenAPI document, and the part of it that applies to one server: its models and the operations of its profile."""

from __future__ import annotations

import copy
import json
from collections.abc import Collection, Mapping
from importlib import resources
from typing import Any

from polargrid_contract.extensions.runtime_expressions import resolve

Document = dict[str, Any]

#: The operations of OpenAI-compatible servers.
SHARED_OPERATIONS = ("chat_completion", "completion", "text_to_speech", "transcribe", "translate", "list_models")
#: The kind of model that each operation uses.
MODEL_KINDS: Mapping[str, str] = {
    "chat_completion": "chat",
    "completion": "chat",
    "text_to_speech": "text-to-speech",
    "transcribe": "speech-to-text",
    "translate": "speech-to-text",
    "load_model": "chat",
    "unload_model": "chat",
}
# The request field that names the model; the default is `model`.
_MODEL_FIELDS = {"load_model": "model_name", "unload_model": "model_name"}
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
    document: Document, models: Mapping[str, str], operations: Collection[str], *, shared_only: bool
) -> Document:
    """Return a copy with only these operations, which use these models (by kind).

    `shared_only` removes what only PolarGrid promises.
    """
    document = copy.deepcopy(document)
    for path, item in list(document["paths"].items()):
        for method, operation in list(item.items()):
            if operation["operationId"] not in operations:
                del item[method]
        if not item:
            del document["paths"][path]
    for operation in _operations(document):
        name = operation["operationId"]
        _remove_idempotency_key(document, operation)
        if MODEL_KINDS.get(name) in models:
            _set_model(document, operation, _MODEL_FIELDS.get(name, "model"), models[MODEL_KINDS[name]])
    if shared_only:
        _relax(document)
    _remove_dangling_links(document, operations)
    return document


def _operations(document: Document) -> list[dict[str, Any]]:
    return [operation for item in document["paths"].values() for operation in item.values()]


def _remove_idempotency_key(document: Document, operation: dict[str, Any]) -> None:
    """Remove the key, which tools would send again with other bodies; the behaviour suite checks it."""
    parameters = [item for item in operation.pop("parameters", []) if resolve(document, item)["in"] != "header"]
    if parameters:
        operation["parameters"] = parameters


def _set_model(document: Document, operation: dict[str, Any], field: str, model: str) -> None:
    """Restrict the model of the operation to this one.

    The enum is in the schema of the field: from a condition around it schemathesis generates no invalid request.
    """
    for content in operation["requestBody"]["content"].values():
        for schema in _component_schemas(document, content["schema"]):
            if field in schema.get("properties", {}):
                schema["properties"][field] = {"type": "string", "enum": [model]}
        examples = [content.get("example"), *(item.get("value") for item in content.get("examples", {}).values())]
        for example in examples:
            if isinstance(example, dict) and field in example:
                example[field] = model


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
    for request in ("ChatCompletionRequest", "CompletionRequest"):
        # A server may reject n > 1: llama.cpp needs a slot for each choice.
        document["components"]["schemas"][request]["properties"]["n"] |= {"maximum": 1}
    responses = [*document["components"]["responses"].values()]
    for operation in _operations(document):
        responses += operation["responses"].values()
        for content in operation.get("requestBody", {}).get("content", {}).values():
            if "examples" in content:
                content["examples"] = {name: it for name, it in content["examples"].items() if _is_basic(it["value"])}
        rejection = operation["responses"].get("400") or operation["responses"]["500"]
        operation["responses"] |= dict.fromkeys(_OTHER_REJECTIONS, rejection)
    for response in responses:
        response.pop("headers", None)
        for media_type, content in response.get("content", {}).items():
            # Other servers send WebVTT as plain text.
            is_text = media_type == "text/plain"
            content["schema"] = {"type": "string"} if is_text else _without_conditions(content["schema"])


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
            response["links"] = {name: link for name, link in links.items() if link["operationId"] in operations}
            if not response["links"]:
                del response["links"]
