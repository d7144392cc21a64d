"""The connections of one pool on one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from ssl import SSLContext

from polargrid_fast.async_connect import open_connection
from polargrid_fast.async_connection import AsyncConnection
from polargrid_fast.async_response import AsyncResponse
from polargrid_fast.exceptions import FastError, PoolClosed, PoolTimeout
from polargrid_fast.http1_encoder import iter_body
from polargrid_fast.models import Origin, Request, Timeouts, remaining
from polargrid_fast.pool_state import Permit, PoolState

Grant = AsyncConnection | Permit


class AsyncLoopPool:
    """Connections, and requests that wait for one. All methods but `abandon` run in the loop's thread."""

    def __init__(self, ssl_context: SSLContext | None, max_connections: int, keepalive_expiry: float) -> None:
        self._ssl_context = ssl_context
        self._state: PoolState[AsyncConnection] = PoolState(max_connections, keepalive_expiry)
        self._connections: set[AsyncConnection] = set()
        self._connecting: set[asyncio.Task[AsyncConnection]] = set()
        self._loop = asyncio.get_running_loop()
        self._end = _close_with_loop(self._connections)
        self.is_closed = False

    async def follow_loop(self) -> None:
        """Let the loop close the connections when it shuts down."""
        await anext(self._end)

    async def send(
        self, request: Request, head: bytes, origin: Origin, timeouts: Timeouts, deadline: float | None
    ) -> AsyncResponse:
        """Send a request and wait for the head of its response."""
        connection = await self._acquire(origin, timeouts, deadline)
        try:
            await connection.send(request.method, head, iter_body(request), timeouts, deadline)
            return AsyncResponse(connection, self, timeouts.read, deadline)
        except FastError as error:
            self._discard(connection)
            error.request_sent = connection.has_written
            mapped = self.map_error(error)
            if mapped is error:
                raise
            raise mapped from error
        except BaseException:
            self._discard(connection)
            raise

    def map_error(self, error: Exception) -> Exception:
        """What a request raises for an error of its connection: PoolClosed where closing the pool caused it."""
        if not self.is_closed or not isinstance(error, FastError) or isinstance(error, PoolClosed):
            return error
        return PoolClosed("pool was closed during the request", request_sent=error.request_sent)

    def release(self, connection: AsyncConnection) -> None:
        """Take back the connection of a response."""
        connection.parser.take_body()
        if self.is_closed or not connection.is_reusable:
            self._discard(connection)
            return
        connection.mark_idle()
        self._state.release(connection, is_reusable=True)

    def _discard(self, connection: AsyncConnection) -> None:
        self._state.release(connection, is_reusable=False)

    def abandon(self, connection: AsyncConnection) -> None:
        """Close the connection of a response that was never closed, from any thread."""
        with suppress(RuntimeError):  # the loop is closed, and the connection with it
            self._loop.call_soon_threadsafe(self._discard, connection)

    async def _acquire(self, origin: Origin, timeouts: Timeouts, deadline: float | None) -> AsyncConnection:
        if self.is_closed:
            raise PoolClosed("pool is closed")
        grant: Grant | None = self._state.acquire(origin)
        if grant is None:
            grant = await self._wait_for_grant(origin, remaining(timeouts.pool, deadline))
        while isinstance(grant, AsyncConnection):
            if grant.is_alive:
                return grant
            grant = self._state.replace(grant)
        try:
            return await self._open(origin, timeouts.connect, deadline)
        except BaseException:
            self._state.release_permit()
            raise

    async def _open(self, origin: Origin, connect_timeout: float | None, deadline: float | None) -> AsyncConnection:
        if self.is_closed:
            raise PoolClosed("pool was closed before the request was sent")
        # A task, so that closing the pool can end it.
        connecting = asyncio.ensure_future(open_connection(origin, self._ssl_context, connect_timeout, deadline))
        self._connecting.add(connecting)
        try:
            connection = await connecting
        except asyncio.CancelledError:
            connecting.add_done_callback(_close_result)  # it may have been opened in this very moment
            task = asyncio.current_task()
            if self.is_closed and not (task and task.cancelling()):
                raise PoolClosed("pool was closed before the request was sent") from None
            raise
        finally:
            self._connecting.discard(connecting)
        if self.is_closed:
            connection.close()
            raise PoolClosed("pool was closed before the request was sent")
        self._connections.add(connection)
        connection.on_lost = self._connections.discard
        return connection

    async def _wait_for_grant(self, origin: Origin, seconds: float | None) -> Grant:
        waiter = _Waiter(origin, self._loop.create_future())
        self._state.enqueue(waiter)
        try:
            async with asyncio.timeout(seconds):
                return await waiter.future
        except TimeoutError as error:
            self._cancel_wait(waiter)
            raise PoolTimeout("no connection of the pool became free in time") from error
        except BaseException:
            self._cancel_wait(waiter)
            raise

    def _cancel_wait(self, waiter: _Waiter) -> None:
        """Stop waiting, and pass on what was granted meanwhile."""
        self._state.remove(waiter)
        if waiter.future.cancelled() or not waiter.future.done():
            return
        grant = waiter.future.result()
        if isinstance(grant, AsyncConnection):
            self._state.release(grant, is_reusable=not self.is_closed)
        else:
            self._state.release_permit()

    def close(self) -> None:
        """Close all connections; what is in flight raises PoolClosed."""
        self.is_closed = True
        for waiter in self._state.close():
            waiter.offer(Permit.OPEN)  # wakes its task, which finds the pool closed
        for connecting in self._connecting:
            connecting.cancel()
        for connection in list(self._connections):
            connection.fail(PoolClosed("pool was closed during the request", request_sent=True))
        self._connections.clear()

    async def aclose(self) -> None:
        """The same, in the loop itself."""
        self.close()
        await self._end.aclose()

    def close_after_fork(self) -> None:
        """Close this process's copies of the sockets."""
        for connection in list(self._connections):
            connection.close_after_fork()


class _Waiter:
    """A task that waits for a connection."""

    def __init__(self, origin: Origin, future: asyncio.Future[Grant]) -> None:
        self.origin, self.future = origin, future

    def offer(self, grant: Grant) -> bool:
        if self.future.done():
            return False
        self.future.set_result(grant)
        return True


def _close_result(connecting: asyncio.Future[AsyncConnection]) -> None:
    if not connecting.cancelled() and connecting.exception() is None:
        connecting.result().close()


async def _close_with_loop(connections: set[AsyncConnection]) -> AsyncGenerator[None, None]:
    """Close the connections with their loop: a loop that shuts down closes its async generators while it still runs.

    The same happens when the pool is collected, for the generator knows only its connections.
    """
    try:
        yield
    finally:
        for connection in list(connections):
            connection.fail(PoolClosed("event loop is shutting down", request_sent=True))
