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
    try:
        sock.setblocking(False)
        await loop.sock_connect(sock, address.endpoint)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = AsyncConnection(origin, sock, loop)
        if origin.is_tls:
            context = ssl_context or default_ssl_context()
            await loop.create_connection(lambda: connection, sock=sock, ssl=context, server_hostname=origin.host)
        else:
            await loop.create_connection(lambda: connection, sock=sock)
        return connection
    except BaseException:
        sock.close()
        raise
