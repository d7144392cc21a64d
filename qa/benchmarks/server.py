"""`python -m qa.benchmarks.server [CORE]`: the server, on a free port of loopback, which it prints; ends with stdin.

It reads a request just far enough to choose the answer, and counts the bytes of an upload without keeping them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Iterator
from itertools import islice

from qa.benchmarks.answers import answer
from qa.benchmarks.work import PACE

_END = b"\r\n\r\n"
_KEPT = 1 << 16  # bytes of a body that choosing the answer may need


class Connection(asyncio.Protocol):
    """One connection; its requests come one after another."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._begin(b"")

    def _begin(self, data: bytes) -> None:
        self._data = data
        self._path = b""
        self._left: int | None = None  # bytes of the body that are to come; None where it is chunked

    def data_received(self, data: bytes) -> None:
        if not self._path:
            self._data += data
            head, end, data = self._data.partition(_END)
            if not end:
                return
            self._head(head, data)
        elif self._left is None:
            self._data = self._data[-8:] + data if len(self._data) > _KEPT else self._data + data
        else:
            self._left -= len(data)
            if len(self._data) < _KEPT:
                self._data += data
        if self._left == 0 or (self._left is None and self._data.endswith(b"0" + _END)):
            self._answer(answer(self._path, self._data))

    def _head(self, head: bytes, body: bytes) -> None:
        line, _, fields = head.partition(b"\r\n")
        self._path = line.split(b" ", 2)[1]
        self._data = body
        sizes = [field[15:] for field in fields.split(b"\r\n") if field[:15].lower() == b"content-length:"]
        self._left = int(sizes[0]) - len(body) if sizes else None
        if b"100-continue" in fields.lower():
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _answer(self, pieces: bytes | list[bytes]) -> None:
        self._begin(b"")
        if isinstance(pieces, bytes):
            self._transport.write(pieces)
        else:
            left = iter(pieces)
            self._transport.writelines(islice(left, 2))  # the head, and the first chunk with it
            self._pace(left, asyncio.get_running_loop().time())

    def _pace(self, pieces: Iterator[bytes], due: float) -> None:
        def send() -> None:
            piece = next(pieces, None)
            if piece is not None and not self._transport.is_closing():
                self._transport.write(piece)
                self._pace(pieces, due + PACE)

        asyncio.get_running_loop().call_at(due + PACE, send)


async def serve() -> None:
    """Until stdin ends."""
    loop = asyncio.get_running_loop()
    ended = loop.run_in_executor(None, sys.stdin.read)
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await ended
    server.close()


def pin(core: int | None) -> None:
    """Keep this process on one core, where the system can."""
    if core is not None:
        with contextlib.suppress(AttributeError, OSError):
            os.sched_setaffinity(0, {core})


if __name__ == "__main__":
    pin(int(sys.argv[1]) if len(sys.argv) > 1 else None)
    asyncio.run(serve())
