"""The document by operation: its definition, and the schemas of its requests and responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from polargrid_contract.extensions.runtime_expressions import evaluate, is_equal, resolve, response_for
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.samples import METHODS, Sample, load_document, load_samples

Json = Mapping[str, Any]


@cache
def load_operations() -> Mapping[str, Sample]:
    """Return the operations by operationId."""
    return {sample.name: sample for sample in load_samples()}


@cache
def find_definition(operation: str) -> Json:
    """Return the definition of an operation."""
    return next(item for name, item in _read_definitions() if name == operation)


def _read_definitions() -> Iterator[tuple[str, Json]]:
    for item in load_document()["paths"].values():
        for method in METHODS:
            if method in item:
                yield item[method]["operationId"], item[method]


def read_request_content(operation: str) -> Json:
    """Return the contents of a request by media type; empty without a body."""
    body = find_definition(operation).get("requestBody")
    content: Json = resolve(load_document(), body)["content"] if body else {}
    return content


def read_fields(request: ReceivedRequest) -> Json:
    """Return the fields of a request; none if its operation has no body, whatever was sent."""
    return request.fields if read_request_content(request.operation) else {}


def read_response(operation: str, status: int) -> Json:
    """Return the declaration of a response; empty for a status that the document does not have."""
    return response_for(load_document(), find_definition(operation), status)


def applies(condition: Json | None, request: Any) -> bool:
    """Whether a condition of `x-answers` holds for the body of a request; without a condition it does."""
    return all(
        any(is_equal(evaluate(expression, request=request), value) for value in values)
        for expression, values in (condition or {}).items()
    )


def select_media_type(operation: str, status: int, request: Any) -> str:
    """Return the media type of the response to a request; empty without a body."""
    content = read_response(operation, status).get("content", {})
    fitting = [name for name, item in content.items() if applies(item.get("x-answers"), request)]
    return next(iter(fitting or content), "")


def select_schema(content: Json, request: Any) -> Json:
    """Return the schema of the response to a request: one of several branches may be for it."""
    schema: Json = content["schema"]
    branches = [branch for branch in schema.get("anyOf", ()) if "x-answers" in branch]
    return next((branch for branch in branches if applies(branch["x-answers"], request)), schema)


def read_event_schemas(schema: Json) -> list[Json]:
    """Return the schemas of the JSON in the events of a stream."""
    document = load_document()
    data = resolve(document, resolve(document, schema).get("properties", {}).get("data", {}))
    branches = [resolve(document, item) for item in (data, *data.get("anyOf", ()), *data.get("oneOf", ()))]
    return [item["contentSchema"] for item in branches if "contentSchema" in item]
