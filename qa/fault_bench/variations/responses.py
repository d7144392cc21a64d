"""Legal variations of JSON, of streams, and of the time at which they arrive."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from qa.fault_bench.faults.lifecycle import add_gpu
from qa.fault_bench.faults.seeded import (
    TEXT_OPERATIONS,
    change_json,
    encode_event,
    has_text,
    parse_event,
    set_text,
    text_of,
)
from qa.fault_bench.messages import Change, Chunk, Forward, Request, Response
from qa.fault_bench.variations.registry import variation

_MAX_DELAY = 0.15  # seconds


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
    def split(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        for seconds, data in chunks:
            offset = 0
            while offset < len(data):
                size = next(sizes)
                yield seconds, data[offset : offset + size]
                offset += size

    return response.with_live_chunks(split)


def _single_bytes() -> Iterator[int]:
    while True:
        yield 1


def _random_sizes() -> Iterator[int]:
    generator = random.Random(7)  # noqa: S311 - not for security
    while True:
        yield generator.randint(2, 37)


def _join_chunks(response: Response) -> Response:
    """Send four events at the time of the last of them."""

    def join(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        source = iter(chunks)
        while group := tuple(islice(source, 4)):
            yield group[-1][0], b"".join(data for _, data in group)

    return response.with_live_chunks(join)


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
    generator = random.Random(request.number)  # noqa: S311 - not for security

    def wait(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        for chunk in chunks:
            if generator.random() < 0.2:  # a delayed packet also delays those after it
                time.sleep(generator.random() * _MAX_DELAY)
            yield chunk

    return response.with_live_chunks(wait)


@variation("D14", "Responses are chunked instead of having a length.", on=(*TEXT_OPERATIONS, "list_models"))
def use_chunked_encoding(request: Request, forward: Forward) -> Response:
    response = forward(request)
    return replace(response.with_header("content-length", None), chunked=True)


def _add_empty_deltas(events: list[Chunk]) -> Iterator[Chunk]:
    """Before each text, a chunk without any."""
    for seconds, event in events:
        chunk = parse_event(event)
        if chunk and has_text(event):
            choices = [_without_text(choice) for choice in chunk["choices"]]
            yield seconds, encode_event({**chunk, "choices": choices})
        yield seconds, event


def _without_text(choice: dict[str, Any]) -> dict[str, Any]:
    empty = {"index": choice["index"], "finish_reason": None}
    return {**empty, "delta": {"content": ""}} if "delta" in choice else {**empty, "text": ""}


def _extend_usage(events: list[Chunk]) -> Iterator[Chunk]:
    """Add details to the usage, and `null` to the chunks before it, as OpenAI does."""
    has_usage = any((parse_event(event) or {}).get("usage") for _, event in events)
    details = {"prompt_tokens_details": {"cached_tokens": 0}, "completion_tokens_details": {"reasoning_tokens": 0}}
    for seconds, event in events:
        chunk = parse_event(event)
        if chunk and has_usage:
            chunk["usage"] = {**chunk["usage"], **details} if chunk.get("usage") else None
        yield seconds, encode_event(chunk) if chunk else event


def _join_deltas(events: list[Chunk]) -> Iterator[Chunk]:
    """Send the text of two chunks of one choice in one chunk, unless they have log probabilities."""
    previous: tuple[float, dict[str, Any]] | None = None
    for seconds, event in events:
        chunk = parse_event(event)
        is_simple = chunk is not None and has_text(event) and _is_only_text(chunk)
        if previous is not None and is_simple and chunk is not None and _index(chunk) == _index(previous[1]):
            choice = previous[1]["choices"][0]
            set_text(choice, text_of(choice) + text_of(chunk["choices"][0]))
            yield seconds, encode_event(previous[1])
            previous = None
            continue
        if previous is not None:
            yield previous[0], encode_event(previous[1])
        previous = (seconds, chunk) if is_simple and chunk is not None else None
        if previous is None:
            yield seconds, event
    if previous is not None:
        yield previous[0], encode_event(previous[1])


def _is_only_text(chunk: dict[str, Any]) -> bool:
    choices = chunk["choices"]
    return (
        len(choices) == 1
        and not choices[0].get("finish_reason")
        and not choices[0].get("logprobs")
        and not chunk.get("usage")
        and not (choices[0].get("delta") or {}).get("tool_calls")
    )


def _index(chunk: dict[str, Any]) -> int:
    return int(chunk["choices"][0]["index"])


def _rename_ids(request: Request, forward: Forward) -> Response:
    """Write the ids of responses, calls and requests in another form; equal ones stay equal."""
    response = forward(request)
    number = response.header("x-request-id")
    response = response.with_header("x-request-id", f"{number[-32:-24]}-{number[-24:]}" if number else None)
    if not response.is_stream and not isinstance(response.json, dict):
        return response
    renamed = [(seconds, _ID.sub(rb'"\1\2Z-~ab"', data)) for seconds, data in _whole_events(response)]
    return replace(response, chunks=tuple(renamed))


def _whole_events(response: Response) -> list[Chunk]:
    return list(response.with_events(response.events).chunks) if response.is_stream else [(0.0, response.body)]


_ID = re.compile(rb'"(chatcmpl|cmpl|call)[-_](\w+)"')

variation("D20", "Streams have chunks with empty deltas.")(
    _change_streams(lambda response: response.with_events(_add_empty_deltas(response.events)))
)
variation("D21", "The usage of a stream has details, and is null before.")(
    _change_streams(lambda response: response.with_events(_extend_usage(response.events)))
)
variation("D22", "A chunk of a stream has several tokens.")(
    _change_streams(lambda response: response.with_events(_join_deltas(response.events)))
)
variation("D23", "Ids have another form.", on=(*TEXT_OPERATIONS, "list_models"))(_rename_ids)
