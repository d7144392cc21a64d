"""One request and its response on the server: what a fault can see and do."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from qa.stress.payloads import HEADER, OPERATIONS, Instruction, Response, build_response


@dataclass
class Request:
    """The head of a request."""

    instruction: Instruction
    headers: dict[str, str]
    length: int


class Connection:
    """A connection of the server; its exchanges, and what follows them, happen one after another."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.lock = asyncio.Lock()  # held while a response is sent
        self.next_fault: str | None = None  # of the next exchange, instead of its own
        self.is_closed = False
        self.is_shifted = False  # a response that no call expects was sent late: all others may be taken for the next
        self._tasks: set[asyncio.Task[None]] = set()
        transport: Any = writer.transport
        transport.set_write_buffer_limits(high=1, low=0)  # so that `drain` waits until all is sent

    @property
    def _socket(self) -> Any:
        return self.writer.get_extra_info("socket")

    @property
    def is_tls(self) -> bool:
        return self.writer.get_extra_info("sslcontext") is not None

    def close(self) -> None:
        """Close; over TLS with close_notify."""
        self.is_closed = True
        self.writer.close()

    def abort(self) -> None:
        """Close without close_notify."""
        self.is_closed = True
        self.writer.transport.abort()

    def reset(self) -> None:
        """Close with a TCP reset."""
        if self._socket is None:
            raise ConnectionResetError
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.abort()

    def shut_down_writes(self) -> None:
        """Close one direction; over TLS without close_notify."""
        self._socket.shutdown(socket.SHUT_WR)

    def schedule(self, seconds: float, action: Callable[[], Awaitable[None] | None]) -> None:
        """Run an action later, though not inside a response."""

        async def run() -> None:
            await asyncio.sleep(seconds)
            async with self.lock:
                if not self.is_closed and (result := action()) is not None:
                    await result

        task = asyncio.ensure_future(run())
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # the client may have disconnected

    def cancel_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()


class Exchange:
    """A request, its body perhaps not read yet, and the right response to it."""

    def __init__(self, connection: Connection, request: Request, arrival: int) -> None:
        self.connection, self.request = connection, request
        self.instruction = request.instruction
        self.random = Random(f"{self.instruction.nonce}:{arrival}")  # noqa: S311 - no secret
        self.response: Response = build_response(self.instruction)
        self.unread = request.length

    @property
    def operation(self) -> str:
        return self.instruction.operation

    async def read(self, size: int | None = None) -> bytes:
        """Read the rest of the request's body, or some of it. Raises IncompleteReadError."""
        size = self.unread if size is None else min(size, self.unread)
        data = await self.connection.reader.readexactly(size)
        self.unread -= len(data)
        return data

    async def send(self, data: bytes) -> None:
        """Send bytes, and wait until the system has them."""
        self.connection.writer.write(data)
        await self.connection.writer.drain()

    async def send_pieces(self, data: bytes, sizes: tuple[int, int], pause: float = 0.0) -> None:
        """Send bytes in pieces of these sizes, with a pause before each."""
        at = 0
        while at < len(data):
            size = self.random.randint(*sizes)
            await self.send(data[at : at + size])
            await asyncio.sleep(pause)
            at += size

    async def pause(self, least: float, most: float) -> None:
        await asyncio.sleep(self.random.uniform(least, most))

    async def wait_for_close(self) -> None:
        """Read and drop what arrives, until the client disconnects."""
        while await self.connection.reader.read(65536):
            pass

    def cut(self, data: bytes, start: int = 1) -> bytes:
        """The beginning of the bytes, at least one byte short."""
        return data[: self.random.randint(min(start, len(data) - 1), len(data) - 1)]

    def build_stray(self, fault: str, *headers: str) -> bytes:
        """A complete response that no call expects, of any operation."""
        operation = self.random.choice(OPERATIONS)
        response = build_response(self.instruction._replace(operation=operation, size=3), fault)
        response.headers += headers
        return response.encode()

    def build_timeout(self, fault: str) -> bytes:
        """408, to no request."""
        lines = ["HTTP/1.1 408 Request Timeout", "content-length: 0", "connection: close"]
        return "\r\n".join([*lines, f"{HEADER}: {self.instruction.nonce}!{fault}", "", ""]).encode()
