"""Streams of chat and completion: chunks arrive while the text is generated, from the first to the last."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from statistics import median
from typing import Any

from polargrid_contract.cache import cached
from polargrid_contract.checks.latency import ROUNDS, measure_latency, require_resolution
from polargrid_contract.checks.requests import TEXT_OPERATIONS, send
from polargrid_contract.checks.stream_requests import build_body, list_operations
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.readers.event_stream import Stream
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation

_MIN_GENERATION_SECONDS = 0.15  # a faster response may arrive at once
_MIN_CHUNKS = 12  # fewer chunks show no distribution
_BURST_SHARE = 0.9
_MIN_BURST_SECONDS = 0.02
_WAITING_SHARE = 0.4  # of the generation, in which nothing arrives
_MIN_WAITING_SECONDS = 0.1
_GAP_FACTOR = 10  # of the median gap
_MAX_TOKENS = 40  # a shorter text shows less
_MANY_TOKENS = 5 * _MAX_TOKENS


@dataclass(frozen=True)
class Measurement:
    """A text in three forms: streamed, plain, and ended after its first token; the delay is the same in all of them."""

    stream: Stream
    plain: Exchange
    first_token: Exchange

    @property
    def generation_seconds(self) -> float:
        """How long the tokens after the first one take."""
        return self.plain.seconds - self.first_token.seconds

    @property
    def times(self) -> list[float]:
        """When each chunk with text arrived."""
        return self.stream.text_times


Rule = Callable[[Measurement], str]
"""Returns how the times of a stream deviate; empty if they do not."""


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


def is_late(first: float, first_token_seconds: float, generation_seconds: float) -> bool:
    """Whether the first chunk came when much of the text could have been there, and not with the first token."""
    is_long = generation_seconds >= _MIN_GENERATION_SECONDS
    return is_long and first - first_token_seconds > max(_MIN_WAITING_SECONDS, _WAITING_SHARE * generation_seconds)


def find_stall(times: Sequence[float], generation_seconds: float) -> float:
    """Return the largest gap between chunks, if it takes a large part of the generation and others do not; else 0."""
    if not is_measurable(times, generation_seconds):
        return 0.0
    gaps = [later - earlier for earlier, later in pairwise(times)]
    limit = max(_MIN_WAITING_SECONDS, _WAITING_SHARE * generation_seconds, _GAP_FACTOR * median(gaps))
    return max(gaps) if max(gaps) > limit else 0.0


@check(
    "stream-incremental",
    on=TEXT_OPERATIONS,
    rationale="A client shows a stream while it is generated; a buffered stream is a slow plain response.",
    reference="API overview, Streaming",
    exclusive=True,
)
def check_incremental(client: ServerClient) -> Iterator[Violation]:
    """Chunks do not all arrive at the end."""

    def describe(it: Measurement) -> str:
        return f"{len(it.times)} chunks {_describe_span(it)}" if is_burst(it.times, it.generation_seconds) else ""

    yield from _judge(client, describe, "chunks over the {:.2f} s that it takes to generate them")


@check(
    "stream-first-chunk",
    on=TEXT_OPERATIONS,
    rationale="A client shows the first words at once; a stream that starts when the whole text is generated is none.",
    reference="API overview, Streaming",
    exclusive=True,
)
def check_first_chunk(client: ServerClient) -> Iterator[Violation]:
    """The first chunk arrives about when a response of one token does, not when the whole text could."""

    def describe(it: Measurement) -> str:
        first, generation = find_first_piece(it.stream), it.generation_seconds
        if first is None or is_burst(it.times, generation) or not is_late(first, it.first_token.seconds, generation):
            return ""  # a burst is a violation of stream-incremental
        return f"the first chunk after {first:.2f} s, one token after {it.first_token.seconds:.2f} s"

    yield from _judge(client, describe, "a first chunk at the beginning of {:.2f} s of generation", min_chunks=1)


@check(
    "stream-steady",
    on=TEXT_OPERATIONS,
    rationale="A reader takes a stream that stands still for one that broke off.",
    reference="API overview, Streaming",
    exclusive=True,
)
def check_steady(client: ServerClient) -> Iterator[Violation]:
    """No gap between chunks takes a large part of the generation while the others are short."""

    def describe(it: Measurement) -> str:
        gap = find_stall(it.times, it.generation_seconds)
        if not gap or is_burst(it.times, it.generation_seconds):
            return ""
        gaps = [later - earlier for earlier, later in pairwise(it.times)]
        return f"a gap of {gap:.2f} s, the median is {median(gaps):.3f} s"

    yield from _judge(client, describe, "chunks at about equal times over {:.2f} s")


def find_first_piece(stream: Stream) -> float | None:
    """Return when the first event with a piece of the response arrived, in seconds; thoughts and calls count."""
    for event in stream.events:
        try:
            choices = json.loads(event.data)["choices"]
        except (ValueError, KeyError, TypeError):
            continue
        if any(_has_piece(choice) for choice in choices or []):
            return event.seconds
    return None


def _has_piece(choice: Mapping[str, Any]) -> bool:
    fields = (choice.get("delta") or {}) if "delta" in choice else choice
    return any(value for name, value in fields.items() if name not in ("role", "index", "finish_reason"))


def _judge(client: ServerClient, rule: Rule, expected: str, min_chunks: int = _MIN_CHUNKS) -> Iterator[Violation]:
    """Apply the rule to the streams; a deviation counts if the latency cannot explain it and every round shows it."""
    measured = 0
    for operation in list_operations(client):
        # Other checks' responses were perhaps sent side by side with others.
        first = cached(client.base, ("timing", operation), partial(_measure, client, operation))
        measured += first.generation_seconds >= _MIN_GENERATION_SECONDS and len(first.times) >= min_chunks
        if not rule(first):
            continue
        rounds = cached(client.base, ("timing again", operation), partial(_measure_again, client, operation, first))
        last = rounds[-1]
        if not all(map(rule, rounds)):
            continue
        require_resolution(client, [it.first_token.seconds for it in rounds], _shortest_generation(rounds))
        text = expected.format(last.generation_seconds)
        yield client.violation(last.stream.exchange, expected=text, actual=rule(last))
    if not measured:
        reason = f"texts that take under {_MIN_GENERATION_SECONDS} s or have under {min_chunks} chunks show no timing"
        raise CheckSkipped(reason)


def _measure_again(client: ServerClient, operation: str, first: Measurement) -> list[Measurement]:
    """Measure until there are several rounds; with a longer text, which shows more, if the latency hides this one."""
    rounds = [first]
    if first.generation_seconds < measure_latency(client).resolution:
        rounds = [_measure(client, operation, max_tokens=_MANY_TOKENS)]
    tokens = rounds[0].plain.request["max_tokens"]
    return rounds + [_measure(client, operation, max_tokens=tokens) for _ in range(ROUNDS - 1)]


def _shortest_generation(rounds: Sequence[Measurement]) -> float:
    return min(it.generation_seconds for it in rounds)


def _measure(client: ServerClient, operation: str, max_tokens: int = _MAX_TOKENS) -> Measurement:
    def request(**fields: Any) -> Exchange:
        fields = {"max_tokens": max_tokens, **fields}
        return send(client, operation, body=build_body(client, operation, **fields))

    plain, first_token, stream = request(), request(max_tokens=1), request(stream=True)
    return Measurement(Stream(stream), plain, first_token)


def _describe_span(measurement: Measurement) -> str:
    times = measurement.times
    return f"between {times[0]:.2f} and {times[-1]:.2f} s"
