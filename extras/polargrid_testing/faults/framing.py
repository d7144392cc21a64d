"""Responses whose headers, length or chunks are wrong, missing or without an end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import repeat
from typing import Literal

from polargrid_testing.faults.answers import error_answer, head_of, render, render_chunked, replace_headers
from polargrid_testing.faults.connections import End, end_step
from polargrid_testing.faults.registry import fault
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.samples import find_sample
from polargrid_testing.steps import Answer, Close, Pause, Receive, Send, Stall, Step, render_chunk, render_head

_HEADER_END = b"\r\n\r\n"


@fault("cut", phase="response")
def cut(
    answer: Answer,
    *,
    part: Literal["response", "headers", "body"] = "body",
    after: int | None = None,
    end: End = "close",
) -> Iterable[Step]:
    """The connection ends inside the headers or the body, after this many bytes of it, or half of them."""
    head, separator, body = render(answer).partition(_HEADER_END)
    if part == "headers":
        sent = head[: len(head) // 2 if after is None else after]
    elif part == "body":
        sent = head + separator + body[: len(body) // 2 if after is None else after]
    else:
        data = head + separator + body
        sent = data[: len(data) // 2 if after is None else after]
    return [Send(sent), end_step(end)]


@fault("header", phase="response")
def set_header(answer: Answer, *, name: str, value: str | None) -> Iterator[Step]:
    """A header has this value, valid or not, in Latin-1; None removes it."""
    yield from replace_headers(answer, **{name.lower(): value}).steps()
    if name.lower() == "connection" and value == "close":
        yield Close()


@fault("extra-headers", phase="response")
def add_headers(answer: Answer, *, count: int = 1, size: int = 1_000_000) -> Iterable[Step]:
    """The response has more headers, of this many bytes in all; beyond 100 KiB is too much."""
    length = max(size // count - 4, 0)
    headers = [(f"{number:x}", "a" * max(length - len(f"{number:x}"), 0)) for number in range(count)]
    return [Send(render(answer, *headers))]


@fault("no-length", phase="response")
def end_with_connection(answer: Answer, *, version: Literal["1.0", "1.1"] = "1.1") -> Iterable[Step]:
    """The body has neither a length nor chunks: it ends with the connection."""
    head = head_of(answer, version=f"HTTP/{version}")
    return [Send(head), Send(answer.content), Close()]


@fault("interim-response", phase="response")
def send_interim(
    answer: Answer, *, code: Literal[100, 102, 103] = 102, count: int | None = 1, delay: float = 0.0
) -> Iterator[Step]:
    """Interim responses precede the response; without a count, forever."""
    for _ in repeat(None) if count is None else range(count):
        yield Send(render_head(code, ()))
        if delay:
            yield Pause(delay)
    yield from answer.steps()


@fault("early-response", phase="head")
def respond_early(
    request: ReceivedRequest, *, status: int | None = None, then: Literal["read", "stall", "close"] = "read"
) -> Iterator[Step]:
    """The response is sent before the request is read: the example of the operation, or an error.

    Then the server reads the request, stops reading, or closes the connection.
    """
    if status is not None:
        answer = replace_headers(error_answer(status), connection="close")
    else:
        sample = find_sample(request.method, request.target)
        answer = Answer(sample.status, {"content-type": sample.media_type} if sample.media_type else {}, sample.body)
    yield from answer.steps()
    if then == "stall":
        yield Stall()
    if then == "read":
        yield Receive()
    if then == "close" or status is not None:
        yield Close()


@fault("no-content", phase="response")
def send_no_content(*, body: bytes = b"") -> Iterable[Step]:
    """The response is a 204; a body may follow it, though it has none."""
    return [Send(render_head(204, ()) + body)]


@fault("content-length", phase="response")
def send_wrong_length(
    answer: Answer, *, problem: Literal["too-long", "invalid", "negative", "huge", "different", "repeated"] = "too-long"
) -> Iterator[Step]:
    """Content-Length does not match the body, is invalid, or is there twice."""
    length = len(answer.content)
    values = {
        "too-long": [f"{length + 100}"],
        "invalid": ["x"],
        "negative": ["-1"],
        "huge": ["9" * 30],
        "different": [f"{length}", f"{length + 1}"],
        "repeated": [f"{length}", f"{length}"],
    }[problem]
    yield Send(head_of(answer, *(("content-length", value) for value in values)) + answer.content)
    if problem != "repeated":
        yield Close()


@fault("transfer-encoding", phase="response")
def set_transfer_encoding(answer: Answer, *, value: str = "unknown") -> Iterable[Step]:
    """Transfer-Encoding is one that clients do not know."""
    return [Send(head_of(answer, ("transfer-encoding", value)) + answer.content), Close()]


@fault("chunked", phase="response")
def break_chunks(
    answer: Answer,
    *,
    problem: Literal["size", "cut", "no-end", "trailers", "extension"] = "no-end",
    end: End = "close",
) -> Iterator[Step]:
    """A chunk is cut, its size is invalid, the last one is missing, or trailers or an extension never end."""
    head = head_of(answer, ("transfer-encoding", "chunked"))
    content = render_chunked(answer)
    yield Send(
        {
            "size": head + b"zz\r\n" + answer.content,
            "cut": head + render_chunk(answer.content)[: -len(answer.content) // 2 - 2],
            "no-end": content,
            "trailers": content + b"0\r\n",
            "extension": head + b"2;x=",
        }[problem]
    )
    if problem == "trailers":
        yield from (Send(b"x-trailer: a\r\n" * 100) for _ in range(1_000))
    if problem == "extension":
        yield from (Send(b"a" * 1_000) for _ in range(1_000))
    yield end_step(end)


@fault("content-type", phase="response")
def set_content_type(answer: Answer, *, value: str | None = "text/html") -> Answer:
    """Content-Type is another one, or missing."""
    return replace_headers(answer, content_type=value)


@fault("body", phase="response")
def replace_body(answer: Answer, *, data: bytes | str, content_type: str | None = None) -> Answer:
    """The body is another one; by default, with the Content-Type of the response."""
    changed = replace(answer, body=data.encode() if isinstance(data, str) else data)
    return changed if content_type is None else replace_headers(changed, content_type=content_type)
