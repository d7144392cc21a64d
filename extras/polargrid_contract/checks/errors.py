"""Error responses: an invalid request gets 400 with the name of the field, never a server error."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

from polargrid_contract.cache import cache_per_operation
from polargrid_contract.checks.invalid_bodies import (
    EMPTY_FORM,
    FORM_HEADERS,
    NESTED_FIELDS,
    derive_invalid_fields,
    derive_invalid_form_fields,
    derive_invalid_parameters,
    derive_malformed_bodies,
    field_names,
    remove_missing,
)
from polargrid_contract.checks.requests import build_minimal_request, describe_status, is_missing, select, send
from polargrid_contract.checks.shapes import read_error
from polargrid_contract.client import ServerClient
from polargrid_contract.examples import set_model
from polargrid_contract.exchange import Exchange
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.registry import check, has_model
from polargrid_contract.results import Violation

_UNKNOWN_MODEL = "no-such-model-1"
# The fields that a server of the openai profile must validate; with others it must only not fail.
_ESSENTIAL_FIELDS = ("messages", "prompt", "input")


def has_json(operation: DocumentedOperation) -> bool:
    """Select operations with a JSON body."""
    return operation.json_type is not None


def has_multipart(operation: DocumentedOperation) -> bool:
    """Select operations whose body is a form with parts."""
    return operation.json_type is None and operation.form_type == "multipart/form-data"


def has_fields(operation: DocumentedOperation) -> bool:
    """Select operations with fields in a body or in the query."""
    return has_json(operation) or has_multipart(operation) or any(it["in"] == "query" for it in operation.parameters)


def documents_unknown_model(operation: DocumentedOperation) -> bool:
    """Select operations that take a model and document 404."""
    return has_model(operation) and operation.documents(404)


@dataclass(frozen=True)
class InvalidRequest:
    """An invalid request with its response, and the names of the fields that are invalid."""

    exchange: Exchange
    fields: frozenset[str]

    @property
    def is_essential(self) -> bool:
        """Whether every profile requires the rejection."""
        return bool(self.fields & set(_ESSENTIAL_FIELDS))


@check(
    "malformed-body-400",
    on=lambda operation: has_json(operation) or has_multipart(operation),
    rationale="A body that is not a JSON object is a client error and must be reported as one.",
    reference="openapi.yaml, BadRequest; RFC 9110, 15.5.1",
)
def check_malformed_body(client: ServerClient) -> Iterator[Violation]:
    """Truncated JSON, an empty body, other JSON values and excessive nesting get 400."""
    for exchange in send_malformed_bodies(client):
        yield from _require_bad_request(client, exchange)


@check(
    "bad-field-400",
    on=has_fields,
    rationale="A field that is missing, of another type or out of range is rejected, neither guessed nor a crash.",
    reference="openapi.yaml, the requests and BadRequest",
)
def check_bad_fields(client: ServerClient) -> Iterator[Violation]:
    """The status is 400; where the openai profile leaves a field to the server, it is below 500."""
    for invalid in send_invalid_fields(client):
        exchange = invalid.exchange
        if client.target.profile == "polargrid" or invalid.is_essential:
            yield from _require_bad_request(client, exchange)
        elif exchange.status >= 500 or exchange.error:
            yield client.violation(exchange, expected="a status below 500", actual=describe_status(exchange))


@check(
    "bad-field-named",
    on=has_fields,
    rationale="Without the name of the field a user looks for the mistake in the wrong place.",
    reference="API overview, Errors; openapi.yaml, BadRequest",
    profiles=("polargrid",),
)
def check_field_name(client: ServerClient) -> Iterator[Violation]:
    """`param` or the message contains the name."""
    for invalid in send_invalid_fields(client):
        if invalid.exchange.status == 400:
            error = read_error(invalid.exchange)
            text = f"{error.get('param') or ''} {error.get('message') or ''}"
            if not any(field in text for field in invalid.fields):
                expected = f"{' or '.join(sorted(invalid.fields))} in error.param or error.message"
                actual = text.strip() or "neither of them"
                yield client.violation(invalid.exchange, expected=expected, actual=actual)


@check(
    "unknown-model-404",
    on=documents_unknown_model,
    rationale="A substitute for an unknown model gives other responses at another price.",
    reference="openapi.yaml, NotFound; OpenAI API, Error codes, model_not_found",
    profiles=("polargrid",),
)
def check_unknown_model(client: ServerClient) -> Iterator[Violation]:
    """Every operation with a model responds with 404, and the message names the model."""
    for exchange in send_unknown_models(client):
        if exchange.status != 404:
            yield client.violation(exchange, expected="status 404", actual=describe_status(exchange))
        elif _UNKNOWN_MODEL not in (message := str(read_error(exchange).get("message"))):
            yield client.violation(exchange, expected=f"{_UNKNOWN_MODEL} in error.message", actual=message)


@check(
    "unknown-voice-404",
    on=("text_to_speech",),
    rationale="An unknown voice must not be replaced silently.",
    reference="openapi.yaml, NotFound",
    profiles=("polargrid",),
)
def check_unknown_voice(client: ServerClient) -> Iterator[Violation]:
    """The status is 404, unless the response names the voice that was used instead."""
    for exchange in send_unknown_voice(client):
        if exchange.status != 404 and not (exchange.status == 200 and exchange.response_headers.get("x-pg-voice")):
            yield client.violation(exchange, expected="status 404", actual=describe_status(exchange))


@cache_per_operation
def send_malformed_bodies(client: ServerClient) -> list[Exchange]:
    """Send bodies that are not a JSON object, or not a form."""
    requests = [
        (operation.name, content, {"content-type": str(operation.json_type)})
        for operation in select(client, has_json)
        for content in derive_malformed_bodies(operation)
    ]
    forms = (b"", b"not a form")
    requests += [(it.name, content, FORM_HEADERS) for it in select(client, has_multipart) for content in forms]
    exchanges = (send(client, name, content=content, headers=headers) for name, content, headers in requests)
    return [exchange for exchange in exchanges if not is_missing(client, exchange)]


@cache_per_operation
def send_invalid_fields(client: ServerClient) -> list[InvalidRequest]:
    """Send valid bodies in which one field is made invalid."""
    requests = [*_send_invalid_bodies(client), *_send_invalid_forms(client), *_send_invalid_queries(client)]
    return [invalid for invalid in requests if not is_missing(client, invalid.exchange)]


@cache_per_operation
def send_unknown_models(client: ServerClient) -> list[Exchange]:
    """Send a request for an unknown model to each operation that takes one, by `x-model`."""
    exchanges = []
    for operation in select(client, documents_unknown_model):
        request = set_model(operation, build_minimal_request(client, operation), _UNKNOWN_MODEL)
        exchanges.append(send(client, operation.name, **request))
    return exchanges


@cache_per_operation
def send_unknown_voice(client: ServerClient) -> list[Exchange]:
    """Send a request for an unknown voice."""
    exchanges = []
    for operation in select(client, lambda it: it.name == "text_to_speech"):
        body = {**build_minimal_request(client, operation)["body"], "voice": "no-such-voice"}
        exchanges.append(send(client, operation.name, body=body))
    return exchanges


def _send_invalid_bodies(client: ServerClient) -> Iterator[InvalidRequest]:
    lenient = client.target.profile == "openai"
    for operation in select(client, has_json):
        request = build_minimal_request(client, operation)
        body = request["body"] if isinstance(request["body"], dict) else {}
        for change in (*derive_invalid_fields(operation, body), *NESTED_FIELDS.get(operation.name, ())):
            if lenient and "max_tokens" in change:
                continue  # -1 means no limit on some servers
            exchange = send(client, operation.name, **{**request, "body": remove_missing({**body, **change})})
            yield InvalidRequest(exchange, frozenset(field_names(change)))


def _send_invalid_forms(client: ServerClient) -> Iterator[InvalidRequest]:
    for operation in select(client, has_multipart):
        request = build_minimal_request(client, operation)
        for change in derive_invalid_form_fields(operation, request["form"]):
            exchange = send(
                client, operation.name, **{**request, "form": remove_missing({**request["form"], **change})}
            )
            yield InvalidRequest(exchange, frozenset(change))
        for name in sorted(operation.required_files):
            uploads = tuple(upload for upload in request["uploads"] if upload.field != name)
            exchange = _send_form(client, operation, {**request, "uploads": uploads})
            yield InvalidRequest(exchange, frozenset({name}))


def _send_form(client: ServerClient, operation: DocumentedOperation, request: dict[str, Any]) -> Exchange:
    """Send a form; one without any field is written as such, since httpx sends no body for it."""
    if request["form"] or request["uploads"]:
        return send(client, operation.name, **request)
    others = {name: value for name, value in request.items() if name not in ("form", "uploads")}
    return send(client, operation.name, **{**others, "content": EMPTY_FORM, "headers": FORM_HEADERS})


def _send_invalid_queries(client: ServerClient) -> Iterator[InvalidRequest]:
    for operation in select(client, lambda it: it.documents(400)):
        request = build_minimal_request(client, operation)
        for change in derive_invalid_parameters(operation):
            (name,) = change
            parameters = {**request.get("parameters", {}), **change}
            exchange = send(client, operation.name, **{**request, "parameters": parameters})
            yield InvalidRequest(exchange, frozenset({name}))


def _require_bad_request(client: ServerClient, exchange: Exchange) -> Iterator[Violation]:
    allowed: Container[int] = (400, 422) if client.target.profile == "openai" else (400,)
    if not client.operations[exchange.operation].documents(400):
        allowed = range(400, 500)
    if exchange.status not in allowed:
        yield client.violation(exchange, expected="status 400", actual=describe_status(exchange))
