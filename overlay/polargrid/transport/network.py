"""Connections that keep to a call's patience, for httpcore, which httpx is built on.

httpcore hands the timeout of a phase down to each wait. Here it is a `Wait` that asks the call how much is left, so
that a deadline holds while connecting, in TLS, while sending, and for headers that come a byte at a time.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from contextlib import suppress
from ssl import SSLContext
from typing import Any, NamedTuple

import anyio
import h11
import httpcore

from polargrid.transport.held import Open
from polargrid.transport.patience import Patience, Phase

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


def _more_came(parser: h11.Connection | None) -> bool:
    """Whether more came than an answer: httpcore, which asks this of an idle connection, would take it for the next."""
    return parser is not None and bool(parser.trailing_data[0])


def _unless_answered(error: httpcore.WriteTimeout, stream: Stream | AsyncStream) -> Exception:
    """The exception of an edge that reads no more. After a WriteError httpcore reads: it may have refused already."""
    return httpcore.WriteError("an answer came first") if stream.get_extra_info("is_readable") else error


class Backend(httpcore.NetworkBackend):
    """Opens blocking connections, and knows those that are open."""

    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner
        self.open: Open[Stream] = Open()
        self._closed = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Options = None,
    ) -> httpcore.NetworkStream:
        seconds = _seconds(timeout, httpcore.ConnectTimeout)
        return self.kept(self._inner.connect_tcp(host, port, seconds, local_address, socket_options))

    def kept(self, inner: httpcore.NetworkStream) -> Stream:
        """A new connection, among those that are open."""
        stream = Stream(inner, self)
        if self._closed:  # meanwhile, by another thread
            stream.close()
            raise httpcore.ConnectError("the client was closed")
        return stream

    def close(self) -> None:
        """Close all connections, those that httpcore's pool does not know yet too, and open no more."""
        self._closed = True
        for stream in self.open.all():
            stream.close()


class Stream(httpcore.NetworkStream):
    """One blocking connection."""

    def __init__(self, inner: httpcore.NetworkStream, backend: Backend) -> None:
        self._inner, self._backend = inner, backend
        self.parser: h11.Connection | None = None  # once an answer came
        backend.open.add(self)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _seconds(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        view = memoryview(buffer)
        for start in range(0, len(view), _PIECE):  # the bound is for each wait: a slow edge may take all of it
            try:
                self._inner.write(bytes(view[start : start + _PIECE]), _seconds(timeout, httpcore.WriteTimeout))
            except httpcore.WriteTimeout as error:
                raise _unless_answered(error, self) from None

    def close(self) -> None:
        self._backend.open.discard(self)
        with suppress(OSError):  # another thread that waits for bytes wakes up
            self.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = _seconds(timeout, httpcore.ConnectTimeout)
        try:
            return self._backend.kept(self._inner.start_tls(ssl_context, server_hostname, seconds))
        except BaseException:  # httpcore closes at an Exception
            self.close()
            raise

    def get_extra_info(self, info: str) -> Any:
        return (info == "is_readable" and _more_came(self.parser)) or self._inner.get_extra_info(info)


_PIECE = 64 * 1024


class AsyncBackend(httpcore.AsyncNetworkBackend):
    """Opens connections of an event loop."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend) -> None:
        self._inner = inner
        self.open: Open[AsyncStream] = Open()
        self._closed = False

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Options = None,
    ) -> httpcore.AsyncNetworkStream:
        seconds = _seconds(timeout, httpcore.ConnectTimeout)
        return await self.kept(await self._inner.connect_tcp(host, port, seconds, local_address, socket_options))

    async def kept(self, inner: httpcore.AsyncNetworkStream) -> AsyncStream:
        """A new connection, among those that are open."""
        stream = AsyncStream(inner, self)
        if self._closed:  # meanwhile, by another task
            await stream.aclose()
            raise httpcore.ConnectError("the client was closed")
        return stream

    async def aclose(self) -> None:
        """Close all connections, those that httpcore's pool does not know yet too, and open no more."""
        self._closed = True
        for stream in self.open.all():
            await stream.aclose()

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class AsyncStream(httpcore.AsyncNetworkStream):
    """One connection of an event loop."""

    def __init__(self, inner: httpcore.AsyncNetworkStream, backend: AsyncBackend) -> None:
        self._inner, self._backend = inner, backend
        self.parser: h11.Connection | None = None  # once an answer came
        backend.open.add(self)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        return await self._inner.read(max_bytes, _seconds(timeout, httpcore.ReadTimeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        view = memoryview(buffer)
        for start in range(0, len(view), _PIECE):
            try:
                await self._inner.write(bytes(view[start : start + _PIECE]), _seconds(timeout, httpcore.WriteTimeout))
            except httpcore.WriteTimeout as error:
                raise _unless_answered(error, self) from None

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
        try:
            return await self._backend.kept(await self._inner.start_tls(ssl_context, server_hostname, seconds))
        except BaseException:  # httpcore closes at an Exception, which being cancelled is not
            with anyio.CancelScope(shield=True):
                await self.aclose()
            raise

    def get_extra_info(self, info: str) -> Any:
        return (info == "is_readable" and _more_came(self.parser)) or self._inner.get_extra_info(info)
