"""Opening connections on an asyncio event loop."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import suppress
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
        context = (ssl_context or default_ssl_context()) if origin.is_tls else None
    except BaseException:
        sock.close()
        raise
    host = origin.host if origin.is_tls else None
    creating = asyncio.ensure_future(
        loop.create_connection(lambda: connection, sock=sock, ssl=context, server_hostname=host)
    )
    await _finish(creating, connection, sock)
    return connection


async def _finish(creating: asyncio.Future[object], connection: AsyncConnection, sock: socket.socket) -> None:
    """Wait for the loop's part. It is never cancelled, because then a loop may go on using a socket that is closed."""
    try:
        await asyncio.wait([creating])
    except asyncio.CancelledError:
        creating.add_done_callback(lambda _: _close(creating, connection, sock))
        with suppress(OSError):  # the peer may have reset it
            sock.shutdown(socket.SHUT_RDWR)  # ends a TLS handshake
        await asyncio.wait([creating])
        raise
    if creating.exception() is not None:
        sock.close()
    creating.result()


def _close(creating: asyncio.Future[object], connection: AsyncConnection, sock: socket.socket) -> None:
    if creating.cancelled() or creating.exception() is not None:
        sock.close()
    else:
        connection.close()
