"""The proxy of the fault benchmark: unchanged, it is correct in every dialect; changed, it writes any bytes."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from qa.fault_bench.faults import FAULTS
from qa.fault_bench.http1 import ClientLeftError
from qa.fault_bench.messages import forward_unchanged
from qa.fault_bench.proxy import Proxy, run_in_thread
from tests.contract.serve import serve

HOST = b"Host: edge\r\n"
CLOSE = b"Connection: close\r\n"


def echo(request: httpx.Request) -> httpx.Response:
    """Respond with what arrived at the edge."""
    body = {"method": request.method, "path": request.url.path, "body": request.content.decode()}
    return httpx.Response(200, json=body)


@pytest.fixture(scope="module")
def proxy() -> Iterator[tuple[Proxy, str]]:
    with serve(echo) as edge_url, run_in_thread(edge_url) as server_and_url:
        yield server_and_url


@pytest.fixture
def exchange(proxy):
    """Send bytes through the proxy and receive all that comes back until it closes the connection."""

    def send(data: bytes, change=forward_unchanged, *, then: bytes = b"") -> bytes:
        server, url = proxy
        server.start_run(change)
        address = httpx.URL(url)
        with socket.create_connection((address.host, address.port), timeout=10) as connection:
            connection.sendall(data)
            received = b""
            if then:
                received = connection.recv(65_536)
                connection.sendall(then)
            while part := connection.recv(65_536):
                received += part
        assert not server.errors
        return received

    return send


def body_of(response: bytes) -> dict[str, str]:
    return json.loads(response.partition(b"\r\n\r\n")[2])


def test_http_1_0_gets_no_chunks_and_its_connection_is_closed(exchange):
    """A client of HTTP/1.0 knows neither chunks nor kept connections."""
    response = exchange(b"GET /health HTTP/1.0\r\n\r\n")
    assert b"transfer-encoding" not in response.lower()
    assert b"connection: close" in response.lower()
    assert body_of(response)["path"] == "/health"


def test_pipelined_requests_are_answered_in_order(exchange):
    """Each gets its own response."""
    response = exchange(b"GET /a HTTP/1.1\r\n" + HOST + b"\r\nGET /b HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n")
    assert response.count(b"HTTP/1.1 200") == 2
    assert response.index(b'"/a"') < response.index(b'"/b"')


def test_a_chunked_body_arrives_as_a_whole(exchange):
    """Extensions and trailers are not part of it."""
    chunks = b"5;x=1\r\nhello\r\n6\r\n world\r\n0\r\nx-sum: 1\r\n\r\n"
    response = exchange(b"POST /a HTTP/1.1\r\n" + HOST + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    assert body_of(response)["body"] == "hello world"


def test_a_client_that_waits_for_100_gets_it(exchange):
    """Once, before the response."""
    head = b"POST /a HTTP/1.1\r\n" + HOST + CLOSE + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    response = exchange(head, then=b"hello")
    interim, _, final = response.partition(b"\r\n\r\n")
    assert interim == b"HTTP/1.1 100 Continue"
    assert body_of(final)["body"] == "hello"


def test_head_has_the_length_and_no_body(exchange):
    """As HTTP says."""
    response = exchange(b"HEAD /a HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n")
    assert response.endswith(b"\r\n\r\n")
    assert b"content-length" in response.lower()


@pytest.mark.parametrize(
    ("request_line", "expected"),
    [
        (b"GET /a HTTP/9.9", b"Invalid HTTP version"),
        (b"GET  /a HTTP/1.1", b'"/a"'),
        (b"GET /a HTTP/1.1\nx: y", b'"/a"'),
    ],
)
def test_what_is_no_http_is_judged_by_the_edge(exchange, request_line, expected):
    """The response is that of the edge, here one that is lenient, and not of the proxy."""
    assert expected in exchange(request_line + b"\r\n" + HOST + CLOSE + b"\r\n")


def test_a_client_that_leaves_ends_its_request():
    """The connection to the edge is closed, although the edge has not responded."""
    arrived, left, release = threading.Event(), threading.Event(), threading.Event()

    def respond_late(_: httpx.Request) -> httpx.Response:
        arrived.set()
        release.wait(10)
        return httpx.Response(200)

    def change(request, forward):
        try:
            return forward(request)
        except ClientLeftError:
            left.set()
            raise

    with serve(respond_late) as edge_url, run_in_thread(edge_url) as (server, url):
        server.start_run(change)
        address = httpx.URL(url)
        with socket.create_connection((address.host, address.port), timeout=10) as connection:
            connection.sendall(b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n")
            assert arrived.wait(10)
        assert left.wait(10)
        release.set()


WIRE = {
    "W01": (b"HEAD /health HTTP/1.1", b'{"status": "ok"}'),
    "W02": (b"GET /health HTTP/1.1", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"),
    "W03": (b"GET /health HTTP/1.0", b"HTTP/1.1 103 Early Hints"),
    "W04": (b"GET /health HTTP/1.1", b"}\r\n0\r\n\r\n"),
    "W10": (b"GET /health HTTP/1.1", b"\x01"),
    "W12": (b"GET /health HTTP/1.0", b"chunked"),
    "W16": (b"GET /health HTTP/1.1", b"HTTP/1.1 200 OK\n"),
    "W21": (b"GET /health HTTP/1.1", b"gzip"),
}


@pytest.mark.parametrize("name", WIRE)
def test_a_change_writes_any_bytes(exchange, name):
    """A fault of the wire reaches the client as it is."""
    request_line, expected = WIRE[name]
    change = FAULTS[name].apply
    response = exchange(
        request_line + b"\r\n" + HOST + CLOSE + b"\r\n",
        lambda request, forward: change(request, lambda sent: replace(forward(sent), chunked=False)),
    )
    assert expected in response
