"""httpx's transports as a client needs them: one pool for each origin, event loop and process."""

from __future__ import annotations

import asyncio
import sys
import weakref
from collections.abc import AsyncGenerator
from typing import Any

import httpx

from polargrid.transport.forks import after_fork
from polargrid.transport.network import AsyncBackend, Backend, waits
from polargrid.transport.origins import KEEP_ALIVE, MOST_IDLE, Origin, address_of, proxy_of, tls

_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=MOST_IDLE, keepalive_expiry=KEEP_ALIVE)


def _origin_of(url: httpx.URL) -> Origin:
    return address_of(f"{url.scheme}://{url.netloc.decode('ascii')}").origin


def _options(origin: Origin) -> dict[str, Any]:
    # A pool without TLS needs no certificates.
    verify = tls() if origin.is_tls else False
    return {"verify": verify, "limits": _LIMITS, "proxy": proxy_of(origin)}


def _patient(request: httpx.Request) -> None:
    """Let the request wait as long as its call may, see `network`."""
    request.extensions["timeout"] = waits(request.extensions["patience"])


def _watched(response: httpx.Response) -> httpx.Response:
    """Let the connection see what comes behind the answer, see `network`."""
    stream: Any = response.stream
    parser = stream._httpcore_stream._stream._connection._h11_state  # noqa: SLF001 - guarded by a test
    response.extensions["network_stream"].parser = parser
    return response


class Pools(httpx.BaseTransport):
    """Blocking connections, shared by all threads."""

    def __init__(self) -> None:
        self._pools: dict[Origin, httpx.HTTPTransport] = {}
        after_fork(self)
        self._closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send on a connection of the request's origin."""
        _patient(request)
        return _watched(self._pool(request.url).handle_request(request))

    def _pool(self, url: httpx.URL) -> httpx.HTTPTransport:
        origin = _origin_of(url)
        pool = self._pools.get(origin)
        if pool is None:
            made = httpx.HTTPTransport(**_options(origin))
            made._pool._network_backend = Backend(made._pool._network_backend)  # noqa: SLF001 - guarded by a test
            pool = self._pools.setdefault(origin, made)  # the one of another thread, where that was first
            if self._closed:  # meanwhile, by another thread
                self.close()
        return pool

    def close(self) -> None:
        """Close all connections, and open no more; calls of other threads that wait for one end."""
        self._closed = True
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.close()
            backend: Any = pool._pool._network_backend  # noqa: SLF001 - guarded by a test
            backend.close()

    __del__ = close  # a client that nobody closed

    def forget(self) -> None:
        """After a fork: let go of the parent's connections without a word on them. Locks may be held for ever."""
        for pool in self._pools.values():
            backend: Any = pool._pool._network_backend  # noqa: SLF001 - guarded by a test
            _close_copies(backend)
        _inherited.append(self._pools)
        self._pools = {}


class AsyncPools(httpx.AsyncBaseTransport):
    """Connections of event loops; each loop has its own, closed when it ends."""

    def __init__(self) -> None:
        self._loops: weakref.WeakKeyDictionary[Any, _LoopPools] = weakref.WeakKeyDictionary()
        after_fork(self)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send on a connection of this loop, of the request's origin."""
        _patient(request)
        loop = this_loop()
        pools = self._loops.get(loop)
        if pools is None:
            pools = self._loops[loop] = await _LoopPools.opened()
        return _watched(await pools.pool(request.url).handle_async_request(request))

    async def aclose(self) -> None:
        """Close the connections of this loop; those of another are closed when it ends."""
        pools = self._loops.pop(this_loop(), None)
        if pools is not None:
            await pools.close()

    def forget(self) -> None:
        """After a fork: let go of the parent's connections without a word on them."""
        for pools in self._loops.values():
            pools.forget()
        _inherited.append(list(self._loops.items()))
        self._loops = weakref.WeakKeyDictionary()


class _LoopPools:
    """The connections of one event loop."""

    def __init__(self) -> None:
        self._pools: dict[Origin, httpx.AsyncHTTPTransport] = {}
        self._end = _until_the_end(self._pools)

    @classmethod
    async def opened(cls) -> _LoopPools:
        pools = cls()
        await anext(pools._end)  # from here on the loop knows of it
        return pools

    def pool(self, url: httpx.URL) -> httpx.AsyncHTTPTransport:
        origin = _origin_of(url)
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = httpx.AsyncHTTPTransport(**_options(origin))
            pool._pool._network_backend = AsyncBackend(pool._pool._network_backend)  # noqa: SLF001 - guarded by a test
        return pool

    async def close(self) -> None:
        await self._end.aclose()

    def forget(self) -> None:
        for pool in self._pools.values():
            backend: Any = pool._pool._network_backend  # noqa: SLF001 - guarded by a test
            _close_copies(backend)


async def _until_the_end(pools: dict[Origin, httpx.AsyncHTTPTransport]) -> AsyncGenerator[None, None]:
    """A loop that ends closes its async generators while it still runs: so the pools end with their loop."""
    try:
        yield
    finally:
        while pools:
            pool = pools.popitem()[1]
            await pool.aclose()
            backend: Any = pool._pool._network_backend  # noqa: SLF001 - guarded by a test
            await backend.aclose()


def this_loop() -> Any:
    """What stands for the running event loop, of asyncio or trio."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return sys.modules["trio"].lowlevel.current_trio_token()


# What a forked child has of its parent: closed, but never collected, which would talk to the parent's event loop.
_inherited: list[Any] = []


def _close_copies(backend: Backend | AsyncBackend) -> None:
    """Close this process's copies of the sockets; the parent's stay open, and hear nothing of it."""
    open_streams: list[Any] = backend.open.all()
    for stream in open_streams:
        sock = stream.get_extra_info("socket")
        getattr(sock, "_sock", sock).close()  # asyncio wraps it
