"""Each wait has a timeout, and the whole exchange a deadline."""

import threading
import time

import pytest

from polargrid_fast import ConnectTimeout, ReadTimeout, Timeouts, WriteTimeout
from tests.fast.raw_server import TEST_TIMEOUT, respond, serves

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
SOON = 0.05


def silent(connection):
    connection.read_head()
    connection.wait_for_close()


def stops_in_the_body(connection):
    connection.read_head()
    connection.send(HEAD + b"part")
    connection.wait_for_close()


def drips(connection):
    """Send a byte of the head at a time, far more often than any timeout, until the client closes."""
    connection.read_head()
    connection.send(b"HTTP/1.1 200 OK\r\nX: ")
    while not connection.wait_for_close(0.01):
        connection.send(b"a")


def test_read_timeout_for_the_head(pool, serve):
    with pytest.raises(ReadTimeout) as caught:
        pool.get(serve(silent).url, timeouts=Timeouts(read=SOON))
    assert caught.value.request_sent


def test_read_timeout_for_the_body(pool, serve):
    response = pool.get(serve(stops_in_the_body).url)
    assert response.read() == b"part"
    response.native.read_timeout = SOON
    with pytest.raises(ReadTimeout):
        response.read()


def test_deadline_for_the_head(pool, serve):
    with pytest.raises(ReadTimeout):
        pool.get(serve(silent).url, deadline=time.monotonic() + SOON)


def test_deadline_for_a_dripping_head(pool, serve):
    """Bytes that keep coming do not extend the deadline."""
    with pytest.raises(ReadTimeout):
        pool.get(serve(drips).url, deadline=time.monotonic() + 0.2)


def test_deadline_that_is_changed_between_reads(pool, serve):
    response = pool.get(serve(stops_in_the_body).url, deadline=time.monotonic() + 1000)
    assert response.read() == b"part"
    response.native.deadline = time.monotonic() + SOON
    with pytest.raises(ReadTimeout):
        response.read()


def test_deadline_in_the_past(pool):
    """Nothing is sent."""
    with pytest.raises(ConnectTimeout) as caught:
        pool.get("http://127.0.0.1:1/", deadline=time.monotonic() - 1)
    assert not caught.value.request_sent


def test_deadline_in_the_past_on_a_kept_connection(pool, serve):
    server = serve(serves(respond(), respond()))
    assert pool.fetch(server.url) == b"ok"
    with pytest.raises(WriteTimeout) as caught:
        pool.get(server.url, deadline=time.monotonic() - 1)
    assert not caught.value.request_sent
    assert len(server.requests) == 1


@pytest.mark.parametrize("bound", ["timeout", "deadline"])
def test_write_timeout(pool, serve, bound):
    """A server that does not read fills the buffers on both sides."""
    is_over = threading.Event()
    server = serve(lambda _: is_over.wait(TEST_TIMEOUT))
    options = {"timeouts": Timeouts(write=SOON)} if bound == "timeout" else {"deadline": time.monotonic() + 0.3}
    with pytest.raises(WriteTimeout) as caught:
        pool.post(server.url, bytes(64 * 1024 * 1024), **options)
    is_over.set()
    assert caught.value.request_sent


def test_a_timeout_closes_the_connection(pool, serve):
    """The late response of one request is never the next one's."""
    server = serve(silent, serves(respond(b"second")))
    with pytest.raises(ReadTimeout):
        pool.get(server.url, timeouts=Timeouts(read=SOON))
    assert pool.fetch(server.url) == b"second"


def test_a_timeout_of_one_wait_does_not_end_the_next(pool, serve):
    """A timer that an earlier request set does not ring in a later one."""
    server = serve(serves(respond(b"first"), respond(b"second")))
    response = pool.get(server.url, timeouts=Timeouts(read=SOON * 100))
    response.read_all()
    response.close()
    response = pool.get(server.url, timeouts=Timeouts())
    assert response.read_all() == b"second"
    response.close()
