"""What a fault is, and the few ways in which most of them spoil a message; pure.

@fault("S01", "streams", "A stream has no [DONE].", on=TEXTS)
def no_done(asked: Asked, forward: Forward) -> Answer: ...
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from qa.fault_bench.messages import Answer, Asked, Change, Forward, Part

Kind = Literal["http", "json", "streams", "audio", "lifecycle"]
Spoil = Callable[[Asked, Any], Any]
SpoilEvents = Callable[[Asked, list[Part]], list[Part]]

TEXTS = ("chat_completion", "completion")
CHAT = ("chat_completion",)
SPEECH = ("text_to_speech",)
FORMS = ("transcribe", "translate")
DONE = b"data: [DONE]"


@dataclass(frozen=True)
class Fault:
    """One thing that a server does wrong; `on` are the operations that show it, `timed` whether it is about time."""

    id: str
    kind: Kind
    what: str
    on: tuple[str, ...]
    change: Change
    timed: bool = False


FAULTS: dict[str, Fault] = {}


def fault(name: str, kind: Kind, what: str, *, on: tuple[str, ...], timed: bool = False) -> Callable[[Change], Change]:
    """Register a change as a fault."""

    def register(change: Change) -> Change:
        if name in FAULTS:
            raise ValueError(f"two faults are called {name}")
        FAULTS[name] = Fault(name, kind, what, on, change, timed)
        return change

    return register


def asking(on: tuple[str, ...], change: Callable[[Asked], Asked]) -> Change:
    """The edge is asked something else than the client asks."""

    def changed(asked: Asked, forward: Forward) -> Answer:
        return forward(change(asked) if asked.operation in on else asked)

    return changed


def answering(on: tuple[str, ...], spoil: Spoil) -> Change:
    """What a good JSON answer holds is spoilt, in place or by what `spoil` returns."""

    def changed(asked: Asked, forward: Forward) -> Answer:
        answer = forward(asked)
        body = answer.json if answer.good and asked.operation in on else None
        if body is None:
            return answer
        spoilt = spoil(asked, body)
        return answer.with_json(body if spoilt is None else spoilt)

    return changed


def streaming(spoil: SpoilEvents, on: tuple[str, ...] = TEXTS) -> Change:
    """The events of a stream are others."""

    def changed(asked: Asked, forward: Forward) -> Answer:
        answer = forward(asked)
        return answer.with_events(spoil(asked, answer.events)) if answer.is_stream and asked.operation in on else answer

    return changed


def sounding(spoil: Callable[[Asked, Answer], Answer]) -> Change:
    """Speech is other speech."""

    def changed(asked: Asked, forward: Forward) -> Answer:
        answer = forward(asked)
        return spoil(asked, answer) if answer.good and asked.operation == "text_to_speech" else answer

    return changed


def writing(form: str, spoil: Callable[[str], str]) -> Change:
    """Transcripts of one form are others."""

    def changed(asked: Asked, forward: Forward) -> Answer:
        answer = forward(asked)
        if answer.good and asked.operation in FORMS and asked.form("response_format") == form:
            return answer.with_body(spoil(answer.body.decode()).encode())
        return answer

    return changed


def chunk_of(event: bytes) -> dict[str, Any] | None:
    """The JSON of an event; None for [DONE] and comments."""
    try:
        read = json.loads(event.removeprefix(b"data:"))
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


def event_of(chunk: Any) -> bytes:
    return b"data: " + json.dumps(chunk).encode()


def each_chunk(spoil: Callable[[dict[str, Any], int], Any]) -> SpoilEvents:
    """Spoils every chunk in place, given its place."""

    def spoilt(_: Asked, events: list[Part]) -> list[Part]:
        others = []
        for place, (seconds, event) in enumerate(events):
            chunk = chunk_of(event)
            if chunk is not None:
                spoil(chunk, place)
            others.append((seconds, event if chunk is None else event_of(chunk)))
        return others

    return spoilt


def says(event: bytes) -> bool:
    """Whether an event carries text."""
    return any(text_in(choice) for choice in (chunk_of(event) or {}).get("choices", []))


def text_in(choice: dict[str, Any]) -> str:
    return str((choice.get("delta") or {}).get("content") or choice.get("text") or "")
