"""Scripts for the server of the tests: the steps of a connection, from its first request to its end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpx

from polargrid_testing.steps import AwaitClose, Pause, ReceiveRequest, Reset, Send, Step, render_chunk

Script = Callable[[], Iterable[Step]]

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
SPEECH = {"model": "tts-1", "input": "Hi", "voice": "alloy"}
HEALTH = {
    "status": "healthy",
    "runtime": "llama.cpp",
    "timestamp": "2026-11-01T12:00:00Z",
    "features": {"dynamic_loading": True, "huggingface_support": True},
    "backend": {"healthy": True, "info": {"name": "llama.cpp", "version": "1", "extensions": []}},
}
COMPLETION = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}
DONE = b"data: [DONE]\n\n"
EVENT_STREAM = "text/event-stream"


def read_timeout(seconds: float) -> httpx.Timeout:
    """A timeout that is short for reads only."""
    return httpx.Timeout(60, read=seconds)


def wait_for_disconnect() -> Iterator[Step]:
    """Keep the connection open until the client closes it."""
    yield AwaitClose()


def close() -> Iterable[Step]:
    """Close the connection."""
    return ()


def reset() -> Iterable[Step]:
    """Reset the connection."""
    return [Reset()]


def end_chunks() -> Iterable[Step]:
    """End a chunked response."""
    return [Send(render_chunk(b""))]


def note_close(closed: list[bool]) -> Script:
    """Keep the connection open until the client closes it, and note that it did."""

    def script() -> Iterator[Step]:
        closed.append((yield AwaitClose()))

    return script


def response_head(
    *headers: str, status: str = "200 OK", media_type: str | None = "application/json", length: int | None = None
) -> bytes:
    """The status line and headers of a response."""
    lines = [f"HTTP/1.1 {status}", *headers]
    lines += [] if media_type is None else [f"content-type: {media_type}"]
    lines += [] if length is None else [f"content-length: {length}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def response(body: Any, *headers: str, status: str = "200 OK", media_type: str | None = "application/json") -> bytes:
    """A complete response; a body that is not bytes is sent as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return response_head(*headers, status=status, media_type=media_type, length=len(data)) + data


HEALTHY = response(HEALTH)
BUSY = response({"error": {"message": "busy"}}, "retry-after-ms: 0", status="503 Service Unavailable")


def send(*data: bytes, then: Script = wait_for_disconnect) -> Script:
    """Read a request and send these bytes."""

    def script() -> Iterator[Step]:
        yield ReceiveRequest()
        for item in data:
            yield Send(item)
        yield from then()

    return script


def send_in_turn(*responses: bytes) -> Script:
    """Respond to the requests on one connection, one after another."""
    return lambda: [step for item in responses for step in (ReceiveRequest(), Send(item))] + [AwaitClose()]


def drip(data: Iterable[bytes], *, before: bytes = b"", pause: float = 0.005) -> Script:
    """Read a request and send the data in small pieces, until the client disconnects."""

    def script() -> Iterator[Step]:
        yield ReceiveRequest()
        yield Send(before)
        for item in data:
            yield Send(item)
            yield Pause(pause)
        yield AwaitClose()

    return script


def chunk(text: str | None = None, finish_reason: str | None = None, **fields: Any) -> bytes:
    """An event of a streamed chat."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish_reason}
    data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps({**data, **fields}, ensure_ascii=False)}\n\n".encode()


def stream(
    *chunks: bytes, then: Script | None = None, media_type: str = EVENT_STREAM, headers: tuple[str, ...] = ()
) -> Script:
    """Read a request and stream these chunks; without `then`, the response ends as it should."""

    def script() -> Iterator[Step]:
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", *headers, media_type=media_type))
        yield from (Send(render_chunk(item)) for item in chunks)
        if then is None:
            yield Send(render_chunk(b""))
        yield from (then or wait_for_disconnect)()

    return script


def texts(chunks: Iterable[Any]) -> list[str | None]:
    """The texts of a stream's chunks."""
    return [item.choices[0].delta.content for item in chunks]
