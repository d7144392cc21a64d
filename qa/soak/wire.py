"""HTTP over bare sockets, so that a client can read slowly, or leave at any byte."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_LONGEST_LINE: Final = 64 * 1024
# So little that a client which does not read has the edge wait at once.
LITTLE_ROOM: Final = 2048
# No answer of the edge takes that long; one that does is reported, and the run goes on.
PATIENCE_SECONDS: Final = 120.0


class CutError(Exception):
    """The connection ended before the answer did."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class Connection:
    """One connection to the edge."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def head(self) -> Answer:
        """Status and headers. Raises `CutError`."""
        status = (await self._line()).split(" ", 2)[1]
        headers: dict[str, str] = {}
        while line := await self._line():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return Answer(int(status), headers)

    async def pieces(self, head: Answer) -> AsyncIterator[bytes]:
        """The body as it comes. Raises `CutError` where it ends too soon."""
        if "content-length" in head.headers:
            yield await self._exactly(int(head.headers["content-length"]))
            return
        while size := int(await self._line(), 16):
            yield (await self._exactly(size + 2))[:-2]
        await self._line()

    async def answer(self) -> Answer:
        head = await self.head()
        return Answer(head.status, head.headers, b"".join([piece async for piece in self.pieces(head)]))

    async def rest(self) -> bytes:
        """All that comes before the edge closes the connection, or cuts it."""
        came = b""
        with suppress(ConnectionError):
            while piece := await self._reader.read(_LONGEST_LINE):
                came += piece
        return came

    async def _line(self) -> str:
        try:
            return (await self._reader.readuntil(b"\r\n"))[:-2].decode("latin-1")
        except (asyncio.IncompleteReadError, ConnectionError) as ended:
            raise CutError(f"the connection ended: {ended}") from None

    async def _exactly(self, size: int) -> bytes:
        try:
            return await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError) as ended:
            raise CutError(f"the connection ended in a body: {ended}") from None


@asynccontextmanager
async def connected(url: str, *, room: int | None = None, reset: bool = False) -> AsyncIterator[Connection]:
    """A connection, closed at the end; `reset` closes it the rude way.

    `room` is how many bytes, about, arrive unread before the edge has to wait.
    """
    place = urlsplit(url)
    plain = socket.socket()
    try:
        plain.setblocking(False)
        if room is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        await asyncio.get_running_loop().sock_connect(plain, (place.hostname, place.port))
        reader, writer = await asyncio.open_connection(sock=plain, limit=room or _LONGEST_LINE)
    except BaseException:
        plain.close()
        raise
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            yield Connection(reader, writer)
    finally:
        if reset:
            plain = writer.get_extra_info("socket")
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def ask(url: str, sent: bytes) -> Answer:
    """One request on a connection of its own, answered whole. Raises `CutError` or `TimeoutError`."""
    async with connected(url) as connection:
        await connection.send(sent)
        return await connection.answer()


async def leave(url: str, sent: bytes, after: int, *, reset: bool = False) -> tuple[Answer, bool]:
    """Leaves a stream after some pieces; gives its head, and whether it really was before its end."""
    async with connected(url, reset=reset) as connection:
        await connection.send(sent)
        head = await connection.head()
        if head.status == 200:
            async for piece in connection.pieces(head):
                after -= 1
                if after <= 0:
                    return head, b"[DONE]" not in piece
        return head, False


async def cut(url: str, sent: bytes, at: int, *, reset: bool = False) -> None:
    """Sends so many bytes of a request, and leaves."""
    async with connected(url, reset=reset) as connection:
        with suppress(ConnectionError):  # it was refused before
            await connection.send(sent[:at])


async def read_slowly(url: str, sent: bytes, before_each: Callable[[], Awaitable[object]]) -> Answer:
    """Reads an answer with little room, waiting before each piece. Raises `CutError` or `TimeoutError`."""
    async with connected(url, room=LITTLE_ROOM) as connection:
        await connection.send(sent)
        head = await connection.head()
        body = b""
        async for piece in connection.pieces(head):
            await before_each()
            body += piece
        return Answer(head.status, head.headers, body)


async def read_nothing(url: str, sent: bytes, until: Callable[[], Awaitable[object]]) -> bytes:
    """Sends requests and reads nothing for a while; gives what can still be read then, up to where the edge left."""
    async with connected(url, room=LITTLE_ROOM) as connection:
        with suppress(ConnectionError):
            await connection.send(sent)
        await until()
        return await connection.rest()
