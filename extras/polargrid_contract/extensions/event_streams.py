"""`x-event-stream`: rules for all events of a stream together, since JSON Schema sees one event at a time; pure.

x-event-stream:
  last: '[DONE]'                          the data of the last event, or
  last: {type: transcript.text.done}      fields of the chunk that is the last, and of no other, or a list of values for
                                          a field; by default the stream ends with the body
  constant: [id, model]                   fields with the same value in every chunk
  same: {model: $request.body#/model}     fields with the value of the request
  choices:                                responses that are streamed in parts, identified by `index`
    in: choices
    count: $request.body#/n               how many there are; `default` if the request does not say
    first: [delta, role]                  a field of the first part of each choice
    once: finish_reason                   a field of the last part of each choice and of no other part
  joined: {delta: text}                   a field of all chunks, joined, is a field of the last, except for white space
  usage: {in: usage, asked: EXPRESSION, empty: choices}   in one chunk at the end if requested, else in none
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from polargrid_contract.extensions.runtime_expressions import evaluate
from polargrid_contract.readers.event_stream import Stream, TimedEvent

Rules = Mapping[str, Any]
_EXCERPT = 120  # characters


def find_stream_errors(rules: Rules, request: Any, stream: Stream) -> Iterator[str]:
    """Yield a sentence for each rule that the stream breaks."""
    yield from (f"not a field of an event: {line[:_EXCERPT]!r}" for line in stream.invalid_lines[:1])
    yield from check_last(rules, stream)
    yield from find_inconsistent_chunks(rules, request, stream)


def find_inconsistent_chunks(rules: Rules, request: Any, stream: Stream) -> Iterator[str]:
    """Yield a sentence for each rule about the chunks together that the stream breaks."""
    yield from _check_constant(rules, request, stream)
    yield from _check_joined(rules, stream)
    if "choices" in rules:
        yield from _check_choices(rules["choices"], request, stream)
    if "usage" in rules:
        yield from _check_usage(rules["usage"], request, stream)


def check_last(rules: Rules, stream: Stream) -> Iterator[str]:
    """Yield a sentence if the last event is not the declared one, or is not the last."""
    last = rules.get("last")
    if last is None:
        return
    data = [event.data.decode("utf-8", "replace").strip() for event in stream.events]
    ends = [index for index, event in enumerate(stream.events) if _is_last(last, event)]
    described = last if isinstance(last, str) else json.dumps(last)
    if not ends:
        yield f"expected {described} as the last event, got {(data or ['no event'])[-1][:_EXCERPT]}"
    elif after := data[ends[0] + 1 :]:
        yield f"{len(after)} events after {described}, the first is {after[0][:_EXCERPT]}"


def _is_last(last: Any, event: TimedEvent) -> bool:
    """Whether an event is the declared last one; its type may be its name as well."""
    data = event.data.decode("utf-8", "replace").strip()
    if isinstance(last, str):
        return data == last
    try:
        chunk = json.loads(data)
    except (ValueError, RecursionError):
        return False
    fields = {"type": event.name, **chunk} if isinstance(chunk, Mapping) else {}
    return all(fields.get(name) in (value if isinstance(value, list) else [value]) for name, value in last.items())


def _check_constant(rules: Rules, request: Any, stream: Stream) -> Iterator[str]:
    for name in rules.get("constant", ()):
        values = {json.dumps(chunk.get(name)) for chunk in stream.chunks}
        if len(values) > 1:
            yield f"expected the same {name} in all chunks, got {', '.join(sorted(values)[:3])}"
    for name, expression in rules.get("same", {}).items():
        expected = evaluate(expression, request=request)
        others = [chunk[name] for chunk in stream.chunks if name in chunk and chunk[name] != expected]
        if expected is not None and others:
            yield f"expected {name} {expected!r}, got {others[0]!r}"


def _check_joined(rules: Rules, stream: Stream) -> Iterator[str]:
    for part, whole in rules.get("joined", {}).items():
        parts = [chunk[part] for chunk in stream.chunks if isinstance(chunk.get(part), str)]
        expected = next((chunk[whole] for chunk in reversed(stream.chunks) if isinstance(chunk.get(whole), str)), None)
        if expected is not None and "".join("".join(parts).split()) != "".join(expected.split()):
            joined = "".join(parts)
            yield f"expected {whole} to be every {part}, {joined[:_EXCERPT]!r}, got {expected[:_EXCERPT]!r}"


def _check_choices(rules: Rules, request: Any, stream: Stream) -> Iterator[str]:
    parts_by_index: dict[Any, list[dict[str, Any]]] = {}
    for chunk in stream.chunks:
        for part in chunk.get(rules["in"]) or []:
            parts_by_index.setdefault(part.get("index"), []).append(part)
    if "count" in rules:
        requested = evaluate(rules["count"], request=request)
        expected = rules.get("default") if requested is None else requested
        if len(parts_by_index) != expected:
            yield f"expected {expected} {rules['in']}, got {len(parts_by_index)}"
    for index, parts in parts_by_index.items():
        if "first" in rules and _follow(parts[0], rules["first"]) is None:
            yield f"expected {'.'.join(rules['first'])} in the first part of choice {index}"
        if "once" in rules:
            values = [part.get(rules["once"]) for part in parts]
            if values[-1] is None or any(value is not None for value in values[:-1]):
                yield f"expected one {rules['once']}, in the last part of choice {index}, got {values[-4:]}"


def _check_usage(rules: Rules, request: Any, stream: Stream) -> Iterator[str]:
    chunks = [chunk for chunk in stream.chunks if chunk.get(rules["in"]) is not None]
    if evaluate(rules["asked"], request=request) is not True:
        if chunks:
            yield f"{rules['in']} is in the stream but was not requested"
    elif len(chunks) != 1 or chunks[0] is not stream.chunks[-1] or chunks[0].get(rules["empty"]):
        yield f"expected {rules['in']} once, in a last chunk without {rules['empty']}, got it {len(chunks)} times"


def _follow(part: Any, path: list[str]) -> Any:
    for step in path:
        part = part.get(step) if isinstance(part, Mapping) else None
    return part
