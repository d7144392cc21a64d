"""Streams that lack their end, or have more than one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeAlias

from polargrid_testing.faults.answers import (
    DONE,
    has_end,
    is_event_stream,
    iter_pieces,
    read_data,
    render_json_event,
    replace_pieces,
)
from polargrid_testing.faults.registry import fault
from polargrid_testing.steps import Answer, render_event

End: TypeAlias = Literal[
    "no-done", "no-finish-reason", "unterminated", "spaces", "named", "done-only", "usage-only", "empty", "more",
    "choice-without-end", "choices-with-ends", "usage-after",
]  # fmt: skip
_USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


@fault("stream-end", phase="response")
def change_end(answer: Answer, *, problem: End = "no-done", before: str = "") -> Answer | None:
    """A stream of a chat has an unusual end: no `[DONE]`, no finish_reason, no empty line, or more behind it.

    `before` is sent before anything else, such as a comment (": ping").
    """
    if not is_event_stream(answer):
        return None
    events = [item.data for item in iter_pieces(answer)]
    first = [f"{before}\n\n".encode()] if before else []
    return replace_pieces(answer, [*first, *_ENDS[problem](events)])


def _without_done(events: list[bytes]) -> list[bytes]:
    """Return the events with a finish_reason in the last chunk, without [DONE]."""
    chunks = [event for event in events if not has_end(event)]
    return [*chunks[:-1], *(_change_choice(event, {"finish_reason": "stop"}) for event in chunks[-1:])]


def _without_finish_reason(events: list[bytes]) -> list[bytes]:
    return [event if has_end(event) else _change_choice(event, {"finish_reason": None}) for event in events]


def _change_choice(event: bytes, fields: dict[str, Any], *, index: int | None = None) -> bytes:
    chunk = json.loads(read_data(event) or "{}")
    changed = {**fields, **({} if index is None else {"index": index})}
    choices = [{**choice, **changed} for choice in chunk.get("choices", [])]
    return render_json_event({**chunk, "choices": choices} if "choices" in chunk else chunk)


def _with_two_choices(events: list[bytes], *, has_ends: bool) -> Iterator[bytes]:
    chunks = [event for event in events if not has_end(event)]
    yield from (_change_choice(event, {"finish_reason": None}, index=1) for event in chunks)
    yield from (_change_choice(event, {"finish_reason": None}) for event in chunks)
    yield _change_choice(chunks[0], {"delta": {}, "finish_reason": "stop"}, index=0)
    if has_ends:
        yield _change_choice(chunks[0], {"delta": {}, "finish_reason": "stop"}, index=1)


def _usage(events: list[bytes]) -> bytes:
    chunk = json.loads(read_data(events[0]) or "{}")
    return render_json_event({**chunk, "choices": [], "usage": _USAGE})


_END = render_event(DONE)
_ENDS: dict[str, Callable[[list[bytes]], Any]] = {
    "no-done": _without_done,
    "no-finish-reason": _without_finish_reason,
    "unterminated": lambda events: [*_without_finish_reason(events[:-1]), events[-1].rstrip(b"\n") + b"\n"],
    "spaces": lambda events: [*events[:-1], f"data:  {DONE} \n\n".encode()],
    "named": lambda events: [*events[:-1], render_event(DONE, name="done")],
    "done-only": lambda _: [_END],
    "usage-only": lambda events: [_usage(events), _END],
    "empty": lambda _: [],
    "more": lambda events: [*events, events[0], b"data: junk\n\n"],
    "choice-without-end": lambda events: _with_two_choices(events, has_ends=False),
    "choices-with-ends": lambda events: _with_two_choices(events, has_ends=True),
    "usage-after": lambda events: [*_without_done(events), _usage(events), _END],
}
