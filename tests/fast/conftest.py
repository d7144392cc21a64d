"""A client of each kind, servers of raw sockets, and TLS between them."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fast.clients import KINDS, BlockingPool, Client
from tests.fast.raw_server import RawServer, Script, echoes

CERTIFICATES = Path(__file__).parent / "certificates"  # of a test authority; good.pem is 127.0.0.1's


@pytest.fixture(params=KINDS)
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    """Every test of a client runs on threads and on each event loop."""
    client = Client(request.param)
    yield client
    client.close()


@pytest.fixture
def pool(client: Client) -> BlockingPool:
    """A pool with the default limits."""
    return client.pool()


@pytest.fixture
def serve_scripts() -> Iterator[Callable[..., RawServer]]:
    """Starts servers for tests that make their own pools: `serve_scripts(script, ..., ssl_context=None)`."""
    servers: list[RawServer] = []

    def start(*scripts: Script, ssl_context: ssl.SSLContext | None = None) -> RawServer:
        servers.append(RawServer(scripts, ssl_context))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def serve(serve_scripts: Callable[..., RawServer], client: Client) -> Iterator[Callable[..., RawServer]]:
    """Starts servers for `client`: `serve(script, ..., ssl_context=None)`."""
    yield serve_scripts
    client.close()  # scripts may wait for it


@pytest.fixture
def echo_server(serve_scripts: Callable[..., RawServer]) -> RawServer:
    """A server that responds to each request with its body."""
    return serve_scripts(echoes)


@pytest.fixture(scope="session")
def server_context() -> ssl.SSLContext:
    """A certificate for 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "good.pem", CERTIFICATES / "key.pem")
    return context


@pytest.fixture(scope="session")
def client_context() -> ssl.SSLContext:
    """Trust in that certificate."""
    return ssl.create_default_context(cafile=CERTIFICATES / "ca.pem")


@pytest.fixture
def name_addresses(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`name_addresses("name.test", ("127.0.0.1", port), ...)`: name lookup returns these addresses."""
    names: dict[str, list[tuple[str, int]]] = {}
    lookup = socket.getaddrinfo

    def fake_lookup(host: str, port: Any, *values: Any, **options: Any) -> Any:
        if host not in names:
            return lookup(host, port, *values, **options)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in names[host]]

    monkeypatch.setattr(socket, "getaddrinfo", fake_lookup)

    def add(name: str, *addresses: tuple[str, int]) -> None:
        names[name] = list(addresses)

    return add
