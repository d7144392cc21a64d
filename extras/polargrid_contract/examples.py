"""The shortest right request of an operation: the document's shortest example, or one built from its schema; pure."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

from polargrid_contract.exchange import Upload
from polargrid_contract.extensions.runtime_expressions import resolve
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.readers.recordings import HELLO
from polargrid_contract.schemas import build_value, flatten_object

SPEECH_TO_TEXT = "speech-to-text"
_MULTIPART = "multipart/form-data"


def build_parameters(operation: DocumentedOperation) -> dict[str, Any]:
    """Return a value for each parameter that a request needs: the required ones, and constants of the query."""
    return {
        item["name"]: _build_parameter(operation.document, item)
        for item in operation.parameters
        if item.get("required") or item["in"] == "path" or is_constant(operation.document, item)
    }


def is_constant(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> bool:
    """Whether a parameter of the query has one value only, which is always sent."""
    return parameter["in"] == "query" and "const" in resolve(document, parameter.get("schema", {}))


def build_request(operation: DocumentedOperation, model: str | None = None) -> dict[str, Any]:
    """Build the shortest right request, as arguments of `ServerClient.send`, with this model if it takes one.

    A recording of speech is uploaded where it is transcribed, otherwise the text of the example.
    """
    request: dict[str, Any] = {}
    if parameters := build_parameters(operation):
        request["parameters"] = parameters
    if operation.json_type:
        request["body"] = shortest_example(operation, operation.json_type)
        if operation.json_type != "application/json":
            request["headers"] = {"content-type": operation.json_type}
    elif operation.form_type:
        request |= _build_form(operation, operation.form_type)
    elif operation.contents:
        media_type = next(iter(operation.contents))
        request["content"] = _encode(shortest_example(operation, media_type))
        request["headers"] = {"content-type": "application/octet-stream" if "*" in media_type else media_type}
    return set_model(operation, request, model) if model is not None else request


def set_model(operation: DocumentedOperation, request: Mapping[str, Any], model: str) -> dict[str, Any]:
    """Return a copy of a request that names another model."""
    use = operation.model
    if use is None:
        return dict(request)
    part = "form" if use.location == "body" and "form" in request else "body"
    part = part if use.location == "body" else "parameters"
    return {**request, part: {**request.get(part, {}), use.field: model}}


def set_fields(request: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a request with these fields in its JSON body, or in its form as text."""
    if "form" in request:
        texts = {name: json.dumps(value) if isinstance(value, bool) else str(value) for name, value in fields.items()}
        return {**request, "form": {**request["form"], **texts}}
    return {**request, "body": {**request.get("body", {}), **fields}}


def examples_of(document: Mapping[str, Any], content: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the examples of a media type or a parameter, and those of its schema."""
    if "example" in content:
        yield content["example"]
    for node in content.get("examples", {}).values():
        example = resolve(document, node)
        if "value" in example:
            yield example["value"]
    schema = resolve(document, content.get("schema", {}))
    if "example" in schema:
        yield schema["example"]
    yield from schema.get("examples", ())


def shortest_example(operation: DocumentedOperation, media_type: str) -> Any:
    """Return a copy of the shortest example of a body; one from its schema if there is none."""
    content = operation.contents[media_type]
    examples = list(examples_of(operation.document, content))
    if not examples:
        return build_value(operation.document, content.get("schema", {}))
    return copy.deepcopy(min(examples, key=lambda example: len(json.dumps(example))))


def _build_parameter(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> Any:
    examples = examples_of(document, parameter)
    default = object()
    example = next(examples, default)
    if example is not default and not is_constant(document, parameter):
        return example
    content: Mapping[str, Any] = next(iter(parameter.get("content", {}).values()), parameter)
    return build_value(document, content.get("schema", {}))


def _build_form(operation: DocumentedOperation, media_type: str) -> dict[str, Any]:
    """The fields as text and the files of a form; an optional file is sent if the example has it."""
    content = operation.contents[media_type]
    example = shortest_example(operation, media_type)
    _, required = flatten_object(operation.document, content.get("schema", {}))
    values = {**dict.fromkeys(sorted(required & operation.files), ""), **example}
    form = {name: _to_field(value) for name, value in values.items() if name not in operation.files}
    if media_type != _MULTIPART:
        return {"form": form}
    uploads = tuple(
        _build_upload(operation, content, name, item)
        for name, value in values.items()
        if name in operation.files
        for item in (value if isinstance(value, list) else [value])
    )
    return {"form": form, "uploads": uploads}


def _build_upload(operation: DocumentedOperation, content: Mapping[str, Any], name: str, example: Any) -> Upload:
    if operation.model is not None and operation.model.kind == SPEECH_TO_TEXT:
        return spoken_upload(name)
    declared = str(content.get("encoding", {}).get(name, {}).get("contentType", "application/octet-stream"))
    media_type = declared.partition(",")[0].strip()
    return Upload(f"{name}.bin", _encode(example), media_type.replace("*/*", "application/octet-stream"), name)


def spoken_upload(field: str = "file") -> Upload:
    """Two seconds of speech: in silence a model without a filter invents text, which takes it a minute."""
    return Upload("hello.ogg", HELLO, "audio/ogg", field)


def _to_field(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _encode(value: Any) -> bytes:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode() or b"x"
