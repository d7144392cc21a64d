"""Lookups of the name of a server. The fake needs a name: `host="edge.test"`."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event

from polargrid_testing.faults.registry import fault
from polargrid_testing.names import resolve_name
from polargrid_testing.server import LoopbackServer


def _host(server: LoopbackServer) -> str:
    if server.host is None:
        raise ValueError("the server has no name to look up; create it with a host, like host='edge.test'")
    return server.host


@fault("name-unknown", phase="server")
@contextmanager
def fail_lookup(server: LoopbackServer, *, temporary: bool = False) -> Iterator[None]:
    """The name of the server is unknown, or its lookup fails temporarily."""

    def fail() -> list[str]:
        if temporary:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with resolve_name(_host(server), fail):
        yield


@fault("name-stall", phase="server")
@contextmanager
def stall_lookup(server: LoopbackServer) -> Iterator[None]:
    """The lookup of the server's name does not end as long as the fault is active."""
    is_over = Event()

    def wait() -> list[str]:
        is_over.wait()
        return ["127.0.0.1"]

    try:
        with resolve_name(_host(server), wait):
            yield
    finally:
        is_over.set()


@fault("name-addresses", phase="server")
@contextmanager
def change_addresses(
    server: LoopbackServer, *, refused: int = 1, silent: int = 0, works: bool = True
) -> Iterator[None]:
    """The name has several addresses: some refuse connections, some are silent (Linux), the last may work."""
    dead = [f"127.0.0.{number}" for number in range(2, 2 + silent + refused)]
    addresses = [*dead, *(["127.0.0.1"] if works else [])]
    with ExitStack() as stack:
        for address in dead[:silent]:
            listener = stack.enter_context(socket.create_server((address, server.port), backlog=0))
            stack.enter_context(socket.create_connection(listener.getsockname()))  # fills the queue
        stack.enter_context(resolve_name(_host(server), lambda: addresses))
        yield
