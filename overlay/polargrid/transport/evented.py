"""The SDK's own connections for asyncio."""

from __future__ import annotations

import asyncio
import math
import select
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

from polargrid import errors
from polargrid.transport.failures import unreachable
from polargrid.transport.http11 import Answering
from polargrid.transport.origins import KEEP_ALIVE, Origin
from polargrid.transport.patience import Patience, Phase

_MOST_BUFFERED = 256 * 1024  # bytes of an answer that nobody reads; then the edge has to wait


class Connection(asyncio.Protocol):
    """One connection: it sends requests one after the other, and reads their answers.

    Raises the SDK's exceptions, OSError and TimeoutError, which the caller translates.
    """

    def __init__(self, origin: Origin, loop: asyncio.AbstractEventLoop) -> None:
        self.origin, self.answering, self._loop = origin, Answering(), loop
        self.phase: Phase = "connect"
        self.idle_since = 0.0
        self._transport: asyncio.Transport
        self._waiter: asyncio.Future[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._rings_at = self._late_at = math.inf
        self._failure: Exception | None = None
        self._is_closed = self._reads_paused = self._writes_paused = False
        self._is_in_use = True  # for the call that it is made for
        self._is_sent = True

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - of a stream socket it is
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if not self._is_in_use:  # an idle edge has nothing to say that we want to hear
            self.close()
            return
        try:
            self.answering.feed(data)
        except errors.PolarGridError as error:
            self._failure = error
            self.close()
        if self.answering.buffered > _MOST_BUFFERED and not self._reads_paused:
            self._transport.pause_reading()
            self._reads_paused = True
        self._wake()

    def eof_received(self) -> None:
        self._ended(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        if exc is not None and self._is_in_use and not self.answering.has_head:
            self._read_rest()
        self._ended(exc)

    def _read_rest(self) -> None:
        """Where sending failed, asyncio reads no more; but why the edge refused may be there to be read."""
        sock = getattr(self._transport.get_extra_info("socket"), "_sock", None)
        if sock is None or self.origin.is_tls:
            return
        with suppress(OSError, errors.PolarGridError):
            while not self.answering.has_head and (data := sock.recv(_MOST_BUFFERED)):
                self.answering.feed(data)

    def pause_writing(self) -> None:
        self._writes_paused = True

    def resume_writing(self) -> None:
        self._writes_paused = False
        self._wake()

    def _ended(self, error: Exception | None) -> None:
        if self._failure is None and self._is_in_use:
            try:
                self._failure = error
                if error is None:
                    self.answering.end()
            except errors.PolarGridError as unfinished:
                self._failure = unfinished
        self._is_closed = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # What a call does

    async def send(self, head: bytes, body: Iterator[bytes], patience: Patience) -> None:
        """Send a request, and wait for the head of its answer. An edge that answers early is not sent the rest."""
        if self.idle_since:  # on a new connection, what came before the request is its answer
            self.answering.begin()
        self._is_in_use, self._is_sent = True, False
        if self._is_closed:
            if self.answering.has_head:
                return
            raise self._failure or errors.NetworkError("The connection broke: the edge closed it before it was used")
        self._transport.write(head + next(body, b""))
        for piece in body:
            await asyncio.sleep(0)  # an answer that is there is read before more is sent
            await self._until_writable(patience)
            if self.answering.has_head or self._failure is not None:
                break  # then the edge does not want the rest
            self._transport.write(piece)
        else:
            await self._until_writable(patience)
            self._is_sent = True
        while not self.answering.has_head:
            await self._wait("read", patience)

    async def _until_writable(self, patience: Patience) -> None:
        while self._writes_paused and not self.answering.has_head and self._failure is None:
            await self._wait("write", patience)

    async def read(self, patience: Patience) -> bytes:
        """The next bytes of the answer's body; none at its end."""
        answering = self.answering
        while not answering.buffered and not answering.is_complete:
            await self._wait("read", patience)
        if self._reads_paused:
            self._transport.resume_reading()
            self._reads_paused = False
        return answering.take()

    async def _wait(self, phase: Phase, patience: Patience) -> None:
        """Until the edge sends, takes or closes. Raises TimeoutError, and what the connection failed of."""
        if self._failure is not None:
            raise self._failure
        self.phase = phase
        left = patience.left(phase)
        if left == 0:
            raise TimeoutError
        self._late_at = math.inf if left is None else self._loop.time() + left
        if self._late_at < self._rings_at:
            self._set_alarm()
        self._waiter = waiter = self._loop.create_future()
        try:
            await waiter
        finally:
            self._waiter = None

    def _set_alarm(self) -> None:
        """For this wait and those after it: a timer for each would cost a stream more than parsing it."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._rings_at = self._late_at
        self._alarm = self._loop.call_at(self._rings_at, self._ring)

    def _ring(self) -> None:
        self._alarm, self._rings_at = None, math.inf
        if self._waiter is None or self._waiter.done():
            return
        if self._loop.time() >= self._late_at:
            self._waiter.set_exception(TimeoutError())
        elif self._late_at < math.inf:  # it was set for an earlier wait
            self._set_alarm()

    @property
    def is_done(self) -> bool:
        """Whether request and answer are whole, and the edge keeps the connection."""
        answering = self.answering
        whole = self._is_sent and answering.is_complete and answering.is_reusable and not answering.has_surplus
        return whole and not self._is_closed

    @property
    def is_usable(self) -> bool:
        """Whether the next request can be sent: the edge has neither closed it nor said anything."""
        if self._is_closed or time.monotonic() - self.idle_since > KEEP_ALIVE:
            return False
        # The loop may not have run since the edge closed it.
        return not _is_readable(self._transport.get_extra_info("socket").fileno())

    @property
    def is_stale(self) -> bool:
        """Whether it was idle, and the edge closed it without having answered: then the request may be sent anew."""
        return self.idle_since > 0 and not self.answering.has_begun

    def rest(self) -> None:
        """Nobody uses it for now."""
        self._is_in_use, self.idle_since = False, time.monotonic()

    def close(self) -> None:
        """Let go of it at once."""
        self._is_closed = True
        self._transport.abort()

    def close_copy(self) -> None:
        """After a fork: close this process's copy; the parent's loop hears nothing of it."""
        sock: socket.socket = self._transport.get_extra_info("socket")
        getattr(sock, "_sock", sock).close()  # asyncio wraps it


def _is_readable(descriptor: int) -> bool:
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


async def connected(origin: Origin, patience: Patience) -> Connection:
    """A connection to one of the origin's addresses. Raises what says that nothing was sent."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(patience.left("connect")):
            # One address after the other: cancelled, asyncio's race between addresses leaves a socket open.
            _, connection = await loop.create_connection(
                lambda: Connection(origin, loop),
                origin.host,
                origin.port,
                ssl=origin.tls(),
            )
    except (OSError, UnicodeError) as error:
        raise unreachable(error, patience) from error
    return connection
