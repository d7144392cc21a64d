"""Opening connections."""

import resource
import socket
import threading
import time
from contextlib import closing, contextmanager

import pytest

from polargrid_fast import (
    ConnectError,
    ConnectTimeout,
    FastError,
    ReadError,
    RemoteProtocolError,
    Request,
    Timeouts,
    WriteError,
)
from tests.fast.raw_server import respond, serves


def closes(_connection):
    pass


@pytest.fixture
def closed_port():
    """A port that refuses connections."""
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))  # not listening
        yield sock.getsockname()[1]


@pytest.fixture
def full_port():
    """A port that does not respond to connection attempts, since its queue is full."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        clients = [socket.socket() for _ in range(8)]
        for client in clients:
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
        for client in clients:
            client.close()


def test_refused(pool, closed_port):
    with pytest.raises(ConnectError, match="refused") as caught:
        pool.get(f"http://127.0.0.1:{closed_port}/")
    assert not caught.value.request_sent


def test_unknown_host(pool, monkeypatch):
    def fail(*values, **options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(ConnectError, match=r"name lookup of 'unknown\.test' failed") as caught:
        pool.get("http://unknown.test/")
    assert not caught.value.request_sent


def test_a_name_without_address(pool, name_addresses):
    name_addresses("none.test")
    with pytest.raises(ConnectError, match="no address"):
        pool.get("http://none.test/")


def test_a_name_that_cannot_be_looked_up(pool):
    """Python encodes names for the lookup, and refuses a label of 64 characters."""
    with pytest.raises(ConnectError, match="name lookup"):
        pool.get(f"http://{'a' * 64}.test/")


def test_every_address_is_tried(pool, serve, name_addresses, closed_port):
    server = serve(serves(respond()))
    name_addresses("two.test", ("127.0.0.1", closed_port), ("127.0.0.1", server.port))
    assert pool.fetch("http://two.test/") == b"ok"


def test_an_address_that_does_not_respond_leaves_time_for_the_next(pool, serve, name_addresses, full_port):
    server = serve(serves(respond()))
    name_addresses("two.test", ("127.0.0.1", full_port), ("127.0.0.1", server.port))
    response = pool.get("http://two.test/", timeouts=Timeouts(connect=1.0))
    assert response.read_all() == b"ok"
    response.close()


def test_no_address_accepts(pool, name_addresses, closed_port):
    name_addresses("two.test", ("127.0.0.1", closed_port), ("127.0.0.2", closed_port))
    with pytest.raises(ConnectError, match=r"two\.test.*refused"):
        pool.get("http://two.test/")


@pytest.mark.parametrize("bound", ["timeout", "deadline"])
def test_connect_timeout(pool, full_port, bound):
    options = {"timeouts": Timeouts(connect=0.05)} if bound == "timeout" else {"deadline": time.monotonic() + 0.05}
    with pytest.raises(ConnectTimeout) as caught:
        pool.get(f"http://127.0.0.1:{full_port}/", **options)
    assert not caught.value.request_sent


@pytest.mark.parametrize("bound", ["timeout", "deadline"])
def test_name_lookup_is_bounded(pool, monkeypatch, bound):
    """A name server that does not respond does not hold a request."""
    is_over = threading.Event()

    def block(*values, **options):
        is_over.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", block)
    options = {"timeouts": Timeouts(connect=0.05)} if bound == "timeout" else {"deadline": time.monotonic() + 0.05}
    with pytest.raises(ConnectTimeout, match=r"name lookup of 'slow\.test' timed out"):
        pool.get("http://slow.test/", **options)
    is_over.set()


@contextmanager
def no_file_descriptors():
    """Opening a file or a socket in this block fails with EMFILE."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_no_file_descriptor_is_left(client, closed_port):
    """A process that has all its files open gets ConnectError, and can connect when it has closed some."""
    pool, request = client.pool(), Request("GET", f"http://127.0.0.1:{closed_port}/")

    async def send_without_descriptors():  # the loop itself opens some when it starts
        with no_file_descriptors():
            await pool.native.send(request)

    def send_without_descriptors_sync():
        with no_file_descriptors():
            pool.native.send(request)

    with pytest.raises(ConnectError, match="refused"):  # what has to be imported, is
        pool.send(request)
    with pytest.raises(ConnectError, match="Too many open files") as caught:
        client.run(send_without_descriptors() if client.is_async else send_without_descriptors_sync())
    assert not caught.value.request_sent
    with pytest.raises(ConnectError, match="refused"):
        pool.send(request)


def test_ipv6(pool):
    """An address in brackets is connected to as it is."""
    with pytest.raises(ConnectError, match=r"http://\[::1\]:1"):
        pool.get("http://[::1]:1/")


def test_a_server_that_closes_at_once(pool, serve):
    with pytest.raises(FastError) as caught:
        pool.get(serve(closes).url)
    assert type(caught.value) in (RemoteProtocolError, ReadError, WriteError)


def test_a_refusal_before_the_request_is_read(pool, serve):
    """A server that is full may say so on a new connection, and close."""
    server = serve(lambda connection: connection.send(respond(b"full", status="503 Service Unavailable")))
    response = pool.get(server.url)
    assert (response.status, response.read_all()) == (503, b"full")
