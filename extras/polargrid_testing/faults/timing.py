"""Servers that stall, drip, never end, or read slowly."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Literal

from polargrid_testing.faults.answers import head_of, is_streamed, iter_pieces, render, replace_pieces, slice_bytes
from polargrid_testing.faults.registry import fault
from polargrid_testing.steps import Answer, Pause, Piece, Receive, Respond, Send, Stall, Step

_HEADER_END = b"\r\n\r\n"


@fault("latency", phase="response")
def delay_response(answer: Answer, *, seconds: float = 1.0) -> Iterator[Step]:
    """The response is late by this many seconds."""
    yield Pause(seconds)
    yield from answer.steps()


@fault("stall", phase="response")
def stall(
    answer: Answer, *, part: Literal["response", "headers", "body"] = "response", after: int | None = None
) -> Iterator[Step]:
    """The server takes the request and stalls: before the response, or inside the headers or the body.

    `after` is how many bytes of the part are sent before; half of it by default, and nothing of "response".
    """
    head, separator, body = render(answer).partition(_HEADER_END)
    if part == "headers":
        yield Send(head[: len(head) // 2 if after is None else after])
    elif part == "body":
        yield Send(head + separator + body[: len(body) // 2 if after is None else after])
    elif after:
        yield Send((head + separator + body)[:after])
    yield Stall()


@fault("drip", phase="response")
def drip(
    answer: Answer,
    *,
    part: Literal["response", "headers", "body"] = "response",
    size: int = 1,
    delay: float = 0.0,
) -> Iterator[Step]:
    """The headers, the body or both arrive in small pieces: byte by byte, with a delay after each."""
    head, separator, body = b"".join(step.data for step in answer.steps() if isinstance(step, Send)).partition(
        _HEADER_END
    )
    head += separator
    parts = {"response": (b"", head + body, b""), "headers": (b"", head, body), "body": (head, body, b"")}
    content, dripped, rest = parts[part]
    if content:
        yield Send(content)
    for chunk in slice_bytes(dripped, size):
        yield Send(chunk)
        if delay:
            yield Pause(delay)
    if rest:
        yield Send(rest)


@fault("endless", phase="response")
def never_end(
    answer: Answer,
    *,
    part: Literal["headers", "body"] = "body",
    data: bytes = b" ",
    delay: float = 0.005,
    length: int | None = None,
) -> Iterator[Step]:
    """The headers or the body never end: after the beginning, these bytes again and again, with a delay between.

    `length` is a Content-Length; without it, the body would end with the connection.
    """
    if part == "headers":
        yield Send(head_of(answer)[:-2] + b"x-long: ")
    else:
        yield Send(head_of(answer, *([("content-length", str(length))] if length else [])))
    for _ in repeat(None):
        yield Send(data)
        if delay:
            yield Pause(delay)


@fault("slow-read", phase="head")
def read_slowly(*, size: int = 65_536, delay: float = 0.01, count: int | None = None) -> Iterator[Step]:
    """The server reads the request in small pieces, with a delay after each, so many times or forever."""
    for _ in repeat(None) if count is None else range(count):
        yield Receive(size)
        yield Pause(delay)
    yield Respond()


@fault("stop-reading", phase="head")
def stop_reading(*, after: int = 0) -> Iterator[Step]:
    """The server stops reading the request after this many bytes, and does not respond."""
    if after:
        yield Receive(after)
    yield Stall()


@fault("stream-stall", phase="response")
def stall_stream(answer: Answer, *, after: int = 1) -> Iterator[Step] | None:
    """A stream stalls after this many events, or pieces of audio."""
    if not is_streamed(answer):
        return None
    return _stall_after(answer, after)


def _stall_after(answer: Answer, after: int) -> Iterator[Step]:
    pieces = list(iter_pieces(answer))[:after]
    yield from list(replace_pieces(answer, pieces).steps())[:-1]
    yield Stall()


@fault("stream-slow", phase="response")
def slow_stream(answer: Answer, *, delay: float = 0.1) -> Answer | None:
    """Each event of a stream, or piece of audio, is late by this many seconds."""
    if not is_streamed(answer):
        return None
    return replace_pieces(answer, (Piece(chunk.data, chunk.delay + delay) for chunk in iter_pieces(answer)))
