"""Rate limits: a rejected request has a Retry-After."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime

from polargrid_contract.checks.requests import build_minimal_request, describe_status, rate_limit_responses
from polargrid_contract.client import ServerClient
from polargrid_contract.registry import check
from polargrid_contract.results import Violation

_CONCURRENT_REQUESTS = 24
_MAX_RETRY_AFTER = 3600


@check(
    "retry-after-on-429",
    on=("chat_completion",),
    rationale="Clients without a Retry-After all retry at once.",
    reference="API overview, Rate limits; openapi.yaml, TooManyRequests; RFC 9110, 10.2.3",
    profiles=("polargrid",),
    exclusive=True,
)
def check_retry_after(client: ServerClient) -> Iterator[Violation]:
    """Concurrent requests succeed, or get 429 with a plausible Retry-After."""
    body = build_minimal_request(client, client.operations["chat_completion"])["body"]
    with ThreadPoolExecutor(_CONCURRENT_REQUESTS) as executor:
        exchanges = list(executor.map(lambda _: client.send("chat_completion", body), range(_CONCURRENT_REQUESTS)))
    for exchange in exchanges:
        if exchange.status not in (200, 429, 503):
            yield client.violation(exchange, expected="status 200, 429 or 503", actual=describe_status(exchange))
    client.shared.rate_limited.extend(exchange for exchange in exchanges if exchange.status == 429)
    for exchange in rate_limit_responses(client):
        retry_after = exchange.response_headers.get("retry-after")
        if not is_valid_retry_after(retry_after):
            expected = "Retry-After: an integer of at most 3600, or a date within an hour"
            actual = "no Retry-After" if retry_after is None else f"Retry-After: {retry_after}"
            yield client.violation(exchange, expected=expected, actual=actual)


def is_valid_retry_after(value: str | None) -> bool:
    """Whether a Retry-After is an integer or a date, at most an hour from now."""
    if value is None:
        return False
    if value.isdecimal():
        return int(value) <= _MAX_RETRY_AFTER
    try:
        return abs(parsedate_to_datetime(value).timestamp() - time.time()) <= _MAX_RETRY_AFTER
    except ValueError:
        return False
