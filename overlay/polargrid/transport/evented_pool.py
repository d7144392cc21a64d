"""The connections of an async client, for each event loop its own, and its open answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from polargrid import errors
from polargrid.progress import Progress
from polargrid.transport.evented import Connection, connected
from polargrid.transport.failures import broken, closed, raise_from
from polargrid.transport.held import Open
from polargrid.transport.http11 import Asking
from polargrid.transport.origins import DRAINED, MOST_IDLE, Origin
from polargrid.transport.outgoing import outgoing
from polargrid.transport.patience import Patience


class Pool:
    """The idle connections of one event loop, the last used first; closed when the loop ends."""

    def __init__(self) -> None:
        self._idle: dict[Origin, list[Connection]] = {}
        self._open: Open[Connection] = Open()
        self.is_closed = False
        self._connecting: set[asyncio.Future[Connection]] = set()
        self._end = _until_the_end(self._open)

    @classmethod
    async def opened(cls) -> Pool:
        """A pool of this loop."""
        pool = cls()
        await anext(pool._end)  # from here on the loop knows of it
        return pool

    async def take(self, origin: Origin, patience: Patience, *, fresh: bool) -> Connection:
        """A connection that is free, or a new one."""
        idle = self._idle.setdefault(origin, [])
        while idle and not fresh:
            connection = idle.pop()
            if connection.is_usable:
                return connection
            connection.close()
        connecting = asyncio.ensure_future(connected(origin, patience))  # a task, so that closing can end it
        self._connecting.add(connecting)
        try:
            connection = await connecting
        except asyncio.CancelledError:
            connecting.add_done_callback(_drop)  # it may have been made in this very moment
            task = asyncio.current_task()
            if self.is_closed and not (task and task.cancelling()):
                raise closed() from None
            raise
        finally:
            self._connecting.discard(connecting)
        if self.is_closed:  # in the very moment that it was made
            connection.close()
            raise closed()
        self._open.add(connection)
        return connection

    def give_back(self, connection: Connection) -> None:
        """The answer is over, or nobody wants it: the connection is kept if it can be."""
        idle = self._idle.setdefault(connection.origin, [])
        if self.is_closed or not connection.is_done or len(idle) >= MOST_IDLE:
            connection.close()
            return
        connection.rest()
        idle.append(connection)

    async def close(self) -> None:
        """Close all connections; calls that are under way end."""
        self.is_closed, self._idle = True, {}
        for connecting in self._connecting:
            connecting.cancel()
        await self._end.aclose()

    def forget(self) -> None:
        """After a fork: close this process's copies of all connections; the parent's stay open."""
        for connection in self._open.all():
            connection.close_copy()
        _inherited.append(self)
        self._idle = {}


# What a forked child has of its parent: closed, but never collected, which would talk to the parent's event loop.
_inherited: list[object] = []


def _drop(connecting: asyncio.Future[Connection]) -> None:
    if not connecting.cancelled() and connecting.exception() is None:
        connecting.result().close()


async def _until_the_end(connections: Open[Connection]) -> AsyncGenerator[None, None]:
    """A loop that ends closes its async generators while it still runs: so the connections end with their loop."""
    try:
        yield
    finally:
        for connection in connections.all():
            connection.close()


class Reply:
    """An open answer, as `replies.AsyncReply` is."""

    def __init__(self, connection: Connection, pool: Pool, patience: Patience) -> None:
        answering = connection.answering
        self.status, self.headers = answering.status, answering.headers
        self.encoding = answering.headers.get("content-encoding")
        self._connection, self._pool, self._patience = connection, pool, patience

    @classmethod
    async def sent(
        cls, pool: Pool, origin: Origin, progress: Progress, asking: Asking, *, fresh: bool = False
    ) -> Reply:
        """Send the call's request, and wait for the head of its answer."""
        patience = progress.patience
        with outgoing(progress.call) as (framing, body):
            connection = await pool.take(origin, patience, fresh=fresh)
            try:
                await connection.send(asking.head(progress, framing), body, patience)
                return cls(connection, pool, patience)
            except BaseException as error:  # noqa: BLE001 - it is raised again
                connection.close()
                told = broken(error, patience, connection.phase, is_closed=pool.is_closed)
                if not (isinstance(told, errors.NetworkError) and connection.is_stale and progress.is_repeatable):
                    raise_from(told, error)
        return await cls.sent(pool, origin, progress, asking, fresh=True)

    async def read(self) -> bytes:
        """The next bytes of the body as they were sent; none at its end."""
        connection = self._connection
        try:
            return await connection.read(self._patience)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            raise_from(broken(error, self._patience, connection.phase, is_closed=self._pool.is_closed), error)

    async def drain(self) -> None:
        """Read the rest, if it is there: then the connection can be used again. Else it is closed."""
        self._patience.hurry(DRAINED)
        try:
            while await self.read():
                pass
        except errors.PolarGridError:
            return

    async def aclose(self) -> None:
        """Let go of the connection."""
        self._pool.give_back(self._connection)
