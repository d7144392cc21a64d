"""Idempotency keys: a retry gets the response of the first request, and nothing else does.

Support is optional: the checks are skipped for a server that shows none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from uuid import uuid4

from polargrid_contract.cache import cache_per_operation
from polargrid_contract.checks.authentication import WRONG_KEY
from polargrid_contract.checks.documented import send_valid_requests
from polargrid_contract.checks.lifecycle_scenario import keep_models
from polargrid_contract.checks.requests import build_minimal_request, describe_status, select, send, stream_request
from polargrid_contract.client import ServerClient
from polargrid_contract.examples import examples_of
from polargrid_contract.exchange import Exchange
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.registry import CheckSkipped, check, takes_idempotency_key
from polargrid_contract.results import Violation
from polargrid_contract.schemas import is_valid

_REFERENCE = "openapi.yaml, IdempotencyKey"
_AT_ONCE = 3
_KEY, _REPLAYED = "idempotency-key", "idempotency-replayed"


def is_quick_and_takes_key(operation: DocumentedOperation) -> bool:
    """Select operations that accept a key, except those that read a recording before they respond."""
    return takes_idempotency_key(operation) and (operation.has_effect or not operation.files)


class Retry(NamedTuple):
    """A request that is sent twice with one key. A form has another boundary the second time."""

    key: str
    options: dict[str, Any]
    first: Exchange
    second: Exchange

    @property
    def shows_support(self) -> bool:
        """Whether any response has a sign of a server that handles keys."""
        exchanges = (self.first, self.second)
        has_header = any(name in exchange.response_headers for exchange in exchanges for name in (_KEY, _REPLAYED))
        return has_header or (_response_id(self.first) is not None and not _has_new_id(self.first, self.second))


@check(
    "idempotency-key-replayed",
    on=takes_idempotency_key,
    rationale="A retry that is processed again costs twice, and its response differs from the one that was lost.",
    reference=_REFERENCE,
    profiles=("polargrid",),
)
def check_replay(client: ServerClient) -> Iterator[Violation]:
    """The second of two equal requests with one key gets the response of the first, streamed as well."""
    for retry in _supported_retries(client):
        first, second = retry.first, retry.second
        if (second.status, second.media_type, second.body) != (first.status, first.media_type, first.body):
            expected = f"the response to the first request with the key: {first.text[:80]!r}"
            yield client.violation(second, expected=expected, actual=describe_status(second))


@check(
    "idempotency-key-headers",
    on=takes_idempotency_key,
    rationale="A client recognizes by the key the response to another call, and a replay by its header.",
    reference=f"{_REFERENCE}; the headers IdempotencyKey and IdempotencyReplayed",
    profiles=("polargrid",),
)
def check_headers(client: ServerClient) -> Iterator[Violation]:
    """Both responses return the key; the second one is marked as replayed, and only that."""
    for retry in _supported_retries(client):
        for exchange, replayed in ((retry.first, None), (retry.second, "true")):
            actual = {name: exchange.response_headers.get(name) for name in (_KEY, _REPLAYED)}
            if actual != {_KEY: retry.key, _REPLAYED: replayed}:
                expected = f"{_KEY}: {retry.key}, {_REPLAYED}: {replayed}"
                described = ", ".join(f"{name}: {value}" for name, value in actual.items())
                yield client.violation(exchange, expected=expected, actual=described)


@check(
    "idempotency-key-reused-422",
    on=takes_idempotency_key,
    rationale="A client that uses a key for two calls must not get the response of the first for the second.",
    reference=f"{_REFERENCE}; the response UnprocessableContent",
    profiles=("polargrid",),
)
def check_reuse(client: ServerClient) -> Iterator[Violation]:
    """Another body with the key of an earlier request gets 422."""
    for retry in _supported_retries(client):
        other = _change_body(client.operations[retry.first.operation], retry.options)
        if other is None:
            continue
        exchange = send(client, retry.first.operation, **_with_key(other, retry.key))
        if exchange.status != 422:
            yield client.violation(exchange, expected="status 422", actual=describe_status(exchange))


@check(
    "idempotency-keys-independent",
    on=takes_idempotency_key,
    rationale="Two calls with equal requests are two calls, unless their keys are equal.",
    reference=_REFERENCE,
    profiles=("polargrid",),
)
def check_independence(client: ServerClient) -> Iterator[Violation]:
    """An equal request with another key, or with none, is processed again."""
    with keep_models(client):
        for retry in _supported_retries(client):
            other = send(client, retry.first.operation, **_with_key(retry.options, str(uuid4())))
            requests = send_valid_requests(client, repetition=1)
            without_key = [it for it in requests if (it.url, it.request) == (other.url, other.request)]
            for exchange in (other, *without_key):
                same_id = _response_id(exchange) is not None and not _has_new_id(retry.first, exchange)
                if _REPLAYED in exchange.response_headers or same_id:
                    actual = f"the response to another request: {exchange.text[:120]}"
                    yield client.violation(exchange, expected="a response of its own", actual=actual)


@check(
    "idempotency-key-concurrent",
    on=is_quick_and_takes_key,
    rationale="A client that gives up waiting retries while its first request is still processed.",
    reference=f"{_REFERENCE}; the response Conflict",
    profiles=("polargrid",),
)
def check_concurrent(client: ServerClient) -> Iterator[Violation]:
    """Of equal requests at once with one key, one is processed: the others get its response, or 409."""
    with keep_models(client):
        for retry in _supported_retries(client):
            if not is_quick_and_takes_key(client.operations[retry.first.operation]):
                continue
            exchanges = _send_at_once(client, retry)
            processed = [exchange for exchange in exchanges if 200 <= exchange.status < 300]
            bodies = {exchange.body for exchange in processed}
            expected = (
                f"one response for {_AT_ONCE} requests at once with one key, and 409 for those that do not get it"
            )
            if len(bodies) > 1:
                actual = f"{len(bodies)} different responses: {processed[-1].text[:120]}"
                yield client.violation(processed[-1], expected=expected, actual=actual)
            for exchange in exchanges:
                is_busy = exchange.status in (409, 429, 503) and bool(bodies)
                if exchange not in processed and not is_busy:
                    yield client.violation(exchange, expected=expected, actual=describe_status(exchange))


@check(
    "idempotency-key-needs-api-key",
    on=takes_idempotency_key,
    rationale="A kept response is as confidential as the request: an idempotency key is no authentication.",
    reference=f"{_REFERENCE}; API overview, Authentication",
    profiles=("polargrid",),
)
def check_authentication(client: ServerClient) -> Iterator[Violation]:
    """A retry with a wrong API key, or with none, gets 401."""
    for retry in _supported_retries(client):
        if not client.operations[retry.first.operation].requires_key:
            continue
        for api_key in (WRONG_KEY, None):
            exchange = send(client, retry.first.operation, key=api_key, **_with_key(retry.options, retry.key))
            if exchange.status != 401:
                yield client.violation(exchange, expected="status 401", actual=describe_status(exchange))


@check(
    "idempotency-key-invalid-400",
    on=takes_idempotency_key,
    rationale="A client that believes that its key is honoured retries what must not be done twice.",
    reference=f"{_REFERENCE}; openapi.yaml, BadRequest",
    profiles=("polargrid",),
)
def check_invalid_key(client: ServerClient) -> Iterator[Violation]:
    """A key of 256 characters gets 400."""
    for retry in _supported_retries(client):
        exchange = send(client, retry.first.operation, **_with_key(retry.options, "k" * 256))
        if exchange.status != 400:
            yield client.violation(exchange, expected="status 400", actual=describe_status(exchange))


def _send_at_once(client: ServerClient, retry: Retry) -> list[Exchange]:
    options = _with_key(retry.options, str(uuid4()))
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="contract-at-once") as executor:
        futures = [executor.submit(client.send, retry.first.operation, **options) for _ in range(_AT_ONCE)]
        return [future.result() for future in futures]


def _supported_retries(client: ServerClient) -> list[Retry]:
    """The retries that the server accepts. Raises CheckSkipped if it supports keys for no operation.

    Support is looked for at the operations of the client first, and then at all of them.
    """
    retries = _send_retries(client)
    if any(retry.shows_support for retry in retries):
        return retries
    client.require_alone()  # some operations change something
    if not any(retry.shows_support for retry in _send_retries(client.base)):
        raise CheckSkipped("the server ignores idempotency keys: it neither returns a key nor replays a response")
    return retries


@cache_per_operation
def _send_retries(client: ServerClient) -> list[Retry]:
    retries = []
    with keep_models(client):
        for operation in select(client, takes_idempotency_key):
            request = build_minimal_request(client, operation)
            stream = stream_request(operation, request)
            for options in [request] if stream in (None, request) else [request, stream]:
                key = str(uuid4())
                first, second = (send(client, operation.name, **_with_key(options, key)) for _ in range(2))
                if 200 <= first.status < 300:  # a model that does not exist is reported by other checks
                    retries.append(Retry(key, options, first, second))
    return retries


def _with_key(options: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {**options, "headers": {**options.get("headers", {}), _KEY: key}}


def _change_body(operation: DocumentedOperation, options: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the request with another right body; None if it has none."""
    if "form" in options:
        return {**options, "form": {**options["form"], "x_other": "1"}}
    body = options.get("body")
    if not isinstance(body, dict):
        return None
    examples = examples_of(operation.document, operation.contents[operation.json_type or ""])
    # An unknown field has no effect, so the response is as cheap as the first one.
    changed = ({**body, "x_other": 1}, *(example for example in examples if isinstance(example, dict)))
    fitting = (it for it in changed if it != body and is_valid(operation.document, operation.json_schema, it))
    return next(({**options, "body": it} for it in fitting), None)


def _response_id(exchange: Exchange) -> Any:
    body = exchange.json()
    return body.get("id") if isinstance(body, dict) else None


def _has_new_id(first: Exchange, second: Exchange) -> bool:
    return bool(_response_id(first) != _response_id(second))
