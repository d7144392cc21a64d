"""Responses as they arrive."""

import pytest

from polargrid_fast import ReadError, RemoteProtocolError, Request
from tests.fast.raw_server import respond, serves, serves_and_closes

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_body_with_a_length(pool, serve):
    response = pool.get(serve(serves(respond(b"hello"))).url)
    assert (response.status, response.read_all()) == (200, b"hello")
    assert response.read() == b""


def test_chunked_body(pool, serve):
    response = pool.get(serve(serves(CHUNKED + b"5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n")).url)
    assert response.read_all() == b"hello world"
    assert "x-trailer" not in response.headers


def test_body_that_ends_with_the_connection(pool, serve):
    response = pool.get(serve(serves_and_closes(b"HTTP/1.1 200 OK\r\n\r\nhello")).url)
    assert response.read_all() == b"hello"


def test_large_body(pool, serve):
    """A body of many times the buffer arrives unchanged: reading is paused and resumed."""
    body = bytes(range(256)) * 16384
    response = pool.get(serve(serves(respond(body))).url)
    assert response.read_all() == body


def test_header_names_are_lower_case_and_equal_ones_joined(pool, serve):
    response = pool.get(serve(serves(respond(b"", "X-A: 1", "x-a:  2 "))).url)
    assert response.headers["x-a"] == "1, 2"


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_status_without_body(pool, serve, status):
    server = serve(serves(f"HTTP/1.1 {status}\r\n\r\n".encode(), respond()))
    response = pool.get(server.url)
    assert response.read_all() == b""
    response.close()
    assert pool.fetch(server.url) == b"ok"
    assert server.connection_count == 1


def test_head_has_no_body(pool, serve):
    """The length that a HEAD's response names is not waited for, and its connection is used again."""
    server = serve(serves(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", respond()))
    response = pool.send(Request("HEAD", server.url))
    assert (response.headers["content-length"], response.read_all()) == ("5", b"")
    response.close()
    assert pool.fetch(server.url) == b"ok"
    assert server.connection_count == 1


def test_interim_responses_are_skipped(pool, serve):
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    response = pool.get(serve(serves(interim + respond(b"final"))).url)
    assert (response.status, response.read_all(), "link" in response.headers) == (200, b"final", False)


@pytest.mark.parametrize(
    "truncated",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        CHUNKED + b"5\r\nhel",
        CHUNKED + b"5\r\nhello\r\n",
        CHUNKED + b"5\r\nhello\r\n0\r\nX: 1\r\n",
    ],
)
def test_truncated_response(pool, serve, truncated):
    """A part is never the whole."""
    with pytest.raises(RemoteProtocolError, match="server disconnected") as caught:
        pool.get(serve(serves_and_closes(truncated)).url).read_all()
    assert caught.value.request_sent


def test_reset_during_the_body(pool, serve):
    def run(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        connection.reset()

    with pytest.raises((ReadError, RemoteProtocolError)):
        pool.get(serve(run).url).read_all()


def test_a_response_that_failed_fails_again(pool, serve):
    response = pool.get(serve(serves_and_closes(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")).url)
    with pytest.raises(RemoteProtocolError):
        response.read_all()
    with pytest.raises(RemoteProtocolError):
        response.read()
