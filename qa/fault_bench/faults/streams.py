"""Faults of streams: framing, order, identity, end, and timing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qa.fault_bench.faults.seeded import (
    CHAT,
    DONE,
    TEXT_OPERATIONS,
    ModifyEvents,
    change_events,
    choices_of,
    encode_event,
    fault,
    has_text,
    modify_chunks,
    parse_event,
    set_text,
    text_of,
)
from qa.fault_bench.messages import Chunk, Forward, Request, Response, build_response


def _stream(name: str, description: str, modify: ModifyEvents, on: tuple[str, ...] = TEXT_OPERATIONS) -> None:
    fault(name, "streams", description, on=on)(change_events(modify, on))


def _text_positions(events: list[Chunk]) -> list[int]:
    return [position for position, (_, event) in enumerate(events) if has_text(event)]


def _drop_last_delta(_: Request, events: list[Chunk]) -> list[Chunk]:
    last = _text_positions(events)[-1:]
    return [event for position, event in enumerate(events) if position not in last]


def _swap_deltas(_: Request, events: list[Chunk]) -> list[Chunk]:
    positions = _text_positions(events)
    if len(positions) > 5:
        a, b = positions[3], positions[4]
        (a_seconds, a_event), (b_seconds, b_event) = events[a], events[b]
        events[a], events[b] = (a_seconds, b_event), (b_seconds, a_event)
    return events


def _repeat_delta(_: Request, events: list[Chunk]) -> list[Chunk]:
    third = _text_positions(events)[2:3]
    return [event for position, event in enumerate(events) for _ in range(2 if position in third else 1)]


def _truncate(_: Request, events: list[Chunk]) -> list[Chunk]:
    return events[: max(2, len(events) // 2)]


def _end_with_text_error(_: Request, events: list[Chunk]) -> list[Chunk]:
    return [*events[:3], (events[-1][0], b"Internal Server Error: the model stopped")]


def _end_with_error(_: Request, events: list[Chunk]) -> list[Chunk]:
    seconds = events[-1][0]
    error = {"error": {"message": "The model stopped", "type": "server_error", "code": "stopped"}}
    return [*events[:3], (seconds, encode_event(error)), (seconds, DONE)]


def _drop_finish_reason(chunk: dict[str, Any], _: int) -> None:
    for choice in chunk["choices"]:
        choice["finish_reason"] = None


def _drop_role(chunk: dict[str, Any], _: int) -> None:
    for choice in chunk["choices"]:
        choice["delta"].pop("role", None)


def _drop_usage(chunk: dict[str, Any], _: int) -> None:
    chunk.pop("usage", None)


def _replace_usage(chunk: dict[str, Any], _: int) -> None:
    if chunk.get("usage"):
        chunk["usage"] = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


def _add_usage(_: Request, events: list[Chunk]) -> list[Chunk]:
    chunk = parse_event(events[0][1]) or {}
    usage = {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10}
    return [*events[:-1], (events[-1][0], encode_event({**chunk, "choices": [], "usage": usage})), events[-1]]


def _repeat_finish_reason(_: Request, events: list[Chunk]) -> list[Chunk]:
    ends = [event for event in events if any(choice.get("finish_reason") for choice in choices_of(event[1]))]
    return [*events[:-1], *ends, events[-1]]


def _drop_second_choice(_: Request, events: list[Chunk]) -> list[Chunk]:
    return [event for event in events if not any(choice["index"] for choice in choices_of(event[1]))]


def _capitalize(chunk: dict[str, Any], position: int) -> None:
    if position > 3:
        for choice in chunk["choices"]:
            if text := text_of(choice):
                set_text(choice, text.upper())


def _split_characters(chunk: dict[str, Any], _: int) -> None:
    """Replace each character of several bytes by two replacement characters."""
    for choice in chunk.get("choices", []):
        text = text_of(choice)
        if text and not text.isascii():
            set_text(choice, "".join(letter if letter.isascii() else "\ufffd\ufffd" for letter in text))


_stream("S01", "There is no [DONE].", lambda _, events: [event for event in events if event[1] != DONE])
_stream("S03", "The first delta has no role.", modify_chunks(_drop_role), CHAT)
_stream("S04", "There is no finish_reason.", modify_chunks(_drop_finish_reason))
_stream("S05", "The id differs between chunks.", modify_chunks(lambda chunk, n: chunk.update(id=f"chatcmpl-{n}")))
_stream("S06", "The finish_reason is repeated.", _repeat_finish_reason)
_stream("S07", "The requested usage is missing.", modify_chunks(_drop_usage))
_stream("S08", "The last delta is missing.", _drop_last_delta)
_stream("S10", "Two deltas are swapped.", _swap_deltas)
_stream("S11", "A stream contains an error in plain text.", _end_with_text_error)
_stream("S12", "A delta is repeated.", _repeat_delta)
_stream("S13", "Characters of several bytes are split.", modify_chunks(_split_characters))
_stream("S14", "Events follow [DONE].", lambda _, events: [*events, events[1]])
_stream("S15", "The usage is sent without a request.", _add_usage)
_stream("S17", "The stream ends early without an error.", _truncate)
_stream(
    "S19",
    "`created` differs between chunks.",
    modify_chunks(lambda chunk, n: chunk.update(created=chunk["created"] + n)),
)
_stream("S20", "The second of two choices is missing.", _drop_second_choice)
_stream("S22", "Chunks name another model.", modify_chunks(lambda chunk, _: chunk.update(model="llama-3.1-70b")))
_stream("S24", "Events have no `data:`.", lambda _, events: [(s, event.removeprefix(b"data: ")) for s, event in events])
_stream("S25", "The text differs from the plain response's.", modify_chunks(_capitalize))
_stream("S26", "The usage differs from the plain response's.", modify_chunks(_replace_usage))
_stream("S27", "Every stream ends with an error.", _end_with_error)
_stream("S28", "`object` has an unknown value.", modify_chunks(lambda chunk, _: chunk.update(object="answer")))


@fault("S09", "streams", "The stream is buffered and arrives at once.", on=TEXT_OPERATIONS, timed=True)
def buffer(request: Request, forward: Forward) -> Response:
    response = forward(request)
    return response.with_body(response.body) if response.is_stream else response


@fault("S02", "streams", "A stream has the wrong content type.", on=TEXT_OPERATIONS)
def declare_stream_as_text(request: Request, forward: Forward) -> Response:
    response = forward(request)
    return response.with_header("content-type", "text/plain") if response.is_stream else response


@fault("S16", "streams", "A request for a stream gets a plain response.", on=TEXT_OPERATIONS)
def ignore_stream(request: Request, forward: Forward) -> Response:
    return forward(request.with_fields(stream=..., stream_options=...) if request.is_stream else request)


@fault("S18", "streams", "No blank lines separate events.", on=TEXT_OPERATIONS)
def drop_blank_lines(request: Request, forward: Forward) -> Response:
    response = forward(request)
    return response.with_events(response.events, end=b"\n") if response.is_stream else response


@fault("S21", "streams", "A rejected stream is a 200 with an error inside.", on=TEXT_OPERATIONS)
def reject_inside_stream(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if not request.is_stream or response.status not in (400, 404):
        return response
    return build_response(200, b"data: " + response.body + b"\n\ndata: [DONE]\n\n", "text/event-stream")


@fault("S23", "streams", "stop is ignored in streams.", on=TEXT_OPERATIONS)
def ignore_stop(request: Request, forward: Forward) -> Response:
    return forward(request.with_fields(stop=...) if request.is_stream else request)


@fault("S29", "streams", "The connection breaks before the end of a stream.", on=TEXT_OPERATIONS)
def break_connection(request: Request, forward: Forward) -> Response:
    response = forward(request)
    return replace(response, chunks=response.chunks[:-2], truncated=True) if response.is_stream else response


_TRANSCRIPT = ("stream_transcription",)


def _drop_end(_: Request, events: list[Chunk]) -> list[Chunk]:
    return events[:-1]


def _rename_deltas(_: Request, events: list[Chunk]) -> list[Chunk]:
    return [(seconds, event.replace(b"transcript.text.delta", b"transcript.delta")) for seconds, event in events]


def _add_done(_: Request, events: list[Chunk]) -> list[Chunk]:
    return [*events, (events[-1][0], DONE)]


_stream("S30", "The stream of a transcript has no transcript.text.done.", _drop_end, _TRANSCRIPT)
_stream("S31", "The events of a transcript have an unknown type.", _rename_deltas, _TRANSCRIPT)
_stream("S32", "The stream of a transcript ends with [DONE] as well.", _add_done, _TRANSCRIPT)
