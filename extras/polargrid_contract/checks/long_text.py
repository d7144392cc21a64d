"""A text that takes so long that it shows who waits for it, and a short one to compare with."""

from __future__ import annotations

from typing import Any, NamedTuple

from polargrid_contract.cache import cached
from polargrid_contract.checks.stream_requests import build_body
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.registry import CheckSkipped

OPERATION = "chat_completion"
_PROMPT = "Write a story of five thousand words about a lighthouse and all the ships that pass it. Do not stop."
_PROMPT_TO_CONTINUE = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,"
"""For operations that complete a prompt: models end the continuation of a story much earlier than one of numbers."""
_MAX_TOKENS = 2048
_FEW_TOKENS = 256  # if the context of the model is small
_NORMAL_REQUESTS = 3
_WATCHED_SECONDS = 2.4  # of the long generation: what it takes beyond is not waited for
_MIN_GENERATION_SECONDS = 0.2


class Baseline(NamedTuple):
    """A short response and a long one, before any client leaves."""

    normal_seconds: float
    """Until a text begins, at most, of several."""
    spread_seconds: float
    """How much less it may be."""
    long_seconds: float
    """How much longer it takes, or more: the end of the text is not waited for."""
    body: dict[str, Any]
    """The request for the long text."""


def measure_baseline(client: ServerClient) -> Baseline:
    """Measure both texts; once for each client."""
    return cached(client.base, "long and short text", lambda: _measure_baseline(client))


def _measure_baseline(client: ServerClient) -> Baseline:
    begins = [send_short(client)[1] for _ in range(_NORMAL_REQUESTS)]
    short = min(begins)
    body = build_body(client, OPERATION, _PROMPT, max_tokens=_MAX_TOKENS)
    long = _watch(client, body)
    if long.status != 200:
        body["max_tokens"] = _FEW_TOKENS
        long = _watch(client, body)
    if long.status != 200 or not long.chunks:
        return Baseline(max(begins), max(begins) - short, 0.0, body)
    begins.append(long.chunks[0].seconds)
    return Baseline(max(begins), max(begins) - short, long.seconds - short, body)


def build_long_body(client: ServerClient, operation: str) -> dict[str, Any]:
    """Build a request for a text of any text operation that is as long as the context of its model allows."""
    prompt = _PROMPT if operation == OPERATION else _PROMPT_TO_CONTINUE

    def find_limit() -> int:
        body = build_body(client, operation, prompt, max_tokens=_MAX_TOKENS, stream=True)
        exchange = client.send(operation, body, stop_after=lambda data: b"data:" in data)
        return _MAX_TOKENS if exchange.status == 200 else _FEW_TOKENS

    limit = cached(client.base, ("tokens of a long text", operation), find_limit)
    return build_body(client, operation, prompt, max_tokens=limit)


def require_long(baseline: Baseline, seconds: float = _MIN_GENERATION_SECONDS) -> None:
    """Raise CheckSkipped if nobody could have waited for the text."""
    if baseline.long_seconds < seconds:
        raise CheckSkipped(f"texts that are generated in under {seconds:g} s keep no client waiting")


def _watch(client: ServerClient, body: dict[str, Any]) -> Exchange:
    """Read a stream for a few seconds."""
    started: list[float] = []

    def is_long(data: bytes) -> bool:
        if data and not started:
            started.append(client.clock.monotonic())
        return bool(started) and client.clock.monotonic() - started[0] > _WATCHED_SECONDS

    return client.send(OPERATION, {**body, "stream": True}, stop_after=is_long)


def send_short(client: ServerClient) -> tuple[Exchange, float]:
    """Request a text of one token; return when it was complete as well."""
    exchange = client.send(OPERATION, build_body(client, OPERATION, max_tokens=1))
    return exchange, exchange.seconds
