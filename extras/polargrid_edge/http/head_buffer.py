"""A connection that sends the head of a response with the beginning of its body."""

from __future__ import annotations

import asyncio
from typing import Any, Final

_HEAD: Final = b"HTTP/1."
_LONG_BODY: Final = 64 * 1024


class HeadBuffer:
    """A transport, but for `write`: what begins like a head waits for the next write, or for the loop's next round.

    uvicorn writes them one by one, each a call of the system that wakes the client, which may take the core from the
    edge before the first token is written. What begins like a head and is none waits as well, which does no harm.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write the data, behind the head that waits."""
        if self._head and len(data) > _LONG_BODY:
            self._flush()  # copying it takes longer than a call
        elif self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(_HEAD):
            self._head = data
            self._loop.call_soon(self._flush)
            return
        self._transport.write(data)

    def _flush(self) -> None:
        head, self._head = self._head, b""
        if head and not self._transport.is_closing():
            self._transport.write(head)

    def get_write_buffer_size(self) -> int:
        return self._transport.get_write_buffer_size() + len(self._head)

    def close(self) -> None:
        """Close the connection when all is sent."""
        self._flush()
        self._transport.close()
