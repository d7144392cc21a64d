"""Scripts for the raw edge: what it sends, and what it does then."""

from __future__ import annotations

import json
import select
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import httpx

Script = Callable[[Any], object]

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
SPEECH = {"model": "tts-1", "input": "Hi", "voice": "alloy"}
HEALTH = {
    "status": "healthy",
    "runtime": "llama.cpp",
    "timestamp": "2026-11-01T12:00:00Z",
    "features": {"dynamic_loading": True, "huggingface_support": True},
    "backend": {"healthy": True, "info": {"name": "llama.cpp", "version": "1", "extensions": []}},
}
DONE = b"data: [DONE]\n\n"
EVENTS = "text/event-stream"


def reads(seconds: float) -> httpx.Timeout:
    """A timeout that is short for reading alone: nothing else is what a test of it is about."""
    return httpx.Timeout(5, read=seconds)


def stays(connection: Any) -> None:
    """The edge keeps the connection until the client leaves."""
    connection.left()


def closes(_connection: Any) -> None:
    """The edge closes the connection."""


def resets(connection: Any) -> None:
    """The edge resets the connection."""
    connection.reset()


def calm(script: Script) -> Script:
    """The script; a client that leaves early is no failure of the edge."""

    def run(connection: Any) -> None:
        with suppress(ConnectionError, ssl.SSLError):
            script(connection)

    return run


def head(
    *headers: str, status: str = "200 OK", media_type: str | None = "application/json", length: int | None = None
) -> bytes:
    """The head of an answer."""
    lines = [f"HTTP/1.1 {status}", *headers]
    lines += [] if media_type is None else [f"content-type: {media_type}"]
    lines += [] if length is None else [f"content-length: {length}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def answer(body: Any, *headers: str, status: str = "200 OK", media_type: str | None = "application/json") -> bytes:
    """A whole answer; what is no bytes is sent as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return head(*headers, status=status, media_type=media_type, length=len(data)) + data


FINE = answer(HEALTH)
BUSY = answer({"error": {"message": "busy"}}, "retry-after-ms: 0", status="503 Service Unavailable")


def says(*data: bytes, then: Script = stays) -> Script:
    """Read a request, send this, then …"""

    def script(connection: Any) -> None:
        connection.request()
        for each in data:
            connection.send(each)
        then(connection)

    return script


def in_turn(*answers: bytes) -> Script:
    """Requests on one connection, answered one after another."""

    def script(connection: Any) -> None:
        for each in answers:
            connection.request()
            connection.send(each)
        stays(connection)

    return script


def drips(data: Iterable[bytes], *, before: bytes = b"", pause: float = 0.005) -> Script:
    """Read a request, then send piece by piece, slowly, until the client leaves."""

    def script(connection: Any) -> None:
        connection.request()
        connection.send(before)
        for each in data:
            connection.send(each)
            if select.select([connection._socket], [], [], pause)[0]:
                return
        stays(connection)

    return script


def chunk(text: str | None = None, finish_reason: str | None = None, **more: Any) -> bytes:
    """An event of a streamed chat."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish_reason}
    data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps({**data, **more}, ensure_ascii=False)}\n\n".encode()


def streams(
    *pieces: bytes, then: Script | None = None, media_type: str = EVENTS, headers: tuple[str, ...] = ()
) -> Script:
    """Read a request, stream these pieces, then …: where nothing is said the stream ends as it should."""

    def script(connection: Any) -> None:
        connection.request()
        connection.send(head("transfer-encoding: chunked", *headers, media_type=media_type))
        for each in pieces:
            connection.piece(each)
        if then is None:
            connection.piece(b"")
        (then or stays)(connection)

    return script


def texts(chunks: Iterable[Any]) -> list[str | None]:
    """The texts of a stream's chunks."""
    return [each.choices[0].delta.content for each in chunks]


def heard(edge: Any) -> list[Any]:
    """The requests that an edge read."""
    return [request for request in edge.requests if request.line]
