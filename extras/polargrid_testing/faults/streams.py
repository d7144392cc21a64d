"""Streams that break, hold errors or junk, or have an unusual form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any, Literal

from polargrid_testing.faults.answers import (
    has_end,
    head_of,
    is_event_stream,
    is_streamed,
    iter_pieces,
    read_data,
    render_json_event,
    replace_pieces,
    slice_bytes,
)
from polargrid_testing.faults.connections import End, end_step
from polargrid_testing.faults.registry import fault
from polargrid_testing.steps import Answer, Pause, Piece, Send, Stall, Step, render_chunk, render_event


def steps_of_beginning(answer: Answer, after: int) -> Iterator[Step]:
    """Yield the steps of a stream up to this many events or pieces, without the last chunk."""
    beginning = replace_pieces(answer, list(iter_pieces(answer))[:after])
    return iter(list(beginning.steps())[:-1])


@fault("stream-cut", phase="response")
def cut_stream(
    answer: Answer, *, after: int = 1, end: End | Literal["end"] = "close", inside: bool = False, wait: float = 0.0
) -> Iterator[Step] | None:
    """A stream ends after this many events, or pieces of audio; with `inside`, in the middle of the next.

    `end` is how: the connection is closed or reset, or the response ends as if it were complete ("end").
    """
    return _cut(answer, after, end, inside=inside, wait=wait) if is_streamed(answer) else None


def _cut(answer: Answer, after: int, end: str, *, inside: bool, wait: float) -> Iterator[Step]:
    pieces = list(iter_pieces(answer))
    yield from steps_of_beginning(answer, after)
    if inside:
        rest = pieces[after].data if after < len(pieces) else b"data: {"
        yield Send(render_chunk(rest)[: -len(rest) // 2 - 2])
    if wait:
        yield Pause(wait)
    if end == "end":
        yield Send(render_chunk(b""))
    else:
        yield end_step("reset" if end == "reset" else "close")


@fault("stream-event", phase="response")
def insert_event(
    answer: Answer, *, data: str | bytes | None = "junk", name: str | None = None, after: int | None = 1, count: int = 1
) -> Answer | None:
    """An event with this data is sent after so many events, or after the last (None): junk, a ping, another type.

    Bytes are sent as they are, and need to be a whole event.
    """
    if not is_event_stream(answer):
        return None
    pieces = list(iter_pieces(answer))
    if isinstance(data, bytes):
        event = data
    else:
        event = f"event: {name}\n\n".encode() if data is None else render_event(data, name=name)
    index = len(pieces) if after is None else after
    return replace_pieces(answer, [*pieces[:index], *[Piece(event)] * count, *pieces[index:]])


@fault("stream-error", phase="response")
def insert_error(
    answer: Answer,
    *,
    after: int = 1,
    message: str = "A fault of the test.",
    type: str | None = "server_error",  # noqa: A002 - the name of the field
    code: str | int | None = None,
    shape: Literal["openai", "string", "named", "named-text", "object", "text"] = "openai",
) -> Answer | None:
    """A stream holds an error after this many events, in the shape of one server or another."""
    if not is_event_stream(answer):
        return None
    fields: dict[str, Any] = {name: value for name, value in {"type": type, "code": code}.items() if value is not None}
    event = {
        "openai": render_json_event({"error": {"message": message, **fields}}),
        "string": render_json_event({"error": message}),
        "named": render_json_event({"message": message, **fields}, name="error"),
        "named-text": render_event(message, name="error"),
        "object": render_json_event({"object": "error", "message": message, **fields}),
        "text": render_event(message),
    }[shape]
    pieces = list(iter_pieces(answer))
    return replace_pieces(answer, [*pieces[:after], event, *pieces[-1:]])


@fault("stream-comments", phase="response")
def send_comments(
    answer: Answer, *, after: int = 1, delay: float = 0.005, size: int = 8, count: int | None = None
) -> Iterator[Step] | None:
    """After this many events, a stream sends comments: so many, or forever."""
    return _send_comments(answer, after, delay, size, count) if is_event_stream(answer) else None


def _send_comments(answer: Answer, after: int, delay: float, size: int, times: int | None) -> Iterator[Step]:
    yield from steps_of_beginning(answer, after)
    comment = render_chunk(b":" + b" " * max(size - 3, 0) + b"\n\n")
    for _ in count() if times is None else range(times):
        yield Send(comment)
        if delay:
            yield Pause(delay)
    rest = list(iter_pieces(answer))[after:]
    yield from list(replace_pieces(answer, rest).steps())[1:]


@fault("stream-endless", phase="response")
def never_end_event(
    answer: Answer,
    *,
    after: int = 1,
    of: Literal["line", "event"] = "line",
    size: int = 65_536,
    delay: float = 0.0,
) -> Iterator[Step] | None:
    """After this many events, a line, or an event of many lines, never ends."""
    return _send_endless(answer, after, of, size, delay) if is_event_stream(answer) else None


def _send_endless(answer: Answer, after: int, of: str, size: int, delay: float) -> Iterator[Step]:
    yield from steps_of_beginning(answer, after)
    line = b"x" * size if of == "line" else b"data: " + b"x" * size + b"\n"
    yield Send(render_chunk(b"data: "))
    for _ in count():
        yield Send(render_chunk(line))
        if delay:
            yield Pause(delay)


@fault("stream-format", phase="response")
def format_stream(
    answer: Answer,
    *,
    line_end: Literal["\n", "\r\n", "\r"] = "\n",
    size: int | None = None,
    byte_order_mark: bool = False,
    space: bool = True,
    fields: bool = False,
    split_data: bool = False,
    name: str | None = None,
    chunked: bool = True,
) -> Answer | Iterator[Step] | None:
    """A stream has a form that the standard allows: line ends, a byte order mark, names, ids, comments, split data.

    `size`: it is sent in pieces of so many bytes; 0: in one. `chunked=False`: it ends with its connection.
    """
    if not is_event_stream(answer):
        return None
    events = [_format_event(item.data, space=space, split_data=split_data, name=name) for item in iter_pieces(answer)]
    if fields:
        events = [b": ping\n\nid: 1\nevent: message\nretry: 5\nnew_field: 1\nnothing\n" + event for event in events]
    if byte_order_mark:
        events[:1] = [b"\xef\xbb\xbf" + event for event in events[:1]]
    events = [event.replace(b"\n", line_end.encode()) for event in events]
    content = b"".join(events)
    if not chunked:
        return iter([Send(head_of(answer)), Send(content), end_step("close")])
    if size is not None:
        return replace_pieces(answer, slice_bytes(content, size) if size else [content])
    return replace_pieces(answer, events)


def _format_event(event: bytes, *, space: bool, split_data: bool, name: str | None) -> bytes:
    if has_end(event):
        return event if space else event.replace(b"data: ", b"data:")
    data = read_data(event)
    if split_data and data is not None and data.startswith("{"):
        event = render_event(json.dumps(json.loads(data), indent=0, ensure_ascii=False), name=name)
    elif name is not None:
        event = f"event: {name}\n".encode() + event
    return event if space else event.replace(b"data: ", b"data:")


@fault("stream-text", phase="response")
def replace_text(answer: Answer, *, text: str = "\u2028🧊", size: int | None = 1) -> Answer | None:
    """The first text of a stream is this one, and its bytes are sent in pieces of this size."""
    if not is_event_stream(answer):
        return None
    pieces = []
    is_replaced = False
    for item in iter_pieces(answer):
        data = read_data(item.data) or ""
        chunk = json.loads(data) if data.startswith("{") else {}
        delta = (chunk.get("choices") or [{}])[0].get("delta")
        if not is_replaced and delta is not None and delta.get("content"):
            is_replaced = True
            delta["content"] = text
            pieces.append(render_json_event(chunk))
        else:
            pieces.append(item.data)
    return replace_pieces(answer, slice_bytes(b"".join(pieces), size) if size else pieces)


@fault("stream-open", phase="response")
def keep_open(answer: Answer) -> Iterator[Step] | None:
    """A stream is complete, and its response does not end."""
    return iter([*list(answer.steps())[:-1], Stall()]) if isinstance(answer.body, tuple) else None
