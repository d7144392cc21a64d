"""`x-event-stream`: what holds of all events of a stream together, as JSON Schema sees but one at a time; pure.

x-event-stream:
  last: '[DONE]'                          the data of the last event; nothing follows
  constant: [id, model]                   fields that are the same in every chunk
  same: {model: $request.body#/model}     fields that are what the request says
  choices:                                the answers that are told piece by piece, each under its `index`
    in: choices
    count: $request.body#/n               how many there are; `default` where the request does not say
    first: [delta, role]                  what the first piece of each has
    once: finish_reason                   what the last piece of each has, and no other
  usage: {in: usage, asked: EXPRESSION, empty: choices}   in one chunk at the end if asked for, else in none
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from polargrid_contract.declared.expressions import value
from polargrid_contract.streamed import Stream

Rules = Mapping[str, Any]
_SHOWN = 120  # characters


def broken_rules(rules: Rules, request: Any, stream: Stream) -> Iterator[str]:
    """A sentence for each rule that the stream breaks."""
    yield from (f"no field of an event: {line[:_SHOWN]!r}" for line in stream.stray[:1])
    yield from _last(rules, stream)
    yield from _constant(rules, request, stream)
    if "choices" in rules:
        yield from _choices(rules["choices"], request, stream)
    if "usage" in rules:
        yield from _usage(rules["usage"], request, stream)


def _last(rules: Rules, stream: Stream) -> Iterator[str]:
    if "last" not in rules:
        return
    data = [event.data.decode("utf-8", "replace").strip() for event in stream.events]
    if rules["last"] not in data:
        yield f"{rules['last']} expected as the last event, {(data or ['none'])[-1][:_SHOWN]} came"
    elif after := data[data.index(rules["last"]) + 1 :]:
        yield f"{len(after)} events after {rules['last']}, first {after[0][:_SHOWN]}"


def _constant(rules: Rules, request: Any, stream: Stream) -> Iterator[str]:
    for name in rules.get("constant", ()):
        told = {json.dumps(chunk.get(name)) for chunk in stream.chunks}
        if len(told) > 1:
            yield f"one {name} expected in all chunks, {', '.join(sorted(told)[:3])} came"
    for name, expression in rules.get("same", {}).items():
        asked = value(expression, request=request)
        others = [chunk[name] for chunk in stream.chunks if name in chunk and chunk[name] != asked]
        if asked is not None and others:
            yield f"{name} {asked!r} expected, {others[0]!r} came"


def _choices(rules: Rules, request: Any, stream: Stream) -> Iterator[str]:
    pieces: dict[Any, list[dict[str, Any]]] = {}
    for chunk in stream.chunks:
        for piece in chunk.get(rules["in"]) or []:
            pieces.setdefault(piece.get("index"), []).append(piece)
    if "count" in rules:
        asked = value(rules["count"], request=request)
        wanted = rules.get("default") if asked is None else asked
        if len(pieces) != wanted:
            yield f"{wanted} {rules['in']} expected, {len(pieces)} came"
    for index, own in pieces.items():
        if "first" in rules and _at(own[0], rules["first"]) is None:
            yield f"{'.'.join(rules['first'])} expected in the first piece of choice {index}"
        if "once" in rules:
            told = [piece.get(rules["once"]) for piece in own]
            if told[-1] is None or any(one is not None for one in told[:-1]):
                yield f"one {rules['once']} expected, in the last piece of choice {index}, {told[-4:]} came"


def _usage(rules: Rules, request: Any, stream: Stream) -> Iterator[str]:
    telling = [chunk for chunk in stream.chunks if chunk.get(rules["in"]) is not None]
    if value(rules["asked"], request=request) is not True:
        if telling:
            yield f"{rules['in']} came unasked"
    elif len(telling) != 1 or telling[0] is not stream.chunks[-1] or telling[0].get(rules["empty"]):
        yield f"{rules['in']} expected once, in a last chunk without {rules['empty']}, {len(telling)} came"


def _at(piece: Any, path: list[str]) -> Any:
    for step in path:
        piece = piece.get(step) if isinstance(piece, Mapping) else None
    return piece
