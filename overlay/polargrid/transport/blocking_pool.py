"""The connections of a client without async, and its open answers."""

from __future__ import annotations

import time

from polargrid import errors
from polargrid.progress import Progress
from polargrid.transport.blocking import Connection
from polargrid.transport.failures import broken, closed, raise_from
from polargrid.transport.held import Open
from polargrid.transport.http11 import Asking
from polargrid.transport.origins import DRAINED, MOST_IDLE, Origin
from polargrid.transport.outgoing import outgoing
from polargrid.transport.patience import Patience


class Pool:
    """The idle connections of a client, the last used first."""

    def __init__(self) -> None:
        self._idle: dict[Origin, list[Connection]] = {}
        self._open: Open[Connection] = Open()
        self.is_closed = False

    def take(self, origin: Origin, patience: Patience, *, fresh: bool) -> Connection:
        """A connection that is free, or a new one."""
        idle = self._idle.setdefault(origin, [])
        while idle and not fresh:
            try:
                connection = idle.pop()
            except IndexError:  # another thread was faster
                break
            if connection.is_usable:
                return connection
            connection.close()
        connection = Connection(origin, patience)
        self._open.add(connection)
        if self.is_closed:  # meanwhile, by another thread
            connection.close()
            raise closed()
        return connection

    def give_back(self, connection: Connection) -> None:
        """The answer is over, or nobody wants it: the connection is kept if it can be."""
        idle = self._idle.setdefault(connection.origin, [])
        if self.is_closed or not connection.is_done or len(idle) >= MOST_IDLE:
            connection.close()
            return
        connection.idle_since = time.monotonic()
        idle.append(connection)

    def close(self) -> None:
        """Close all connections; calls that are under way on other threads end."""
        self.is_closed = True
        for idle in self._idle.values():
            while idle:
                idle.pop().close()
        for connection in self._open.all():
            connection.interrupt()

    def forget(self) -> None:
        """After a fork: close this process's copies of all connections; the parent's stay open."""
        for connection in self._open.all():
            connection.close()
        self._idle = {}


class Reply:
    """An open answer, as `replies.Reply` is."""

    def __init__(self, connection: Connection, pool: Pool, patience: Patience) -> None:
        answering = connection.answering
        self.status, self.headers = answering.status, answering.headers
        self.encoding = answering.headers.get("content-encoding")
        self._connection, self._pool, self._patience = connection, pool, patience

    @classmethod
    def sent(cls, pool: Pool, origin: Origin, progress: Progress, asking: Asking, *, fresh: bool = False) -> Reply:
        """Send the call's request, and wait for the head of its answer."""
        patience = progress.patience
        with outgoing(progress.call) as (framing, body):
            connection = pool.take(origin, patience, fresh=fresh)
            try:
                connection.send(asking.head(progress, framing), body, patience)
                return cls(connection, pool, patience)
            except BaseException as error:  # noqa: BLE001 - it is raised again
                connection.close()
                told = broken(error, patience, connection.phase, is_closed=pool.is_closed)
                if not (isinstance(told, errors.NetworkError) and connection.is_stale and progress.is_repeatable):
                    raise_from(told, error)
        return cls.sent(pool, origin, progress, asking, fresh=True)

    def read(self) -> bytes:
        """The next bytes of the body as they were sent; none at its end."""
        connection = self._connection
        try:
            return connection.read(self._patience)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            raise_from(broken(error, self._patience, connection.phase, is_closed=self._pool.is_closed), error)

    def drain(self) -> None:
        """Read the rest, if it is there: then the connection can be used again. Else it is closed."""
        self._patience.hurry(DRAINED)
        try:
            while self.read():
                pass
        except errors.PolarGridError:
            return

    def close(self) -> None:
        """Let go of the connection."""
        self._pool.give_back(self._connection)
