"""The response to the shortest right request of every operation is documented: status, media type, body, agreement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from polargrid_contract.cache import cached
from polargrid_contract.checks.lifecycle_scenario import keep_models
from polargrid_contract.checks.requests import (
    build_minimal_request,
    describe_status,
    is_missing,
    select,
    send,
    stream_request,
)
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.extensions.consistency import find_inconsistencies, find_media_type_error
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.registry import check, every_operation
from polargrid_contract.results import Violation
from polargrid_contract.schemas import find_error

SUCCESS = "success-as-documented"


@check(
    SUCCESS,
    on=every_operation,
    rationale="A client reads a response by its status and media type, and finds the fields that are promised.",
    reference="openapi.yaml, the responses of each operation",
    profiles=("polargrid",),
)
def check_success(client: ServerClient) -> Iterator[Violation]:
    """The shortest right request gets a documented success, with a body of the documented shape."""
    for exchange in send_valid_requests(client):
        if error := _find_undocumented(client, exchange):
            yield client.violation(exchange, expected="a success as documented", actual=error)


def send_valid_requests(client: ServerClient, repetition: int = 0) -> list[Exchange]:
    """Send the shortest right request of every operation, plain and streamed; models stay as they are."""

    def send_all() -> list[Exchange]:
        exchanges = []
        with keep_models(client):
            for operation in select(client, every_operation):
                request = build_minimal_request(client, operation)
                exchanges.append(send(client, operation.name, **request))
                stream = stream_request(operation, request)
                if stream is not None and stream != request:
                    exchanges.append(send(client, operation.name, **stream))
        return [exchange for exchange in exchanges if not is_missing(client, exchange)]

    return cached(client, ("valid requests", repetition), send_all)


def find_unserved(client: ServerClient) -> set[str]:
    """Return the operations that the server does not implement: their right request gets 501."""
    return {exchange.operation for exchange in send_valid_requests(client) if exchange.status == 501}


def _find_undocumented(client: ServerClient, exchange: Exchange) -> str:
    """Describe what about a response is not documented; empty if all of it is."""
    operation = client.operations[exchange.operation]
    has_example_id = any(item["in"] == "path" for item in operation.parameters) and operation.model is None
    if has_example_id and exchange.status == 404 and operation.documents(404):
        return ""  # only the server knows which ids exist
    if not 200 <= exchange.status < 300 or exchange.error:
        return describe_status(exchange)
    response = operation.response(exchange.status)
    if not response:
        return f"status {exchange.status}, which is not documented"
    content = response.get("content", {})
    if not content:
        return "a body, although none is documented" if exchange.body else ""
    return _find_undocumented_body(operation, content, exchange)


def _find_undocumented_body(
    operation: DocumentedOperation, content: Mapping[str, Mapping[str, Any]], exchange: Exchange
) -> str:
    media_type = exchange.media_type
    exact = (it for name, it in content.items() if _essence(name) == media_type)
    declared = next(exact, None) or next((it for name, it in content.items() if _matches(name, media_type)), None)
    if declared is None:
        return f"content-type {media_type or '(none)'}; documented are {', '.join(content)}"
    if error := find_media_type_error(content, exchange.request, media_type):
        return error
    if not media_type.endswith(("/json", "+json")):
        return ""
    body = exchange.json()
    if error := find_error(operation.document, declared.get("schema", True), body):
        return f"{error} in {exchange.text[:120]!r}"
    rules = declared.get("x-agreement", ())
    return next(find_inconsistencies(rules, exchange.request, body, exchange.parameters), "")


def _essence(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _matches(pattern: str, media_type: str) -> bool:
    kind, _, subtype = _essence(pattern).partition("/")
    return subtype == "*" and (kind in ("*", media_type.partition("/")[0]))
