"""A proxy in front of an edge, which changes one thing in what passes through it."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from qa.fault_bench.memory import Memory
from qa.fault_bench.messages import Answer, Asked, Change, honest

_HOPS = {"connection", "transfer-encoding", "keep-alive", "host"}
_NO_BODY = (204, 304)


class Proxy:
    """Changes what passes by `change`; the edge is asked only for what `memory` does not hold."""

    def __init__(self, edge: str, memory: Memory | None = None) -> None:
        self.memory = memory or Memory()
        self._edge = httpx.URL(edge)
        self._client = httpx.Client(timeout=120, trust_env=False)
        self._lock = threading.Lock()
        self.begin(honest)

    def begin(self, change: Change) -> None:
        """A new run, with this change."""
        self.change = change
        self._number = self._left = 0

    def close(self) -> None:
        self._client.close()

    def counted(self, asked: Asked) -> Asked:
        with self._lock:
            self._number += 1
            return replace(asked, number=self._number, left=self._left)

    def leave(self, asked: Asked) -> None:
        with self._lock:
            self._left += 1
        self.memory.leave(asked)

    def forward(self, asked: Asked) -> Answer:
        """The edge's answer, whole, remembered or asked for."""
        recalled = self.memory.recalled(asked)
        if recalled is not None:
            return recalled
        began = time.monotonic()
        with self.opened(asked) as came:
            parts = tuple((time.monotonic() - began, data) for data in came.iter_raw())
        answer = Answer(came.status_code, headers_of(came), parts, chunked="content-length" not in came.headers)
        self.memory.keep(asked, answer)
        return answer

    @contextmanager
    def opened(self, asked: Asked) -> Iterator[httpx.Response]:
        headers = [(name, value) for name, value in asked.headers if name.lower() not in {*_HOPS, "content-length"}]
        url = self._edge.copy_with(raw_path=asked.target.encode("latin-1"))
        request = self._client.build_request(asked.method, url, headers=headers, content=asked.body or None)
        for name in ("user-agent", "accept", "accept-encoding"):  # httpx's own
            if name not in {known.lower() for known, _ in headers}:
                del request.headers[name]
        came = self._client.send(request, stream=True)
        try:
            yield came
        finally:
            came.close()

    def passes_on(self, asked: Asked) -> bool:
        """Whether a stream goes through as it comes: nothing changes it, or its client is known to leave."""
        fresh = self.change is honest and self.memory.recalled(asked) is None
        return asked.streamed and (fresh or self.memory.was_left(asked))


def headers_of(came: httpx.Response) -> tuple[tuple[str, str], ...]:
    pairs = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in came.headers.raw)
    return tuple((name, value) for name, value in pairs if name.lower() not in _HOPS)


class _HandedOnError(Exception):
    """The request is for the edge."""

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self.asked = asked


def _handed_on(asked: Asked) -> Answer:
    raise _HandedOnError(asked)


class _Handler(BaseHTTPRequestHandler):
    """Writes every byte itself, so that a fault can be in any of them."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    proxy: Proxy

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._served  # whatever the method
        raise AttributeError(name)

    def log_message(self, *_: Any) -> None:
        """A proxy is silent."""

    def _served(self) -> None:
        began = time.monotonic()
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        asked = self.proxy.counted(Asked(self.command, self.path, tuple(self.headers.items()), body))
        with suppress(ConnectionError):
            if self.proxy.passes_on(asked):
                self._pass_on(asked)
            else:
                self._answer(asked, self.proxy.change(asked, self.proxy.forward), began)
            return
        self.close_connection = True

    def _pass_on(self, asked: Asked) -> None:
        """As it comes. Before its end the client may leave; then the edge is left too."""
        try:
            answer = self.proxy.change(asked, _handed_on)
        except _HandedOnError as on:
            asked = on.asked  # what a fault makes of the request counts here as well, its answer is not changed
        else:
            self._answer(asked, answer, time.monotonic())
            return
        began, parts = time.monotonic(), []
        with self.proxy.opened(asked) as came:
            blank = Answer(came.status_code, headers_of(came), chunked="content-length" not in came.headers)
            self._head(blank)
            for data in came.iter_raw():
                parts.append((time.monotonic() - began, data))
                if self._is_alone():
                    self.proxy.leave(asked)
                    self.close_connection = True
                    return
                self._write(data, chunked=blank.chunked)
        if blank.chunked:
            self.wfile.write(b"0\r\n\r\n")
        self.proxy.memory.keep(asked, replace(blank, parts=tuple(parts)))

    def _is_alone(self) -> bool:
        """Whether the client has hung up."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)

    def _answer(self, asked: Asked, answer: Answer, began: float) -> None:
        bodiless = asked.method == "HEAD" or answer.status in _NO_BODY
        answer = replace(answer, parts=()) if bodiless else answer
        if not answer.chunked and not bodiless:
            answer = answer.with_header("content-length", str(len(answer.body) + (100 if answer.cut else 0)))
        # What was just made has taken its time already; only the pauses between its parts are still to come.
        first = answer.parts[0][0] if answer.parts else 0.0
        began = max(began, time.monotonic() - first)
        self._head(answer)
        for seconds, data in answer.parts:
            time.sleep(max(0.0, began + seconds - time.monotonic()))
            if asked.streamed and self._is_alone():
                self.proxy.leave(asked)
                self.close_connection = True
                return
            self._write(data, chunked=answer.chunked)
        if answer.cut:
            self.close_connection = True
        elif answer.chunked and not bodiless:
            self.wfile.write(b"0\r\n\r\n")

    def _head(self, answer: Answer) -> None:
        headers = [(name, value) for name, value in answer.headers if not answer.chunked or name != "content-length"]
        headers += [("transfer-encoding", "chunked")] if answer.chunked else []
        headers += [("connection", "close")] if answer.cut else []
        lines = [f"HTTP/1.1 {answer.status} Told", *(f"{name}: {value}" for name, value in headers), "", ""]
        self.wfile.write("\r\n".join(lines).encode("latin-1"))

    def _write(self, data: bytes, *, chunked: bool) -> None:
        if data:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is no error here."""


@contextmanager
def running(edge: str, memory: Memory | None = None) -> Iterator[tuple[Proxy, str]]:
    """A proxy on a thread, and its URL."""
    proxy = Proxy(edge, memory)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": proxy}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="proxy")
    thread.start()
    try:
        yield proxy, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        proxy.close()
