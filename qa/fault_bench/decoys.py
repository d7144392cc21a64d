"""Legal variations of a server: whatever is reported of them is a false alarm."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from qa.fault_bench.faults.lifecycle import with_gpu
from qa.fault_bench.faults.seeded import TEXTS, answering
from qa.fault_bench.messages import Answer, Asked, Change, Forward, Part

_JITTER = 0.15  # seconds


@dataclass(frozen=True)
class Decoy:
    """What a server may do, and does not have to; `timed` where it is about when bytes come."""

    id: str
    what: str
    on: tuple[str, ...]
    change: Change
    timed: bool = False


DECOYS: dict[str, Decoy] = {}


def decoy(name: str, what: str, *, on: tuple[str, ...] = TEXTS, timed: bool = False) -> Callable[[Change], Change]:
    def register(change: Change) -> Change:
        DECOYS[name] = Decoy(name, what, on, change, timed)
        return change

    return register


def _streams(change: Callable[[Answer], Answer]) -> Change:
    def changed(asked: Asked, forward: Forward) -> Answer:
        answer = forward(asked)
        return change(answer) if answer.is_stream else answer

    return changed


def _objects(dump: Callable[[Any], str]) -> Change:
    """Every JSON object, of an answer, an error or an event, written otherwise."""

    def changed(asked: Asked, forward: Forward) -> Answer:
        answer = forward(asked)
        if answer.is_stream:
            return answer.with_events((s, _event(event, dump)) for s, event in answer.events)
        return answer.with_body(dump(answer.json).encode()) if isinstance(answer.json, dict) else answer

    return changed


def _event(event: bytes, dump: Callable[[Any], str]) -> bytes:
    try:
        read = json.loads(event.removeprefix(b"data: "))
    except ValueError:
        return event
    return b"\n".join(b"data: " + line for line in dump(read).encode().split(b"\n"))


def _commented(events: list[Part]) -> Iterator[Part]:
    for seconds, event in events:
        yield seconds, b": keep-alive"
        yield seconds, b": made by hand\n" + event


def _named(events: list[Part]) -> Iterator[Part]:
    for place, (seconds, event) in enumerate(events):
        yield seconds, b"event: message\nid: %d\nretry: 3000\n" % place + event


def _cut(answer: Answer, sizes: Iterator[int]) -> Answer:
    parts = []
    for seconds, data in answer.parts:
        at = 0
        while at < len(data):
            size = next(sizes)
            parts.append((seconds, data[at : at + size]))
            at += size
    return replace(answer, parts=tuple(parts))


def _ones() -> Iterator[int]:
    while True:
        yield 1


def _odd() -> Iterator[int]:
    chance = random.Random(7)  # noqa: S311 - any pieces will do
    while True:
        yield chance.randint(2, 37)


def _packed(answer: Answer) -> Answer:
    """Four events at the time of the last of them."""
    groups = [answer.parts[at : at + 4] for at in range(0, len(answer.parts), 4)]
    return replace(answer, parts=tuple((group[-1][0], b"".join(data for _, data in group)) for group in groups))


def _reversed_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reversed_keys(value[name]) for name in reversed(value)}
    return [_reversed_keys(each) for each in value] if isinstance(value, list) else value


def _escaped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True).replace("/", "\\/")


def _more(_: Asked, body: Any) -> None:
    if isinstance(body, dict):
        body |= {"x_tomorrow": {"is": ["unknown"]}, "system_fingerprint": "fp_1"}
    for choice in body.get("choices", []):
        choice["x_score"] = 0.5


def _backwards(_: Asked, body: Any) -> None:
    for name in ("data", "loaded", "unloaded_models", "models_unloaded", "choices"):
        if name in body:
            body[name] = body[name][::-1]


decoy("D01", "Lines of streams end with CR LF.")(
    _streams(lambda a: replace(a, parts=tuple((s, data.replace(b"\n", b"\r\n")) for s, data in a.parts)))
)
decoy("D02", "Streams have comments and keep-alives.")(_streams(lambda a: a.with_events(_commented(a.events))))
decoy("D03", "Events have names and ids.")(_streams(lambda a: a.with_events(_named(a.events))))
decoy("D04", "No space follows `data:`.")(
    _streams(lambda a: a.with_events((s, event.replace(b"data: ", b"data:", 1)) for s, event in a.events))
)
decoy("D05", "Streams are cut into odd pieces.", timed=True)(_streams(lambda a: _cut(a, _odd())))
decoy("D06", "Streams come one byte at a time.", timed=True)(_streams(lambda a: _cut(a, _ones())))
decoy("D07", "Several events are in one packet.", timed=True)(_streams(_packed))
decoy("D08", "JSON has white space.", on=(*TEXTS, "list_models"))(_objects(lambda it: f" {json.dumps(it, indent=2)}\n"))
decoy("D09", "Keys of JSON are in reversed order.", on=(*TEXTS, "health"))(
    _objects(lambda it: json.dumps(_reversed_keys(it)))
)
decoy("D10", "Characters of JSON are escaped.", on=(*TEXTS, "list_models"))(_objects(_escaped))
decoy("D12", "Lists are in reversed order.", on=("list_models", "get_model_status"))(
    answering((*TEXTS, "list_models", "get_model_status", "unload_all_models", "purge_gpu"), _backwards)
)
decoy("D15", "Answers have fields of tomorrow.", on=(*TEXTS, "list_models", "health"))(
    answering((*TEXTS, "list_models", "health", "get_model_status", "load_model"), _more)
)
decoy("D16", "There is a GPU.", on=("get_gpu_status", "get_gpu_memory", "purge_gpu"))(with_gpu)


@decoy("D11", "Headers are in capitals, and there are more of them.", on=(*TEXTS, "health"))
def headers(asked: Asked, forward: Forward) -> Answer:
    answer = forward(asked)
    more = (("Server", "another"), ("X-Cache", "MISS"), ("Vary", "Accept-Encoding"), ("Vary", "Origin"))
    return replace(answer, headers=(*((name.title(), value) for name, value in answer.headers), *more))


@decoy("D13", "Answers are late by up to 150 ms.", timed=True)
def jitter(asked: Asked, forward: Forward) -> Answer:
    answer = forward(asked)
    if not (answer.is_stream or asked.operation in TEXTS):
        return answer
    chance, last, parts = random.Random(asked.number), 0.0, []  # noqa: S311 - any delay will do
    # A packet that is late holds up those behind it.
    for seconds, data in answer.parts:
        late = seconds + (chance.random() * _JITTER if chance.random() < 0.2 else 0)
        last = max(last, late)
        parts.append((last, data))
    if not answer.is_stream and chance.random() < 0.2:
        time.sleep(chance.random() * _JITTER)
    return replace(answer, parts=tuple(parts))


@decoy("D14", "Answers are chunked instead of having a length.", on=(*TEXTS, "list_models"))
def chunked(asked: Asked, forward: Forward) -> Answer:
    answer = forward(asked)
    return replace(answer.with_header("content-length", None), chunked=True)
