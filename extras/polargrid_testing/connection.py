"""One connection of a server: its requests are parsed, and its steps run."""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

import h11
import httpx

from polargrid_testing.byte_stream import BUFFER_SIZE, ByteStream, ConnectionEnd
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.steps import (
    AwaitClose,
    AwaitData,
    Close,
    Pause,
    Receive,
    ReceiveRequest,
    Reset,
    Respond,
    Send,
    SendTogether,
    Stall,
    StartTLS,
    Step,
    Until,
)

_POLL_INTERVAL = 0.001
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection(ByteStream):
    """One connection: parses requests, runs steps."""

    def __init__(self, connections: set[Any], ssl_context: ssl.SSLContext | None) -> None:
        super().__init__(connections, ssl_context)
        self._parser = h11.Connection(h11.SERVER, max_incomplete_event_size=BUFFER_SIZE)
        self._body = bytearray()
        self._is_complete = False
        self.is_idle = False
        """Whether it waits for a request."""

    async def receive_head(self) -> ReceivedRequest | None:
        """Return the next request without its body; None at the end of the connection."""
        await self.begin()
        event = await self.next_event()
        if not isinstance(event, h11.Request):
            return None
        return ReceivedRequest(
            event.method.decode(),
            event.target.decode("latin-1"),
            httpx.Headers(list(event.headers)),
            http_version=event.http_version.decode(),
        )

    async def receive_request(self, *, body: bool) -> ReceivedRequest:
        """Return the next request. Raises `ConnectionEnd` if there is none."""
        if self._is_complete:
            self.start_next_request()
        request = await self.receive_head()
        if request is None:
            raise ConnectionEnd
        if not body:
            return request
        await self.read_body()
        return replace(request, body=self.take_body())

    async def next_event(self) -> h11.Event | None:
        """Return the next event of the parser; None at the end of the connection."""
        while True:
            event = self._parser.next_event()
            if event is h11.NEED_DATA:
                if self._parser.they_are_waiting_for_100_continue:
                    self.write(_CONTINUE)
                    self._parser.send(h11.InformationalResponse(status_code=100, headers=[]))
                if not await self._fill():
                    return None
                continue
            self._is_complete = isinstance(event, h11.EndOfMessage)
            return event if isinstance(event, h11.Event) else None

    async def _fill(self) -> bool:
        while not self._data:
            if self._lost.is_set():
                return False
            self._received.clear()
            await self._received.wait()
        self._parser.receive_data(bytes(self._data))
        self._data.clear()
        if not self._transport.is_closing():
            self._transport.resume_reading()
        return True

    async def read_body(self, size: int | None = None) -> None:
        """Read the rest of the body of a request, or `size` bytes at least. Ends the connection if it is cut short."""
        end = None if size is None else len(self._body) + size
        while not self._is_complete and (end is None or len(self._body) < end):
            event = await self.next_event()
            if event is None:
                raise ConnectionEnd
            if isinstance(event, h11.Data):
                self._body += event.data

    def take_body(self) -> bytes:
        """Return what was read of the body of a request, and forget it."""
        body, self._body = bytes(self._body), bytearray()
        return body

    def start_next_request(self) -> bool:
        """Prepare for the next request; False if the body of the last one was not read."""
        if not self._is_complete:
            return False
        rest, _ = self._parser.trailing_data
        self._parser = h11.Connection(h11.SERVER, max_incomplete_event_size=BUFFER_SIZE)
        self._is_complete = False
        self._body.clear()
        self._data[:0] = rest
        return True

    @staticmethod
    def keeps_alive(request: ReceivedRequest) -> bool:
        """Whether the client uses the connection again."""
        options = request.headers.get("connection", "").lower()
        return "close" not in options if request.http_version == "1.1" else "keep-alive" in options

    async def run_all(self, steps: Iterable[Step] | AsyncIterable[Step]) -> bool:
        """Run the steps; whether the server is to respond then. A generator gets what a step returns, and is closed."""
        if isinstance(steps, AsyncGenerator):
            async with aclosing(steps):  # it ends with the connection
                return await self._run_async(steps)
        if isinstance(steps, AsyncIterable):
            return await self._run_async(steps)
        iterator, value = iter(steps), None
        try:
            while True:
                step = iterator.send(value) if isinstance(iterator, Generator) else next(iterator)
                if isinstance(step, Respond):
                    return True
                value = await self.run(step)
        except StopIteration:
            return False
        finally:
            if isinstance(iterator, Generator):
                iterator.close()

    async def _run_async(self, steps: AsyncIterable[Step]) -> bool:
        async for step in steps:
            if isinstance(step, Respond):
                return True
            await self.run(step)
        return False

    async def run(self, step: Step) -> Any:
        """Run a step, and return its result. Raises `ConnectionEnd` if it, or the client, ended the connection."""
        if isinstance(step, ReceiveRequest):
            return await self.receive_request(body=step.body)
        if isinstance(step, AwaitClose):
            return await self._await_close()
        if isinstance(step, AwaitData):
            return await self._await_data()
        await self._run(step)
        if self._lost.is_set() or self._transport.is_closing() or self._socket_transport.is_closing():
            raise ConnectionEnd
        return None

    async def _run(self, step: Step) -> None:
        match step:
            case Send(data):
                self.write(data)
                await self._drained.wait()
                await asyncio.sleep(0)  # a response without an end lets others run
            case SendTogether(parts):
                self._transport.writelines(parts)
                await self._drained.wait()
            case StartTLS(context):
                await self.start_tls(context)
            case Receive(size, keep):
                await self.read_body(size)
                if not keep:
                    self.take_body()
            case Reset():
                self.reset()
                await self._lost.wait()
            case Close(notify):
                self.close(notify=notify)
                if self._transport is self._socket_transport:  # else the client may not end TLS
                    await self._lost.wait()
            case _:
                await self._wait(step)

    async def _wait(self, step: Step) -> None:
        match step:
            case Pause(seconds):
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._lost.wait(), seconds)
            case Until(is_due):
                await self._wait_until(is_due)
            case Stall():
                self._transport.resume_reading()  # to see that the client disconnects
                await self._lost.wait()

    async def _await_close(self) -> bool:
        """Wait until the client closes the connection; False if it sends something instead."""
        while not self._data and not self._lost.is_set():
            self._received.clear()
            if not self._transport.is_closing():
                self._transport.resume_reading()
            await self._received.wait()
        return not self._data

    async def _await_data(self) -> bytes:
        """Wait for data, and return it without reading it."""
        self._transport.pause_reading()
        with self._transport.get_extra_info("socket").dup() as sock:
            await self._wait_until(lambda: bool(self._data or select.select([sock], [], [], 0)[0]))
            with suppress(OSError):
                unread: bytes = sock.recv(BUFFER_SIZE, socket.MSG_PEEK)
                return bytes(self._data) + unread
        return bytes(self._data)

    async def _wait_until(self, is_due: Callable[[], bool]) -> None:
        while not is_due() and not self._lost.is_set():  # noqa: ASYNC110 - another thread makes it true
            await asyncio.sleep(_POLL_INTERVAL)
