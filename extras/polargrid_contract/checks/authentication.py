"""Authentication: an operation that needs a key checks it before anything else; others work without one."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any

from polargrid_contract.cache import cache_per_operation
from polargrid_contract.checks.requests import (
    build_minimal_request,
    describe_status,
    is_forbidden,
    is_missing,
    select,
    send,
    stream_request,
)
from polargrid_contract.client import OperationMissing, ServerClient
from polargrid_contract.examples import set_model
from polargrid_contract.exchange import Exchange
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.registry import check, needs_key
from polargrid_contract.results import Violation

WRONG_KEY = "pg_not_a_valid_key"
_TRUNCATED_JSON: dict[str, Any] = {"content": b'{"model": ', "headers": {"content-type": "application/json"}}


def is_protected(operation: DocumentedOperation) -> bool:
    """Select operations that need a key and have a body: a server of the openai profile may list models without one."""
    return operation.requires_key and bool(operation.contents)


@check(
    "key-required",
    on=needs_key,
    rationale="An operation that responds without a key is open to everyone.",
    reference="API overview, Authentication; openapi.yaml, security",
)
def check_key_required(client: ServerClient) -> Iterator[Violation]:
    """Every operation with `security` rejects a request without a key, streamed as well."""
    yield from _require_rejections(client, send_without_key(client))


@check(
    "wrong-key-rejected",
    on=needs_key,
    rationale="A key that was never issued gives no access.",
    reference="API overview, Authentication",
)
def check_wrong_key(client: ServerClient) -> Iterator[Violation]:
    """Every operation with `security` rejects an invented key, and keys similar to the valid one."""
    _require_authentication(client)
    key = client.target.api_key
    similar = {f"{key}x", key[:-1], f"{key[:-1]}x", f"{key[:-1]}y", key.swapcase(), key[::-1]} - {key, ""}
    for operation in _operations(client):
        request = _harmless_request(client, operation)
        exchanges = (send(client, operation.name, key=it, **request) for it in (WRONG_KEY, *sorted(similar)))
        yield from _require_rejections(client, exchanges)


@check(
    "other-scheme-rejected",
    on=needs_key,
    rationale="The key is a bearer token; under another scheme the same text means something else.",
    reference="RFC 9110, 11.6.2; openapi.yaml, securitySchemes",
)
def check_scheme(client: ServerClient) -> Iterator[Violation]:
    """The valid key as a password, under another scheme, or an empty bearer token is rejected."""
    _require_authentication(client)
    key = client.target.api_key
    password = b64encode(f":{key}".encode()).decode()
    for operation in _operations(client):
        request = _harmless_request(client, operation)
        for value in ("Bearer", f"Basic {password}", f"Digest {key}"):
            headers = {**request.get("headers", {}), "authorization": value}
            exchange = send(client, operation.name, key=None, **{**request, "headers": headers})
            yield from _require_rejections(client, [exchange])


@check(
    "key-before-validation",
    on=needs_key,
    rationale="A client without a valid key learns neither which fields are required nor which models exist.",
    reference="API overview, Authentication; RFC 9110, 15.5.2",
)
def check_key_before_validation(client: ServerClient) -> Iterator[Violation]:
    """A malformed body, another media type and an unknown model get 401 without a valid key."""
    _require_authentication(client)
    for operation in _operations(client):
        yield from _require_rejections(client, _send_invalid_requests(client, operation))


@check(
    "no-key-needed",
    on=lambda operation: not operation.requires_key,
    rationale="A client calls an operation without `security` before it has a key, or on a host that must not see one.",
    reference="openapi.yaml, security",
)
def check_no_key_needed(client: ServerClient) -> Iterator[Violation]:
    """An operation without `security` responds to a request without a key as to any other."""
    for operation in select(client, lambda it: not it.requires_key):
        exchange = send(client, operation.name, **build_minimal_request(client, operation))
        if exchange.status in (401, 403) and not is_missing(client, exchange):
            yield client.violation(exchange, expected="a response without a key", actual=describe_status(exchange))


def send_without_key(client: ServerClient) -> list[Exchange]:
    """Send a request without a key to every operation that needs one.

    Raises OperationMissing if the server uses no keys.
    """
    exchanges = _send_without_key(client)
    if client.target.profile == "openai" and not (_has_rejection(exchanges) or _requires_key(client)):
        raise OperationMissing("the server requires no key")
    return exchanges


def _requires_key(client: ServerClient) -> bool:
    """Whether any operation rejects a request without a key."""
    return any(_has_rejection(_send_without_key(view)) for view in client.base.views())


def _has_rejection(exchanges: Iterable[Exchange]) -> bool:
    return any(exchange.status in (401, 403) for exchange in exchanges)


@cache_per_operation
def _send_without_key(client: ServerClient) -> list[Exchange]:
    exchanges = []
    for operation in _operations(client):
        request = _harmless_request(client, operation)
        exchanges.append(send(client, operation.name, key=None, **request))
        stream = None if is_forbidden(client, operation) else stream_request(operation, request)
        if stream:
            exchanges.append(send(client, operation.name, key=None, **stream))
    return [exchange for exchange in exchanges if not is_missing(client, exchange)]


def _send_invalid_requests(client: ServerClient, operation: DocumentedOperation) -> Iterator[Exchange]:
    request = build_minimal_request(client, operation)
    if operation.contents:
        yield send(client, operation.name, key=None, **_TRUNCATED_JSON)
        text = {"content": b"?", "headers": {"content-type": "text/plain"}}
        yield send(client, operation.name, key=WRONG_KEY, **text)
    if "body" in request and not is_forbidden(client, operation):
        yield send(client, operation.name, key=WRONG_KEY, body={})
    if operation.model is not None:
        yield send(client, operation.name, key=None, **set_model(operation, request, "no-such-model"))


def _require_authentication(client: ServerClient) -> None:
    """Raise OperationMissing if the server uses no keys."""
    send_without_key(client)


def _operations(client: ServerClient) -> list[DocumentedOperation]:
    """The operations that need a key, without those that nothing makes harmless if the key is accepted."""
    facts = is_protected if client.target.profile == "openai" else needs_key
    return [it for it in select(client, facts, may_act=False) if it.contents or not is_forbidden(client, it)]


def _harmless_request(client: ServerClient, operation: DocumentedOperation) -> dict[str, Any]:
    """A valid request; for a read-only target one that has no effect even if the key is accepted."""
    return _TRUNCATED_JSON if is_forbidden(client, operation) else build_minimal_request(client, operation)


def _require_rejections(client: ServerClient, exchanges: Iterable[Exchange]) -> Iterator[Violation]:
    allowed = (401, 403) if client.target.profile == "openai" else (401,)
    for exchange in exchanges:
        if exchange.status not in allowed and not is_missing(client, exchange):
            yield client.violation(exchange, expected="status 401", actual=describe_status(exchange))
