"""Requests that the stream checks share: deterministic texts, plain and streamed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from polargrid_contract.cache import cached
from polargrid_contract.checks.requests import (
    TEXT_OPERATIONS,
    build_minimal_request,
    is_missing,
    prompt_fields,
    select,
    send,
    stream_request,
)
from polargrid_contract.client import OperationMissing, ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.operations import EventStreamContent
from polargrid_contract.readers.event_stream import Stream, read_last_data
from polargrid_contract.registry import has_stream

MAX_TOKENS = 14
SHORT_MAX_TOKENS = 6
WITH_USAGE = {"include_usage": True}
_PROMPTS = {
    "chat_completion": "Write the first ten sentences of a story about a lighthouse.",
    "completion": "One, two, three, four, five, six,",
}


def build_body(client: ServerClient, operation: str, prompt: str = "", **fields: Any) -> dict[str, Any]:
    """Build a request for a text that is the same each time."""
    return {
        "model": client.model("chat"),
        **prompt_fields(client, operation, prompt or _PROMPTS[operation]),
        "max_tokens": MAX_TOKENS,
        "temperature": 0,
        "seed": 7,
        **fields,
    }


def send_cached(client: ServerClient, operation: str, prompt: str = "", **fields: Any) -> Exchange:
    """Send such a request; an equal request is sent only once."""
    body = build_body(client, operation, prompt, **fields)
    name = (operation, json.dumps(body, sort_keys=True))
    return cached(client.base, name, lambda: client.require(send(client, operation, body=body)))


def list_operations(client: ServerClient) -> list[str]:
    """Return the text operations that the client sees. Raises OperationMissing if the server has none of them."""
    supported, reasons = [], []
    for operation in [it.name for it in client.profile_operations if it.name in TEXT_OPERATIONS]:
        try:
            send_cached(client, operation)
            supported.append(operation)
        except OperationMissing as reason:
            reasons.append(reason)
    if reasons and not supported:
        raise reasons[0]
    return supported


def iter_declared_streams(client: ServerClient) -> Iterator[tuple[Stream, EventStreamContent]]:
    """Yield streams of every operation that has them, with their declaration.

    For the text operations these are several; for others it is the response to the shortest right request.
    """
    for operation in select(client, has_stream):
        declared = operation.event_streams[0]
        last = read_last_data(declared.rules)
        if operation.name in TEXT_OPERATIONS:
            samples = (it.exchange for it in iter_sample_streams(client) if it.exchange.operation == operation.name)
            yield from ((Stream(exchange, last), declared) for exchange in samples)
        elif (request := stream_request(operation, build_minimal_request(client, operation))) is not None:
            name = ("stream", operation.name)
            exchange = cached(client.base, name, partial(send, client, operation.name, **request))
            if not is_missing(client, exchange):
                yield Stream(exchange, last), declared


def iter_streams(client: ServerClient, prompt: str = "", **fields: Any) -> Iterator[Stream]:
    """Yield the streamed response of each text operation."""
    for operation in list_operations(client):
        yield Stream(send_cached(client, operation, prompt, stream=True, **fields))


def iter_sample_streams(client: ServerClient) -> Iterator[Stream]:
    """Yield the streams that most checks read: without and with usage, and with two choices."""
    yield from iter_streams(client)
    yield from iter_streams(client, stream_options=WITH_USAGE)
    yield from list_two_choices(client)


def iter_two_choices(client: ServerClient) -> Iterator[Stream]:
    """Yield short streams of two choices. Raises OperationMissing if a server of the openai profile rejects n = 2."""
    for stream in iter_streams(client, n=2, max_tokens=SHORT_MAX_TOKENS):
        if client.target.profile == "openai" and stream.exchange.status in {400, 422, 501}:
            raise OperationMissing(f"n = 2 gets status {stream.exchange.status}")
        yield stream


def list_two_choices(client: ServerClient) -> list[Stream]:
    """Like `iter_two_choices`, but empty if the server rejects n = 2."""
    try:
        return list(iter_two_choices(client))
    except OperationMissing:
        return []
