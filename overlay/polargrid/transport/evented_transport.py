"""What sends the calls of an async client."""

from __future__ import annotations

import asyncio
import weakref
from typing import TYPE_CHECKING

from polargrid.progress import Progress
from polargrid.transport import evented_pool
from polargrid.transport.forks import after_fork
from polargrid.transport.http11 import Asking
from polargrid.transport.routes import Routes

if TYPE_CHECKING:  # they are imported where the SDK's own connections cannot serve
    import httpx

    from polargrid.transport import replies

    Reply = evented_pool.Reply | replies.AsyncReply


class AsyncTransport(Routes):
    """Sends the calls of an async client."""

    def __init__(self, asking: Asking, given: httpx.AsyncClient | None, choice: str) -> None:
        super().__init__(asking, given, choice)
        self._pools: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, evented_pool.Pool] = (
            weakref.WeakKeyDictionary()
        )
        self._http = given
        after_fork(self)

    async def send(self, progress: Progress) -> Reply:
        """The open answer to a call's next try. Raises the SDK's exceptions."""
        origin = self.direct(progress.edge.base_url)
        if origin is not None and (loop := _asyncio_loop()) is not None:
            pool = self._pools.get(loop)
            if pool is None:
                pool = self._pools[loop] = await evented_pool.Pool.opened()
            return await evented_pool.Reply.sent(pool, origin, progress, self.asking)
        import httpx

        from polargrid.transport import pools, replies, seam

        if self._http is None:
            self._http = httpx.AsyncClient(transport=pools.AsyncPools())
        with seam.request_of(self._http, progress, self.asking) as request:
            return await replies.AsyncReply.sent(self._http, request, progress.patience)

    @staticmethod
    async def sleep(seconds: float) -> None:
        """Wait, in the way of the running loop."""
        if _asyncio_loop() is not None:
            await asyncio.sleep(seconds)
            return
        import anyio

        await anyio.sleep(seconds)

    async def close(self) -> None:
        """Close the connections of this loop, those of others when they end; a client that was given stays open."""
        if self.given is None:
            self.is_closed = True
            loop = _asyncio_loop()
            pool = self._pools.pop(loop, None) if loop is not None else None
            if pool is not None:
                await pool.close()
            if self._http is not None:
                await self._http.aclose()

    def forget(self) -> None:
        """After a fork: let go of the parent's connections without a word on them."""
        for pool in self._pools.values():
            pool.forget()
        self._pools = weakref.WeakKeyDictionary()


def _asyncio_loop() -> asyncio.AbstractEventLoop | None:
    """The running loop; None under trio."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
