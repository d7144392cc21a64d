"""Answers, read and changed: their bytes, their events, their JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from polargrid_testing.steps import Answer, Headers, Piece, render_chunk, render_event, render_head

DONE = "[DONE]"


def error_answer(status: int, *, message: str = "A fault of the test.", **fields: Any) -> Answer:
    """Return an error response as the API has it."""
    return Answer.json(
        {"error": {"message": message, "type": "test_fault", "code": "test_fault", **fields}}, status=status
    )


def content_type(answer: Answer) -> str:
    """Return its media type in lower case, without parameters; empty without one."""
    values = [value for name, value in answer.headers.items() if name.lower() == "content-type"]
    return values[0].partition(";")[0].strip().lower() if values else ""


def is_event_stream(answer: Answer) -> bool:
    """Whether it is a stream of events."""
    return content_type(answer) == "text/event-stream"


def is_streamed(answer: Answer) -> bool:
    """Whether clients read it piece by piece: events, audio, chunks."""
    return is_event_stream(answer) or content_type(answer).startswith("audio/") or isinstance(answer.body, tuple)


def is_json(answer: Answer) -> bool:
    """Whether its body is JSON."""
    return content_type(answer).endswith("json")


def has_end(data: bytes) -> bool:
    """Whether it is the event that ends a stream without data."""
    return data.strip() == f"data: {DONE}".encode()


def iter_pieces(answer: Answer) -> Iterator[Piece]:
    """Yield the events of a stream, the pieces of a body that has them, or else the body in four pieces."""
    if isinstance(answer.body, tuple):
        for item in answer.body:
            parts = list(_split_events(item.data)) if is_event_stream(answer) else [item.data]
            yield from (Piece(part, 0.0 if index else item.delay) for index, part in enumerate(parts))
    elif is_event_stream(answer):
        yield from map(Piece, _split_events(answer.body))
    elif answer.body:
        size = -(-len(answer.body) // 4)
        yield from (Piece(answer.body[start : start + size]) for start in range(0, len(answer.body), size))


def _split_events(data: bytes) -> Iterator[bytes]:
    while data:
        event, end, data = data.partition(b"\n\n")
        yield event + end


def replace_headers(answer: Answer, **headers: str | None) -> Answer:
    """Return it with these headers; None removes one. An underscore stands for a hyphen."""
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    remaining = {name: value for name, value in answer.headers.items() if name.lower() not in changed}
    return replace(
        answer, headers={**remaining, **{name: value for name, value in changed.items() if value is not None}}
    )


def replace_pieces(answer: Answer, pieces: Iterable[Piece | bytes]) -> Answer:
    """Return it with this body, sent in chunks."""
    return replace(answer, body=tuple(item if isinstance(item, Piece) else Piece(item) for item in pieces))


def change_json(answer: Answer, change: Callable[[Any, int], Any]) -> Answer | None:
    """Return it with `change(value, number)` of its JSON, or that of each event; None if it has none."""
    if is_json(answer):
        body = json.dumps(change(json.loads(answer.content), 0), ensure_ascii=False).encode()
        return replace(answer, body=body)
    if not is_event_stream(answer):
        return None
    pieces = []
    for number, item in enumerate(iter_pieces(answer)):
        data = read_data(item.data)
        if data is not None and data.startswith("{"):
            text = json.dumps(change(json.loads(data), number), ensure_ascii=False)
            item = replace(item, data=render_event(text, name=read_name(item.data)))  # noqa: PLW2901
        pieces.append(item)
    return replace_pieces(answer, pieces)


def read_data(event: bytes) -> str | None:
    """Return the data of an event; None without data."""
    lines = [line[5:].removeprefix(" ") for line in event.decode().split("\n") if line.startswith("data:")]
    return "\n".join(lines) if lines else None


def read_name(event: bytes) -> str | None:
    """Return the name of an event; None without a name."""
    names = [line[6:].strip() for line in event.decode().split("\n") if line.startswith("event:")]
    return names[0] if names else None


def render_json_event(value: Any, *, name: str | None = None) -> bytes:
    """Return an event with JSON as data."""
    return render_event(json.dumps(value, ensure_ascii=False), name=name)


def render(answer: Answer, *headers: tuple[str, str]) -> bytes:
    """Return all bytes of a response, with Content-Length and more headers."""
    return head_of(answer, ("content-length", str(len(answer.content))), *headers) + answer.content


def render_chunked(answer: Answer) -> bytes:
    """Return all bytes of a response in one chunk, without the last one."""
    return head_of(answer, ("transfer-encoding", "chunked")) + render_chunk(answer.content)


def head_of(answer: Answer, *headers: tuple[str, str], version: str = "HTTP/1.1") -> bytes:
    """Return its status line and headers with more headers, which replace those of the same name."""
    names = {name.lower() for name, _ in headers}
    remaining: Headers = [(name, value) for name, value in answer.headers.items() if name.lower() not in names]
    return render_head(answer.status, [*remaining, *headers], version=version)


def slice_bytes(data: bytes, size: int) -> Iterator[bytes]:
    """Yield the data in slices of this size."""
    return (data[start : start + size] for start in range(0, len(data), size))
