"""A pool of connections for asyncio, with connections of its own for each event loop."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from ssl import SSLContext

from polargrid_fast import fork
from polargrid_fast.async_loop_pool import AsyncLoopPool
from polargrid_fast.async_response import AsyncResponse
from polargrid_fast.exceptions import PoolClosed
from polargrid_fast.http1_encoder import encode_head
from polargrid_fast.models import Request, Timeouts, parse_url

_NO_TIMEOUTS = Timeouts()

# What a forked child inherits: closed, but never collected, since that would call the parent's event loops.
_inherited: list[object] = []


class AsyncPool:
    """Sends requests over connections that are kept open between them.

    It works on any number of asyncio event loops, uvloop's included; limits are counted on each by itself. The
    connections of a loop are closed when the loop shuts down. A forked child starts with none.
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
        self._pools: dict[asyncio.AbstractEventLoop, AsyncLoopPool] = {}
        self.is_closed = False
        fork.register(self)

    async def send(
        self, request: Request, timeouts: Timeouts = _NO_TIMEOUTS, deadline: float | None = None
    ) -> AsyncResponse:
        """Send a request and wait for the head of its response. Raises FastError. It is never sent twice."""
        target = parse_url(request.url)
        head = encode_head(request, target)
        pool = self._pools.get(asyncio.get_running_loop()) or await self._add_loop()
        return await pool.send(request, head, target.origin, timeouts, deadline)

    async def _add_loop(self) -> AsyncLoopPool:
        if self.is_closed:
            raise PoolClosed("pool is closed")
        for loop in [loop for loop in list(self._pools) if loop.is_closed()]:
            del self._pools[loop]
        pool = AsyncLoopPool(self._ssl_context, *self._limits)
        self._pools[asyncio.get_running_loop()] = pool
        await pool.follow_loop()
        return pool

    async def aclose(self) -> None:
        """Close all connections, on all loops. Requests and reads that are in flight raise PoolClosed."""
        self.is_closed = True
        running = asyncio.get_running_loop()
        for loop, pool in list(self._pools.items()):
            if loop is running:
                await pool.aclose()
            else:
                with suppress(RuntimeError):  # it is closed already
                    loop.call_soon_threadsafe(pool.close)

    def reset_after_fork(self) -> None:
        """Close the child's copies of the parent's sockets."""
        for pool in self._pools.values():
            pool.close_after_fork()
            _inherited.append(pool)
        self._pools = {}
