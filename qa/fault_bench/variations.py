"""Legal variations of a server: a check that fails for one of them is a false alarm."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from qa.fault_bench.faults.lifecycle import add_gpu
from qa.fault_bench.faults.seeded import TEXT_OPERATIONS, change_json
from qa.fault_bench.messages import Change, Chunk, Forward, Request, Response

_MAX_DELAY = 0.15  # seconds


@dataclass(frozen=True)
class Variation:
    """What a server may do but need not; `timed` if it is about arrival times."""

    id: str
    description: str
    on: tuple[str, ...]
    apply: Change
    timed: bool = False


VARIATIONS: dict[str, Variation] = {}


def variation(
    name: str, description: str, *, on: tuple[str, ...] = TEXT_OPERATIONS, timed: bool = False
) -> Callable[[Change], Change]:
    """Register a change as a legal variation."""

    def register(change: Change) -> Change:
        VARIATIONS[name] = Variation(name, description, on, change, timed)
        return change

    return register


def _change_streams(change: Callable[[Response], Response]) -> Change:
    def apply(request: Request, forward: Forward) -> Response:
        response = forward(request)
        return change(response) if response.is_stream else response

    return apply


def _change_encoding(dump: Callable[[Any], str]) -> Change:
    """Encode every JSON object in another way: in responses, errors and events."""

    def apply(request: Request, forward: Forward) -> Response:
        response = forward(request)
        if response.is_stream:
            return response.with_events((seconds, _encode_event(event, dump)) for seconds, event in response.events)
        is_object = isinstance(response.json, dict)
        return response.with_body(dump(response.json).encode()) if is_object else response

    return apply


def _encode_event(event: bytes, dump: Callable[[Any], str]) -> bytes:
    try:
        parsed = json.loads(event.removeprefix(b"data: "))
    except ValueError:
        return event
    return b"\n".join(b"data: " + line for line in dump(parsed).encode().split(b"\n"))


def _add_comments(events: list[Chunk]) -> Iterator[Chunk]:
    for seconds, event in events:
        yield seconds, b": keep-alive"
        yield seconds, b": a comment\n" + event


def _add_names(events: list[Chunk]) -> Iterator[Chunk]:
    for position, (seconds, event) in enumerate(events):
        yield seconds, b"event: message\nid: %d\nretry: 3000\n" % position + event


def _split_chunks(response: Response, sizes: Iterator[int]) -> Response:
    chunks = []
    for seconds, data in response.chunks:
        offset = 0
        while offset < len(data):
            size = next(sizes)
            chunks.append((seconds, data[offset : offset + size]))
            offset += size
    return replace(response, chunks=tuple(chunks))


def _single_bytes() -> Iterator[int]:
    while True:
        yield 1


def _random_sizes() -> Iterator[int]:
    generator = random.Random(7)  # noqa: S311 - not for security
    while True:
        yield generator.randint(2, 37)


def _join_chunks(response: Response) -> Response:
    """Send four events at the time of the last of them."""
    groups = [response.chunks[start : start + 4] for start in range(0, len(response.chunks), 4)]
    return replace(response, chunks=tuple((group[-1][0], b"".join(data for _, data in group)) for group in groups))


def _reverse_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reverse_keys(value[name]) for name in reversed(value)}
    return [_reverse_keys(item) for item in value] if isinstance(value, list) else value


def _escape_characters(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True).replace("/", "\\/")


def _add_fields(_: Request, body: Any) -> None:
    if isinstance(body, dict):
        body |= {"x_new_field": {"is": ["unknown"]}, "system_fingerprint": "fp_1"}
    for choice in body.get("choices", []):
        choice["x_score"] = 0.5


def _reverse_lists(_: Request, body: Any) -> None:
    for name in ("data", "loaded", "unloaded_models", "models_unloaded", "choices"):
        if name in body:
            body[name] = body[name][::-1]


def _use_crlf(response: Response) -> Response:
    chunks = tuple((seconds, data.replace(b"\n", b"\r\n")) for seconds, data in response.chunks)
    return replace(response, chunks=chunks)


def _omit_space(response: Response) -> Response:
    return response.with_events((seconds, event.replace(b"data: ", b"data:", 1)) for seconds, event in response.events)


_LISTS = ("list_models", "get_model_status", "unload_all_models", "purge_gpu")
_OBJECTS = ("list_models", "health", "get_model_status", "load_model")

variation("D01", "Lines of streams end with CR LF.")(_change_streams(_use_crlf))
variation("D02", "Streams have comments and keep-alives.")(
    _change_streams(lambda response: response.with_events(_add_comments(response.events)))
)
variation("D03", "Events have names and ids.")(
    _change_streams(lambda response: response.with_events(_add_names(response.events)))
)
variation("D04", "No space follows `data:`.")(_change_streams(_omit_space))
variation("D05", "Streams are split into chunks of random sizes.", timed=True)(
    _change_streams(lambda response: _split_chunks(response, _random_sizes()))
)
variation("D06", "Streams arrive byte by byte.", timed=True)(
    _change_streams(lambda response: _split_chunks(response, _single_bytes()))
)
variation("D07", "Several events are in one packet.", timed=True)(_change_streams(_join_chunks))
variation("D08", "JSON has white space.", on=(*TEXT_OPERATIONS, "list_models"))(
    _change_encoding(lambda value: f" {json.dumps(value, indent=2)}\n")
)
variation("D09", "Keys of JSON are in reversed order.", on=(*TEXT_OPERATIONS, "health"))(
    _change_encoding(lambda value: json.dumps(_reverse_keys(value)))
)
variation("D10", "Characters of JSON are escaped.", on=(*TEXT_OPERATIONS, "list_models"))(
    _change_encoding(_escape_characters)
)
variation("D12", "Lists are in reversed order.", on=("list_models", "get_model_status"))(
    change_json((*TEXT_OPERATIONS, *_LISTS), _reverse_lists)
)
variation("D15", "Responses have unknown fields.", on=(*TEXT_OPERATIONS, "list_models", "health"))(
    change_json((*TEXT_OPERATIONS, *_OBJECTS), _add_fields)
)
variation("D16", "The edge has a GPU.", on=("get_gpu_status", "get_gpu_memory", "purge_gpu"))(add_gpu)


@variation("D11", "Header names are in capitals, and there are further headers.", on=(*TEXT_OPERATIONS, "health"))
def add_headers(request: Request, forward: Forward) -> Response:
    response = forward(request)
    more = (("Server", "another"), ("X-Cache", "MISS"), ("Vary", "Accept-Encoding"), ("Vary", "Origin"))
    return replace(response, headers=(*((name.title(), value) for name, value in response.headers), *more))


@variation("D13", "Responses are delayed by up to 150 ms.", timed=True)
def delay(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if not (response.is_stream or request.operation in TEXT_OPERATIONS):
        return response
    generator, previous, chunks = random.Random(request.number), 0.0, []  # noqa: S311 - not for security
    # A delayed packet also delays those after it.
    for seconds, data in response.chunks:
        added = generator.random() * _MAX_DELAY if generator.random() < 0.2 else 0
        previous = max(previous, seconds + added)
        chunks.append((previous, data))
    if not response.is_stream and generator.random() < 0.2:
        time.sleep(generator.random() * _MAX_DELAY)
    return replace(response, chunks=tuple(chunks))


@variation("D14", "Responses are chunked instead of having a length.", on=(*TEXT_OPERATIONS, "list_models"))
def use_chunked_encoding(request: Request, forward: Forward) -> Response:
    response = forward(request)
    return replace(response.with_header("content-length", None), chunked=True)
