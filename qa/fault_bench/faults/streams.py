"""Faults of streams: framing, order, identity, end, and time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qa.fault_bench.faults.seeded import (
    CHAT,
    DONE,
    TEXTS,
    SpoilEvents,
    chunk_of,
    each_chunk,
    event_of,
    fault,
    says,
    streaming,
    text_in,
)
from qa.fault_bench.messages import Answer, Asked, Forward, Part, told


def _stream(name: str, what: str, spoil: SpoilEvents, on: tuple[str, ...] = TEXTS) -> None:
    fault(name, "streams", what, on=on)(streaming(spoil, on))


def _places(events: list[Part]) -> list[int]:
    """Where there is text."""
    return [place for place, (_, event) in enumerate(events) if says(event)]


def _without_last(_: Asked, events: list[Part]) -> list[Part]:
    last = _places(events)[-1:]
    return [part for place, part in enumerate(events) if place not in last]


def _swapped(_: Asked, events: list[Part]) -> list[Part]:
    places = _places(events)
    if len(places) > 5:
        one, other = places[3], places[4]
        texts = events[one][1], events[other][1]
        events[one], events[other] = (events[one][0], texts[1]), (events[other][0], texts[0])
    return events


def _doubled(_: Asked, events: list[Part]) -> list[Part]:
    middle = _places(events)[2:3]
    return [part for place, part in enumerate(events) for _ in range(2 if place in middle else 1)]


def _early_end(_: Asked, events: list[Part]) -> list[Part]:
    return events[: max(2, len(events) // 2)]


def _plain_error(_: Asked, events: list[Part]) -> list[Part]:
    seconds = events[-1][0]
    return [*events[:3], (seconds, b"Internal Server Error: the model stopped")]


def _error_midway(_: Asked, events: list[Part]) -> list[Part]:
    seconds = events[-1][0]
    error = {"error": {"message": "The model stopped", "type": "server_error", "code": "stopped"}}
    return [*events[:3], (seconds, event_of(error)), (seconds, DONE)]


def _no_reason(chunk: dict[str, Any], _: int) -> None:
    for choice in chunk["choices"]:
        choice["finish_reason"] = None


def _no_role(chunk: dict[str, Any], _: int) -> None:
    for choice in chunk["choices"]:
        choice["delta"].pop("role", None)


def _no_usage(chunk: dict[str, Any], _: int) -> None:
    chunk.pop("usage", None)


def _wrong_usage(chunk: dict[str, Any], _: int) -> None:
    if chunk.get("usage"):
        chunk["usage"] = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


def _usage_always(_: Asked, events: list[Part]) -> list[Part]:
    chunk = chunk_of(events[0][1]) or {}
    usage = {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10}
    return [*events[:-1], (events[-1][0], event_of({**chunk, "choices": [], "usage": usage})), events[-1]]


def _reason_twice(_: Asked, events: list[Part]) -> list[Part]:
    ends = [part for part in events if any((chunk_of(part[1]) or {"choices": []})["choices"]) and _ends(part[1])]
    return [*events[:-1], *ends, events[-1]]


def _ends(event: bytes) -> bool:
    return any(choice.get("finish_reason") for choice in (chunk_of(event) or {}).get("choices", []))


def _first_choice_alone(_: Asked, events: list[Part]) -> list[Part]:
    return [part for part in events if not any(c["index"] for c in (chunk_of(part[1]) or {}).get("choices", []))]


def _in_capitals(chunk: dict[str, Any], place: int) -> None:
    if place > 3:
        for choice in chunk["choices"]:
            if "delta" in choice and choice["delta"].get("content"):
                choice["delta"]["content"] = choice["delta"]["content"].upper()
            elif choice.get("text"):
                choice["text"] = choice["text"].upper()


def _split_characters(_: Asked, events: list[Part]) -> list[Part]:
    """Each character of several bytes comes as two that are none."""
    others = []
    for seconds, event in events:
        chunk = chunk_of(event)
        for choice in (chunk or {}).get("choices", []):
            text = text_in(choice)
            if text and not text.isascii():
                broken = "".join(letter if letter.isascii() else "\ufffd\ufffd" for letter in text)
                _place_of(choice)[0][_place_of(choice)[1]] = broken
        others.append((seconds, event if chunk is None else event_of(chunk)))
    return others


def _place_of(choice: dict[str, Any]) -> tuple[dict[str, Any], str]:
    return (choice["delta"], "content") if "delta" in choice else (choice, "text")


_stream("S01", "There is no [DONE].", lambda _, events: [part for part in events if part[1] != DONE])
_stream("S03", "The first delta has no role.", each_chunk(_no_role), CHAT)
_stream("S04", "There is no finish_reason.", each_chunk(_no_reason))
_stream("S05", "The id changes between chunks.", each_chunk(lambda chunk, place: chunk.update(id=f"chatcmpl-{place}")))
_stream("S06", "The finish_reason comes twice.", _reason_twice)
_stream("S07", "The usage that was asked for is missing.", each_chunk(_no_usage))
_stream("S08", "The last delta is lost.", _without_last)
_stream("S10", "Two deltas are swapped.", _swapped)
_stream("S11", "A plain text error is inside a stream.", _plain_error)
_stream("S12", "A delta comes twice.", _doubled)
_stream("S13", "Characters of several bytes are cut in two.", _split_characters)
_stream("S14", "Events follow [DONE].", lambda _, events: [*events, events[1]])
_stream("S15", "The usage comes unasked.", _usage_always)
_stream("S17", "The stream ends early, silently.", _early_end)
_stream(
    "S19",
    "`created` changes between chunks.",
    each_chunk(lambda chunk, at: chunk.update(created=chunk["created"] + at)),
)
_stream("S20", "Of two choices one comes.", _first_choice_alone)
_stream("S22", "Chunks name another model.", each_chunk(lambda chunk, _: chunk.update(model="llama-3.1-70b")))
_stream("S24", "Events have no `data:`.", lambda _, events: [(s, event.removeprefix(b"data: ")) for s, event in events])
_stream("S25", "The stream's text is another one than the plain answer's.", each_chunk(_in_capitals))
_stream("S26", "The stream's usage is another one than the plain answer's.", each_chunk(_wrong_usage))
_stream("S27", "An error comes midway in every stream.", _error_midway)
_stream("S28", "`object` is the one of a plain answer.", each_chunk(lambda chunk, _: chunk.update(object="answer")))


@fault("S09", "streams", "The stream is held back and comes at once.", on=TEXTS, timed=True)
def held_back(asked: Asked, forward: Forward) -> Answer:
    answer = forward(asked)
    return answer.with_body(answer.body) if answer.is_stream else answer


@fault("S02", "streams", "A stream has the wrong content type.", on=TEXTS)
def wrong_type(asked: Asked, forward: Forward) -> Answer:
    answer = forward(asked)
    return answer.with_header("content-type", "text/plain") if answer.is_stream else answer


@fault("S16", "streams", "A request for a stream is answered plainly.", on=TEXTS)
def no_stream(asked: Asked, forward: Forward) -> Answer:
    return forward(asked.wanting(stream=..., stream_options=...) if asked.streamed else asked)


@fault("S18", "streams", "Events are not parted by blank lines.", on=TEXTS)
def no_blank_lines(asked: Asked, forward: Forward) -> Answer:
    answer = forward(asked)
    return answer.with_events(answer.events, end=b"\n") if answer.is_stream else answer


@fault("S21", "streams", "A refused stream is a 200 with an error inside.", on=TEXTS)
def refused_inside(asked: Asked, forward: Forward) -> Answer:
    answer = forward(asked)
    if not asked.streamed or answer.status not in (400, 404):
        return answer
    return told(200, b"data: " + answer.body + b"\n\ndata: [DONE]\n\n", "text/event-stream")


@fault("S23", "streams", "stop is ignored in streams.", on=TEXTS)
def stop_ignored(asked: Asked, forward: Forward) -> Answer:
    return forward(asked.wanting(stop=...) if asked.streamed else asked)


@fault("S29", "streams", "The connection breaks before the end of a stream.", on=TEXTS)
def broken(asked: Asked, forward: Forward) -> Answer:
    answer = forward(asked)
    return replace(answer, parts=answer.parts[:-2], cut=True) if answer.is_stream else answer
