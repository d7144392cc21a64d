"""httpcore's connections as a client needs them: the idle ones of an origin on a stack.

A stack costs the same however many there are. httpcore's own pools look through all connections for each request.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar, cast

import httpcore
import httpx

from polargrid.progress import Progress
from polargrid.transport.forks import after_fork
from polargrid.transport.http11 import Asking
from polargrid.transport.network import AsyncBackend, Backend
from polargrid.transport.origins import KEEP_ALIVE, MOST_IDLE, Origin
from polargrid.transport.seam import core_request

ProxyOf = Callable[[Origin], str | None]
Connection = TypeVar("Connection", httpcore.ConnectionInterface, httpcore.AsyncConnectionInterface)
_LEFT_OVER = 100  # pieces that were received and not read
_LIMITS = httpx.Limits(keepalive_expiry=KEEP_ALIVE)


class _Stacks(Generic[Connection]):
    """The idle connections of each origin, the last used first."""

    _kind: type[httpx.HTTPTransport | httpx.AsyncHTTPTransport]

    def __init__(self, backend: Backend | AsyncBackend, proxy_of: ProxyOf) -> None:
        self._backend, self._proxy_of = backend, proxy_of
        self._idle: dict[Origin, list[Connection]] = {}
        self._makers: dict[Origin, Any] = {}  # httpcore's pools, which make connections and hold none
        self.is_closed = False

    def _new(self, origin: Origin) -> Connection:
        """A connection that connects with its first request."""
        maker = self._makers.get(origin)
        if maker is None:  # httpx knows what each kind of proxy needs; without TLS no certificates are read
            context = origin.tls()
            made: Any = self._kind(verify=context or False, limits=_LIMITS, proxy=self._proxy_of(origin))
            maker = made._pool  # noqa: SLF001 - guarded by a test
            maker._network_backend = self._backend  # noqa: SLF001 - guarded by a test
            self._makers[origin] = maker
        place = httpcore.Origin(origin.scheme.encode(), origin.host.encode(), origin.port)
        connection: Connection = maker.create_connection(place)
        return connection

    def _popped(self, origin: Origin) -> Connection | None:
        try:
            return self._idle[origin].pop()
        except (KeyError, IndexError):
            return None

    def keep(self, origin: Origin, connection: Connection) -> bool:
        """Keep a connection, if its answer is over; whether it is kept."""
        idle = self._idle.setdefault(origin, [])
        if self.is_closed or not connection.is_idle() or len(idle) >= MOST_IDLE:
            return False
        idle.append(connection)
        return True

    def forget(self) -> None:
        """After a fork: close this process's copies of all connections; the parent's stay open, and hear nothing."""
        open_streams: list[Any] = self._backend.open.all()
        for stream in open_streams:
            sock = stream.get_extra_info("socket")
            getattr(sock, "_sock", sock).close()  # asyncio wraps it
        _inherited.append((self._idle, vars(self).get("_end")))
        self._idle = {}


class Pool(_Stacks[httpcore.ConnectionInterface]):
    """Blocking connections, shared by all threads."""

    _kind = httpx.HTTPTransport
    _backend: Backend

    def __init__(self, proxy_of: ProxyOf) -> None:
        super().__init__(Backend(httpcore.SyncBackend()), proxy_of)
        after_fork(self)

    def send(self, origin: Origin, progress: Progress, asking: Asking) -> Lent:
        """The answer to a call's next try, open."""
        with core_request(progress, asking, origin) as request:
            connection = self._taken(origin)
            return Lent(self, origin, connection, connection.handle_request(request))

    def _taken(self, origin: Origin) -> httpcore.ConnectionInterface:
        """A connection that is free, or a new one."""
        while (connection := self._popped(origin)) is not None:
            if not connection.has_expired():
                return connection
            connection.close()
        return self._new(origin)

    def close(self) -> None:
        """Close all connections, and open no more; calls of other threads that wait for one end."""
        self.is_closed = True
        self._backend.close()

    __del__ = close  # a client that nobody closed


class AsyncPool(_Stacks[httpcore.AsyncConnectionInterface]):
    """Connections of one event loop, of asyncio or trio; closed when it ends."""

    _kind = httpx.AsyncHTTPTransport
    _backend: AsyncBackend

    def __init__(self, proxy_of: ProxyOf) -> None:
        super().__init__(AsyncBackend(cast(httpcore.AsyncNetworkBackend, httpcore.AnyIOBackend())), proxy_of)
        self._end = _until_the_end(self._backend)

    @classmethod
    async def opened(cls, proxy_of: ProxyOf) -> AsyncPool:
        """A pool of this loop."""
        pool = cls(proxy_of)
        await anext(pool._end)  # from here on the loop knows of it
        return pool

    async def send(self, origin: Origin, progress: Progress, asking: Asking) -> AsyncLent:
        """The answer to a call's next try, open."""
        with core_request(progress, asking, origin) as request:
            connection = await self._taken(origin)
            return AsyncLent(self, origin, connection, await connection.handle_async_request(request))

    async def _taken(self, origin: Origin) -> httpcore.AsyncConnectionInterface:
        """A connection that is free, or a new one."""
        while (connection := self._popped(origin)) is not None:
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return self._new(origin)

    async def close(self) -> None:
        """Close all connections; calls that are under way end."""
        self.is_closed = True
        await self._end.aclose()


async def _until_the_end(backend: AsyncBackend) -> AsyncGenerator[None, None]:
    """A loop that ends closes its async generators while it still runs: so the connections end with their loop."""
    try:
        yield
    finally:
        await backend.aclose()


class _Lent:
    """An answer and the connection that it comes on; tells what an httpx.Response does."""

    is_stream_consumed = False
    content = b""

    def __init__(self, answer: httpcore.Response) -> None:
        self.status_code, self.headers = answer.status, _joined(answer.headers)
        self._answer, stream = answer, cast(Any, answer.stream)
        # Let the connection see what comes behind the answer, see `network`.
        answer.extensions["network_stream"].parser = stream._connection._h11_state  # noqa: SLF001 - guarded by a test


class Lent(_Lent):
    """An answer on a blocking connection."""

    def __init__(
        self, pool: Pool, origin: Origin, connection: httpcore.ConnectionInterface, answer: httpcore.Response
    ) -> None:
        super().__init__(answer)
        self._pool, self._origin, self._connection = pool, origin, connection

    def iter_raw(self) -> Iterator[bytes]:
        """The bytes of its body as they were sent."""
        return iter(cast(Iterable[bytes], self._answer.stream))

    def close(self) -> None:
        """Give the connection back, or close it where the answer is not whole."""
        self._answer.close()
        if not self._pool.keep(self._origin, self._connection):
            self._connection.close()


class AsyncLent(_Lent):
    """The same for event loops."""

    def __init__(
        self, pool: AsyncPool, origin: Origin, connection: httpcore.AsyncConnectionInterface, answer: httpcore.Response
    ) -> None:
        super().__init__(answer)
        self._pool, self._origin, self._connection = pool, origin, connection
        self._pieces = aiter(cast(AsyncIterable[bytes], answer.stream))

    def aiter_raw(self) -> AsyncIterator[bytes]:
        """The bytes of its body as they were sent."""
        return self._pieces

    async def aclose(self) -> None:
        """Give the connection back, or close it where the answer is not whole."""
        await self._answer.aclose()
        if self._pool.keep(self._origin, self._connection):
            return
        await self._connection.aclose()
        for _ in range(_LEFT_OVER):  # reading on fails, and that ends the generators below, as trio asks for
            if await anext(self._pieces, None) is None:
                return


def _joined(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers by their names in lower case; those of one name in one, as RFC 9110 (5.2) has it."""
    joined: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        joined[key] = f"{joined[key]}, {text}" if key in joined else text
    return joined


# What a forked child has of its parent: closed, but never collected, which would talk to the parent's event loop.
_inherited: list[Any] = []
