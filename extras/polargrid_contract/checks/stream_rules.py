"""The rules that the document declares for all events of a stream together."""

from __future__ import annotations

from collections.abc import Iterator

from polargrid_contract.checks.requests import TEXT_OPERATIONS
from polargrid_contract.checks.stream_requests import iter_declared_streams
from polargrid_contract.client import ServerClient
from polargrid_contract.extensions.event_streams import find_inconsistent_chunks
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.registry import check, has_stream
from polargrid_contract.results import Violation


def has_other_stream(operation: DocumentedOperation) -> bool:
    """Select operations with a stream, except those whose checks of texts include these rules."""
    return has_stream(operation) and operation.name not in TEXT_OPERATIONS


@check(
    "stream-consistent",
    on=has_other_stream,
    rationale="A client joins the events of a stream, and takes them for parts of one response.",
    reference="openapi.yaml, x-event-stream",
    profiles=("polargrid",),
)
def check_consistency(client: ServerClient) -> Iterator[Violation]:
    """Fields that are constant, joined, of the request or of a choice are so in all events."""
    for stream, declared in iter_declared_streams(client):
        if has_other_stream(client.operations[stream.exchange.operation]):
            for error in find_inconsistent_chunks(declared.rules, stream.exchange.request, stream):
                yield client.violation(stream.exchange, expected="events that belong together", actual=error)
