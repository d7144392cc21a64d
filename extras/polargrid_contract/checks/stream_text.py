"""Streams of chat and completion: text and usage equal the plain response to the same request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from polargrid_contract.checks.requests import TEXT_OPERATIONS, read_choices, text_of
from polargrid_contract.checks.shapes import get_field, read_field
from polargrid_contract.checks.stream_requests import (
    WITH_USAGE,
    build_body,
    iter_sample_streams,
    iter_streams,
    list_operations,
    send_cached,
)
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.readers.event_stream import Stream
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation

_EMOJI_PROMPT = "🦊🚀🌍 é 日 🦊🚀🌍 é 日 🦊🚀🌍 é 日 🦊"
_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")


@check(
    "stream-same-text",
    on=TEXT_OPERATIONS,
    rationale="The joined deltas equal the plain text: none is lost, repeated or out of order.",
    reference="API overview, Streaming",
)
def check_text(client: ServerClient) -> Iterator[Violation]:
    """The text is the same with and without usage; a server of the openai profile is free to ignore the seed."""
    is_free = client.target.profile == "openai"
    for stream in [*iter_streams(client), *iter_streams(client, stream_options=WITH_USAGE)]:
        operation = stream.exchange.operation
        plain = _plain_text(send_cached(client, operation))
        if stream.exchange.status != 200 or stream.text() == plain:
            continue
        repeated = _repeat(client, operation)
        if repeated and repeated[0] != repeated[1]:
            expected = f"the plain text {repeated[0]!r}"
            yield client.violation(stream.exchange, expected=expected, actual=repr(stream.text()), warning=is_free)


@check(
    "stream-stop-sequence",
    on=TEXT_OPERATIONS,
    rationale="A stream ends before the stop sequence, with finish_reason `stop`.",
    reference="openapi.yaml, ChatCompletionRequest.stop and CompletionRequest.stop",
)
def check_stop(client: ServerClient) -> Iterator[Violation]:
    """A word of the plain text as stop sequence ends the stream."""
    compared = 0
    for operation in list_operations(client):
        text = _plain_text(send_cached(client, operation))
        words = [word for word in text.split() if word.isalpha() and len(word) > 3 and text.index(word) > 0]
        if not words:
            continue
        compared += 1
        stop = words[len(words) // 3]
        stream = Stream(send_cached(client, operation, stop=[stop], stream=True))
        is_same = stream.text().strip() == text[: text.index(stop)].strip() or client.target.profile == "polargrid"
        if stop in stream.text() or (is_same and stream.finish_reasons() != ["stop"]):
            expected = f"finish_reason stop, before {stop!r} in {text!r}"
            actual = f"{stream.finish_reasons()}: {stream.text()!r}"
            yield client.violation(stream.exchange, expected=expected, actual=actual)
    if not compared:
        raise CheckSkipped("the generated texts have no words to use as a stop sequence")


@check(
    "stream-whole-characters",
    on=TEXT_OPERATIONS,
    rationale="A client cannot show a character that is split between deltas.",
    reference="OpenAI API, Streaming",
)
def check_characters(client: ServerClient) -> Iterator[Violation]:
    """A character of several tokens is in one delta."""
    for stream in iter_streams(client, _EMOJI_PROMPT, max_tokens=24):
        plain = send_cached(client, stream.exchange.operation, _EMOJI_PROMPT, max_tokens=24)
        text = _plain_text(plain)
        invalid = [delta for delta in stream.deltas() if "\ufffd" in delta or _has_surrogate(delta)]
        if invalid and "\ufffd" not in text:
            expected = f"the characters of {text!r}"
            yield client.violation(stream.exchange, expected=expected, actual=ascii(invalid[0]))


@check(
    "stream-usage-requested",
    on=TEXT_OPERATIONS,
    rationale="With include_usage the last chunk, without choices, has the billed tokens.",
    reference="OpenAI API, stream_options.include_usage",
)
def check_usage(client: ServerClient) -> Iterator[Violation]:
    """The usage is in the last chunk only, adds up, and equals the plain response's."""
    for stream in iter_streams(client, stream_options=WITH_USAGE):
        if stream.exchange.status != 200 or not stream.chunks:
            continue
        last = stream.chunks[-1]
        if stream.usage_chunks != [last] or last.get("choices") != []:
            expected = "usage in one chunk, the last, with empty choices"
            actual = f"usage in {len(stream.usage_chunks)} of {len(stream.chunks)} chunks; the last is {last}"
            yield client.violation(stream.exchange, expected=expected, actual=actual[:400])
        for chunk in stream.usage_chunks[-1:]:
            yield from _check_counts(client, stream, get_field(stream.exchange, chunk, "usage", kind=dict))


@check(
    "stream-usage-not-requested",
    on=TEXT_OPERATIONS,
    rationale="A client that does not request the usage does not expect a chunk without choices.",
    reference="OpenAI API, stream_options.include_usage",
)
def check_no_usage(client: ServerClient) -> Iterator[Violation]:
    """Without stream_options no chunk has a usage."""
    for stream in iter_sample_streams(client):
        if "stream_options" not in stream.exchange.request and stream.usage_chunks:
            yield client.violation(stream.exchange, expected="no usage", actual=str(stream.usage_chunks[0])[:300])


def _check_counts(client: ServerClient, stream: Stream, usage: dict[str, Any]) -> Iterator[Violation]:
    exchange = send_cached(client, stream.exchange.operation)
    prompt, completion, total = (get_field(stream.exchange, usage, name, kind=int) for name in _COUNTS)
    if total != prompt + completion:
        yield client.violation(stream.exchange, expected="a usage that adds up", actual=str(usage))
    plain_usage = read_field(exchange, "usage", kind=dict)
    plain = {name: plain_usage.get(name) for name in _COUNTS}
    same_text = stream.text() == _plain_text(exchange)
    if same_text and plain != {name: usage.get(name) for name in _COUNTS}:
        expected = f"{plain}, as in the plain response"
        yield client.violation(stream.exchange, expected=expected, actual=str(usage))


def _plain_text(exchange: Exchange) -> str:
    choices = read_choices(exchange)
    return text_of(choices[0] if choices else read_field(exchange, "choices", 0))


def _repeat(client: ServerClient, operation: str) -> tuple[str, str] | None:
    """Request plain and streamed text again; return None if the plain text is not reproducible."""
    first = _plain_text(send_cached(client, operation))
    plain = _plain_text(client.send(operation, build_body(client, operation)))
    streamed = Stream(client.send(operation, build_body(client, operation, stream=True))).text()
    return (plain, streamed) if plain == first else None


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
