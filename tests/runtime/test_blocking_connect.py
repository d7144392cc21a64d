"""Connecting by blocking calls: which address, and for how long."""

import socket

import pytest

from polargrid_transport.concurrency import BlockingConnect, ConnectError, look_up


@pytest.fixture
def resolve(monkeypatch):
    """`resolve(address, ...)`: every name has these addresses."""

    def install(*addresses):
        results = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: results)

    return install


def start(connect):
    """Start to connect, as httpx does; return the host and the timeout that it uses."""
    info = {"host": "api.test", "port": 1, "timeout": 60.0}
    connect.on_event("connection.connect_tcp.started", info)
    return info["host"], info["timeout"]


def test_each_address_gets_a_part_of_the_time(resolve):
    """A first address that does not respond leaves time for the others."""
    resolve("127.0.0.2", "127.0.0.3", "127.0.0.2")
    host, seconds = start(BlockingConnect(lambda: 60.0))
    assert host == "127.0.0.2"
    assert 20 < seconds <= 30


def test_last_address_gets_the_rest(resolve):
    """The time of addresses that failed at once is not lost, and those that refuse are skipped."""
    resolve("127.0.0.2", "127.0.0.3", "127.0.0.4")
    connect = BlockingConnect(lambda: 60.0)
    start(connect)
    connect.on_event("connection.connect_tcp.failed", {"exception": OSError()})
    connect.on_event("connection.retry.started", {})
    host, seconds = start(connect)
    assert host == "127.0.0.4"
    assert 30 < seconds <= 60


def test_last_error_is_raised(resolve):
    """When no address is left, the second attempt of httpx is prevented."""
    resolve("127.0.0.2")
    connect, error = BlockingConnect(lambda: None), OSError("refused")
    assert start(connect) == ("127.0.0.2", None)
    connect.on_event("connection.connect_tcp.failed", {"exception": error})
    with pytest.raises(OSError, match="refused") as caught:
        connect.on_event("connection.retry.started", {})
    assert caught.value is error


def test_no_time_is_left(resolve):
    """A connect without time is not started: a timeout of 0 is none for a socket."""
    resolve("127.0.0.2")
    with pytest.raises(TimeoutError):
        start(BlockingConnect(lambda: 0.0))


def test_handshake_gets_what_is_left():
    """The TLS handshake ends with the deadline as well."""
    info = {"timeout": 60.0}
    BlockingConnect(lambda: 5.0).on_event("connection.start_tls.started", info)
    assert info == {"timeout": 5.0}


def test_lookup_without_threads(resolve, monkeypatch):
    """A name is looked up even if no thread can be started."""

    def fail(_thread):
        raise RuntimeError("can't start new thread")

    resolve("127.0.0.2")
    monkeypatch.setattr("threading.Thread.start", fail)
    assert look_up("api.test", 80, 60.0) == ["127.0.0.2"]


def test_failed_lookup(monkeypatch):
    """The reason is in the message, and the error of the system is the cause."""

    def fail(*_args, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(ConnectError, match="Name or service not known") as caught:
        look_up("api.test", 80, 60.0)
    assert isinstance(caught.value.__cause__, socket.gaierror)
