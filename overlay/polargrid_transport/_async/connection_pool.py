"""Connections of one event loop: httpx transports that hold one connection each.

httpx's own pool looks at all of its connections for each request. Here the idle ones of an endpoint are on a stack, so
that a request costs the same with any number of them.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial  # unasync: remove
from threading import Lock

# unasync: add from threading import Event
from typing import Any

from anyio import Event  # unasync: remove

# unasync: add from polargrid_transport.concurrency import shut_down
from polargrid_transport._async.pooled_transport import PooledTransport
from polargrid_transport.concurrency import async_within  # unasync: remove
from polargrid_transport.deadline import Deadline
from polargrid_transport.libraries import KEEPALIVE_EXPIRY


class Turn:
    """A place in the line of calls that wait."""

    def __init__(self) -> None:
        self.granted = Event()
        self.value: PooledTransport | None = None


class AsyncConnectionPool:
    """At most `max_connections`; calls wait for one in order."""

    def __init__(self, create_transport: Callable[[str], Any], max_connections: int) -> None:
        self._create_transport = create_transport
        self._lock = Lock()  # never held during I/O
        self._empty = [PooledTransport() for _ in range(max_connections)]
        self._idle: dict[str, list[PooledTransport]] = {}
        self._turns: deque[Turn] = deque()
        self.process_id = os.getpid()
        self.open: set[PooledTransport] = set()
        self.is_closed = False
        self._unreliable: set[str] = set()  # endpoints that sent what was not requested: no connection is used twice

    async def acquire(self, base_url: str, deadline: Deadline) -> PooledTransport:
        """Return a transport with an idle connection, or a new one. Raises TimeoutError while all are in use."""
        turn = None
        with self._lock:
            pooled = None if self.is_closed else self._pop(base_url)
            if pooled is None and not self.is_closed:
                turn = Turn()
                self._turns.append(turn)
        if turn is not None:
            pooled = await self._wait(turn, deadline)
        if pooled is None:
            raise RuntimeError("the connection pool is closed")
        try:
            if not pooled.start_request(base_url, deadline):
                if await pooled.has_unrequested_data():
                    self._unreliable.add(pooled.base_url)
                await self._clear(pooled)
                pooled.transport, pooled.base_url = self._create_transport(base_url), base_url
                self.open.add(pooled)
            if self.is_closed:
                raise RuntimeError("the connection pool is closed")
            return pooled
        except BaseException:
            await self.release(pooled, is_reusable=False)
            raise

    def _pop(self, base_url: str) -> PooledTransport | None:
        """The last used idle connection, an empty place, or the idle connection of another endpoint."""
        if idle := self._idle.get(base_url):
            return idle.pop()
        if self._empty:
            return self._empty.pop()
        return next((stack.pop(0) for stack in self._idle.values() if stack), None)

    async def _wait(self, turn: Turn, deadline: Deadline) -> PooledTransport | None:
        try:
            within, granted = partial(deadline.remaining, "pool"), turn.granted.wait()  # unasync: remove
            await async_within(within, granted, on_wait=deadline.on_wait)  # unasync: remove
            # unasync: add deadline.on_wait(turn.granted.set)
            # unasync: add if not turn.granted.wait(deadline.remaining("pool")) or deadline.is_interrupted:
            # unasync: add     raise TimeoutError
        except BaseException:
            with self._lock:
                if turn in self._turns:
                    self._turns.remove(turn)
            if turn.value is not None:  # it was granted at the last moment
                await self.release(turn.value, is_reusable=True)
            raise
        return turn.value

    async def take_back(self, pooled: PooledTransport, *, is_complete: bool) -> None:
        """Take back the transport of a response."""
        is_reusable = is_complete and pooled.finish_response()
        if pooled.is_unreliable:
            self._unreliable.add(pooled.base_url)
        await self.release(pooled, is_reusable=is_reusable)

    async def release(self, pooled: PooledTransport, *, is_reusable: bool) -> None:
        """Take back a transport; its connection is closed if the exchange is incomplete, or anything follows it."""
        expired = None
        pooled.idle_since = time.monotonic()
        try:
            if not is_reusable or self.is_closed or pooled.base_url in self._unreliable:
                await self._clear(pooled)
        finally:
            with self._lock:
                if self._turns:
                    turn = self._turns.popleft()
                    turn.value = pooled
                    turn.granted.set()
                elif pooled.transport is None:
                    self._empty.append(pooled)
                else:
                    expired = self._push_idle(pooled)
        if expired is not None:
            await self.release(expired, is_reusable=False)

    def _push_idle(self, pooled: PooledTransport) -> PooledTransport | None:
        """Put it on the stack, and take off the oldest one if it has expired."""
        stack = self._idle.setdefault(pooled.base_url, [])
        stack.append(pooled)
        return stack.pop(0) if pooled.idle_since - stack[0].idle_since > KEEPALIVE_EXPIRY else None

    async def _clear(self, pooled: PooledTransport) -> None:
        transport, pooled.transport, pooled.base_url, pooled.is_unreliable = pooled.transport, None, "", False
        stream, pooled.network_stream, pooled.guard = pooled.network_stream, None, None
        self.open.discard(pooled)
        try:
            if transport is not None:
                await transport.aclose()
        finally:
            if stream is not None:  # httpx leaves it open if it is cancelled in a TLS handshake
                await stream.aclose()

    async def aclose(self) -> None:
        """Close all connections; calls that use one, or wait for one, fail."""
        with self._lock:
            self.is_closed = True
            turns, self._turns = self._turns, deque()
        for turn in turns:
            turn.granted.set()
        async with AsyncExitStack() as stack:  # it closes all of them, even if it is interrupted at one
            for pooled in list(self.open):
                pooled.is_closed = True
                # unasync: add shut_down(pooled.network_stream)
                for stream in (pooled.transport, pooled.network_stream):  # the latter in a TLS handshake, perhaps
                    if stream is not None:
                        stack.push_async_callback(stream.aclose)
