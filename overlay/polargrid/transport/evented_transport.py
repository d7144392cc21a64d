"""What sends the calls of an async client."""

from __future__ import annotations

import asyncio
import sys
import weakref
from typing import TYPE_CHECKING, Any

from polargrid.config import Settings
from polargrid.progress import Progress
from polargrid.transport import evented_pool
from polargrid.transport.forks import after_fork
from polargrid.transport.http11 import Asking
from polargrid.transport.routes import Routes

if TYPE_CHECKING:  # they are imported where the SDK's own connections cannot serve
    import httpx

    from polargrid.transport import pools, replies

    Reply = evented_pool.Reply | replies.AsyncReply


class AsyncTransport(Routes):
    """Sends the calls of an async client."""

    def __init__(self, asking: Asking, given: httpx.AsyncClient | None, settings: Settings) -> None:
        super().__init__(asking, given, settings)
        self._pools: weakref.WeakKeyDictionary[Any, evented_pool.Pool] = weakref.WeakKeyDictionary()
        self._cores: weakref.WeakKeyDictionary[Any, pools.AsyncPool] = weakref.WeakKeyDictionary()
        after_fork(self)

    async def send(self, progress: Progress) -> Reply:
        """The open answer to a call's next try. Raises the SDK's exceptions."""
        if self.given is not None:
            from polargrid.transport import replies

            return await replies.AsyncReply.asked(self.given, progress, self.asking)
        route, loop = self.route(progress.edge.base_url), this_loop()
        if route.is_direct and isinstance(loop, asyncio.AbstractEventLoop):
            pool = self._pools.get(loop)
            if pool is None:
                pool = self._pools[loop] = await evented_pool.Pool.opened()
            return await evented_pool.Reply.sent(pool, route.origin, progress, self.asking)
        from polargrid.transport import pools, replies

        core = self._cores.get(loop)
        if core is None:
            core = self._cores[loop] = await pools.AsyncPool.opened(self.proxy_of)
        return await replies.AsyncReply.sent(core, route.origin, progress, self.asking)

    @staticmethod
    async def sleep(seconds: float) -> None:
        """Wait, in the way of the running loop."""
        if isinstance(this_loop(), asyncio.AbstractEventLoop):
            await asyncio.sleep(seconds)
            return
        import anyio

        await anyio.sleep(seconds)

    async def close(self) -> None:
        """Close the connections of this loop, those of others when they end; a client that was given stays open."""
        if self.given is None:
            self.is_closed = True
            loop = this_loop()
            for pool in (self._pools.pop(loop, None), self._cores.pop(loop, None)):
                if pool is not None:
                    await pool.close()

    def forget(self) -> None:
        """After a fork: let go of the parent's connections without a word on them."""
        for pool in self._pools.values():
            pool.forget()
        for core in self._cores.values():
            core.forget()
        self._pools, self._cores = weakref.WeakKeyDictionary(), weakref.WeakKeyDictionary()


def this_loop() -> Any:
    """What stands for the running event loop, of asyncio or trio."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return sys.modules["trio"].lowlevel.current_trio_token()
