"""An HTTP/1.1 server on a loopback port whose responses are steps; it runs on a thread with its own event loop."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import threading
from collections.abc import AsyncIterable, Coroutine, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Protocol, Self

import h11

from polargrid_testing.arguments import check_port
from polargrid_testing.byte_stream import ConnectionEnd
from polargrid_testing.connection import Connection
from polargrid_testing.names import resolve_name
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.steps import Respond, Step
from polargrid_testing.threads import call_on_thread

_INVALID = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_RECEIVE_BUFFER = 262_144
"""Bytes. Of its own accord the system accepts tens of megabytes from a client while a server reads nothing."""


class Handler(Protocol):
    """Decides what a server does. It is called on the thread of the server, and must not block.

    If it has a method `needs_thread(request)` that returns True, `respond` is called on a thread of its own.
    """

    def on_connect(self) -> Iterable[Step] | None:
        """Return the steps of a new connection, before anything is read, or None to read requests."""

    def on_head(self, request: ReceivedRequest) -> Iterable[Step] | None:
        """Return the steps of a request whose body was not read yet, or None to read it."""

    def respond(self, request: ReceivedRequest) -> Iterable[Step] | AsyncIterable[Step]:
        """Return the steps of a complete request."""
        raise NotImplementedError


class LoopbackServer:
    """A server that listens on a free port as soon as it exists, until `close`.

    With a `host`, that name is in its URL, and leads to it in this process. With an `ssl_context`, TLS starts after the
    steps of `on_connect`. Raises `OSError` if it cannot listen on its `address`, an IP address, and port.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        port: int = 0,
        ssl_context: ssl.SSLContext | None = None,
        host: str | None = None,
        address: str = "127.0.0.1",
    ) -> None:
        check_port(port)
        self._handler, self._ssl_context, self.host, self._address = handler, ssl_context, host, address
        self.port = port
        self._listener = self._listen()
        self.port = self._listener.getsockname()[1]
        self._reservation: socket.socket | None = None
        """Keeps the port while the server refuses connections. Not always: two sockets on a port are Linux's."""
        self._names = ExitStack()
        if host is not None:
            self._names.enter_context(resolve_name(host, lambda: ["127.0.0.1"]))
        name = host or (f"[{address}]" if ":" in address else address)
        self.url = f"{'https' if ssl_context else 'http'}://{name}:{self.port}"
        self.connections = 0
        """The number of connections so far."""
        self._loop = asyncio.SelectorEventLoop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._closing = threading.RLock()
        self._thread = threading.Thread(target=self._run, name="polargrid-testing", daemon=True)
        self._thread.start()

    def _listen(self, backlog: int = 512) -> socket.socket:
        listener = _bind(self._address, self.port)
        listener.listen(backlog)
        return listener

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._loop.run_forever()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _start(self) -> None:
        self._server = await self._loop.create_server(self._accept, sock=self._listener)

    def _accept(self) -> Connection:
        self.connections += 1
        connection = Connection(self._connections, self._ssl_context)
        task = self._loop.create_task(self._serve(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return connection

    async def _serve(self, connection: Connection) -> None:
        await connection.opened.wait()
        try:
            with suppress(ConnectionEnd, h11.RemoteProtocolError):
                await connection.run_all(self._handler.on_connect() or ())
                while await self._serve_request(connection):
                    pass
        finally:
            connection.close()

    async def _serve_request(self, connection: Connection) -> bool:
        """Handle the next request; whether the connection can be used for another one."""
        try:
            connection.is_idle = True
            request = await connection.receive_head()
            connection.is_idle = False
            if request is None:
                return False
            if await connection.run_all(self._handler.on_head(request) or (Respond(),)):
                await connection.read_body()
                await connection.run_all(await self._respond(replace(request, body=connection.take_body())))
        except h11.RemoteProtocolError:
            connection.write(_INVALID)
            return False
        return connection.start_next_request() and connection.keeps_alive(request)

    async def _respond(self, request: ReceivedRequest) -> Iterable[Step] | AsyncIterable[Step]:
        needs_thread = getattr(self._handler, "needs_thread", None)
        if needs_thread is None or not needs_thread(request):
            return self._handler.respond(request)
        return await call_on_thread(lambda: self._handler.respond(request))

    def close_idle_connections(self) -> None:
        """Close the connections that no request uses, so that the next request opens one."""
        self._call(self._close_idle())

    async def _close_idle(self) -> None:
        for connection in list(self._connections):
            if connection.is_idle:
                connection.close()

    @contextmanager
    def refuse_connections(self) -> Iterator[None]:
        """Close all connections, and refuse further ones until the block ends."""
        self._call(self._stop_listening())
        try:
            yield
        finally:
            self._call(self._listen_again())

    @contextmanager
    def ignore_connections(self) -> Iterator[None]:
        """Close all connections, and do not respond to attempts to connect until the block ends (Linux)."""
        with (
            self.refuse_connections(),
            self._listen(backlog=0) as listener,
            socket.create_connection(listener.getsockname()),  # fills the queue
        ):
            yield

    def _call(self, coroutine: Coroutine[Any, Any, None]) -> None:
        if threading.current_thread() is self._thread:
            coroutine.close()
            raise RuntimeError("called on the thread of the server, which would wait for itself; call it elsewhere")
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()
        else:
            coroutine.close()

    async def _stop_listening(self) -> None:
        await self._stop_accepting()
        self._reserve()
        for connection in list(self._connections):
            connection.close()

    async def _stop_accepting(self) -> None:
        """Close the port. A socket that was accepted becomes a connection first: asyncio drops it otherwise."""
        if self._server is not None:
            self._loop.remove_reader(self._listener.fileno())
            await _run_callbacks()
            self._server.close()
            self._server = None

    def _reserve(self) -> None:
        if self._reservation is None:
            self._reservation = _bind(self._address, self.port)

    def _release(self) -> None:
        if self._reservation is not None:
            self._reservation.close()
            self._reservation = None

    async def _listen_again(self) -> None:
        self._release()
        self._listener = self._listen()
        await self._start()

    def join(self, timeout: float | None = None) -> None:
        """Accept no more connections until `close`, and wait until the open ones have ended."""
        self._call(self._join(timeout))

    async def _join(self, timeout: float | None) -> None:  # noqa: ASYNC109 - it does not end the tasks
        await self._stop_accepting()
        self._reserve()  # another server would respond to who expects none
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=timeout)

    def close(self) -> None:
        """Close all connections and the port, and wait for the thread. Several threads may call it."""
        with self._closing:
            if self._thread.is_alive():
                self._call(self._stop())
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join()
                self._release()
                self._names.close()

    async def _stop(self) -> None:
        await self._stop_accepting()
        for connection in list(self._connections):
            connection.reset()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await _run_callbacks()  # sockets are closed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


async def _run_callbacks() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def _bind(address: str, port: int) -> socket.socket:
    """Return a socket that has a port and does not listen."""
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)  # connections have it, too
    if os.name == "posix":  # elsewhere two servers could have the same port
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((address, port))
    except OSError:
        sock.close()
        raise
    return sock
