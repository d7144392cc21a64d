"""`python -m qa.benchmarks.server [CORE]`: the server, on a free port of loopback, which it prints; it ends with stdin.

It reads a request only as far as the choice of the response needs, and counts the bytes of an upload without keeping
them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Iterator
from itertools import islice

from qa.benchmarks.responses import get_response
from qa.benchmarks.workload import PACE

_END_OF_HEAD = b"\r\n\r\n"
_MAX_BODY = 1 << 16  # bytes of a body that the choice of the response may need


class Connection(asyncio.Protocol):
    """One connection, whose requests follow one another."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._reset()

    def _reset(self) -> None:
        self._data = b""
        self._path = b""
        self._remaining: int | None = None  # bytes of the body; None if it is chunked

    def data_received(self, data: bytes) -> None:
        if not self._path:
            self._data += data
            head, end, data = self._data.partition(_END_OF_HEAD)
            if not end:
                return
            self._parse_head(head, data)
        elif self._remaining is None:
            self._data = self._data[-8:] + data if len(self._data) > _MAX_BODY else self._data + data
        else:
            self._remaining -= len(data)
            if len(self._data) < _MAX_BODY:
                self._data += data
        if self._remaining == 0 or (self._remaining is None and self._data.endswith(b"0" + _END_OF_HEAD)):
            response = get_response(self._path, self._data)
            self._reset()
            self._send(response)

    def _parse_head(self, head: bytes, body: bytes) -> None:
        line, _, fields = head.partition(b"\r\n")
        self._path = line.split(b" ", 2)[1]
        self._data = body
        sizes = [field[15:] for field in fields.split(b"\r\n") if field[:15].lower() == b"content-length:"]
        self._remaining = int(sizes[0]) - len(body) if sizes else None
        if b"100-continue" in fields.lower():
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _send(self, response: bytes | list[bytes]) -> None:
        if isinstance(response, bytes):
            self._transport.write(response)
        else:
            parts = iter(response)
            self._transport.writelines(islice(parts, 2))  # the head and the first chunk
            self._schedule(parts, asyncio.get_running_loop().time())

    def _schedule(self, parts: Iterator[bytes], sent_at: float) -> None:
        def send() -> None:
            part = next(parts, None)
            if part is not None and not self._transport.is_closing():
                self._transport.write(part)
                self._schedule(parts, sent_at + PACE)

        asyncio.get_running_loop().call_at(sent_at + PACE, send)


async def serve() -> None:
    """Serve until stdin ends."""
    loop = asyncio.get_running_loop()
    end = loop.run_in_executor(None, sys.stdin.read)
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await end
    server.close()


def pin_to_core(core: int | None) -> None:
    """Keep this process on one core, if the system can."""
    if core is not None:
        with contextlib.suppress(AttributeError, OSError):
            os.sched_setaffinity(0, {core})


if __name__ == "__main__":
    pin_to_core(int(sys.argv[1]) if len(sys.argv) > 1 else None)
    asyncio.run(serve())
