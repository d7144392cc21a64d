"""A proxy for an edge, which applies one change to the requests and responses that it forwards.

It speaks HTTP/1.1 itself, since libraries repair what a fault breaks. What is no valid request goes to the edge byte by
byte, and the edge's bytes go back, so that an unchanged proxy responds to every dialect as the edge does.
"""

from __future__ import annotations

import random
import select
import socket
import socketserver
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from urllib.parse import urlsplit

from qa.fault_bench.http1 import (
    ClientLeftError,
    InvalidHTTPError,
    Reader,
    encode_head,
    encode_request,
    has_no_body,
    is_closed,
    keeps_connection,
    read_request,
    read_response,
)
from qa.fault_bench.messages import Change, Chunks, Headers, Request, Response, Traffic, forward_unchanged
from qa.fault_bench.network import DelayedWriter, Network

_HOP_HEADERS = {"connection", "transfer-encoding", "keep-alive", "host"}
_EDGE_TIMEOUT = 120.0
_DRAIN_SECONDS = 0.5
_POLL_SECONDS = 0.02


class Proxy:
    """Applies `change` to each exchange, behind `network`."""

    def __init__(self, edge_url: str) -> None:
        parts = urlsplit(edge_url)
        self.edge = (parts.hostname or "", parts.port or 80)
        self._lock = threading.Lock()
        self.start_run(forward_unchanged)

    def start_run(self, change: Change, network: Network | None = None) -> None:
        """Start a new run with this change."""
        self.change, self.network = change, network
        self.random = random.Random(7)  # noqa: S311 - not for security
        self.traffic = Traffic()
        self.errors: list[str] = []
        """Failures of the change itself, which look like faults to the client."""
        self._number = 0

    def number(self, request: Request) -> Request:
        """Add the counts of the run to a request."""
        with self._lock:
            self._number += 1
            return replace(request, number=self._number, traffic=self.traffic)


class _Exchange:
    """One request of a client and the connections to the edge that its change opens."""

    def __init__(self, proxy: Proxy, client: socket.socket, request: Request) -> None:
        self._proxy, self._client = proxy, client
        self._client_waits = not request.is_pipelined
        self._opened: list[socket.socket] = []

    def close(self) -> None:
        for connection in self._opened:
            connection.close()

    def forward(self, request: Request) -> Response:
        """Send a request to the edge, and return the response as soon as its head has arrived."""
        started = time.monotonic()
        connection = socket.create_connection(self._proxy.edge, timeout=_EDGE_TIMEOUT)
        self._opened.append(connection)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # The edge may reject a request before it has read its body, and then close the connection.
        with suppress(ConnectionError):
            connection.sendall(encode_request(request, "{}:{}".format(*self._proxy.edge)))
        reader = Reader(connection, wait=lambda: None if request.detached else self._wait(connection))
        status, headers, body = read_response(reader, request.method)
        is_chunked = "transfer-encoding" in {name.lower() for name, _ in headers}
        chunks = Chunks((time.monotonic() - started, data) for data in body)
        return Response(status, _end_to_end(headers), chunks, chunked=is_chunked)

    def _wait(self, connection: socket.socket) -> None:
        """Wait for the edge; raise ClientLeftError if the client leaves before."""
        while self._client_waits:
            readable, _, _ = select.select([connection, self._client], [], [], _EDGE_TIMEOUT)
            if connection in readable or not readable:
                return
            if is_closed(self._client):
                raise ClientLeftError
            self._client_waits = False  # its next request is here, so it has not left


def _end_to_end(headers: Headers) -> Headers:
    """The headers of a response that are not about the connection to the edge."""
    return tuple((name, value) for name, value in headers if name.lower() not in _HOP_HEADERS)


class _Handler(socketserver.BaseRequestHandler):
    """A connection of a client."""

    proxy: Proxy
    request: socket.socket

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        network = self.proxy.network
        self._writer = DelayedWriter(self.request, network, self.proxy.random) if network else None
        reader = Reader(self.request)
        try:
            with suppress(ConnectionError):
                self._serve(reader)
        finally:
            if self._writer:
                self._writer.close()
            self._close_gently()

    def _serve(self, reader: Reader) -> None:
        for position in range(1_000_000):
            try:
                request = read_request(reader, self._send)
            except InvalidHTTPError:
                self._tunnel(reader.take_rest())
                return
            except EOFError:
                self.proxy.traffic.mark_disconnect("request")
                return
            if request is None or not self._respond(replace(request, position=position), reader):
                return

    def _respond(self, request: Request, reader: Reader) -> bool:
        """Respond to a request. Returns whether the connection is kept."""
        request = self.proxy.number(request)
        exchange = _Exchange(self.proxy, self.request, request)
        traffic, operation = request.traffic, request.operation
        traffic.start(operation)
        started = time.monotonic()
        try:
            response = self.proxy.change(request, exchange.forward)
            self._write(request, response, started)
        except ClientLeftError:
            traffic.mark_disconnect("stream" if request.is_stream else "plain")
            raise
        except (OSError, EOFError):
            raise
        except Exception:
            self.proxy.errors.append(traceback.format_exc(limit=-3))
            raise
        finally:
            traffic.finish(operation)
            exchange.close()
        if response.wire.drops_next:
            reader.take_rest()
        return not _closes(request, response) or response.wire.stays_open

    def _write(self, request: Request, response: Response, started: float) -> None:
        wire = response.wire
        sends_body = wire.has_unexpected_body or not has_no_body(request.method, response.status)
        is_chunked = response.chunked and (request.version != "HTTP/1.0" or wire.is_always_chunked)
        head = wire.before + encode_head(response, _framing(request, response, is_chunked=is_chunked))
        for part in (bytes([byte]) for byte in head) if wire.in_bytes else (head,):
            self._send(part)
        if sends_body:
            self._write_chunks(request, response, started, is_chunked=is_chunked)
        ends_chunks = is_chunked and sends_body and not response.truncated and not wire.omits_last_chunk
        self._send((b"0\r\n%b\r\n" % wire.trailers if ends_chunks else b"") + wire.after)

    def _write_chunks(self, request: Request, response: Response, started: float, *, is_chunked: bool) -> None:
        origin = None
        try:
            for seconds, data in response.chunks:
                # A response that a change has read has taken its time: only the pauses between its chunks remain.
                origin = max(started, time.monotonic() - seconds) if origin is None else origin
                time.sleep(max(0.0, origin + seconds - time.monotonic()))
                if not request.is_pipelined and not request.detached and is_closed(self.request):
                    raise ClientLeftError
                if data:
                    size = b"%x%b\r\n" % (len(data), response.wire.chunk_extension)
                    self._send(size + data + b"\r\n" if is_chunked else data)
        except (EOFError, InvalidHTTPError, TimeoutError):
            raise ConnectionAbortedError from None  # the edge ended the response early

    def _send(self, data: bytes) -> None:
        if self._writer:
            self._writer.write(data)
        elif data:
            self.request.sendall(data)

    def _tunnel(self, data: bytes) -> None:
        """Send these bytes to the edge, and then pass on what either side sends."""
        with socket.create_connection(self.proxy.edge, timeout=_EDGE_TIMEOUT) as edge:
            edge.sendall(data)
            open_sides = {edge, self.request}
            while edge in open_sides:
                readable, _, _ = select.select(list(open_sides), [], [], _EDGE_TIMEOUT)
                if not readable:
                    return
                for side in readable:
                    received = side.recv(65_536)
                    if not received:
                        open_sides.discard(side)
                        with suppress(OSError):
                            edge.shutdown(socket.SHUT_WR)
                    elif side is edge:
                        self._send(received)
                    else:
                        edge.sendall(received)

    def _close_gently(self) -> None:
        """Close after the client has read the response: unread data of its own would reset the connection."""
        with suppress(OSError):
            self.request.shutdown(socket.SHUT_WR)
            deadline = time.monotonic() + _DRAIN_SECONDS
            self.request.settimeout(_POLL_SECONDS)
            while time.monotonic() < deadline:
                with suppress(TimeoutError):
                    if not self.request.recv(65_536):
                        return


def _framing(request: Request, response: Response, *, is_chunked: bool) -> Headers:
    """The headers of a response with those that say where its body ends."""
    wire = response.wire
    declared = response.header("content-length")
    headers: list[tuple[str, str]] = [pair for pair in response.headers if pair[0].lower() != "content-length"]
    if has_no_body(request.method, response.status):
        headers += [("content-length", declared)] if declared and response.status != 204 else []
    elif is_chunked:
        headers.append(("transfer-encoding", "chunked"))
        headers += [("content-length", "2")] if wire.has_length_and_chunks else []
    elif response.chunked:
        pass  # the end of the connection is the end of the body
    else:
        is_live = isinstance(response.chunks, Chunks) and declared and not response.truncated
        length = int(declared) if is_live else len(response.body) + (100 if response.truncated else 0)
        headers += [("content-length", str(length + wire.extra_length + 3 * copy)) for copy in range(wire.lengths)]
    if _closes(request, response):
        headers.append(("connection", "close"))
    elif request.version == "HTTP/1.0":
        headers.append(("connection", "keep-alive"))
    return tuple(headers)


def _closes(request: Request, response: Response) -> bool:
    """Whether the connection ends with the response, which says so."""
    is_delimited_by_end = response.chunked and request.version == "HTTP/1.0"
    return response.closes or response.truncated or is_delimited_by_end or not keeps_connection(request)


class _Server(socketserver.ThreadingTCPServer):
    request_queue_size = 256
    daemon_threads = True  # clients keep connections open
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Ignore clients that disconnect."""


@contextmanager
def run_in_thread(edge_url: str) -> Iterator[tuple[Proxy, str]]:
    """Run a proxy on a thread, and yield it with its URL."""
    proxy = Proxy(edge_url)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": proxy}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="proxy")
    thread.start()
    try:
        yield proxy, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
