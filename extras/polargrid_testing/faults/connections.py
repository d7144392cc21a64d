"""Connections that are refused, ignored, closed, or that carry something else than HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Literal, TypeAlias

from polargrid_testing.faults.answers import render
from polargrid_testing.faults.registry import fault
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.server import LoopbackServer
from polargrid_testing.steps import Answer, Close, Pause, Receive, Reset, Send, SendTogether, Stall, Step, render_head

End: TypeAlias = Literal["close", "reset"]

_PROTOCOLS = {
    "ssh": b"SSH-2.0-OpenSSH_9.6\r\n",
    "http2": b"\0\0\x12\4\0\0\0\0\0" * 9,
    "status": b"HTTP/1.1 banana\r\n\r\n",
    "text": b"hello\n",
}


def end_step(end: End) -> Step:
    """Return the step that ends a connection so."""
    return Reset() if end == "reset" else Close()


@fault("connection-refused", phase="server")
def refuse_connection(server: LoopbackServer) -> AbstractContextManager[None]:
    """The port refuses connections; the open ones are closed."""
    return server.refuse_connections()


@fault("connection-ignored", phase="server")
def ignore_connection(server: LoopbackServer) -> AbstractContextManager[None]:
    """Attempts to connect get no response (Linux); the open connections are closed."""
    return server.ignore_connections()


@fault("connection-closed", phase="connect")
def close_connection(*, end: End = "close") -> Iterable[Step]:
    """A new connection is closed at once, before the TLS handshake."""
    return [end_step(end)]


@fault("connection-stall", phase="connect")
def stall_connection() -> Iterable[Step]:
    """A new connection is accepted, and nothing happens on it: no TLS handshake, no response."""
    return [Stall()]


@fault("empty-response", phase="head")
def end_without_response(
    *, read: Literal["request", "headers"] | int = "request", end: End = "close"
) -> Iterator[Step]:
    """The connection ends instead of a response, after the request, its headers, or this many bytes of its body."""
    if read != "headers":
        yield Receive(None if read == "request" else read)
    yield end_step(end)


@fault("idle-close", phase="response")
def close_idle(answer: Answer, *, after: float = 0.0, end: End = "close") -> Iterator[Step]:
    """The connection ends after a complete response, though the response does not say so."""
    yield from answer.steps()
    if after:
        yield Pause(after)
    yield end_step(end)


@fault("trailing-data", phase="response")
def send_more(
    answer: Answer,
    *,
    data: Literal["response", "chunked-response", "no-content", "junk"] | bytes = "response",
    after: float | None = None,
    own_record: bool = False,
) -> Iterator[Step]:
    """A second response, or junk, follows a complete response: in the same packet, or some seconds later."""
    if isinstance(data, bytes):
        extra = data
    else:
        body = Answer.json({"error": {"message": "an unrequested response"}}, status=408)
        extra = {
            "response": render(body),
            "chunked-response": b"".join(
                step.data for step in Answer(408, body.headers, ()).steps() if isinstance(step, Send)
            ),
            "no-content": render_head(204, ()),
            "junk": b"junk",
        }[data]
    first = b"".join(step.data for step in answer.steps() if isinstance(step, Send))
    if after is not None:
        yield from (Send(first), Pause(after), Send(extra))
    else:
        yield SendTogether((first, extra)) if own_record else Send(first + extra)


@fault("not-http", phase="response")
def speak_other_protocol(
    *, protocol: Literal["ssh", "http2", "status", "text"] = "ssh", end: End = "close"
) -> Iterable[Step]:
    """The server does not speak HTTP/1, or its status line is invalid."""
    return [Send(_PROTOCOLS[protocol]), end_step(end)]


@fault("raw", phase="response")
def send_raw(*, data: bytes, end: End | None = "close") -> Iterator[Step]:
    """The response is exactly these bytes."""
    yield Send(data)
    yield end_step(end) if end else Stall()


@fault("echo", phase="response")
def echo(request: ReceivedRequest) -> Iterable[Step]:
    """The server sends the request back."""
    lines = [f"{request.method} {request.target} HTTP/1.1", *(f"{n}: {v}" for n, v in request.headers.items())]
    return [Send("\r\n".join([*lines, "", ""]).encode("latin-1") + request.body), Stall()]


@fault("switch-protocols", phase="response")
def switch_protocols() -> Iterable[Step]:
    """The server switches to another protocol (101)."""
    return [Send(render_head(101, [("upgrade", "websocket"), ("connection", "upgrade")]) + b"\x81\x05hello"), Stall()]
