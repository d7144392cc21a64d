"""A pool of connections for threads."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from ssl import SSLContext
from typing import NoReturn

from polargrid_fast import fork
from polargrid_fast.exceptions import FastError, PoolClosed, PoolTimeout, WriteError
from polargrid_fast.http1_encoder import encode_head, iter_body
from polargrid_fast.models import Origin, Request, Timeouts, parse_url, remaining
from polargrid_fast.pool_state import Permit, PoolState
from polargrid_fast.sync_connection import SyncConnection, open_connection
from polargrid_fast.sync_response import SyncResponse

_NO_TIMEOUTS = Timeouts()
OnWait = Callable[[Callable[[], object]], object]


def _ignore(_end_wait: Callable[[], object]) -> None:
    """The OnWait of a request that is not interrupted."""


class SyncPool:
    """Sends requests over connections that are kept open between them.

    Threads may share it. A forked child starts without connections.
    """

    def __init__(
        self,
        *,
        ssl_context: SSLContext | None = None,
        max_connections: int = 256,
        keepalive_expiry: float = 4.0,
    ) -> None:
        self._ssl_context = ssl_context
        self._limits = (max_connections, keepalive_expiry)
        self.is_closed = False
        self._reset()
        fork.register(self)

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._state: PoolState[SyncConnection] = PoolState(*self._limits)
        self._in_use: set[SyncConnection] = set()
        self._abandoned: deque[SyncConnection] = deque()

    def send(
        self,
        request: Request,
        timeouts: Timeouts = _NO_TIMEOUTS,
        deadline: float | None = None,
        on_wait: OnWait = _ignore,
    ) -> SyncResponse:
        """Send a request and wait for the head of its response. Raises FastError.

        `on_wait` gets a function that another thread may call to stop the wait for a connection or for the response.
        It is sent once. Only where a kept connection took not one byte of it, another connection is tried.
        """
        target = parse_url(request.url)
        head = encode_head(request, target)
        while True:
            connection = self._acquire(target.origin, timeouts, deadline, on_wait)
            try:
                on_wait(connection.shutdown)
                connection.send(request.method, head, iter_body(request), timeouts, deadline)
                return SyncResponse(connection, self, timeouts.read, deadline)
            except WriteError as error:
                self._discard(connection)
                if error.request_sent or not connection.idle_since or self.is_closed:
                    self._raise(error, connection)
            except Exception as error:  # noqa: BLE001 - it is raised again
                self._discard(connection)
                self._raise(error, connection)
            except BaseException:
                self._discard(connection)
                raise

    def _raise(self, error: Exception, connection: SyncConnection) -> NoReturn:
        if isinstance(error, FastError) and not isinstance(error, WriteError):
            error.request_sent = connection.has_written
        mapped = self.map_error(error)
        if mapped is error:
            raise error
        raise mapped from error

    def close(self) -> None:
        """Close all connections. Requests and reads that are in flight in other threads raise PoolClosed."""
        with self._lock:
            self.is_closed = True
            waiters, in_use = self._state.close(), list(self._in_use)
        for waiter in waiters:
            waiter.offer(Permit.OPEN)  # wakes its thread, which finds the pool closed
        for connection in in_use:
            connection.shutdown()

    # For responses

    def release(self, connection: SyncConnection) -> None:
        """Take back the connection of a response."""
        is_reusable = connection.is_reusable
        connection.parser.take_body()
        with self._lock:
            self._in_use.discard(connection)
            self._state.release(connection, is_reusable=is_reusable and not self.is_closed)

    def _discard(self, connection: SyncConnection) -> None:
        with self._lock:
            self._in_use.discard(connection)
            self._state.release(connection, is_reusable=False)

    def abandon(self, connection: SyncConnection) -> None:
        """Close the connection of a response that was never closed. This thread may hold the lock already."""
        self._abandoned.append(connection)
        if self._lock.acquire(blocking=False):
            try:
                self._discard_abandoned()
            finally:
                self._lock.release()

    def _discard_abandoned(self) -> None:
        while self._abandoned:
            connection = self._abandoned.popleft()
            if connection in self._in_use:
                self._in_use.discard(connection)
                self._state.release(connection, is_reusable=False)

    def map_error(self, error: Exception) -> Exception:
        """What a request raises for an error of its connection: PoolClosed where closing the pool caused it."""
        if not self.is_closed or not isinstance(error, FastError) or isinstance(error, PoolClosed):
            return error
        return PoolClosed("pool was closed during the request", request_sent=error.request_sent)

    # Connections

    def _acquire(self, origin: Origin, timeouts: Timeouts, deadline: float | None, on_wait: OnWait) -> SyncConnection:
        grant = self._wait_for_grant(origin, remaining(timeouts.pool, deadline), on_wait)
        while isinstance(grant, SyncConnection):
            if grant.is_alive:
                return self._use(grant)
            with self._lock:
                grant = self._state.replace(grant)
        try:
            if self.is_closed:
                raise PoolClosed("pool was closed before the request was sent")
            return self._use(open_connection(origin, self._ssl_context, timeouts.connect, deadline))
        except BaseException:
            with self._lock:
                self._state.release_permit()
            raise

    def _use(self, connection: SyncConnection) -> SyncConnection:
        with self._lock:
            if not self.is_closed:
                self._in_use.add(connection)
                return connection
        connection.close()
        raise PoolClosed("pool was closed before the request was sent")

    def _wait_for_grant(self, origin: Origin, seconds: float | None, on_wait: OnWait) -> SyncConnection | Permit:
        with self._lock:
            if self.is_closed:
                raise PoolClosed("pool is closed")
            self._discard_abandoned()
            grant = self._state.acquire(origin)
            if grant is not None:
                return grant
            waiter = _Waiter(origin)
            self._state.enqueue(waiter)
        on_wait(waiter.interrupt)
        return waiter.wait(seconds, self._cancel_wait)

    def _cancel_wait(self, waiter: _Waiter) -> None:
        """Stop waiting, and pass on what was granted meanwhile."""
        with self._lock:
            self._state.remove(waiter)
            if isinstance(waiter.grant, SyncConnection):
                self._state.release(waiter.grant, is_reusable=not self.is_closed)
            elif waiter.grant is not None:
                self._state.release_permit()

    def reset_after_fork(self) -> None:
        """Close the child's copies of the parent's sockets."""
        for connection in (*self._state.iter_idle(), *self._in_use):
            connection.close()
        self._reset()


class _Waiter:
    """A thread that waits for a connection."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.grant: SyncConnection | Permit | None = None
        self._granted = threading.Event()

    def offer(self, grant: SyncConnection | Permit) -> bool:
        self.grant = grant
        self._granted.set()
        return True

    def interrupt(self) -> None:
        self._granted.set()

    def wait(self, seconds: float | None, cancel: Callable[[_Waiter], None]) -> SyncConnection | Permit:
        try:
            self._granted.wait(seconds)
            if self.grant is None:
                raise PoolTimeout("no connection of the pool became free in time")
            return self.grant
        except BaseException:
            cancel(self)
            raise
