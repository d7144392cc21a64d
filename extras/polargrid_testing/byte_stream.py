"""The bytes of one connection of a server, with TLS or without, and how it ends."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from typing import Any, cast

BUFFER_SIZE = 2**20


class ConnectionEnd(Exception):  # noqa: N818 - not an error
    """The connection is closed, by either side."""


class ByteStream(asyncio.Protocol):
    """The bytes that arrived, and those to send."""

    def __init__(self, streams: set[Any], ssl_context: ssl.SSLContext | None) -> None:
        """`streams` are those that are open."""
        self._streams, self._ssl_context = streams, ssl_context
        self.opened, self._received, self._lost = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()
        self._data = bytearray()
        self._has_decided_tls = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = self._socket_transport = cast("asyncio.Transport", transport)
        self._transport.pause_reading()  # TLS may start first
        # asyncio does so only for sockets whose protocol is named; without it, a second write waits 40 ms for an ACK.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._streams.add(self)
        self.opened.set()

    def data_received(self, data: bytes) -> None:
        self._data += data
        self._received.set()
        if len(self._data) > BUFFER_SIZE:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        self.connection_lost(None)
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        self._streams.discard(self)
        for event in (self._lost, self._received, self._drained):
            event.set()

    def pause_writing(self) -> None:
        self._drained.clear()

    def resume_writing(self) -> None:
        self._drained.set()

    async def begin(self) -> None:
        """Start to read; over TLS if the server has a context, and no step decided it already."""
        if not self._has_decided_tls:
            await self.start_tls(self._ssl_context)
        if not self._transport.is_closing():
            self._transport.resume_reading()

    async def start_tls(self, context: ssl.SSLContext | None) -> None:
        """Go on over TLS, or without it. Raises `ConnectionEnd` if the handshake fails."""
        self._has_decided_tls = True
        if context is None:
            return
        loop = asyncio.get_running_loop()
        try:
            transport = await loop.start_tls(self._socket_transport, self, context, server_side=True)
        except OSError:  # ssl.SSLError, ConnectionError
            raise ConnectionEnd from None
        if transport is None:
            raise ConnectionEnd
        self._transport = transport

    def write(self, data: bytes) -> None:
        """Send bytes, unless the connection has ended."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def close(self, *, notify: bool = True) -> None:
        """Close the connection after what was sent."""
        (self._transport if notify else self._socket_transport).close()

    def reset(self) -> None:
        """Close the connection with a TCP reset."""
        sock = self._transport.get_extra_info("socket")
        if sock is not None and sock.fileno() >= 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()
