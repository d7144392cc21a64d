"""Which connections are used again."""

import pytest

from polargrid_fast import ReadError, RemoteProtocolError, Request, SyncPool
from polargrid_fast.sync_connection import SyncConnection
from tests.fast.clients import TIMEOUTS
from tests.fast.raw_server import echoes, respond, serves, serves_and_closes

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_a_connection_is_used_again(pool, serve):
    server = serve(echoes)
    assert [pool.fetch(server.url) for _ in range(3)] == [b""] * 3
    assert server.connection_count == 1


@pytest.mark.parametrize(
    "response",
    [
        respond(b"ok") + b"junk",
        respond(b"ok") + b"\r\n",
        respond(b"ok") + respond(b"another"),
        CHUNKED + b"2\r\nok\r\n0\r\n\r\njunk",
        CHUNKED + b"2\r\nok\r\n0\r\n\r\n\r\n",
        CHUNKED + b"2\r\nok\r\n0\r\n\r\n" + respond(b"another"),
        respond(b"ok", "Connection: close"),
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ],
)
def test_a_connection_that_is_not_clean_is_closed(pool, serve, response):
    """The response is returned; what follows it never meets the next request."""
    server = serve(serves(response), serves(respond(b"second")))
    assert pool.fetch(server.url) == b"ok"
    assert pool.fetch(server.url) == b"second"
    assert server.connection_count == 2


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_a_body_where_none_belongs_closes_the_connection(pool, serve, status):
    server = serve(serves(f"HTTP/1.1 {status}\r\n\r\nbody".encode()), serves(respond(b"second")))
    assert pool.fetch(server.url) == b""
    assert pool.fetch(server.url) == b"second"


def test_a_connection_that_the_server_closed_is_not_used(client, pool, serve):
    """The end of the stream is noticed before the request is written."""
    server = serve(serves_and_closes(respond(b"first")), serves(respond(b"second")))
    assert pool.fetch(server.url) == b"first"
    server._threads[1].join()  # the server has closed
    assert pool.fetch(server.url) == b"second"


def test_a_request_is_not_sent_twice(pool, serve):
    """A server that takes a request on a kept connection and closes may have processed it."""

    def run(connection):
        connection.read_request()
        connection.send(respond(b"first"))
        connection.read_request()

    server = serve(run, serves(respond(b"never")))
    assert pool.fetch(server.url) == b"first"
    with pytest.raises((RemoteProtocolError, ReadError)) as caught:
        pool.post(server.url)
    assert caught.value.request_sent
    assert [request.line.split()[0] for request in server.requests] == ["GET", "POST"]


def test_a_request_of_which_nothing_was_written_is_sent_on_another_connection(serve_scripts, monkeypatch):
    """A kept connection that refuses the first byte has certainly not processed the request."""

    def run(connection):
        connection.read_request()
        connection.send(respond(b"first"))
        connection.reset()

    server, pool = serve_scripts(run, serves(respond(b"second"))), SyncPool()

    def fetch():
        response = pool.send(Request("POST", server.url, body=b"body"), TIMEOUTS)
        try:
            return response.read()
        finally:
            response.close()

    assert fetch() == b"first"
    server._threads[1].join()
    monkeypatch.setattr(SyncConnection, "is_alive", True)  # the reset arrives right behind the check
    assert fetch() == b"second"
    pool.close()


def test_an_unread_response_that_is_complete_keeps_its_connection(pool, serve):
    server = serve(echoes)
    pool.post(server.url).close()
    assert pool.fetch(server.url) == b""


def test_a_connection_that_shall_not_be_used_again_is_closed(client, pool, serve):
    server = serve(echoes)
    response = pool.get(server.url)
    response.read_all()
    native = response.native
    client.run(native.aclose(is_reusable=False) if client.is_async else native.close(is_reusable=False))
    assert pool.fetch(server.url) == b""
    assert server.connection_count == 2


def test_a_half_read_response_closes_its_connection(pool, serve):
    server = serve(serves(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), serves(respond(b"second")))
    response = pool.get(server.url)
    assert response.read() == b"half"
    response.close()
    assert pool.fetch(server.url) == b"second"


def test_a_response_that_is_left_while_reading_is_paused_closes_its_connection(pool, serve):
    """Bytes that fill the buffer pause reading; a paused connection is never given back."""

    def run(connection):
        connection.read_request()
        connection.send(respond(bytes(300 * 1024)))
        connection.wait_for_close()

    server = serve(run, serves(respond(b"second")))
    pool.get(server.url).close()
    assert pool.fetch(server.url) == b"second"


def test_drain_makes_a_connection_usable(pool, serve):
    """An event stream's last event may be read while the end of the body is still to come."""
    server = serve(serves(CHUNKED + b"6\r\n[DONE]\r\n0\r\n\r\n", respond(b"second")))
    response = pool.get(server.url)
    response.drain(20)
    response.close()
    assert pool.fetch(server.url) == b"second"
    assert server.connection_count == 1


def test_drain_gives_up(pool, serve):
    server = serve(serves(CHUNKED + b"6\r\n[DONE]\r\n"), serves(respond(b"second")))
    response = pool.get(server.url)
    response.drain(0.01)
    response.close()
    assert pool.fetch(server.url) == b"second"


def test_a_response_is_given_back_once(client, serve):
    """Closing twice does not lend one connection to two requests."""
    pool, server = client.pool(max_connections=1), serve(echoes)
    response = pool.get(server.url)
    response.read_all()
    response.close()
    response.close()
    assert pool.fetch(server.url) == b""
    assert server.connection_count == 1


def test_an_idle_connection_expires(client, serve):
    pool, server = client.pool(keepalive_expiry=0), serve(echoes)
    assert [pool.fetch(server.url) for _ in range(2)] == [b"", b""]
    assert server.connection_count == 2


def test_origins_do_not_share_connections(pool, serve):
    first, second = serve(serves(respond(b"1"), respond(b"1"))), serve(serves(respond(b"2"), respond(b"2")))
    urls = [first.url, second.url, first.url, second.url]
    assert [pool.fetch(url) for url in urls] == [b"1", b"2", b"1", b"2"]
    assert (first.connection_count, second.connection_count) == (1, 1)


def test_requests_of_all_sizes_share_a_connection(pool, serve):
    server = serve(echoes)
    for size in (0, 1, 70_000, 700_000):
        response = pool.send(Request("POST", server.url, body=bytes(size)))
        assert len(response.read_all()) == size
        response.close()
    assert server.connection_count == 1
