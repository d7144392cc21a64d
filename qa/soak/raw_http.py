"""HTTP over plain sockets, for clients that read slowly or disconnect at any byte."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_MAX_LINE: Final = 64 * 1024
# So small that the edge must wait for a client that does not read.
SMALL_BUFFER: Final = 2048
# No response of the edge takes that long; a timeout is reported, and the run continues.
TIMEOUT_SECONDS: Final = 120.0


class ConnectionCutError(Exception):
    """The connection ended before the response did."""


@dataclass(frozen=True, slots=True)
class RawResponse:
    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class RawConnection:
    """A connection to the edge."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def read_head(self) -> RawResponse:
        """Read status and headers. Raises `ConnectionCutError`."""
        status = (await self._read_line()).split(" ", 2)[1]
        headers: dict[str, str] = {}
        while line := await self._read_line():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return RawResponse(int(status), headers)

    async def iter_body(self, head: RawResponse) -> AsyncIterator[bytes]:
        """Iterate over the chunks of the body. Raises `ConnectionCutError` where it ends early."""
        if "content-length" in head.headers:
            yield await self._read_exactly(int(head.headers["content-length"]))
            return
        while size := int(await self._read_line(), 16):
            yield (await self._read_exactly(size + 2))[:-2]
        await self._read_line()

    async def read_response(self) -> RawResponse:
        head = await self.read_head()
        return RawResponse(head.status, head.headers, b"".join([chunk async for chunk in self.iter_body(head)]))

    async def read_until_closed(self) -> bytes:
        """Read everything until the edge closes or aborts the connection."""
        data = b""
        with suppress(ConnectionError):
            while chunk := await self._reader.read(_MAX_LINE):
                data += chunk
        return data

    async def _read_line(self) -> str:
        try:
            return (await self._reader.readuntil(b"\r\n"))[:-2].decode("latin-1")
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ConnectionCutError(f"the connection ended: {error}") from None

    async def _read_exactly(self, size: int) -> bytes:
        try:
            return await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ConnectionCutError(f"the connection ended within a body: {error}") from None


@asynccontextmanager
async def connect(url: str, *, buffer: int | None = None, reset: bool = False) -> AsyncIterator[RawConnection]:
    """Open a connection for the context; `reset` closes it with RST.

    `buffer` is the approximate number of unread bytes before the edge must wait.
    """
    address = urlsplit(url)
    plain = socket.socket()
    try:
        plain.setblocking(False)
        if buffer is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        await asyncio.get_running_loop().sock_connect(plain, (address.hostname, address.port))
        reader, writer = await asyncio.open_connection(sock=plain, limit=buffer or _MAX_LINE)
    except BaseException:
        plain.close()
        raise
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            yield RawConnection(reader, writer)
    finally:
        if reset:
            plain = writer.get_extra_info("socket")
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def fetch(url: str, request: bytes) -> RawResponse:
    """Send a request on a connection of its own. Raises `ConnectionCutError` or `TimeoutError`."""
    async with connect(url) as connection:
        await connection.send(request)
        return await connection.read_response()


async def cancel_stream(url: str, request: bytes, after: int, *, reset: bool = False) -> tuple[RawResponse, bool]:
    """Disconnect after some chunks; returns the head, and whether the stream was cancelled before its end."""
    async with connect(url, reset=reset) as connection:
        await connection.send(request)
        head = await connection.read_head()
        if head.status == 200:
            async for chunk in connection.iter_body(head):
                after -= 1
                if after <= 0:
                    return head, b"[DONE]" not in chunk
        return head, False


async def cut_request(url: str, request: bytes, at: int, *, reset: bool = False) -> None:
    """Send the first bytes of a request and disconnect."""
    async with connect(url, reset=reset) as connection:
        with suppress(ConnectionError):  # the edge rejected it already
            await connection.send(request[:at])


async def read_slowly(url: str, request: bytes, before_chunk: Callable[[], Awaitable[object]]) -> RawResponse:
    """Read with a small buffer, awaiting `before_chunk`. Raises `ConnectionCutError` or `TimeoutError`."""
    async with connect(url, buffer=SMALL_BUFFER) as connection:
        await connection.send(request)
        head = await connection.read_head()
        body = b""
        async for chunk in connection.iter_body(head):
            await before_chunk()
            body += chunk
        return RawResponse(head.status, head.headers, body)


async def read_nothing(url: str, requests: bytes, until: Callable[[], Awaitable[object]]) -> bytes:
    """Send requests and read nothing until `until` returns; then read what the edge sent before it disconnected."""
    async with connect(url, buffer=SMALL_BUFFER) as connection:
        with suppress(ConnectionError):
            await connection.send(requests)
        await until()
        return await connection.read_until_closed()
