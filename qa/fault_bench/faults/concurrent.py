"""Faults that only several requests at a time show: each has a state that requests share."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from qa.fault_bench.faults.seeded import CHAT, READING_OPERATIONS, TEXT_OPERATIONS, encode_event, fault, parse_event
from qa.fault_bench.messages import Chunk, Forward, Request, Response, Traffic, build_error

_EMBEDDINGS = ("create_embedding",)
_WAIT_SECONDS = 0.5
_MANY = 4


class _Exchange:
    """Where two requests that are active at the same time meet, and each gets what the other brought."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[str, list[Any]] = {}

    def swap(self, place: str, item: Any, is_expected: Callable[[], bool]) -> Any:
        """Return the item of another request; that of this one if no other comes while one is expected."""
        with self._changed:
            waiting = self._waiting.pop(place, None)
            if waiting is not None:
                waiting.append(item)
                self._changed.notify_all()
                return waiting[0]
            if not is_expected():
                return item
            mine = self._waiting[place] = [item]
            self._changed.wait_for(lambda: len(mine) == 2, _WAIT_SECONDS)
            if len(mine) == 2:
                return mine[1]
            self._waiting.pop(place, None)
            return item


_responses, _requests, _deltas, _usage = _Exchange(), _Exchange(), _Exchange(), _Exchange()


def _is_concurrent(request: Request, on: tuple[str, ...] = TEXT_OPERATIONS, least: int = 2) -> bool:
    return request.operation in on and request.traffic.active(*on) >= least


def _place(request: Request) -> str:
    return f"{request.operation} {request.is_stream}"


def _swap_bodies(request: Request, forward: Forward, on: tuple[str, ...]) -> Response:
    response = forward(request)
    if request.operation not in on or not response.is_success or response.is_stream:
        return response
    body = response.body
    others = lambda: request.traffic.active(*on) >= 2  # noqa: E731
    return response.with_body(_responses.swap(_place(request), body, others))


@fault("C01", "concurrency", "Two concurrent requests get each other's response.", on=TEXT_OPERATIONS)
def swap_responses(request: Request, forward: Forward) -> Response:
    return _swap_bodies(request, forward, TEXT_OPERATIONS)


@fault("C02", "concurrency", "Two concurrent streams get each other's chunks.", on=TEXT_OPERATIONS)
def swap_streams(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if request.operation not in TEXT_OPERATIONS or not response.is_stream:
        return response
    chunks = tuple(response.chunks)
    others = lambda: request.traffic.active(*TEXT_OPERATIONS) >= 2  # noqa: E731
    return replace(response, chunks=_responses.swap(_place(request), chunks, others))


@fault("C03", "concurrency", "Concurrent responses have the same id.", on=TEXT_OPERATIONS)
def reuse_ids(request: Request, forward: Forward) -> Response:
    """The id is a counter that concurrent requests read before one of them increases it."""
    is_concurrent = _is_concurrent(request)
    response = forward(request)
    if not is_concurrent or not response.is_success:
        return response
    if response.is_stream:
        return response.with_events((seconds, _with_id(event)) for seconds, event in response.events)
    return response.with_json({**response.json, "id": "chatcmpl-17"})


def _with_id(event: bytes) -> bytes:
    chunk = parse_event(event)
    return event if chunk is None else encode_event({**chunk, "id": "chatcmpl-17"})


def _end_streams(
    request: Request, forward: Forward, *, left: Callable[[Traffic], int], end: Callable[[Chunk], bytes] = lambda _: b""
) -> Response:
    """End a stream when the count of clients that left grows; `end` are the last bytes, after this chunk."""
    response, before = forward(request), left(request.traffic)

    def cut(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        last = (0.0, b"")
        for chunk in chunks:
            if left(request.traffic) > before:
                yield last[0], end(last)
                return
            yield (last := chunk)

    return response.with_live_chunks(cut) if response.is_stream else response


def _complete(chunk: Chunk) -> bytes:
    """What ends a text, behind this chunk."""
    parsed = next((it for it in map(parse_event, chunk[1].split(b"\n\n")) if it and it.get("choices")), {})
    parsed["choices"] = [{"index": 0, "delta": {}, "finish_reason": "stop"}]
    return encode_event(parsed) + b"\n\ndata: [DONE]\n\n"


@fault("C04", "concurrency", "A client that leaves ends the stream of another one.", on=CHAT, timed=True)
def end_other_streams(request: Request, forward: Forward) -> Response:
    return _end_streams(request, forward, left=lambda traffic: traffic.disconnects)


@fault(
    "C16", "concurrency", "A client that leaves before its response ends the streams of others.", on=CHAT, timed=True
)
def end_streams_on_plain(request: Request, forward: Forward) -> Response:
    return _end_streams(request, forward, left=lambda traffic: traffic.left["plain"])


@fault("C17", "concurrency", "An aborted upload ends the streams of others.", on=CHAT, timed=True)
def end_streams_on_upload(request: Request, forward: Forward) -> Response:
    return _end_streams(request, forward, left=lambda traffic: traffic.left["request"])


@fault("C18", "concurrency", "A client that leaves ends other streams as if they were complete.", on=CHAT, timed=True)
def complete_other_streams(request: Request, forward: Forward) -> Response:
    return _end_streams(request, forward, left=lambda traffic: traffic.disconnects, end=_complete)


@fault("C05", "concurrency", "One of several concurrent requests gets 500.", on=TEXT_OPERATIONS)
def fail_under_load(request: Request, forward: Forward) -> Response:
    is_failed = _is_concurrent(request, least=_MANY) and request.number % 5 == 0
    return build_error(500, "server_error") if is_failed else forward(request)


@fault("C06", "concurrency", "Two concurrent requests get each other's usage.", on=TEXT_OPERATIONS)
def swap_usage(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if request.operation not in TEXT_OPERATIONS or not response.is_success or response.is_stream:
        return response
    body = response.json
    others = lambda: request.traffic.active(*TEXT_OPERATIONS) >= 2  # noqa: E731
    usage = _usage.swap(_place(request), body.get("usage"), others)
    return response.with_json({**body, "usage": usage})


@fault("C07", "concurrency", "A request without a key is accepted beside one with a key.", on=READING_OPERATIONS)
def share_authentication(request: Request, forward: Forward) -> Response:
    return forward(request.with_key() if request.traffic.active() >= _MANY else request)


@fault("C08", "concurrency", "Two concurrent requests get each other's embedding.", on=_EMBEDDINGS)
def swap_embeddings(request: Request, forward: Forward) -> Response:
    return _swap_bodies(request, forward, _EMBEDDINGS)


@fault("C09", "concurrency", "Concurrent responses have the same request id.", on=READING_OPERATIONS)
def reuse_request_ids(request: Request, forward: Forward) -> Response:
    is_concurrent = request.traffic.active() >= 2
    response = forward(request)
    return response.with_header("x-request-id", "req_00000017") if is_concurrent else response


@fault("C10", "concurrency", "Two concurrent requests are processed with each other's max_tokens.", on=TEXT_OPERATIONS)
def swap_max_tokens(request: Request, forward: Forward) -> Response:
    value = request.json.get("max_tokens")
    if request.operation not in TEXT_OPERATIONS or not isinstance(value, int):
        return forward(request)
    others = lambda: request.traffic.active(*TEXT_OPERATIONS) >= 2  # noqa: E731
    return forward(request.with_fields(max_tokens=_requests.swap("max_tokens", value, others)))


@fault("C11", "concurrency", "The tool calls of concurrent responses have the same id.", on=CHAT)
def reuse_call_ids(request: Request, forward: Forward) -> Response:
    is_concurrent = _is_concurrent(request, CHAT)
    response = forward(request)
    if not is_concurrent or response.is_stream or not response.is_success or not isinstance(response.json, dict):
        return response
    body = response.json
    for choice in body.get("choices", []):
        for call in choice["message"].get("tool_calls") or []:
            call["id"] = "call_17"
    return response.with_json(body)


@fault("C12", "concurrency", "Under load some responses are 429 without Retry-After.", on=TEXT_OPERATIONS)
def omit_retry_after_under_load(request: Request, forward: Forward) -> Response:
    is_limited = _is_concurrent(request, least=_MANY) and request.number % 3 == 0
    return build_error(429, "rate_limit_error") if is_limited else forward(request)


@fault("C13", "concurrency", "Two concurrent streams mix a delta.", on=CHAT)
def mix_deltas(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if request.operation not in CHAT or not response.is_stream:
        return response
    events = response.events
    texts = [n for n, (_, event) in enumerate(events) if b'"content": "' in event or b'"content":"' in event][1:2]
    if not texts:
        return response
    position = texts[0]
    seconds, event = events[position]
    chunk = parse_event(event) or {}
    others = lambda: request.traffic.active(*CHAT) >= 2  # noqa: E731
    choices = _deltas.swap("delta", json.dumps(chunk.get("choices")), others)
    events[position] = seconds, encode_event({**chunk, "choices": json.loads(choices)})
    return response.with_events(events)


_left: dict[str, bytes] = {}


def _deliver_abandoned(request: Request, forward: Forward, operation: str) -> Response:
    if request.operation != operation or request.is_stream:
        return forward(request)
    abandoned = _left.pop(operation, None)
    try:
        response = forward(request)
        body = response.body
    except ConnectionError:  # the client has left
        response = forward(replace(request, detached=True))
        _left[operation] = response.body
        raise
    return response.with_body(abandoned if abandoned and response.is_success else body)


@fault("C14", "concurrency", "The response that a client did not wait for goes to the next one.", on=CHAT, timed=True)
def deliver_abandoned_response(request: Request, forward: Forward) -> Response:
    return _deliver_abandoned(request, forward, "chat_completion")


@fault("C19", "concurrency", "Vectors that a client did not wait for go to the next one.", on=_EMBEDDINGS, timed=True)
def deliver_abandoned_vectors(request: Request, forward: Forward) -> Response:
    return _deliver_abandoned(request, forward, "create_embedding")


@fault("C20", "concurrency", "A transcript that a client left goes to the next one.", on=("transcribe",), timed=True)
def deliver_abandoned_transcript(request: Request, forward: Forward) -> Response:
    return _deliver_abandoned(request, forward, "transcribe")


@fault("C15", "concurrency", "Under load the end of some streams is missing.", on=TEXT_OPERATIONS)
def cut_streams_under_load(request: Request, forward: Forward) -> Response:
    is_cut = _is_concurrent(request, least=_MANY)
    response = forward(request)
    return response.with_events(response.events[:-2]) if is_cut and response.is_stream else response
