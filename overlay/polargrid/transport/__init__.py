"""Where all network traffic of the SDK passes: which connections serve a call, the SDK's own or httpx's.

The SDK's own (`blocking`, `evented`) serve where they can. httpx's serve through proxies, under trio, where the option
`transport` says so, and always for a client that the user hands in, which is asked by its own `send`.
"""

from __future__ import annotations

import asyncio
import weakref
from typing import TYPE_CHECKING, Any

import httpx

from polargrid.config import TIMEOUT
from polargrid.progress import Progress
from polargrid.transport import blocking_pool
from polargrid.transport.failures import closed
from polargrid.transport.forks import after_fork
from polargrid.transport.http11 import Asking
from polargrid.transport.origins import Origin, origin_of, proxy_of

if TYPE_CHECKING:  # each is imported by the first client that needs it
    from polargrid.transport import evented_pool, replies

    Reply = blocking_pool.Reply | replies.Reply
    AsyncReply = evented_pool.Reply | replies.AsyncReply


class _Routes:
    """Which connections serve which edge."""

    def __init__(self, asking: Asking, given: Any, choice: str) -> None:
        self.asking, self.is_closed = asking, False
        self.timeout: httpx.Timeout = given.timeout if given else TIMEOUT
        self._given, self._own = given, given is None and choice == "auto"
        self._direct: dict[str, Origin | None] = {}

    def direct(self, base_url: str) -> Origin | None:
        """The origin of an edge that the SDK's own connections reach; None where httpx's must serve."""
        if self.is_closed:
            raise closed()
        if not self._own:
            return None
        if base_url not in self._direct:
            url = httpx.URL(base_url)
            self._direct[base_url] = None if proxy_of(url) else origin_of(url)
        return self._direct[base_url]


class Transport(_Routes):
    """Sends the calls of a client without async."""

    def __init__(self, asking: Asking, given: httpx.Client | None, choice: str) -> None:
        super().__init__(asking, given, choice)
        self._pool = blocking_pool.Pool()
        self._http = given
        after_fork(self._pool)

    def send(self, progress: Progress) -> Reply:
        """The open answer to a call's next try. Raises the SDK's exceptions."""
        origin = self.direct(progress.edge.base_url)
        if origin is not None:
            return blocking_pool.Reply.sent(self._pool, origin, progress, self.asking)
        from polargrid.transport import pools, replies, seam

        if self._http is None:
            self._http = httpx.Client(transport=pools.Pools())
        with seam.request_of(self._http, progress, self.asking) as request:
            return replies.Reply.sent(self._http, request, progress.patience)

    def close(self) -> None:
        """Close the connections; a client that was given stays open."""
        if self._given is None:
            self.is_closed = True
            self._pool.close()
            if self._http is not None:
                self._http.close()


class AsyncTransport(_Routes):
    """Sends the calls of an async client."""

    def __init__(self, asking: Asking, given: httpx.AsyncClient | None, choice: str) -> None:
        super().__init__(asking, given, choice)
        from polargrid.transport import (
            evented_pool,
        )  # asyncio takes its time to import; a client without async needs none

        self._evented = evented_pool
        self._pools: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, evented_pool.Pool] = (
            weakref.WeakKeyDictionary()
        )
        self._http = given
        after_fork(self)

    async def send(self, progress: Progress) -> AsyncReply:
        """The open answer to a call's next try. Raises the SDK's exceptions."""
        origin = self.direct(progress.edge.base_url)
        if origin is not None and (loop := _asyncio_loop()) is not None:
            pool = self._pools.get(loop)
            if pool is None:
                pool = self._pools[loop] = await self._evented.Pool.opened()
            return await self._evented.Reply.sent(pool, origin, progress, self.asking)
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
        if self._given is None:
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
