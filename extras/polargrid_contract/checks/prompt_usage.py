"""Tokens of one prompt: they are the same, however the response is generated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from polargrid_contract.cache import cached
from polargrid_contract.checks.requests import TEXT_OPERATIONS, ask_cached, describe_status, send, text_operations
from polargrid_contract.checks.shapes import get_field
from polargrid_contract.client import OperationMissing, ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.readers.event_stream import Stream
from polargrid_contract.registry import check
from polargrid_contract.results import Violation

_MAX_TOKENS = 5
_STREAM: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}


@check(
    "prompt-tokens-equal",
    on=TEXT_OPERATIONS,
    rationale="A prompt costs the same, streamed or not, for one choice or several, and any length of response.",
    reference="openapi.yaml, TokenUsage; OpenAI API, Chat, n: only generated tokens count for each choice",
)
def check_prompt_tokens(client: ServerClient) -> Iterator[Violation]:
    """A prompt has as many tokens plain, streamed, with n = 2, with another max_tokens and another temperature."""
    for operation in text_operations(client):
        plain = ask_cached(client, operation, max_tokens=_MAX_TOKENS)
        expected = plain.count("prompt_tokens")
        variations: tuple[dict[str, Any], ...] = ({"max_tokens": 1}, {"temperature": 1, "seed": 7}, {"n": 2})
        for fields in variations:
            try:
                other = ask_cached(client, operation, optional=True, **{"max_tokens": _MAX_TOKENS, **fields})
            except OperationMissing:
                continue  # a server of the profile may do without
            count = other.count("prompt_tokens")
            if count != expected:
                yield _report(client, other.exchange, expected, f"prompt_tokens = {count} with {fields}")
        body = {**plain.exchange.request, **_STREAM}
        name = ("streamed usage", operation)
        streamed = cached(client.base, name, lambda: send(client, operation, body=body))  # noqa: B023 - called at once
        chunks = Stream(streamed).usage_chunks
        if not chunks and client.target.profile == "openai":
            continue
        counts = {get_field(streamed, chunk, "usage", "prompt_tokens", kind=int) for chunk in chunks}
        if counts != {expected}:
            actual = f"prompt_tokens = {sorted(counts, key=str)} in the stream" if counts else describe_status(streamed)
            yield _report(client, streamed, expected, actual)


def _report(client: ServerClient, exchange: Exchange, expected: int, actual: str) -> Violation:
    return client.violation(exchange, expected=f"prompt_tokens = {expected}, as in the plain response", actual=actual)
