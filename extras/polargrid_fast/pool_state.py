"""Which connections of a pool are idle, and who waits for one. No I/O, no locks: each pool adds its own."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from enum import Enum
from typing import Generic, Protocol, TypeVar

from polargrid_fast.models import Origin


class PooledConnection(Protocol):
    """A connection as the state of a pool sees it."""

    origin: Origin
    idle_since: float

    # Whether the server sent anything but the response to a request.
    @property
    def has_unrequested_data(self) -> bool: ...

    def close(self) -> None:
        """Close it, without waiting."""


C = TypeVar("C", bound=PooledConnection)
C_contra = TypeVar("C_contra", bound=PooledConnection, contravariant=True)


class Permit(Enum):
    """The right to open a new connection."""

    OPEN = "open"


class Waiter(Protocol[C_contra]):
    """A request that waits for a connection."""

    origin: Origin

    # Take a connection, or the permit to open one; False if the request is gone.
    def offer(self, grant: C_contra | Permit) -> bool: ...


class PoolState(Generic[C]):
    """At most `max_connections` are open. The last used idle connection is taken first; requests wait in a queue."""

    def __init__(self, max_connections: int, keepalive_expiry: float) -> None:
        self._max_connections, self._keepalive_expiry = max_connections, keepalive_expiry
        self._idle: dict[Origin, deque[C]] = {}
        self._open_count = 0
        self._waiters: deque[Waiter[C]] = deque()
        self._unreliable: set[Origin] = set()  # they sent what was not requested: no connection is used twice

    @property
    def open_count(self) -> int:
        """How many connections are open or being opened."""
        return self._open_count

    @property
    def idle_count(self) -> int:
        """How many connections are open and unused."""
        return sum(map(len, self._idle.values()))

    def acquire(self, origin: Origin) -> C | Permit | None:
        """An idle connection, or the permit to open one; None if the request has to wait."""
        if (connection := self._pop_idle(origin)) is not None:
            return connection
        if self._open_count < self._max_connections:
            self._open_count += 1
            return Permit.OPEN
        return Permit.OPEN if self._evict_idle() else None

    def replace(self, connection: C) -> C | Permit:
        """Close an idle connection that turned out to be dead; return another one, or the permit to open one."""
        self._check(connection)
        connection.close()
        if (other := self._pop_idle(connection.origin)) is None:
            return Permit.OPEN
        self._open_count -= 1
        return other

    def enqueue(self, waiter: Waiter[C]) -> None:
        """Wait behind those who wait already."""
        self._waiters.append(waiter)

    def remove(self, waiter: Waiter[C]) -> None:
        """Wait no longer."""
        if waiter in self._waiters:
            self._waiters.remove(waiter)

    def release(self, connection: C, *, is_reusable: bool) -> None:
        """Hand a connection to the first request that waits, keep it idle, or close it."""
        self._check(connection)
        if not is_reusable or connection.origin in self._unreliable:
            connection.close()
            self.release_permit()
            return
        connection.idle_since = time.monotonic()
        while self._waiters:
            waiter = self._waiters.popleft()
            if waiter.origin == connection.origin:
                if waiter.offer(connection):
                    return
            elif waiter.offer(Permit.OPEN):
                connection.close()
                return
        idle = self._idle.setdefault(connection.origin, deque())
        idle.append(connection)
        while idle and self._is_expired(idle[0]):
            idle.popleft().close()
            self._open_count -= 1

    def release_permit(self) -> None:
        """Give up an open connection's slot."""
        while self._waiters:
            if self._waiters.popleft().offer(Permit.OPEN):
                return
        self._open_count -= 1

    def iter_idle(self) -> Iterator[C]:
        """The connections that are open and unused."""
        for idle in list(self._idle.values()):
            yield from list(idle)

    def close(self) -> list[Waiter[C]]:
        """Close the idle connections; return the requests that wait, each with the right to go on."""
        for idle in self._idle.values():
            for connection in idle:
                connection.close()
            self._open_count -= len(idle)
        waiters = list(self._waiters)
        self._open_count += len(waiters)
        self._idle, self._waiters = {}, deque()
        return waiters

    def _check(self, connection: C) -> None:
        if connection.has_unrequested_data:
            self._unreliable.add(connection.origin)

    def _pop_idle(self, origin: Origin) -> C | None:
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if not self._is_expired(connection):
                return connection
            connection.close()
            self._open_count -= 1
        return None

    def _is_expired(self, connection: C) -> bool:
        return time.monotonic() - connection.idle_since >= self._keepalive_expiry

    def _evict_idle(self) -> bool:
        """Close another origin's connection that is idle for longest."""
        candidates = [idle for idle in self._idle.values() if idle]
        if not candidates:
            return False
        min(candidates, key=lambda idle: idle[0].idle_since).popleft().close()
        return True
