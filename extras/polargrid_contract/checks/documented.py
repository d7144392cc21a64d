"""The response to the shortest right request of every operation is documented: status, media type, body, agreement."""

from __future__ import annotations

from collections.abc import Iterator

from polargrid_contract.cache import cache_per_operation
from polargrid_contract.checks.bodies import find_undocumented
from polargrid_contract.checks.lifecycle_scenario import keep_models
from polargrid_contract.checks.requests import (
    build_minimal_request,
    is_missing,
    select,
    send,
    stream_request,
)
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.registry import check, every_operation
from polargrid_contract.results import Violation

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
        if error := find_undocumented(client, exchange):
            yield client.violation(exchange, expected="a success as documented", actual=error)


@cache_per_operation
def send_valid_requests(client: ServerClient, repetition: int = 0) -> list[Exchange]:
    """Send the shortest right request of every operation, plain and streamed; models stay as they are."""
    del repetition  # it makes this another value
    exchanges = []
    with keep_models(client):
        for operation in select(client, every_operation):
            request = build_minimal_request(client, operation)
            exchanges.append(send(client, operation.name, **request))
            stream = stream_request(operation, request)
            if stream is not None and stream != request:
                exchanges.append(send(client, operation.name, **stream))
    return [exchange for exchange in exchanges if not is_missing(client, exchange)]


def find_unserved(client: ServerClient) -> set[str]:
    """Return the operations that the server does not implement: their right request gets 501."""
    return {exchange.operation for exchange in send_valid_requests(client) if exchange.status == 501}
