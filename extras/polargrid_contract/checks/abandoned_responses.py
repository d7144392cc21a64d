"""The response that a client did not wait for is thrown away: the next client gets its own.

To each operation a client sends a long request, and leaves before the response has begun. A server that does not notice
that needs a while to finish them; then another client sends short requests, whose responses are known. If the server
responds before the first client has left, nothing is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from polargrid_contract.cache import cache_per_client
from polargrid_contract.checks.concurrent_probes import (
    build_text,
    find_text_error,
    find_vector_error,
    read_response,
    read_vectors,
)
from polargrid_contract.checks.leaving import leave_early
from polargrid_contract.checks.long_text import build_long_body
from polargrid_contract.checks.requests import TEXT_OPERATIONS, build_minimal_request, describe_status, send
from polargrid_contract.checks.transcript_requests import load_recording
from polargrid_contract.client import ServerClient
from polargrid_contract.examples import set_fields
from polargrid_contract.exchange import Exchange, Upload
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation
from polargrid_contract.shared import BUSY_STATUSES

_STAY_SECONDS = 0.03  # for a server to begin with a request
_FINISH_SECONDS = 1.0  # for a server that generates what nobody waits for
_TOKENS = 24  # of a text that takes less than that
_NEXT_REQUESTS = 2
_TEXTS = 64  # of an embedding that takes a while
_LONG_SPEECH = "The lamp is green, and the cat sleeps beside it while the sea is calm. " * 2
_SIZES = 1.5  # how many times as long equal speech may be
Request = dict[str, Any]


class _Case(NamedTuple):
    """A request that a client leaves, one that the next sends, and what is wrong with the response to that."""

    long: Request
    short: Request
    find_error: Callable[[Exchange, Exchange], str]
    """Compare the response of the short request alone with another one to it."""


_OPERATIONS = (*TEXT_OPERATIONS, "create_embedding", "text_to_speech", "transcribe")


@check(
    "abandoned-response-discarded",
    on=_OPERATIONS,
    rationale="A response that goes to the next client shows one user what belongs to another.",
    reference="RFC 9110, 3.3 (each request is understood in isolation)",
    exclusive=True,
)
def check_abandoned(client: ServerClient) -> Iterator[Violation]:
    """After a client left before its response, the next requests get their own."""
    abandoned = _leave_all(client.base)
    for operation in client.profile_operations:
        if operation.name in abandoned:
            yield from _find_violations(client, *abandoned[operation.name])


class _Abandoned(NamedTuple):
    """A request that a client left, and what is known of the short one."""

    case: _Case
    alone: Exchange
    reason_to_skip: str


@cache_per_client
def _leave_all(client: ServerClient) -> dict[str, _Abandoned]:
    """Leave a request to each operation, and wait until a server that goes on with them has finished."""
    abandoned = {}
    for operation in client.profile_operations:
        if operation.name in _OPERATIONS:
            case = _build_case(client, operation)
            alone = send(client, operation.name, **case.short)
            is_known = alone.status == 200 and not case.find_error(alone, alone)
            reason = "" if is_known else f"alone the request gets {describe_status(alone)}"
            if not reason and not leave_early(client, operation, case.long, _STAY_SECONDS):
                reason = "the server responds before a client can leave"
            abandoned[operation.name] = _Abandoned(case, alone, reason)
    if not all(it.reason_to_skip for it in abandoned.values()):
        client.clock.sleep(_FINISH_SECONDS)
    return abandoned


def _find_violations(client: ServerClient, case: _Case, alone: Exchange, reason_to_skip: str) -> Iterator[Violation]:
    client.require(alone)
    if reason_to_skip:
        raise CheckSkipped(reason_to_skip)
    for _ in range(_NEXT_REQUESTS):
        exchange = send(client, alone.operation, **case.short)
        if exchange.status in BUSY_STATUSES:
            raise CheckSkipped("the server is too busy to respond after a client left")
        actual = describe_status(exchange) if exchange.status != 200 else case.find_error(alone, exchange)
        if actual:
            if case.find_error(alone, send(client, alone.operation, **case.short)):
                raise CheckSkipped(f"equal requests get different responses: {actual}")
            expected = "the response to this request, after another client left before its own"
            yield client.violation(exchange, expected=expected, actual=actual)
            return


def _build_case(client: ServerClient, operation: DocumentedOperation) -> _Case:
    if operation.name in TEXT_OPERATIONS:
        short = build_text(client, operation.name, "Count from one: one, two,", max_tokens=2)
        long = {**build_long_body(client, operation.name), "max_tokens": _TOKENS}
        return _Case({"body": long}, {"body": short}, _find_text_error)
    request = build_minimal_request(client, operation)
    if operation.name == "create_embedding":
        texts = [f"This is the sentence number {number}, and no other one." for number in range(_TEXTS)]
        return _Case(set_fields(request, {"input": texts}), request, _find_vector_error)
    if operation.name == "text_to_speech":
        return _Case(set_fields(request, {"input": _LONG_SPEECH}), request, _find_speech_error)
    upload = Upload("speech.wav", load_recording(client).data, "audio/wav")
    return _Case({**request, "uploads": [upload]}, request, _find_transcript_error)


def _find_text_error(alone: Exchange, exchange: Exchange) -> str:
    if not read_response(alone).get("choices"):
        return "no choices"
    return find_text_error(alone, exchange)


def _find_vector_error(alone: Exchange, exchange: Exchange) -> str:
    return find_vector_error(alone, exchange) if read_vectors(alone) else "no vectors"


def _find_speech_error(alone: Exchange, exchange: Exchange) -> str:
    expected, actual = len(alone.body), len(exchange.body)
    is_near = expected / _SIZES <= actual <= expected * _SIZES
    return "" if expected and is_near else f"{actual:,} bytes of speech instead of {expected:,}"


def _find_transcript_error(alone: Exchange, exchange: Exchange) -> str:
    expected, actual = _read_transcript(alone), _read_transcript(exchange)
    return "" if expected and actual == expected else f"{actual[:80]!r} instead of {expected[:80]!r}"


def _read_transcript(exchange: Exchange) -> str:
    """The text; other fields, as the time that it took, differ each time."""
    body = exchange.json()
    return str(body.get("text") or "") if isinstance(body, dict) else exchange.text
