"""Connections that keep to a call's patience, for httpcore, which httpx is built on.

httpcore hands the timeout of a phase down to each wait. Here it is a `Wait` that asks the call how much is left, so
that a deadline holds while connecting, in TLS, while sending, and for headers that come a byte at a time.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from ssl import SSLContext
from typing import Any, NamedTuple

import httpcore

from polargrid.patience import Patience, Phase

Options = Iterable[httpcore.SOCKET_OPTION] | None


class Wait(NamedTuple):
    """One kind of wait of one call, in place of its seconds."""

    patience: Patience
    phase: Phase


def waits(patience: Patience) -> dict[str, Any]:
    """What httpcore finds as a request's `timeout`."""
    return {phase: Wait(patience, phase) for phase in ("connect", "read", "write")}


def _seconds(timeout: Any, late: type[Exception]) -> float | None:
    if not isinstance(timeout, Wait):
        return timeout  # type: ignore[no-any-return]  # seconds or None
    left = timeout.patience.left(timeout.phase)
    if left == 0:
        raise late("it took too long")
    return left


class Backend(httpcore.NetworkBackend):
    """Opens blocking connections, and knows those that are open."""

    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner
        self.open: weakref.WeakSet[Stream] = weakref.WeakSet()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Options = None,
    ) -> httpcore.NetworkStream:
        seconds = _seconds(timeout, httpcore.ConnectTimeout)
        return Stream(self._inner.connect_tcp(host, port, seconds, local_address, socket_options), self)


class Stream(httpcore.NetworkStream):
    """One blocking connection."""

    def __init__(self, inner: httpcore.NetworkStream, backend: Backend) -> None:
        self._inner, self._backend = inner, backend
        backend.open.add(self)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _seconds(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        view = memoryview(buffer)
        for start in range(0, len(view), _PIECE):  # the bound is for each wait: a slow edge may take all of it
            self._inner.write(bytes(view[start : start + _PIECE]), _seconds(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._backend.open.discard(self)
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = _seconds(timeout, httpcore.ConnectTimeout)
        return Stream(self._inner.start_tls(ssl_context, server_hostname, seconds), self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


_PIECE = 64 * 1024


class AsyncBackend(httpcore.AsyncNetworkBackend):
    """Opens connections of an event loop."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend) -> None:
        self._inner = inner
        self.open: weakref.WeakSet[AsyncStream] = weakref.WeakSet()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Options = None,
    ) -> httpcore.AsyncNetworkStream:
        seconds = _seconds(timeout, httpcore.ConnectTimeout)
        return AsyncStream(await self._inner.connect_tcp(host, port, seconds, local_address, socket_options), self)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class AsyncStream(httpcore.AsyncNetworkStream):
    """One connection of an event loop."""

    def __init__(self, inner: httpcore.AsyncNetworkStream, backend: AsyncBackend) -> None:
        self._inner, self._backend = inner, backend
        backend.open.add(self)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        return await self._inner.read(max_bytes, _seconds(timeout, httpcore.ReadTimeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        view = memoryview(buffer)
        for start in range(0, len(view), _PIECE):
            await self._inner.write(bytes(view[start : start + _PIECE]), _seconds(timeout, httpcore.WriteTimeout))

    async def aclose(self) -> None:
        self._backend.open.discard(self)
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        seconds = _seconds(timeout, httpcore.ConnectTimeout)
        return AsyncStream(await self._inner.start_tls(ssl_context, server_hostname, seconds), self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
