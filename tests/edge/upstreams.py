"""Upstream servers whose responses are scripts, in the shapes of several kinds."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from polargrid_edge.server import Edge, run_in_thread
from polargrid_edge.settings import EdgeSettings
from polargrid_edge.sources import UpstreamSource
from polargrid_edge.upstream.pool import UpstreamPool
from polargrid_testing.server import LoopbackServer
from polargrid_testing.steps import AwaitClose, Close, Reset, Send, Step
from tests.edge.scripted import HEADERS, TIMEOUT

Json = dict[str, Any]
Answer = Callable[[Json], "Iterator[Step]"]
MODEL = "m-1"
USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
DONE = b"data: [DONE]\n\n"


def models(owner: str = "someone", *names: str, **fields: Any) -> Json:
    """A list of models."""
    data = [{"id": name, "object": "model", "created": 7, "owned_by": owner, **fields} for name in names or (MODEL,)]
    return {"object": "list", "data": data}


def event(value: Any) -> bytes:
    """A server-sent event."""
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def delta(content: str | None = None, reason: str | None = None, **more: Any) -> bytes:
    """The event of a chat chunk."""
    fields = more if content is None else {"content": content, **more}
    choice = {"index": 0, "delta": fields, "finish_reason": reason}
    return event({"id": "x", "object": "chat.completion.chunk", "created": 9, "model": "theirs", "choices": [choice]})


def usage(**fields: Any) -> bytes:
    """The event with the usage."""
    return event({"id": "x", "choices": [], "usage": USAGE, **fields})


HELLO = (delta("", role="assistant"), delta("Hel"), delta("lo"), delta(reason="stop"), usage(), DONE)


def head(status: str = "200 OK", media_type: str = "text/event-stream", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-type: {media_type}", "connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def stream(*events: bytes, chunked: bool = False) -> Answer:
    """A stream that ends with the connection, or in chunks without the last one."""

    def answer(_: Json) -> Iterator[Step]:
        if not chunked:
            yield Send(head() + b"".join(events))
        else:
            body = b"".join(f"{len(item):x}\r\n".encode() + item + b"\r\n" for item in events)
            yield Send(head("200 OK", "text/event-stream", "transfer-encoding: chunked") + body)
        yield Close()

    return answer


def respond(body: Any, status: str = "200 OK", *headers: str, media_type: str = "application/json") -> Answer:
    """A response with a body."""

    def answer(_: Json) -> Iterator[Step]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        yield Send(head(status, media_type, f"content-length: {len(data)}", *headers) + data)
        yield Close()

    return answer


def reset(_: Json) -> Iterator[Step]:
    """Reset the connection."""
    yield Reset()


class ScriptedUpstream:
    """A server: `answers` by path, which a test may replace; `requests` are what it received, with their bodies."""

    def __init__(self, listed: Json | None = None, **answers: Answer) -> None:
        self.answers: dict[str, Answer] = {"/v1/models": respond(listed or models()), **answers}
        self.requests: list[tuple[str, Any, dict[str, str]]] = []
        self.closed = threading.Semaphore(0)
        self.waiting = threading.Semaphore(0)
        self._server = LoopbackServer(self)
        self.url = self._server.url

    def on_connect(self) -> None:
        """Read requests."""

    def on_head(self, request: Any) -> None:
        """Read the body."""

    def respond(self, request: Any) -> Iterator[Step]:
        path = request.target
        headers = dict(request.headers.items())
        is_json = "json" in headers.get("content-type", "")
        body = json.loads(request.body) if is_json else request.body
        self.requests.append((path, body, headers))
        missing = respond({"detail": "Not Found"}, "404 Not Found")
        if request.method == "HEAD":
            (step, *_) = self.answers.get(path, missing)(body)
            yield Send(step.data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
            yield Close()
            return
        yield from self.answers.get(path, missing)(body)

    def hang(self, *events: bytes) -> Answer:
        """Send events, and then nothing, until the client closes the connection. `waiting` and `closed` begin anew."""
        waiting, closed = self.waiting, self.closed = threading.Semaphore(0), threading.Semaphore(0)

        def answer(_: Json) -> Iterator[Step]:
            if events:
                yield Send(head() + b"".join(events))
            waiting.release()
            yield AwaitClose()
            closed.release()

        return answer

    def bodies(self, path: str) -> list[Any]:
        """The bodies of the requests for a path."""
        return [body for target, body, _ in self.requests if target == path]

    def close(self) -> None:
        self._server.close()


def check(pool: UpstreamPool) -> None:
    """Check the servers now."""
    for server in pool._servers:
        pool._io.submit(pool._check(server)).result()


@contextmanager
def run_edge(*servers: ScriptedUpstream, **settings: Any) -> Iterator[tuple[Edge, httpx.Client]]:
    """Run an edge in front of servers, and connect to it; at the end all are closed."""
    fields = {name: settings.pop(name) for name in ("models", "types", "timeout", "kind") if name in settings}
    sources = tuple(UpstreamSource(url=server.url, **fields) for server in servers)
    try:
        with (
            run_in_thread(EdgeSettings(port=0, upstreams=sources, **settings)) as edge,
            httpx.Client(base_url=edge.url, headers=HEADERS, timeout=TIMEOUT) as client,
        ):
            yield edge, client
    finally:
        for server in servers:
            server.close()
