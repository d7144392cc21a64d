"""Fields that a server may ignore (`x-may-ignore`): it accepts them, and names those that had no effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from polargrid_contract.cache import cache_per_operation
from polargrid_contract.checks.conventions import list_responses
from polargrid_contract.checks.requests import (
    build_minimal_request,
    describe_status,
    is_missing,
    select,
    send,
    stream_request,
)
from polargrid_contract.client import ServerClient
from polargrid_contract.examples import set_fields
from polargrid_contract.exchange import Exchange
from polargrid_contract.extensions.runtime_expressions import resolve
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.registry import check, every_operation
from polargrid_contract.results import Violation
from polargrid_contract.schemas import build_value, flatten_object

HEADER = "x-pg-ignored"


def has_ignorable_fields(operation: DocumentedOperation) -> bool:
    """Select operations with fields of the body that a server may ignore."""
    return bool(find_ignorable_fields(operation))


def find_ignorable_fields(operation: DocumentedOperation) -> Mapping[str, Any]:
    """Return the fields of the body that a server may ignore, with their schemas."""
    schemas = [content.get("schema", {}) for content in operation.contents.values()]
    properties = {name: field for schema in schemas for name, field in _flatten(operation, schema).items()}
    return {name: field for name, field in properties.items() if _may_ignore(operation, field)}


@check(
    "ignorable-fields-accepted",
    on=has_ignorable_fields,
    rationale="A program for another server sends fields that have no effect here, and works nevertheless.",
    reference="openapi.yaml, x-may-ignore",
    profiles=("polargrid",),
)
def check_accepted(client: ServerClient) -> Iterator[Violation]:
    """A request with a value of each of these fields succeeds."""
    for exchange in send_ignorable_fields(client):
        if not 200 <= exchange.status < 300:
            yield client.violation(exchange, expected="a success", actual=describe_status(exchange))


@check(
    "ignored-fields-named",
    on=every_operation,
    rationale="The header tells a user which field had no effect; a wrong name sends the user astray.",
    reference="openapi.yaml, x-may-ignore and IgnoredFields",
    profiles=("polargrid",),
)
def check_named(client: ServerClient) -> Iterator[Violation]:
    """The header names fields that the request has, that may be ignored, once each; alike plain and streamed."""
    exchanges = [*list_responses(client), *send_ignorable_fields(client)]
    for exchange in exchanges:
        ignorable = find_ignorable_fields(client.operations[exchange.operation])
        if problem := _find_wrong_name(exchange, ignorable):
            actual = f"{HEADER}: {exchange.response_headers[HEADER]}"
            yield client.violation(exchange, expected=problem, actual=actual)
    yield from _compare_streams(client)


@cache_per_operation
def send_ignorable_fields(client: ServerClient) -> list[Exchange]:
    """Send each of these operations a right request with all these fields, and the same as a stream."""
    exchanges = []
    for operation in select(client, has_ignorable_fields):
        values = {name: _build(operation, field) for name, field in find_ignorable_fields(operation).items()}
        request = set_fields(build_minimal_request(client, operation), values)
        stream = stream_request(operation, request)
        requests = [request] if stream in (None, request) else [request, stream]
        exchanges += [send(client, operation.name, **it) for it in requests if it is not None]
    return [exchange for exchange in exchanges if not is_missing(client, exchange)]


def _build(operation: DocumentedOperation, field: Any) -> Any:
    """A value of a field; of a list in a form its only item, which is sent as text."""
    value = build_value(operation.document, field)
    return value[0] if isinstance(value, list) and not operation.json_type else value


def _compare_streams(client: ServerClient) -> Iterator[Violation]:
    first: dict[str, Exchange] = {}
    for exchange in send_ignorable_fields(client):
        plain = first.setdefault(exchange.operation, exchange)
        expected, actual = (sorted(read_names(it)) for it in (plain, exchange))
        if expected != actual and plain.status == exchange.status == 200:
            yield client.violation(
                exchange,
                expected=f"{HEADER} as of the plain response: {', '.join(expected) or 'none'}",
                actual=", ".join(actual) or "none",
            )


def _find_wrong_name(exchange: Exchange, ignorable: Mapping[str, Any]) -> str:
    """What the header should be; empty if it is right or absent."""
    names = read_names(exchange)
    request = exchange.request
    if len(set(names)) < len(names):
        return "each field once"
    for name in names:
        if request.get(name) is None:
            return f"fields of the request, which has no {name!r}"
        if name not in ignorable:
            return f"fields that a server may ignore, of which {name!r} is none"
    return ""


def read_names(exchange: Exchange) -> list[str]:
    """Return the names of the header; empty without it."""
    value = exchange.response_headers.get(HEADER)
    return [] if value is None else [name.strip() for name in value.split(",")]


def _flatten(operation: DocumentedOperation, schema: Any) -> dict[str, Any]:
    return flatten_object(operation.document, schema)[0]


def _may_ignore(operation: DocumentedOperation, field: Any) -> bool:
    return isinstance(field, Mapping) and bool(
        field.get("x-may-ignore") or resolve(operation.document, field).get("x-may-ignore")
    )
