"""Opening connections on an asyncio event loop."""

from __future__ import annotations

import asyncio
import socket
import time
from ssl import SSLContext

from polargrid_fast.addresses import Address, connect_error, lookup_async, share_time
from polargrid_fast.async_connection import AsyncConnection
from polargrid_fast.models import Origin, remaining
from polargrid_fast.tls import default_ssl_context


async def open_connection(
    origin: Origin, ssl_context: SSLContext | None, connect_timeout: float | None, deadline: float | None
) -> AsyncConnection:
    """Connect to the first of the origin's addresses that accepts. Raises ConnectError or ConnectTimeout."""
    seconds = remaining(connect_timeout, deadline)
    end = None if seconds is None else time.monotonic() + seconds
    addresses = await lookup_async(origin, end)
    errors: list[Exception] = []
    for index, address in enumerate(addresses):
        try:
            async with asyncio.timeout(share_time(end, len(addresses) - index)):
                return await _connect(origin, ssl_context, address)
        except (OSError, ValueError, RuntimeError) as error:  # such as a host name that TLS cannot take
            errors.append(error)
    raise connect_error(origin, errors) from errors[-1]


async def _connect(origin: Origin, ssl_context: SSLContext | None, address: Address) -> AsyncConnection:
    """Connect a socket of our own, so that it can be closed, polled and copied alike on each event loop."""
    loop = asyncio.get_running_loop()
    sock = socket.socket(address.family, address.kind, address.protocol)
    connection = AsyncConnection(origin, sock, loop)
    create_protocol = _Unencrypted if origin.is_tls else lambda: connection
    try:
        sock.setblocking(False)
        await loop.sock_connect(sock, address.endpoint)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport, protocol = await loop.create_connection(create_protocol, sock=sock)
    except BaseException:
        sock.close()
        raise
    if isinstance(protocol, _Unencrypted):
        connection.connection_made(await _start_tls(origin, ssl_context, connection, transport, protocol))
    return connection


class _Unencrypted(asyncio.Protocol):
    """Before the handshake: what is sent now is no part of it, and of no response."""

    has_data = False

    def data_received(self, data: bytes) -> None:
        self.has_data = bool(data)


async def _start_tls(
    origin: Origin,
    ssl_context: SSLContext | None,
    connection: AsyncConnection,
    transport: asyncio.Transport,
    protocol: _Unencrypted,
) -> asyncio.BaseTransport:
    """Start TLS on a transport. It owns the socket: if that is closed first, a loop goes on using its descriptor.

    `create_connection` does both, but where it fails or is cancelled, it may leave the transport open (asyncio), or the
    socket with a descriptor that is closed already (uvloop).
    """
    try:
        if protocol.has_data or transport.is_closing():
            raise ConnectionResetError("server did not wait for the TLS handshake")
        context, loop = ssl_context or default_ssl_context(), asyncio.get_running_loop()
        encrypted = await loop.start_tls(transport, connection, context, server_hostname=origin.host)
        if encrypted is None:  # the connection was lost
            raise ConnectionResetError("server disconnected during the TLS handshake")
        return encrypted
    except BaseException:
        transport.abort()
        raise
