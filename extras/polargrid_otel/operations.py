"""What a span says of an operation, by the facts of the operation: no list of operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from polargrid._custom_requests import CustomOperation
from polargrid_generated.operations import OPERATIONS
from polargrid_otel import conventions as names
from polargrid_runtime.operation import Operation

_BY_TARGET = {(operation.method, operation.path): operation for operation in OPERATIONS if not operation.query}


@dataclass(frozen=True, slots=True)
class OperationFacts:
    """The facts of an operation."""

    name: str | None
    """`gen_ai.operation.name`; None if no model is asked: its span is a plain one."""
    span_name: str
    """The name of the span, without the model."""
    attributes: Mapping[str, Any]
    """Attributes of every span of the operation."""
    metric_attributes: Mapping[str, Any]
    """Attributes of the metrics of every call of the operation."""
    has_content: bool
    """Whether request and response have contents that a span can record as messages."""


#: By the name of an operation of the document, when it was described.
FACTS: dict[str, OperationFacts] = {}


def describe(operation: Operation[Any, Any]) -> OperationFacts:
    """Return the facts of an operation; of a request by `client.post` those of the documented operation."""
    if operation.name in FACTS:
        return FACTS[operation.name]
    if isinstance(operation, CustomOperation):
        documented = _BY_TARGET.get((operation.method, operation.path))
        # Its path may hold ids: the method alone names few spans.
        return describe(documented) if documented else OperationFacts(None, operation.method, {}, {}, has_content=False)
    facts = FACTS[operation.name] = _read_facts(operation)
    return facts


def _read_facts(operation: Operation[Any, Any]) -> OperationFacts:
    name = _name_operation(operation)
    if name is None:
        return OperationFacts(None, operation.name, {names.OPERATION: operation.name}, {}, has_content=False)
    of_metrics = {names.OPERATION_NAME: name, names.PROVIDER_NAME: names.PROVIDER}
    attributes = {names.OPERATION: operation.name, **of_metrics}
    if name == "text_to_speech":
        attributes[names.OUTPUT_TYPE] = "speech"
    return OperationFacts(name, name, attributes, of_metrics, has_content=name != "embeddings")


def _name_operation(operation: Operation[Any, Any]) -> str | None:
    """Return a name of the conventions; None for an operation that does not ask a model for anything."""
    fields = operation.request_type.model_fields if operation.request_type else {}
    if "model" not in fields:
        return None
    if "messages" in fields:
        return "chat"
    if operation.events is not None and operation.events.choices:
        return "text_completion"
    if any("embedding" in item for item in _iter_item_fields(operation)):
        return "embeddings"
    return _name_audio(operation) or ("generate_content" if operation.events is not None else None)


def _name_audio(operation: Operation[Any, Any]) -> str | None:
    """Return the name that is proposed for audio; the conventions have none yet.

    https://github.com/open-telemetry/semantic-conventions-genai/pull/390
    """
    if any(item.media_type.startswith("audio/") for item in operation.responses):
        return "text_to_speech"
    takes_file = operation.body is not None and bool(operation.body.files)
    return "speech_to_text" if takes_file and "audio" in operation.path.split("/") else None


def _iter_item_fields(operation: Operation[Any, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the fields of the items of each list that the operation returns as `data`."""
    response = operation.response_model
    for kind in get_args(response) or (response,):
        data = getattr(kind, "model_fields", {}).get("data")
        for item in get_args(data.annotation) if data is not None else ():
            yield getattr(item, "model_fields", {})
