"""A connection as a protocol of an asyncio event loop."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import cast

from polargrid_fast.async_timer import WaitTimer
from polargrid_fast.exceptions import (
    FastError,
    LocalProtocolError,
    ReadError,
    ReadTimeout,
    TimeoutException,
    WriteTimeout,
)
from polargrid_fast.http1_parser import ResponseParser
from polargrid_fast.models import Origin, Timeouts, remaining
from polargrid_fast.readiness import is_readable
from polargrid_fast.tls import has_close_notify

#: Bytes of a body that are kept while the caller does not read; then the server has to wait.
MAX_BUFFERED = 256 * 1024


class AsyncConnection(asyncio.Protocol):
    """Sends requests one after the other and reads their responses."""

    def __init__(self, origin: Origin, sock: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        self.origin, self.parser = origin, ResponseParser()
        self.idle_since = 0.0
        self.has_written = False
        """Whether a byte of the current request may have been sent."""
        self.on_lost: Callable[[AsyncConnection], None] | None = None
        """Called when the loop has closed the connection."""
        self._socket, self._loop = sock, loop
        self._transport: asyncio.Transport
        self._waiter: asyncio.Future[None] | None = None
        self._timer = WaitTimer(loop)
        self._error: FastError | None = None
        self._early_data: list[bytes] = []
        self._end_cause: Exception | None = None
        self._is_clean_end = not origin.is_tls
        self._is_closed = self._is_read_paused = self._is_write_paused = False
        self._is_in_use = self._has_idle_data = False
        self._is_sent = True

    # Called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport. Each loop has classes of its own for it, so there is nothing to check."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Parse what the server sent."""
        if not self._is_in_use:
            self._receive_unexpected(data)
            return
        try:
            self.parser.feed(data)
        except FastError as error:
            self._fail(error)
        except BaseException as error:  # such as KeyboardInterrupt, which may be raised anywhere
            self._fail(ReadError("reading the response was interrupted"))
            if self._waiter is None or self._waiter.done():
                raise
            self._waiter.set_exception(error)  # uvloop would only log what a protocol raises
        if self.parser.buffered_bytes > MAX_BUFFERED and not (self._is_read_paused or self._is_closed):
            self._pause_reading()
        self._notify()

    def _receive_unexpected(self, data: bytes) -> None:
        """Before the first request, a server may say why it will not take one; later, it has nothing to say."""
        if self.idle_since:
            self._has_idle_data = True
            self._close_soon()
            return
        self._early_data.append(data)
        if sum(map(len, self._early_data)) > MAX_BUFFERED and not self._is_read_paused:
            self._pause_reading()

    def eof_received(self) -> None:
        """Note the end of the stream; the loop then closes the transport."""
        if self.origin.is_tls:
            self._is_clean_end = has_close_notify(self._transport.get_extra_info("ssl_object"))
        self._on_end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection is gone, and why."""
        self._timer.cancel()
        if exc is not None and self._is_in_use and not self.origin.is_tls and not self.parser.has_head:
            self._read_early_head()
        self._on_end(exc)
        if self.on_lost is not None:
            self.on_lost(self)

    def pause_writing(self) -> None:
        """Write no more for now."""
        self._is_write_paused = True

    def resume_writing(self) -> None:
        """Write on."""
        self._is_write_paused = False
        self._notify()

    def _read_early_head(self) -> None:
        """After a failed write the loop reads no more, but the server may have said why it stopped reading."""
        with suppress(FastError, OSError, ValueError):
            while not self.parser.has_head and (data := self._socket.recv(MAX_BUFFERED)):
                self.parser.feed(data)

    def _on_end(self, exc: Exception | None) -> None:
        if not self._is_closed:
            self._is_closed, self._end_cause = True, exc
            if self._is_in_use and self._error is None:
                self._end_response()
        self._notify()

    def _end_response(self) -> None:
        cause = self._end_cause
        try:
            if cause is not None and not self.parser.is_complete:
                raise ReadError(f"connection failed: {cause or type(cause).__name__}")
            self.parser.end(is_clean=self._is_clean_end)
        except FastError as error:
            self._error = error

    def _fail(self, error: FastError) -> None:
        self._error = error
        self._close_soon()

    def _close_soon(self) -> None:
        """Close it when the transport has delivered its data: uvloop's goes on to use the socket for TLS."""
        if not self._is_closed:
            self._is_closed = True
            self._loop.call_soon(self._transport.abort)

    def _notify(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _pause_reading(self) -> None:
        self._transport.pause_reading()
        self._is_read_paused = True

    def _resume_reading(self) -> None:
        if not self._is_closed:
            self._transport.resume_reading()
        self._is_read_paused = False

    # Called by the pool

    @property
    def is_reusable(self) -> bool:
        """Whether request and response are complete, nothing is left over, and the server keeps the connection."""
        parser = self.parser
        return (
            self._is_sent
            and parser.is_complete
            and parser.keep_alive
            and not parser.has_extra_data
            and not self._is_read_paused
            and not self._is_write_paused
            and not self._is_closed
            and self._error is None
        )

    @property
    def is_alive(self) -> bool:
        """Whether an idle connection can take a request: the server neither closed it nor sent anything."""
        if self._is_closed:
            return False
        try:  # the loop may not have run since the server closed it
            if not is_readable(self._socket.fileno()):
                return True
            if not self.origin.is_tls:  # whose bytes may be its end
                self._has_idle_data = bool(self._socket.recv(1, socket.MSG_PEEK))
        except (OSError, ValueError):
            pass
        return False

    @property
    def has_unrequested_data(self) -> bool:
        """Whether the server sent anything but the response to a request."""
        return self.parser.has_extra_data or self._has_idle_data

    def mark_idle(self) -> None:
        """No request uses it: what the server sends now closes it."""
        self._is_in_use = False
        self.idle_since = time.monotonic()

    async def send(
        self, method: str, head: bytes, body: Iterator[bytes], timeouts: Timeouts, deadline: float | None
    ) -> None:
        """Send a request and wait for the head of the response. A server that responds early is not sent the rest."""
        self._begin(method)
        if not self._is_closed:
            self._is_sent = False
            first = head + next(body, b"")
            if remaining(timeouts.write, deadline) == 0:
                raise WriteTimeout("sending the request timed out")
            self.has_written = True
            self._transport.write(first)
            await self._write_rest(body, timeouts.write, deadline)
        while not self.parser.has_head:
            await self._wait(ReadTimeout, timeouts.read, deadline)

    def _begin(self, method: str) -> None:
        self.parser.reset(method)
        self._is_in_use, self.has_written = True, False
        early_data, self._early_data = self._early_data, []
        if self._is_read_paused:
            self._resume_reading()
        for data in early_data:
            self.parser.feed(data)
        if self._is_closed:  # before it was used
            self._end_response()

    async def _write_rest(self, body: Iterator[bytes], write_timeout: float | None, deadline: float | None) -> None:
        for chunk in body:
            await asyncio.sleep(0)  # a response that is there is read before more is sent
            await self._wait_until_writable(write_timeout, deadline)
            if self.parser.has_head or self._error is not None or self._is_closed:
                return
            self._transport.write(chunk)
        await self._wait_until_writable(write_timeout, deadline)
        self._is_sent = not self._is_write_paused

    async def _wait_until_writable(self, write_timeout: float | None, deadline: float | None) -> None:
        while self._is_write_paused and not self.parser.has_head and self._error is None:
            await self._wait(WriteTimeout, write_timeout, deadline)

    async def read(self, read_timeout: float | None, deadline: float | None) -> bytes:
        """The next bytes of the response's body; b"" at its end."""
        parser = self.parser
        while not parser.buffered_bytes and not parser.is_complete:
            await self._wait(ReadTimeout, read_timeout, deadline)
        if self._is_read_paused:
            self._resume_reading()
        return parser.take_body()

    async def _wait(self, error: type[TimeoutException], limit: float | None, deadline: float | None) -> None:
        """Wait until the server sends, accepts or closes. Raises what the connection failed with."""
        if self._error is not None:
            raise self._error
        if self._is_closed:
            raise ReadError("connection is closed")
        if self._waiter is not None:
            raise LocalProtocolError("another task is reading this response already", request_sent=True)
        self._waiter = waiter = self._loop.create_future()
        self._timer.watch(waiter, error, remaining(limit, deadline))
        try:
            await waiter
        finally:
            self._waiter = None

    def fail(self, error: FastError) -> None:
        """Close it, and let whoever waits for it raise the error."""
        if self._error is None and not self.parser.is_complete:
            self._error = error
        self.close()
        self._notify()

    def close(self) -> None:
        """Close it at once."""
        if not self._is_closed:
            self._is_closed = True
            self._transport.abort()

    def close_after_fork(self) -> None:
        """Close this process's copy of the socket; the parent's event loop must not notice."""
        self._is_closed = True
        if (descriptor := self._socket.detach()) >= 0:  # a loop may keep the socket object from closing
            os.close(descriptor)
