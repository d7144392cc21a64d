"""A server over HTTP whose long texts take as long as they are read, and that sees when a client leaves."""

from __future__ import annotations

import json
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any, Literal

import httpx

from tests.contract.http_handler import HTTPHandler
from tests.contract.openai_server import OpenAIServer
from tests.contract.recorded_edge import HOP_HEADERS

_LONG = 20  # tokens
_TEXT_PATHS = ("/v1/chat/completions", "/v1/completions")
Leaving = Literal["stream", "plain", "request"]
"""What a client leaves: its stream, before its plain response, or in the middle of its request."""


@dataclass
class StreamingServer:
    """Its faults: what it does to streams, and with the response to a request, when another client leaves."""

    ends_streams_on: Leaving | None = None
    as_if_complete: bool = False
    """Whether streams end with all that ends a text."""
    delivers_abandoned: str = ""
    """The path at which the next client gets the response that another one did not wait for."""
    waits_for_leaving_at: str = ""
    """The path at which a request that is longer than another one takes until its client leaves."""
    slots: int = 4
    tokens: int = 100_000
    """Of a long text; a few of them are sent at once."""
    left: list[str] = field(default_factory=list)
    abandoned: dict[str, httpx.Response] = field(default_factory=dict)
    base: OpenAIServer = field(default_factory=OpenAIServer)
    sizes: list[int] = field(default_factory=list)
    """Of the bodies at that path."""

    undecided: int = 0
    """Clients of which it is not known yet whether they leave; streams that they might end wait for that."""

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        self.free = threading.Semaphore(self.slots)

    @contextmanager
    def run(self) -> Iterator[str]:
        """Serve on a free port, and yield the URL."""
        handler = type("Handler", (_Handler,), {"state": self})
        with _Server(("127.0.0.1", 0), handler) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}"
            finally:
                server.shutdown()
                thread.join()


class _Handler(HTTPHandler):
    state: StreamingServer

    def do_GET(self) -> None:  # noqa: N802 - the standard library's name
        self._pass_on(b"")

    def do_POST(self) -> None:  # noqa: N802 - the standard library's name
        self.close_connection = True
        with self._decide():
            body = self.read_body()
            if len(body) < int(self.headers.get("content-length") or 0):
                self.state.left.append("request")
                return
        parsed: dict[str, Any] = {}
        with suppress(ValueError):
            parsed = json.loads(body)
        if self.path not in _TEXT_PATHS or parsed.get("max_tokens", 0) < _LONG:
            self._pass_on(body)
        elif not self._wait_for_slot():
            self.state.left.append("stream" if parsed.get("stream") else "plain")
        else:
            try:
                self._stream() if parsed.get("stream") else self._generate(body)
            finally:
                self.state.free.release()

    def _wait_for_slot(self) -> bool:
        while not self.state.free.acquire(timeout=0.005):
            if self._has_left():
                return False
        return True

    @contextmanager
    def _decide(self) -> Iterator[None]:
        with self.state.lock:
            self.state.undecided += 1
        try:
            yield
        finally:
            with self.state.lock:
                self.state.undecided -= 1

    def _generate(self, body: bytes) -> None:
        """Generate until the client leaves, or the text is over."""
        with self._decide():
            self._generate_text(body)

    def _generate_text(self, body: bytes) -> None:
        for _ in range(self.state.tokens):
            if self._has_left():
                self.state.left.append("plain")
                self.state.abandoned[self.path] = self._ask(body)
                return
        self._pass_on(body)

    def _stream(self) -> None:
        self._write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        before = self._count_left()
        for number in range(self.state.tokens):
            while self.state.ends_streams_on and self.state.undecided:
                threading.Event().wait(0.001)
            if self._count_left() > before:
                self._end() if self.state.as_if_complete else None
                return
            if self._has_left():
                self.state.left.append("stream")
                return
            self._send(self._part(f"{number} "), None)
            threading.Event().wait(0.001 if self.state.tokens > _LONG else 0.0)
        self._end()

    def _end(self) -> None:
        self._send(self._part(""), "length")
        self._write(b"data: [DONE]\n\n")

    def _part(self, text: str) -> dict[str, Any]:
        return {"delta": {"content": text}} if "chat" in self.path else {"text": text}

    def _send(self, part: dict[str, Any], reason: str | None) -> None:
        choice = {"index": 0, **part, "finish_reason": reason}
        chunk = {"id": "c1", "object": "chunk", "created": 1, "model": "gpt-mini", "choices": [choice]}
        self._write(b"data: %s\n\n" % json.dumps(chunk).encode())

    def _count_left(self) -> int:
        return self.state.left.count(str(self.state.ends_streams_on))

    def _has_left(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        try:
            return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def _write(self, data: bytes) -> None:
        with suppress(OSError):  # `_has_left` says so
            self.wfile.write(data)
            self.wfile.flush()

    def _ask(self, body: bytes) -> httpx.Response:
        headers = [(name.encode(), value.strip().encode()) for name, value in self.headers.items()]
        if self.path == "/v1/audio/transcriptions":  # the other server cannot read compressed speech
            return httpx.Response(200, json={"text": f"A recording of {len(body)} bytes."})
        return self.state.base.send(
            httpx.Request(self.command, f"http://server.test{self.path}", headers=headers, content=body)
        )

    def _pass_on(self, body: bytes) -> None:
        if self.path == self.state.waits_for_leaving_at:
            self.state.sizes.append(len(body))
            if len(body) > min(self.state.sizes):
                self._wait_for_leaving(body)
                return
        response = self._ask(body)
        if self.path == self.state.delivers_abandoned:
            while self.state.undecided:
                threading.Event().wait(0.001)
            response = self.state.abandoned.pop(self.path, response)
        fields = [(name, value) for name, value in response.headers.multi_items() if name not in HOP_HEADERS]
        with suppress(OSError):
            self.write_response(response.status_code, fields, response.content)

    def _wait_for_leaving(self, body: bytes) -> None:
        with self._decide():
            response = self._ask(body)
            while not self._has_left():
                select.select([self.connection], [], [])
            self.state.abandoned[self.path] = response


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
