"""Streams: framing, events and the end of every stream; chunks and choices of chat and completion."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from polargrid_contract.checks.requests import TEXT_OPERATIONS, read_choices, text_of
from polargrid_contract.checks.shapes import read_field
from polargrid_contract.checks.stream_requests import (
    SHORT_MAX_TOKENS,
    build_body,
    iter_declared_streams,
    iter_sample_streams,
    iter_streams,
    iter_two_choices,
    list_operations,
    list_two_choices,
    send_cached,
)
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.extensions.event_streams import check_last
from polargrid_contract.readers.event_stream import Stream
from polargrid_contract.registry import check, has_stream
from polargrid_contract.results import Violation
from polargrid_contract.schemas import find_error, read_event_schema

_OBJECTS = {"chat_completion": ("chat.completion.chunk",), "completion": ("text_completion", "text_completion.chunk")}
_FINISH_REASONS = ("stop", "length", "content_filter", "tool_calls")
_MAX_CLOCK_DIFFERENCE = 86_400  # seconds: tolerates a wrong clock, not a wrong unit


@check(
    "stream-media-type",
    on=has_stream,
    rationale="A client parses events only if the content type declares them.",
    reference="WHATWG HTML, 9.2.5; openapi.yaml, the event streams",
)
def check_media_type(client: ServerClient) -> Iterator[Violation]:
    """A streamed response has the documented type."""
    for stream, declared in iter_declared_streams(client):
        exchange, expected = stream.exchange, f"200 {declared.media_type}"
        actual = f"{exchange.status} {exchange.media_type}"
        if not 200 <= exchange.status < 300 or exchange.media_type != declared.media_type:
            yield client.violation(exchange, expected=expected, actual=actual)


@check(
    "stream-framing",
    on=has_stream,
    rationale="Data that is neither JSON nor the declared end, such as an error in plain text, breaks a parser.",
    reference="WHATWG HTML, 9.2.6; openapi.yaml, the event streams",
)
def check_framing(client: ServerClient) -> Iterator[Violation]:
    """The stream is UTF-8 and consists of events with JSON objects and the declared end."""
    for stream, _ in iter_declared_streams(client):
        exchange = stream.exchange
        try:
            exchange.body.decode()
        except UnicodeDecodeError as error:
            yield client.violation(exchange, expected="UTF-8", actual=str(error))
        for line in stream.invalid_lines[:1]:
            yield client.violation(exchange, expected="fields of server-sent events", actual=repr(line[:200]))
        for data in stream.invalid_data[:1]:
            yield client.violation(exchange, expected="JSON objects and the end as data", actual=repr(data[:200]))
        for event in stream.errors[:1]:
            yield client.violation(exchange, expected="a chunk", actual=f"the error {json.dumps(event)[:200]}")


@check(
    "stream-end",
    on=has_stream,
    rationale="Without the declared end a client cannot distinguish a complete stream from a truncated one.",
    reference="API overview, Streaming; openapi.yaml, x-event-stream",
)
def check_end(client: ServerClient) -> Iterator[Violation]:
    """The last event is the declared one, like [DONE]; no event follows it, and the body is complete."""
    for stream, declared in iter_declared_streams(client):
        if stream.exchange.error:
            yield client.violation(stream.exchange, expected="a complete stream", actual=stream.exchange.error)
            continue
        for error in check_last(declared.rules, stream):
            yield client.violation(stream.exchange, expected="the declared end of the stream", actual=error)


@check(
    "stream-events-documented",
    on=has_stream,
    rationale="A client reads each event as one of the documented types.",
    reference="openapi.yaml, the schemas of the event streams",
)
def check_events(client: ServerClient) -> Iterator[Violation]:
    """There are events, and each is of a documented shape."""
    for stream, declared in iter_declared_streams(client):
        schema = read_event_schema(client.target.document, declared.content.get("schema", True))
        if not stream.chunks and stream.exchange.status == 200:
            yield client.violation(stream.exchange, expected="events", actual="none")
        for chunk in stream.chunks:
            if error := find_error(client.target.document, schema, chunk):
                yield client.violation(stream.exchange, expected="a documented event", actual=error)
                break


@check(
    "stream-role-first",
    on=("chat_completion",),
    rationale="A client builds the message from its first delta, which has the role.",
    reference="OpenAI API, Streaming",
)
def check_role(client: ServerClient) -> Iterator[Violation]:
    """The first delta of each choice has the role assistant."""
    for stream in iter_sample_streams(client):
        if stream.exchange.operation != "chat_completion":
            continue
        for index in stream.indexes:
            delta = stream.choice(index)[0].get("delta")
            if not isinstance(delta, dict) or delta.get("role") != "assistant":
                expected = f"role assistant in the first delta of choice {index}"
                yield client.violation(stream.exchange, expected=expected, actual=json.dumps(delta))


@check(
    "stream-finish-reason",
    on=TEXT_OPERATIONS,
    rationale="The finish_reason in the last chunk of a choice says whether the text is truncated.",
    reference="OpenAI API, Streaming",
)
def check_finish_reason(client: ServerClient) -> Iterator[Violation]:
    """Each choice has one documented finish_reason, in its last chunk."""
    for stream in iter_sample_streams(client):
        expected = "one finish_reason for each choice, in its last chunk"
        if not stream.indexes and stream.exchange.status == 200:
            yield client.violation(stream.exchange, expected=expected, actual="no choices")
        for index in stream.indexes:
            reasons = stream.reasons(index)
            if len(stream.finish_reasons(index)) != 1 or reasons[-1] not in _FINISH_REASONS:
                actual = f"choice {index}: {reasons[-8:]}"
                yield client.violation(stream.exchange, expected=expected, actual=actual)


@check(
    "stream-finish-reason-accurate",
    on=TEXT_OPERATIONS,
    rationale="A wrong finish_reason makes a client keep a truncated text, or request a complete one again.",
    reference="API overview, Streaming",
)
def check_finish_reason_accurate(client: ServerClient) -> Iterator[Violation]:
    """The finish_reason equals that of the plain response; it is `length` if max_tokens truncates the text."""
    for stream in iter_streams(client):
        choice = read_choices(send_cached(client, stream.exchange.operation))[:1]
        reason, text = (choice[0].get("finish_reason"), text_of(choice[0])) if choice else (None, "")
        is_same = client.target.profile == "polargrid" or stream.text() == text  # the seed may have no effect
        if is_same and stream.finish_reasons() and stream.finish_reasons() != [reason]:
            expected = f"{reason}, as in the plain response"
            yield client.violation(stream.exchange, expected=expected, actual=str(stream.finish_reasons()))
    for stream in list_two_choices(client):
        plain = send_cached(client, stream.exchange.operation)
        truncated = read_field(plain, "usage", "completion_tokens", kind=int) > 2 * SHORT_MAX_TOKENS
        indexes = [index for index in stream.indexes if _is_beginning(client, stream.text(index), plain)]
        reasons = [reason for index in indexes for reason in stream.finish_reasons(index)]
        if truncated and set(reasons) - {"length"}:
            expected = f"length, since max_tokens {SHORT_MAX_TOKENS} truncates the text"
            yield client.violation(stream.exchange, expected=expected, actual=str(reasons))


def _is_beginning(client: ServerClient, text: str, plain: Exchange) -> bool:
    """Whether a text begins the plain one; in the openai profile the seed may have no effect, so that it does not."""
    if client.target.profile == "polargrid":
        return True
    return bool(text) and any(text_of(choice).startswith(text) for choice in read_choices(plain)[:1])


@check(
    "stream-identity",
    on=TEXT_OPERATIONS,
    rationale="A client joins chunks with the same id, creation time, model and object.",
    reference="openapi.yaml, ChatCompletionChunk and CompletionChunk",
)
def check_identity(client: ServerClient) -> Iterator[Violation]:
    """The fields are the same in all chunks of a stream, and the id differs between streams."""
    ids: set[str] = set()
    for stream in iter_sample_streams(client):
        for name in ("id", "created", "model", "object"):
            values = {json.dumps(chunk.get(name)) for chunk in stream.chunks}
            if len(values) > 1:
                actual = ", ".join(sorted(values)[:3])
                yield client.violation(stream.exchange, expected=f"the same {name} in all chunks", actual=actual)
        for chunk in stream.chunks[:1]:
            yield from _check_chunk(client, stream, chunk)
            identity = str(chunk.get("id"))
            if identity in ids:
                yield client.violation(stream.exchange, expected="a unique id", actual=f"{identity} again")
            ids.add(identity)


def _check_chunk(client: ServerClient, stream: Stream, chunk: dict[str, Any]) -> Iterator[Violation]:
    operation, exchange = stream.exchange.operation, stream.exchange
    is_openai = client.target.profile == "openai"
    model = read_field(send_cached(client, operation), "model") if is_openai else client.model("chat")
    if chunk.get("object") not in _OBJECTS[operation]:
        yield client.violation(exchange, expected=f"object {_OBJECTS[operation][0]}", actual=str(chunk.get("object")))
    if chunk.get("model") != model:
        yield client.violation(exchange, expected=f"model {model}", actual=str(chunk.get("model")))
    if not isinstance(chunk.get("id"), str) or not chunk["id"]:
        yield client.violation(exchange, expected="an id", actual=str(chunk.get("id")))
    created = chunk.get("created")
    if not isinstance(created, int) or abs(created - time.time()) > _MAX_CLOCK_DIFFERENCE:
        yield client.violation(exchange, expected="created near now, in seconds since 1970", actual=str(created))


@check(
    "stream-choices",
    on=TEXT_OPERATIONS,
    rationale="With n = 2 a client reads two choices, each with its index.",
    reference="openapi.yaml, ChatCompletionRequest.n and CompletionRequest.n",
)
def check_choices(client: ServerClient) -> Iterator[Violation]:
    """The choices 0 and 1 have text."""
    for stream in iter_two_choices(client):
        texts = {index: stream.text(index) for index in stream.indexes}
        if sorted(texts) != [0, 1] or not all(texts.values()):
            expected = "text for the choices 0 and 1"
            yield client.violation(stream.exchange, expected=expected, actual=str(texts)[:300])


@check(
    "stream-errors-before-start",
    on=TEXT_OPERATIONS,
    rationale="A request that is rejected before its stream starts gets an error status; in a 200 it is easily missed.",
    reference="openapi.yaml, responses",
)
def check_errors_before_start(client: ServerClient) -> Iterator[Violation]:
    """An unknown model and an invalid field get an error status with JSON."""
    is_openai = client.target.profile == "openai"
    for operation in list_operations(client):
        unknown = ({"model": "no-such-model"}, (404,))
        malformed = ({"temperature": "hot"}, (400, 422) if is_openai else (400,))
        # A server with one model may use it for any name.
        for fields, statuses in (malformed,) if is_openai else (unknown, malformed):
            exchange = client.send(operation, build_body(client, operation, stream=True) | fields)
            if exchange.status not in statuses or not isinstance(exchange.json(), dict):
                expected = f"{statuses[0]} with an error in JSON, for {fields}"
                actual = f"{exchange.status} {exchange.media_type}: {exchange.text[:150]}"
                yield client.violation(exchange, expected=expected, actual=actual)
