"""Conventions that every response follows: request ids, the error envelope, headers, completeness."""

from __future__ import annotations

import re
from collections.abc import Iterator

from polargrid_contract.cache import cache_per_operation
from polargrid_contract.checks import authentication, errors, http
from polargrid_contract.checks.documented import send_valid_requests
from polargrid_contract.checks.requests import is_missing, rate_limit_responses
from polargrid_contract.checks.shapes import read_error
from polargrid_contract.client import OperationMissing, ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.extensions.runtime_expressions import resolve
from polargrid_contract.registry import check, every_operation
from polargrid_contract.results import Violation

_SINGLE_HEADERS = {
    "content-length",
    "content-type",
    "x-request-id",
    "retry-after",
    "location",
    "date",
}
_INTERNALS = re.compile(
    r"Traceback \(most recent call last\)"
    r"|File \"[^\"]+\", line \d+"
    r"|\bat [\w.$<>]+ ?\([^()\n]*:\d+(:\d+)?\)"
    r"|(^|[\s\"'(=])/(home|usr|opt|var|app|srv|root|tmp|workspace|mnt)/[\w./-]+"
    r"|\b[A-Z]:\\\\?[\w.]"
    r"|\bat 0x[0-9a-fA-F]{6,}"
    r"|panicked at |goroutine \d+ \["
)


@check(
    "request-id-present",
    on=every_operation,
    rationale="Users report a problem with the id of its request, so failed requests need one as well.",
    reference="API overview, Request ids; openapi.yaml, RequestId",
    profiles=("polargrid",),
)
def check_request_id(client: ServerClient) -> Iterator[Violation]:
    """Successful, streamed and error responses have a request id."""
    for exchange in list_responses(client):
        if exchange.status and not exchange.response_headers.get("x-request-id", "").strip():
            actual = f"status {exchange.status} without x-request-id"
            yield client.violation(exchange, expected="x-request-id, not empty", actual=actual)


@check(
    "request-id-unique",
    on=every_operation,
    rationale="An id that two requests share identifies the wrong one.",
    reference="API overview, Request ids",
    profiles=("polargrid",),
    together=True,
)
def check_request_id_unique(client: ServerClient) -> Iterator[Violation]:
    """No two requests of any operations share an id."""
    seen: set[str] = set()
    # Operations with one path share some responses.
    for exchange in {id(it.response_headers): it for it in list_responses(client)}.values():
        identity = exchange.response_headers.get("x-request-id", "")
        if identity and identity in seen:
            yield client.violation(exchange, expected="a unique id", actual=f"x-request-id: {identity} again")
        seen.add(identity)


@check(
    "error-envelope",
    on=every_operation,
    rationale="A client reads every error by the same fields.",
    reference="API overview, Errors; openapi.yaml, ErrorResponse; OpenAI API, Error codes",
)
def check_error_envelope(client: ServerClient) -> Iterator[Violation]:
    """The body has an object `error` with a meaningful message, a type and a code."""
    strict = client.target.profile == "polargrid"
    for exchange in _error_responses(client) if strict else _bad_requests(client):
        body = exchange.json()
        error = body.get("error") if isinstance(body, dict) else None
        if problem := _find_envelope_error(error, strict=strict):
            actual = f"{problem} in {exchange.text[:160]!r} (status {exchange.status})"
            expected = '{"error": {"message": …, "type": …, "code": …}}'
            yield client.violation(exchange, expected=expected, actual=actual)


@check(
    "error-type-matches-status",
    on=every_operation,
    rationale="A program distinguishes a wrong key from a wrong field by the type of the error.",
    reference="openapi.yaml, ErrorDetail and the responses",
    profiles=("polargrid",),
)
def check_error_type(client: ServerClient) -> Iterator[Violation]:
    """The type is the documented one for the status; for a status that is not documented, any documented one."""
    types = _read_error_types(client)
    for exchange in _error_responses(client):
        error_type = read_error(exchange).get("type")
        status = exchange.status
        allowed = types.get(str(status)) or set().union(*types.values())
        if allowed and error_type not in allowed:
            actual = f"error.type {error_type!r} with status {status}"
            yield client.violation(exchange, expected=" or ".join(sorted(allowed)), actual=actual)


@check(
    "errors-hide-internals",
    on=every_operation,
    rationale="A stack trace or a path in a response helps an attacker and no client.",
    reference="CWE-209",
)
def check_internals(client: ServerClient) -> Iterator[Violation]:
    """Errors contain no stack trace, file path or memory address."""
    for exchange in _error_responses(client):
        if internals := find_internals(exchange.text.replace("\\n", "\n").replace('\\"', '"')):
            yield client.violation(exchange, expected="a description of the client error", actual=internals)


@check(
    "json-content-type",
    on=every_operation,
    rationale="Clients parse a body as JSON only if the content type says so.",
    reference="RFC 8259, 11; openapi.yaml, the responses",
)
def check_json_content_type(client: ServerClient) -> Iterator[Violation]:
    """A body that is a JSON object has the type application/json."""
    for exchange in list_responses(client):
        media_type = exchange.media_type
        if isinstance(exchange.json(), dict) and not media_type.endswith(("/json", "+json", "ndjson", "jsonl")):
            actual = f"content-type: {media_type or '(none)'}"
            yield client.violation(exchange, expected="content-type: application/json", actual=actual)


@check(
    "headers-not-repeated",
    on=every_operation,
    rationale="Clients disagree on which value of a repeated header counts.",
    reference="RFC 9110, 5.3",
)
def check_repeated_headers(client: ServerClient) -> Iterator[Violation]:
    """Length, type, request id and other headers with one value occur once."""
    for exchange in list_responses(client):
        if repeated := _SINGLE_HEADERS.intersection(exchange.repeated_headers):
            actual = f"more than one {', '.join(sorted(repeated))}"
            yield client.violation(exchange, expected="one of each of these headers", actual=actual)


@check(
    "responses-complete",
    on=every_operation,
    rationale="A client cannot use a response that breaks off or never arrives.",
    reference="RFC 9112, 6 and 8",
)
def check_complete(client: ServerClient) -> Iterator[Violation]:
    """No response is truncated, for valid and invalid requests."""
    for exchange in list_responses(client):
        if exchange.error:
            yield client.violation(exchange, expected="a complete response", actual=exchange.error)


def find_internals(text: str) -> str:
    """Return the first stack trace, file path or memory address in a text; empty if there is none."""
    match = _INTERNALS.search(text)
    return match.group().strip() if match else ""


@cache_per_operation
def list_responses(client: ServerClient) -> list[Exchange]:
    """Return the responses that every convention is about: to right and wrong requests of every operation."""
    exchanges = [*send_valid_requests(client), *send_valid_requests(client, repetition=1)]
    exchanges += [*http.send_to_unknown_paths(client), *http.send_unsupported_methods(client)]
    exchanges += [*_send_without_key(client), *errors.send_malformed_bodies(client)]
    if client.target.profile == "polargrid":
        exchanges += [*http.send_wrong_media_types(client), *errors.send_unknown_models(client)]
        exchanges += [*errors.send_unknown_voice(client)]
    exchanges += [invalid.exchange for invalid in errors.send_invalid_fields(client)]
    return [*exchanges, *rate_limit_responses(client)]


def _read_error_types(client: ServerClient) -> dict[str, set[str]]:
    """The documented values of `error.type` by status."""
    types: dict[str, set[str]] = {}
    document = client.target.document
    for operation in client.operations.values():
        for status, node in operation.definition.get("responses", {}).items():
            content = resolve(document, node).get("content", {}).get("application/json", {})
            for part in content.get("schema", {}).get("allOf", ()):
                constant = part.get("properties", {}).get("error", {}).get("properties", {}).get("type", {})
                types.setdefault(str(status), set()).update({constant["const"]} if "const" in constant else ())
    return {status: values for status, values in types.items() if values}


def _error_responses(client: ServerClient) -> list[Exchange]:
    return [exchange for exchange in list_responses(client) if exchange.status >= 400]


def _bad_requests(client: ServerClient) -> list[Exchange]:
    """The error responses that have the same shape on all servers of the openai profile."""
    exchanges = [
        *errors.send_malformed_bodies(client),
        *(invalid.exchange for invalid in errors.send_invalid_fields(client)),
    ]
    return [exchange for exchange in exchanges if exchange.status >= 400 and not is_missing(client, exchange)]


def _send_without_key(client: ServerClient) -> list[Exchange]:
    try:
        return authentication.send_without_key(client)
    except OperationMissing:
        return []


def _find_envelope_error(error: object, *, strict: bool) -> str:
    if not isinstance(error, dict):
        return "no object `error`"
    message = error.get("message")
    if not isinstance(message, str) or not re.search(r"\w\w", message):
        return "no message"
    if strict and not (isinstance(error.get("type"), str) and error["type"]):
        return "no type"
    code = error.get("code", 0)
    return "no code" if strict and not (code is None or (isinstance(code, str) and code)) else ""
