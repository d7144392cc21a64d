"""SyncPool and AsyncPool behind one blocking interface, on each event loop that the package supports."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import uvloop

from polargrid_fast import AsyncPool, Request, SyncPool, Timeouts

KINDS = ["sync", "asyncio", "asyncio-debug", "uvloop", *(["asyncio-eager"] if sys.version_info >= (3, 12) else [])]
TIMEOUTS = Timeouts(connect=20, read=20, write=20, pool=20)


class _PatchableLookup:
    """An event loop whose name lookup is `socket.getaddrinfo`, as a test may have replaced it."""

    async def getaddrinfo(self, *values: Any, **options: Any) -> Any:
        return await asyncio.to_thread(lambda: socket.getaddrinfo(*values, **options))


class _SelectorLoop(_PatchableLookup, asyncio.SelectorEventLoop):
    pass


class _UVLoop(_PatchableLookup, uvloop.Loop):
    pass


def new_loop(kind: str) -> asyncio.AbstractEventLoop:
    """An event loop of this kind."""
    loop = _UVLoop() if kind == "uvloop" else _SelectorLoop()
    if kind == "asyncio-eager":
        loop.set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined]
    return loop


class BlockingResponse:
    """A response of either pool."""

    def __init__(self, native: Any, run: Callable[[Any], Any]) -> None:
        self.native, self._run = native, run
        self.status, self.headers = native.status, native.headers

    def read(self) -> bytes:
        return self._run(self.native.read())

    def read_all(self) -> bytes:
        return b"".join(iter(self.read, b""))

    def drain(self, seconds: float) -> None:
        self._run(self.native.drain(seconds))

    def close(self) -> None:
        self._run(self.native.close() if hasattr(self.native, "close") else self.native.aclose())


class BlockingPool:
    """A pool of either kind."""

    def __init__(self, native: Any, run: Callable[[Any], Any]) -> None:
        self.native, self.run = native, run

    def send(self, request: Request, timeouts: Timeouts = TIMEOUTS, deadline: float | None = None) -> BlockingResponse:
        return BlockingResponse(self.run(self.native.send(request, timeouts, deadline)), self.run)

    def get(self, url: str, **options: Any) -> BlockingResponse:
        return self.send(Request("GET", url), **options)

    def post(self, url: str, body: Any = b"body", **options: Any) -> BlockingResponse:
        return self.send(Request("POST", url, body=body), **options)

    def fetch(self, url: str) -> bytes:
        """The body of a GET, with the connection given back."""
        response = self.get(url)
        try:
            return response.read_all()
        finally:
            response.close()

    def close(self) -> None:
        self.run(self.native.aclose() if isinstance(self.native, AsyncPool) else self.native.close())


class Client:
    """Makes pools of one kind, and closes them when the test ends."""

    def __init__(self, kind: str) -> None:
        self.kind, self.is_async = kind, kind != "sync"
        self._pools: list[BlockingPool] = []
        self._runner: asyncio.Runner | None = None

    def run(self, result: Any) -> Any:
        """The result, awaited on this client's loop where it has to be."""
        if not isinstance(result, Coroutine):
            return result
        if self._runner is None:
            self._runner = asyncio.Runner(debug=self.kind == "asyncio-debug", loop_factory=lambda: new_loop(self.kind))
        return self._runner.run(result)

    def run_pending_callbacks(self) -> None:
        """Let the event loop do what it has scheduled, such as closing sockets."""
        if self.is_async:
            self.run(asyncio.sleep(0))

    def pool(self, **options: Any) -> BlockingPool:
        """A pool."""
        self._pools.append(BlockingPool(AsyncPool(**options) if self.is_async else SyncPool(**options), self.run))
        return self._pools[-1]

    def close(self) -> None:
        while self._pools:
            self._pools.pop().close()
        if self._runner is not None:
            self._runner.close()
            self._runner = None
