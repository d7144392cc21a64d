"""A proxy for an edge, which applies one change to the requests and responses that it forwards."""

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

from qa.fault_bench.messages import Change, Request, Response, forward_unchanged
from qa.fault_bench.response_cache import ResponseCache

_HOP_HEADERS = {"connection", "transfer-encoding", "keep-alive", "host"}
_HTTPX_HEADERS = ("user-agent", "accept", "accept-encoding")
_STATUSES_WITHOUT_BODY = (204, 304)


class Proxy:
    """Applies `change` to each exchange; requests go to the edge only if the cache has no response."""

    def __init__(self, edge_url: str) -> None:
        self.cache = ResponseCache()
        self._edge = httpx.URL(edge_url)
        self._client = httpx.Client(timeout=120, trust_env=False)
        self._lock = threading.Lock()
        self.start_run(forward_unchanged)

    def start_run(self, change: Change) -> None:
        """Start a new run with this change."""
        self.change = change
        self._number = self._disconnects = 0

    def close(self) -> None:
        self._client.close()

    def number(self, request: Request) -> Request:
        """Add the counts of the run to a request."""
        with self._lock:
            self._number += 1
            return replace(request, number=self._number, disconnects=self._disconnects)

    def mark_disconnect(self, request: Request) -> None:
        with self._lock:
            self._disconnects += 1
        self.cache.mark_disconnect(request)

    def forward(self, request: Request) -> Response:
        """Return the complete response from the cache or the edge."""
        if (cached := self.cache.get(request)) is not None:
            return cached
        started = time.monotonic()
        with self.open(request) as upstream:
            chunks = tuple((time.monotonic() - started, data) for data in upstream.iter_raw())
        chunked = "content-length" not in upstream.headers
        response = Response(upstream.status_code, forwarded_headers(upstream), chunks, chunked=chunked)
        self.cache.store(request, response)
        return response

    @contextmanager
    def open(self, request: Request) -> Iterator[httpx.Response]:
        """Send a request to the edge and yield the response as soon as its headers are received."""
        headers = [
            (name, value) for name, value in request.headers if name.lower() not in {*_HOP_HEADERS, "content-length"}
        ]
        url = self._edge.copy_with(raw_path=request.target.encode("latin-1"))
        upstream_request = self._client.build_request(
            request.method, url, headers=headers, content=request.body or None
        )
        for name in _HTTPX_HEADERS:
            if name not in {other.lower() for other, _ in headers}:
                del upstream_request.headers[name]
        upstream = self._client.send(upstream_request, stream=True)
        try:
            yield upstream
        finally:
            upstream.close()

    def is_passthrough(self, request: Request) -> bool:
        """Whether a stream is forwarded as it arrives: it is not changed, or its client closes it early."""
        is_new = self.change is forward_unchanged and self.cache.get(request) is None
        return request.is_stream and (is_new or self.cache.has_disconnect(request))


def forwarded_headers(upstream: httpx.Response) -> tuple[tuple[str, str], ...]:
    """The headers of a response that are not about the connection to the edge."""
    pairs = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in upstream.headers.raw)
    return tuple((name, value) for name, value in pairs if name.lower() not in _HOP_HEADERS)


class _ForwardRequested(Exception):  # noqa: N818 - control flow, not an error
    """The change wants this request to be sent to the edge."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        self.request = request


def _request_forward(request: Request) -> Response:
    raise _ForwardRequested(request)


class _Handler(BaseHTTPRequestHandler):
    """Writes every byte itself, so that any of them can be faulty."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    proxy: Proxy

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._handle  # for every method
        raise AttributeError(name)

    def log_message(self, *_: Any) -> None:
        """Write no log."""

    def _handle(self) -> None:
        started = time.monotonic()
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        request = self.proxy.number(Request(self.command, self.path, tuple(self.headers.items()), body))
        with suppress(ConnectionError):
            if self.proxy.is_passthrough(request):
                self._pass_through(request)
            else:
                self._respond(request, self.proxy.change(request, self.proxy.forward), started)
            return
        self.close_connection = True

    def _pass_through(self, request: Request) -> None:
        """Forward a stream as it arrives. If the client closes it, the stream from the edge is closed as well."""
        try:
            response = self.proxy.change(request, _request_forward)
        except _ForwardRequested as forward:
            request = forward.request  # the change applies to the request; the response is not changed
        else:
            self._respond(request, response, time.monotonic())
            return
        started, chunks = time.monotonic(), []
        with self.proxy.open(request) as upstream:
            chunked = "content-length" not in upstream.headers
            head = Response(upstream.status_code, forwarded_headers(upstream), chunked=chunked)
            self._write_head(head)
            for data in upstream.iter_raw():
                chunks.append((time.monotonic() - started, data))
                if self._is_disconnected():
                    self.proxy.mark_disconnect(request)
                    self.close_connection = True
                    return
                self._write(data, chunked=chunked)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
        self.proxy.cache.store(request, replace(head, chunks=tuple(chunks)))

    def _is_disconnected(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)

    def _respond(self, request: Request, response: Response, started: float) -> None:
        without_body = request.method == "HEAD" or response.status in _STATUSES_WITHOUT_BODY
        response = replace(response, chunks=()) if without_body else response
        if not response.chunked and not without_body:
            missing = 100 if response.truncated else 0
            response = response.with_header("content-length", str(len(response.body) + missing))
        # A response from the edge has taken its time already: only the pauses between its chunks remain.
        first = response.chunks[0][0] if response.chunks else 0.0
        started = max(started, time.monotonic() - first)
        self._write_head(response)
        for seconds, data in response.chunks:
            time.sleep(max(0.0, started + seconds - time.monotonic()))
            if request.is_stream and self._is_disconnected():
                self.proxy.mark_disconnect(request)
                self.close_connection = True
                return
            self._write(data, chunked=response.chunked)
        if response.truncated:
            self.close_connection = True
        elif response.chunked and not without_body:
            self.wfile.write(b"0\r\n\r\n")

    def _write_head(self, response: Response) -> None:
        headers = [
            (name, value) for name, value in response.headers if not response.chunked or name != "content-length"
        ]
        headers += [("transfer-encoding", "chunked")] if response.chunked else []
        headers += [("connection", "close")] if response.truncated else []
        lines = [f"HTTP/1.1 {response.status} Status", *(f"{name}: {value}" for name, value in headers), "", ""]
        self.wfile.write("\r\n".join(lines).encode("latin-1"))

    def _write(self, data: bytes, *, chunked: bool) -> None:
        if data:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """Ignore clients that disconnect."""


@contextmanager
def run_in_thread(edge_url: str) -> Iterator[tuple[Proxy, str]]:
    """Run a proxy on a thread, and yield it with its URL."""
    proxy = Proxy(edge_url)
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
