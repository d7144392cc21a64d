"""Names of hosts: their lookup, and each of their addresses."""

import asyncio
import socket
import sys
from contextlib import ExitStack
from threading import Event

import pytest

from polargrid import NetworkError, TimeoutError  # noqa: A004 - the documented name
from tests.overlay.conftest import HANG_TIMEOUT
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import HEALTHY, close, send

ADDRESSES = ["127.0.0.2", "127.0.0.3", "127.0.0.4"]


@pytest.fixture
def resolve(connect, monkeypatch):
    """`resolve(addresses)`: every name has these addresses; `resolve(function)` calls it instead."""

    def install(result):
        def lookup(host, port, *_args, **_options):
            host = host.decode() if isinstance(host, bytes) else host
            if host[0].isdigit():
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
            addresses = result() if callable(result) else result
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

        async def get_loop():
            return asyncio.get_running_loop()

        async def lookup_async(*args, **options):
            return await asyncio.to_thread(lookup, *args, **options)

        monkeypatch.setattr(socket, "getaddrinfo", lookup)
        if connect.name == "async":  # uvloop has a lookup of its own
            monkeypatch.setattr(connect.run(get_loop()), "getaddrinfo", lookup_async)

    return install


@pytest.fixture
def make_silent():
    """`make_silent(address, port)`: it does not respond to attempts to connect, since its queue is full."""
    with ExitStack() as stack:

        def fill(address, port):
            listener = stack.enter_context(socket.create_server((address, port), backlog=0))
            stack.enter_context(socket.create_connection(listener.getsockname()))

        yield fill


def name_of(server):
    """The URL of a server with a name."""
    return server.url.replace("127.0.0.1", "api.test")


@pytest.mark.parametrize("dead", range(4))
@fault(
    "connection",
    "A name has several addresses, and some of them refuse the connection",
    result="the response",
    line='fake.fault("name-addresses", refused=2)',
)
def test_refused_addresses(connect, serve, resolve, dead):
    server = serve(send(HEALTHY))
    resolve([*ADDRESSES[:dead], "127.0.0.1"])
    assert connect(base_url=name_of(server)).health().meta.attempts == 1
    assert server.connections == 1


@pytest.mark.skipif(sys.platform != "linux", reason="the length of the queue depends on the system")
@pytest.mark.parametrize("silent", [1, 2])
@fault(
    "connection",
    "Some addresses of a name do not respond",
    result="the response of another one, within the connect timeout",
    line='fake.fault("name-addresses", refused=0, silent=1)',
)
def test_silent_addresses(connect, serve, resolve, make_silent, silent):
    server = serve(send(HEALTHY))
    for address in ADDRESSES[:silent]:
        make_silent(address, int(server.url.rpartition(":")[2]))
    resolve([*ADDRESSES[:silent], "127.0.0.1"])
    health = connect(base_url=name_of(server), timeout=2.0, deadline=2.0).health()
    assert (health.status, health.meta.attempts) == ("healthy", 1)


@pytest.mark.skipif(sys.platform != "linux", reason="the length of the queue depends on the system")
@fault(
    "connection",
    "No address of a name responds",
    result="`TimeoutError` after the connect timeout of all of them",
    line='fake.fault("name-addresses", refused=0, silent=3, works=False)',
)
def test_only_silent_addresses(connect, serve, resolve, make_silent, expect_error):
    server = serve(close)
    for address in ADDRESSES:
        make_silent(address, int(server.url.rpartition(":")[2]))
    resolve(ADDRESSES)
    with expect_error(TimeoutError, r"connect timeout after 0\.3 s", sent=False):
        connect(base_url=name_of(server), timeout=0.3).health()


@fault(
    "connection",
    "No address of a name accepts the connection",
    result="`NetworkError`",
    line='fake.fault("name-addresses", refused=3, works=False)',
)
def test_only_refused_addresses(connect, serve, resolve, expect_error):
    server = serve(close)
    resolve(ADDRESSES)
    with expect_error(NetworkError, "cannot connect", sent=False):
        connect(base_url=name_of(server)).health()


@pytest.mark.parametrize("limit", ["timeout", "deadline"])
@fault(
    "connection",
    "The lookup of a name does not end",
    result="`TimeoutError` after the connect timeout, or the `deadline`",
    line='fake.fault("name-stall")',
)
def test_endless_lookup(connect, serve, resolve, expect_error, limit):
    is_over = Event()

    def block():
        is_over.wait(HANG_TIMEOUT)
        return ["127.0.0.1"]

    resolve(block)
    message = r"connect timeout after 0\.1 s" if limit == "timeout" else r"deadline of 0\.1 s exceeded"
    with expect_error(TimeoutError, message, sent=False):
        connect(base_url="http://api.test:9", **{limit: 0.1}).health()
    is_over.set()


@fault(
    "connection",
    "The lookup of a name fails",
    result="`NetworkError`",
    line='fake.fault("name-unknown", temporary=True)',
)
def test_failed_lookup(connect, serve, resolve, expect_error):
    def fail():
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    resolve(fail)
    with expect_error(NetworkError, "Temporary failure", sent=False):
        connect(base_url="http://api.test:9").health()


@pytest.mark.parametrize(
    ("host", "sent"),
    [
        ("straße.test", "xn--strae-oqa.test"),
        ("xn--strae-oqa.test", "xn--strae-oqa.test"),
        ("bücher.test", "xn--bcher-kva.test"),
    ],
)
@fault(
    "connection", "The name of a host is not ASCII", result="IDNA 2008: `straße.de` is `xn--strae-oqa.de`", line=None
)
def test_international_name(connect, serve, resolve, host, sent):
    server = serve(send(HEALTHY))
    resolve(["127.0.0.1"])
    connect(base_url=server.url.replace("127.0.0.1", host)).health()
    assert server.requests[0].headers["host"].partition(":")[0] == sent
