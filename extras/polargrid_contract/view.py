"""The specification as one server is held to it: its own models, and the operations that its profile shares; pure."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from typing import Any

Spec = dict[str, Any]

#: What servers that speak OpenAI's API have in common.
SHARED = ("chat_completion", "completion", "text_to_speech", "transcribe", "translate", "list_models")
#: Which kind of model each operation asks for.
KINDS: Mapping[str, str] = {
    "chat_completion": "chat",
    "completion": "chat",
    "text_to_speech": "text-to-speech",
    "transcribe": "speech-to-text",
    "translate": "speech-to-text",
    "load_model": "chat",
    "unload_model": "chat",
}
# The field of a request that names the model, where it is not `model`.
_FIELDS = {"load_model": "model_name", "unload_model": "model_name"}
# Statuses for bad requests that others use where PolarGrid says 400.
_ALSO = ("403", "405", "422", "501")
# What a server may refuse: examples that ask for it are not sent.
_OPTIONAL = {"n", "logprobs", "tools", "max_completion_tokens", "x_trace"}


def view(spec: Spec, models: Mapping[str, str], operations: Collection[str], *, shared_only: bool) -> Spec:
    """A copy with these operations alone, asking these models (by kind); `shared_only` leaves what is PolarGrid's."""
    document = copy.deepcopy(spec)
    for path, item in list(document["paths"].items()):
        for method, operation in list(item.items()):
            if operation["operationId"] not in operations:
                del item[method]
        if not item:
            del document["paths"][path]
    for operation in _operations(document):
        name = operation["operationId"]
        if KINDS.get(name) in models:
            _ask_for(document, operation, _FIELDS.get(name, "model"), models[KINDS[name]])
    if shared_only:
        _loosen(document)
    return _without_lost_links(document, operations)


def _operations(document: Spec) -> list[dict[str, Any]]:
    return [operation for item in document["paths"].values() for operation in item.values()]


def _ask_for(document: Spec, operation: dict[str, Any], field: str, model: str) -> None:
    """Every right request of the operation asks for this model, and a wrong one for another that there is not.

    It is said where the field is described: to a condition around that schemathesis makes up no wrong request.
    """
    for content in operation["requestBody"]["content"].values():
        for schema in _parts(document, content["schema"]):
            if field in schema.get("properties", {}):
                schema["properties"][field] = {"type": "string", "enum": [model]}
        examples = [content.get("example"), *(item.get("value") for item in content.get("examples", {}).values())]
        for example in examples:
            if isinstance(example, dict) and field in example:
                example[field] = model


def _parts(document: Spec, schema: Spec) -> list[Spec]:
    """The component that a schema names, or the components that it is made of."""
    if "allOf" in schema:
        return [part for each in schema["allOf"] for part in _parts(document, each)]
    if "$ref" in schema:
        return _parts(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
    return [schema]


def _loosen(document: Spec) -> None:
    """Without what PolarGrid alone promises: request ids, its kinds of errors, its statuses."""
    error = document["components"]["schemas"]["ErrorDetail"]
    error["required"] = ["message"]
    error["properties"]["type"] = {}
    error["properties"]["code"] = {}
    for request in ("ChatCompletionRequest", "CompletionRequest"):
        # More answers than one are a server's to refuse: llama.cpp has a slot for each.
        document["components"]["schemas"][request]["properties"]["n"] |= {"maximum": 1}
    answers = [*document["components"]["responses"].values()]
    for operation in _operations(document):
        answers += operation["responses"].values()
        for content in operation.get("requestBody", {}).get("content", {}).values():
            if "examples" in content:
                content["examples"] = {name: it for name, it in content["examples"].items() if _is_plain(it["value"])}
        refusal = operation["responses"].get("400") or operation["responses"]["500"]
        operation["responses"] |= dict.fromkeys(_ALSO, refusal)
    for answer in answers:
        answer.pop("headers", None)
        for media_type, content in answer.get("content", {}).items():
            # Others send WebVTT as plain text.
            content["schema"] = {"type": "string"} if media_type == "text/plain" else _bare(content["schema"])


def _is_plain(example: Any) -> bool:
    """Whether it asks for nothing that a server may leave out."""
    held = isinstance(example.get("response_format"), dict)
    return not held and not _OPTIONAL & set(example)


def _bare(schema: Spec) -> Spec:
    """Without conditions around the name of an answer."""
    if "anyOf" in schema:
        return {**schema, "anyOf": [_bare(branch) for branch in schema["anyOf"]]}
    return schema["allOf"][0] if "allOf" in schema else schema


def _without_lost_links(document: Spec, operations: Collection[str]) -> Spec:
    for operation in _operations(document):
        for response in operation["responses"].values():
            links = response.get("links", {})
            response["links"] = {name: link for name, link in links.items() if link["operationId"] in operations}
            if not response["links"]:
                del response["links"]
    return document
