"""Authentication: every operation requires a valid key, and checks it before anything else in the request."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any

from polargrid_contract.cache import cache_per_client
from polargrid_contract.checks.requests import (
    MUTATING_OPERATIONS,
    TEXT_OPERATIONS,
    build_minimal_request,
    describe_status,
    is_missing,
    send,
)
from polargrid_contract.client import OperationMissing, ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.registry import check
from polargrid_contract.results import Violation

ALL_OPERATIONS = (
    "chat_completion",
    "completion",
    "text_to_speech",
    "transcribe",
    "translate",
    "list_models",
    "load_model",
    "unload_model",
    "unload_all_models",
    "get_model_status",
    "get_gpu_status",
    "get_gpu_memory",
    "purge_gpu",
    "health",
)
# Servers of the openai profile may list models and report health without a key.
_PROTECTED_OPERATIONS = ("chat_completion", "completion", "text_to_speech", "transcribe", "translate")
_WRONG_KEY = "pg_not_a_valid_key"
_TRUNCATED_JSON: dict[str, Any] = {"content": b'{"model": ', "headers": {"content-type": "application/json"}}


@check(
    "key-required",
    on=ALL_OPERATIONS,
    rationale="An operation that responds without a key is open to everyone.",
    reference="API overview, Authentication; openapi.yaml, security",
)
def check_key_required(client: ServerClient) -> Iterator[Violation]:
    """Every operation rejects a request without a key, streamed as well."""
    yield from _require_rejections(client, send_without_key(client))


@check(
    "wrong-key-rejected",
    on=ALL_OPERATIONS,
    rationale="A key that was never issued gives no access.",
    reference="API overview, Authentication",
)
def check_wrong_key(client: ServerClient) -> Iterator[Violation]:
    """Every operation rejects an invented key, and chat_completion rejects keys similar to the valid one."""
    _require_authentication(client)
    exchanges = [send(client, name, key=_WRONG_KEY, **_harmless_request(client, name)) for name in _operations(client)]
    key = client.target.api_key
    similar = {f"{key}x", key[:-1], f"{key[:-1]}x", f"{key[:-1]}y", key.swapcase(), key[::-1]} - {key, ""}
    request = build_minimal_request(client, "chat_completion")
    exchanges += [send(client, "chat_completion", key=other, **request) for other in sorted(similar)]
    yield from _require_rejections(client, exchanges)


@check(
    "other-scheme-rejected",
    on=("chat_completion",),
    rationale="The key is a bearer token; under another scheme the same text means something else.",
    reference="RFC 9110, 11.6.2; openapi.yaml, securitySchemes",
)
def check_scheme(client: ServerClient) -> Iterator[Violation]:
    """The valid key as a password, under another scheme, or an empty bearer token is rejected."""
    _require_authentication(client)
    key = client.target.api_key
    password = b64encode(f":{key}".encode()).decode()
    request = build_minimal_request(client, "chat_completion")
    exchanges = [
        send(client, "chat_completion", key=None, headers={"authorization": value}, **request)
        for value in ("Bearer", f"Basic {password}", f"Digest {key}")
    ]
    yield from _require_rejections(client, exchanges)


@check(
    "key-before-validation",
    on=(*_PROTECTED_OPERATIONS, "load_model", "unload_model", "purge_gpu"),
    rationale="A client without a valid key learns neither which fields are required nor which models exist.",
    reference="API overview, Authentication; RFC 9110, 15.5.2",
)
def check_key_before_validation(client: ServerClient) -> Iterator[Violation]:
    """A malformed body, another media type and an unknown model get 401 without a valid key."""
    _require_authentication(client)
    exchanges = []
    for name in _operations(client):
        request = build_minimal_request(client, name)
        if request:
            headers = {"content-type": "text/plain"}
            exchanges.append(send(client, name, key=None, **_TRUNCATED_JSON))
            exchanges.append(send(client, name, key=_WRONG_KEY, content=b"?", headers=headers))
        if "model" in request.get("body", {}):
            exchanges.append(send(client, name, key=None, body={**request["body"], "model": "no-such-model"}))
            exchanges.append(send(client, name, key=_WRONG_KEY, body={}))
    yield from _require_rejections(client, exchanges)


@cache_per_client
def send_without_key(client: ServerClient) -> list[Exchange]:
    """Send a request without a key to every operation. Raises OperationMissing if the server uses no keys."""
    exchanges = [send(client, name, key=None, **_harmless_request(client, name)) for name in _operations(client)]
    for name in TEXT_OPERATIONS:
        body = {**build_minimal_request(client, name)["body"], "stream": True}
        exchanges.append(send(client, name, key=None, body=body))
    exchanges = [exchange for exchange in exchanges if not is_missing(client, exchange)]
    if client.target.profile == "openai" and not any(exchange.status in (401, 403) for exchange in exchanges):
        raise OperationMissing("the server requires no key")
    return exchanges


def _require_authentication(client: ServerClient) -> None:
    """Raise OperationMissing if the server uses no keys."""
    send_without_key(client)


def _operations(client: ServerClient) -> tuple[str, ...]:
    if client.target.profile == "openai":
        return _PROTECTED_OPERATIONS
    # A request to unload all models has no field that makes it harmless if the key is accepted.
    return tuple(name for name in ALL_OPERATIONS if name != "unload_all_models" or not client.target.read_only)


def _harmless_request(client: ServerClient, operation: str) -> dict[str, Any]:
    """A valid request; for a read-only target one that has no effect even if the key is accepted."""
    if client.target.read_only and operation in MUTATING_OPERATIONS:
        return _TRUNCATED_JSON
    return build_minimal_request(client, operation)


def _require_rejections(client: ServerClient, exchanges: Iterable[Exchange]) -> Iterator[Violation]:
    allowed = (401, 403) if client.target.profile == "openai" else (401,)
    for exchange in exchanges:
        if exchange.status not in allowed and not is_missing(client, exchange):
            yield client.violation(exchange, expected="status 401", actual=describe_status(exchange))
