"""Idempotency keys: a retry gets the response of the first request, and nothing else does.

Support is optional: the checks are skipped for a server that shows none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import uuid4

from polargrid_contract.cache import cache_per_client
from polargrid_contract.checks.requests import (
    LIGHTHOUSE_PROMPT,
    build_minimal_request,
    describe_status,
    prompt_fields,
    send,
)
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation

_OPERATIONS = ("chat_completion", "text_to_speech", "transcribe")
_REFERENCE = "openapi.yaml, IdempotencyKey"
_KEY, _REPLAYED = "idempotency-key", "idempotency-replayed"
_WRONG_KEY = "pg_not_a_valid_key"


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
    on=_OPERATIONS,
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
    on=_OPERATIONS,
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
    on=("chat_completion",),
    rationale="A client that uses a key for two calls must not get the response of the first for the second.",
    reference=f"{_REFERENCE}; the response UnprocessableContent",
    profiles=("polargrid",),
)
def check_reuse(client: ServerClient) -> Iterator[Violation]:
    """Another body with the key of an earlier request gets 422."""
    retry = _supported_retries(client)[0]
    prompt = prompt_fields("chat_completion", LIGHTHOUSE_PROMPT)
    body = {**retry.options["body"], **prompt, "max_tokens": 12, "temperature": 0, "seed": 1}
    exchange = send(client, "chat_completion", body=body, headers={_KEY: retry.key})
    if exchange.status != 422:
        yield client.violation(exchange, expected="status 422", actual=describe_status(exchange))


@check(
    "idempotency-keys-independent",
    on=("chat_completion",),
    rationale="Two calls with equal requests are two calls, unless their keys are equal.",
    reference=_REFERENCE,
    profiles=("polargrid",),
)
def check_independence(client: ServerClient) -> Iterator[Violation]:
    """An equal request with another key, or with none, is processed again."""
    retry = _supported_retries(client)[0]
    for headers in ({_KEY: str(uuid4())}, {}):
        exchange = send(client, "chat_completion", headers=headers, **retry.options)
        if _REPLAYED in exchange.response_headers or not _has_new_id(retry.first, exchange):
            actual = f"the response to another request: {exchange.text[:120]}"
            yield client.violation(exchange, expected="a response of its own", actual=actual)


@check(
    "idempotency-key-needs-api-key",
    on=("chat_completion",),
    rationale="A kept response is as confidential as the request: an idempotency key is no authentication.",
    reference=f"{_REFERENCE}; API overview, Authentication",
    profiles=("polargrid",),
)
def check_authentication(client: ServerClient) -> Iterator[Violation]:
    """A retry with a wrong API key, or with none, gets 401."""
    retry = _supported_retries(client)[0]
    for api_key in (_WRONG_KEY, None):
        exchange = send(client, "chat_completion", key=api_key, headers={_KEY: retry.key}, **retry.options)
        if exchange.status != 401:
            yield client.violation(exchange, expected="status 401", actual=describe_status(exchange))


@check(
    "idempotency-key-invalid-400",
    on=("chat_completion",),
    rationale="A client that believes that its key is honoured retries what must not be done twice.",
    reference=f"{_REFERENCE}; openapi.yaml, BadRequest",
    profiles=("polargrid",),
)
def check_invalid_key(client: ServerClient) -> Iterator[Violation]:
    """A key of 256 characters gets 400."""
    retry = _supported_retries(client)[0]
    exchange = send(client, "chat_completion", headers={_KEY: "k" * 256}, **retry.options)
    if exchange.status != 400:
        yield client.violation(exchange, expected="status 400", actual=describe_status(exchange))


def _supported_retries(client: ServerClient) -> list[Retry]:
    """The retries that the server accepts, a plain chat first. Raises CheckSkipped if it does not support keys."""
    retries = _send_retries(client)
    if not any(retry.shows_support for retry in retries):
        raise CheckSkipped("the server ignores idempotency keys: it neither returns a key nor replays a response")
    return retries


@cache_per_client
def _send_retries(client: ServerClient) -> list[Retry]:
    chat = build_minimal_request(client, "chat_completion")
    stream = {"body": {**chat["body"], "stream": True}}
    others = [(name, build_minimal_request(client, name)) for name in ("text_to_speech", "transcribe")]
    retries: list[Retry] = []
    for operation, options in (("chat_completion", chat), ("chat_completion", stream), *others):
        key = str(uuid4())
        first, second = (send(client, operation, headers={_KEY: key}, **options) for _ in range(2))
        if first.status == 200 or not retries:  # a model that does not exist is reported by other checks
            retries.append(Retry(key, options, first, second))
    return retries


def _response_id(exchange: Exchange) -> Any:
    body = exchange.json()
    return body.get("id") if isinstance(body, dict) else None


def _has_new_id(first: Exchange, second: Exchange) -> bool:
    return bool(_response_id(first) != _response_id(second))
