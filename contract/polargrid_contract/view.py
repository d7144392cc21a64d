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
}
# Statuses for bad requests that others use where PolarGrid says 400.
_ALSO = ("403", "405", "422", "501")


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
        kind = KINDS.get(operation["operationId"])
        if kind is not None and kind in models:
            _ask_for(operation, models[kind])
    for response in document["components"]["responses"].values() if shared_only else ():
        response["headers"] = {}
    if shared_only:
        _loosen(document)
    return _without_lost_links(document, operations)


def _operations(document: Spec) -> list[dict[str, Any]]:
    return [operation for item in document["paths"].values() for operation in item.values()]


def _ask_for(operation: dict[str, Any], model: str) -> None:
    """Every request of the operation asks for this model: a name made up would only be told that it is unknown."""
    for content in operation["requestBody"]["content"].values():
        content["schema"] = {
            "allOf": [content["schema"], {"type": "object", "properties": {"model": {"enum": [model]}}}],
        }
        examples = [content.get("example"), *(item.get("value") for item in content.get("examples", {}).values())]
        for example in examples:
            if isinstance(example, dict) and "model" in example:
                example["model"] = model


def _loosen(document: Spec) -> None:
    """Without what PolarGrid alone promises: request ids, its kinds of errors, its statuses."""
    error = document["components"]["schemas"]["ErrorDetail"]
    error["required"] = ["message"]
    error["properties"]["type"] = {}
    error["properties"]["code"] = {}
    for request in ("ChatCompletionRequest", "CompletionRequest"):
        # More answers than one are a server's to refuse: llama.cpp has a slot for each.
        document["components"]["schemas"][request]["properties"]["n"] |= {"maximum": 1}
    for operation in _operations(document):
        for response in operation["responses"].values():
            response.pop("headers", None)
        refusal = operation["responses"].get("400") or operation["responses"]["500"]
        operation["responses"] |= dict.fromkeys(_ALSO, refusal)


def _without_lost_links(document: Spec, operations: Collection[str]) -> Spec:
    for operation in _operations(document):
        for response in operation["responses"].values():
            links = response.get("links", {})
            response["links"] = {name: link for name, link in links.items() if link["operationId"] in operations}
            if not response["links"]:
                del response["links"]
    return document
