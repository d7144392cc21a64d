"""Error responses: an invalid request gets 400 with the name of the field, never a server error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from polargrid_contract.cache import cache_per_client
from polargrid_contract.checks.invalid_bodies import (
    FORM_HEADERS,
    FORM_WITHOUT_FILE,
    INVALID_FIELDS,
    INVALID_FORM_FIELDS,
    NOT_AN_OBJECT,
    field_names,
    remove_missing,
)
from polargrid_contract.checks.requests import (
    TEXT_OPERATIONS,
    UPLOAD_OPERATIONS,
    build_minimal_request,
    describe_status,
    is_missing,
    select_model,
    send,
    silent_upload,
)
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.registry import check
from polargrid_contract.results import Violation

_JSON_OPERATIONS = (*TEXT_OPERATIONS, "text_to_speech", "load_model", "unload_model")
_MODEL_OPERATIONS = (*TEXT_OPERATIONS, "text_to_speech", *UPLOAD_OPERATIONS, "load_model", "unload_model")
_UNKNOWN_MODEL = "no-such-model-1"
# The fields that a server of the openai profile must validate; with others it must only not fail.
_ESSENTIAL_FIELDS = ("messages", "prompt", "input")


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
    on=(*_JSON_OPERATIONS, *UPLOAD_OPERATIONS),
    rationale="A body that is not a JSON object is a client error and must be reported as one.",
    reference="openapi.yaml, BadRequest; RFC 9110, 15.5.1",
)
def check_malformed_body(client: ServerClient) -> Iterator[Violation]:
    """Truncated JSON, an empty body, other JSON values and excessive nesting get 400."""
    for exchange in send_malformed_bodies(client):
        yield from _require_bad_request(client, exchange)


@check(
    "bad-field-400",
    on=(*INVALID_FIELDS, *UPLOAD_OPERATIONS),
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
    on=(*INVALID_FIELDS, *UPLOAD_OPERATIONS),
    rationale="Without the name of the field a user looks for the mistake in the wrong place.",
    reference="API overview, Errors; openapi.yaml, BadRequest",
    profiles=("polargrid",),
)
def check_field_name(client: ServerClient) -> Iterator[Violation]:
    """`param` or the message contains the name."""
    for invalid in send_invalid_fields(client):
        if invalid.exchange.status == 400:
            error = invalid.exchange.json()["error"]
            text = f"{error.get('param') or ''} {error.get('message') or ''}"
            if not any(field in text for field in invalid.fields):
                expected = f"{' or '.join(sorted(invalid.fields))} in error.param or error.message"
                actual = text.strip() or "neither of them"
                yield client.violation(invalid.exchange, expected=expected, actual=actual)


@check(
    "unknown-model-404",
    on=_MODEL_OPERATIONS,
    rationale="A substitute for an unknown model gives other responses at another price.",
    reference="openapi.yaml, NotFound; OpenAI API, Error codes, model_not_found",
    profiles=("polargrid",),
)
def check_unknown_model(client: ServerClient) -> Iterator[Violation]:
    """Every operation with a model responds with 404, and the message names the model."""
    for exchange in send_unknown_models(client):
        if exchange.status != 404:
            yield client.violation(exchange, expected="status 404", actual=describe_status(exchange))
        elif _UNKNOWN_MODEL not in (message := exchange.json()["error"]["message"]):
            yield client.violation(exchange, expected=f"{_UNKNOWN_MODEL} in error.message", actual=str(message))


@check(
    "unknown-voice-404",
    on=("text_to_speech",),
    rationale="An unknown voice must not be replaced silently.",
    reference="openapi.yaml, NotFound",
    profiles=("polargrid",),
)
def check_unknown_voice(client: ServerClient) -> Iterator[Violation]:
    """The status is 404, unless the response names the voice that was used instead."""
    exchange = send_unknown_voice(client)
    if exchange.status != 404 and not (exchange.status == 200 and exchange.response_headers.get("x-pg-voice")):
        yield client.violation(exchange, expected="status 404", actual=describe_status(exchange))


@cache_per_client
def send_malformed_bodies(client: ServerClient) -> list[Exchange]:
    """Send bodies that are not a JSON object, or not a form."""
    headers = {"content-type": "application/json"}
    exchanges = [
        send(client, name, content=content, headers=headers) for name in _JSON_OPERATIONS for content in NOT_AN_OBJECT
    ]
    exchanges += [
        send(client, name, content=content, headers=FORM_HEADERS)
        for name in UPLOAD_OPERATIONS
        for content in (b"", b"not a form")
    ]
    return [exchange for exchange in exchanges if not is_missing(client, exchange)]


@cache_per_client
def send_invalid_fields(client: ServerClient) -> list[InvalidRequest]:
    """Send valid bodies in which one field is made invalid."""
    requests = [*_send_invalid_bodies(client), *_send_invalid_forms(client)]
    return [invalid for invalid in requests if not is_missing(client, invalid.exchange)]


@cache_per_client
def send_unknown_models(client: ServerClient) -> list[Exchange]:
    """Send a request for an unknown model to each operation that has a model."""
    exchanges = []
    for name in _MODEL_OPERATIONS:
        options = build_minimal_request(client, name)
        field = "model_name" if "model_name" in options.get("body", {}) else "model"
        part = "form" if name in UPLOAD_OPERATIONS else "body"
        exchanges.append(send(client, name, **{**options, part: {**options[part], field: _UNKNOWN_MODEL}}))
    return exchanges


@cache_per_client
def send_unknown_voice(client: ServerClient) -> Exchange:
    """Send a request for an unknown voice."""
    body = {**build_minimal_request(client, "text_to_speech")["body"], "voice": "no-such-voice"}
    return send(client, "text_to_speech", body=body)


def _send_invalid_bodies(client: ServerClient) -> Iterator[InvalidRequest]:
    lenient = client.target.profile == "openai"
    for name, changes in INVALID_FIELDS.items():
        if name == "purge_gpu" and client.target.read_only:
            continue  # a server that accepts the invalid field purges the GPU
        for change in changes:
            if lenient and "max_tokens" in change:
                continue  # -1 means no limit on some servers
            body = {**build_minimal_request(client, name)["body"], **change}
            yield InvalidRequest(send(client, name, body=remove_missing(body)), frozenset(field_names(change)))


def _send_invalid_forms(client: ServerClient) -> Iterator[InvalidRequest]:
    for name in UPLOAD_OPERATIONS:
        fields = {"model": select_model(client, "speech-to-text")}
        for change in INVALID_FORM_FIELDS:
            exchange = send(client, name, form=remove_missing({**fields, **change}), upload=silent_upload())
            yield InvalidRequest(exchange, frozenset(change))
        exchange = send(client, name, content=FORM_WITHOUT_FILE, headers=FORM_HEADERS)
        yield InvalidRequest(exchange, frozenset({"file"}))


def _require_bad_request(client: ServerClient, exchange: Exchange) -> Iterator[Violation]:
    allowed = (400, 422) if client.target.profile == "openai" else (400,)
    if exchange.status not in allowed:
        yield client.violation(exchange, expected="status 400", actual=describe_status(exchange))
