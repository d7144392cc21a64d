"""Streams of chat and completion: chunks arrive while the text is generated, and a disconnect ends the generation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from polargrid_contract.checks.requests import TEXT_OPERATIONS
from polargrid_contract.checks.stream_requests import build_body, list_operations, send_cached
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.readers.event_stream import Stream
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation

_MIN_GENERATION_SECONDS = 0.15  # a faster response may arrive at once
_MIN_CHUNKS = 12  # fewer chunks show no distribution
_BURST_SHARE = 0.9
_MIN_BURST_SECONDS = 0.02
_DISCONNECTS = 6
_DISCONNECT_SECONDS = 10.0  # in addition to five times the duration of a normal response
_LONG_PROMPT = "Write a story of five thousand words about a lighthouse and all the ships that pass it. Do not stop."


def is_measurable(times: Sequence[float], generation_seconds: float) -> bool:
    """Whether arrival times can show that a stream is buffered."""
    return generation_seconds >= _MIN_GENERATION_SECONDS and len(times) >= _MIN_CHUNKS


def is_burst(times: Sequence[float], generation_seconds: float) -> bool:
    """Whether nearly all chunks arrived together, though generating them took `generation_seconds`."""
    if not is_measurable(times, generation_seconds):
        return False
    window = max(_MIN_BURST_SECONDS, 0.05 * generation_seconds)
    count = int(_BURST_SHARE * len(times))
    return any(times[start + count - 1] - times[start] <= window for start in range(len(times) - count + 1))


@check(
    "stream-incremental",
    on=TEXT_OPERATIONS,
    rationale="A client shows a stream while it is generated; a buffered stream is a slow plain response.",
    reference="API overview, Streaming",
)
def check_incremental(client: ServerClient) -> Iterator[Violation]:
    """Chunks do not all arrive at the end."""
    measured = 0
    for operation in list_operations(client):
        stream, plain = Stream(send_cached(client, operation, stream=True)), send_cached(client, operation)
        measured += is_measurable(stream.text_times, plain.seconds)
        if not _is_buffered(client, stream, plain):
            continue
        # One measurement is no evidence on a busy machine.
        plain = client.send(operation, build_body(client, operation))
        stream = Stream(client.send(operation, build_body(client, operation, stream=True)))
        if _is_buffered(client, stream, plain):
            times = stream.text_times
            expected = f"chunks over the {plain.seconds:.2f} s that it takes to generate them"
            actual = f"{len(times)} chunks between {times[0]:.2f} and {times[-1]:.2f} s"
            yield client.violation(stream.exchange, expected=expected, actual=actual)
    if not measured:
        raise CheckSkipped(f"responses in under {_MIN_GENERATION_SECONDS} s or {_MIN_CHUNKS} chunks show no timing")


@check(
    "stream-cancelled-on-disconnect",
    on=("chat_completion",),
    rationale="A client that disconnects frees its slot; otherwise a few closed windows block all other clients.",
    reference="API overview, Streaming",
)
def check_disconnect(client: ServerClient) -> Iterator[Violation]:
    """After several disconnects the next request gets a response in time."""
    operation = "chat_completion"
    client.require(send_cached(client, operation))
    short = build_body(client, operation, max_tokens=1)
    normal = client.send(operation, short).seconds
    limit = _DISCONNECT_SECONDS + 5 * normal
    body = build_body(client, operation, _LONG_PROMPT, max_tokens=2048, stream=True)
    if client.send(operation, body, stop_after=_has_data).status != 200:
        body["max_tokens"] = 256  # the context of the model is small
    started = client.clock.monotonic()
    for count in range(1, _DISCONNECTS):
        exchange = client.send(operation, body, stop_after=_has_data)
        elapsed = client.clock.monotonic() - started
        if exchange.status == 429 or elapsed > limit:
            expected = f"a free slot after {count} disconnects, within {limit:.1f} s"
            actual = f"status {exchange.status} after {elapsed:.1f} s"
            yield client.violation(exchange, expected=expected, actual=actual)
            return
    after = client.send(operation, short)
    if after.status != 200 or after.seconds > limit:
        expected = f"a response within {limit:.1f} s ({normal:.1f} s before) after {_DISCONNECTS} disconnects"
        actual = f"status {after.status} after {after.seconds:.1f} s"
        yield client.violation(after, expected=expected, actual=actual)


def _is_buffered(client: ServerClient, stream: Stream, plain: Exchange) -> bool:
    if not is_burst(stream.text_times, plain.seconds):
        return False
    # The time until the first token is not spent on generating chunks.
    first_token = client.send(plain.operation, build_body(client, plain.operation, max_tokens=1)).seconds
    return is_burst(stream.text_times, plain.seconds - first_token)


def _has_data(body: bytes) -> bool:
    return len(body) > 0
