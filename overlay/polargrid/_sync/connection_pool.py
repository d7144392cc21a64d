# Derived from ../_async/connection_pool.py by `make generate`
"""Connections of one event loop: httpx transports that hold one connection each.

httpx's own pool looks at all of its connections for each request. Here the idle ones of an endpoint are on a stack, so
that a request costs the same with any number of them.
"""

from __future__ import annotations

import os
import ssl
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from threading import Event, Lock
from typing import Any

from polargrid._deadline import Deadline, Phase
from polargrid._http import KEEPALIVE_EXPIRY
from polargrid_runtime.concurrency import BlockingConnect, shut_down

_READ_TIMEOUT = 0.05  # seconds, for what has been received already; a TLS record may hold no data


class Turn:
    """A place in the line of calls that wait."""

    def __init__(self) -> None:
        self.granted = Event()
        self.value: PooledTransport | None = None


class StreamGuard:
    """Reads and writes for httpx: within the limits of a call, and so that bytes behind a response are noticed.

    httpx sets a timeout once for all reads of the headers, of the body, and for all writes. It keeps bytes behind a
    response, and takes them for the next one; but it reads only while a response is incomplete. So the last byte is
    delivered by itself, and a response that does not need it has ended before it.
    """

    def __init__(self, network_stream: Any, deadline: Deadline) -> None:
        self.receive, network_stream.read = network_stream.read, self.read
        self._send, network_stream.write = network_stream.write, self.write
        self.deadline = deadline
        self._last, self._size = b"", 0
        self.is_chunked = False

    def read(self, max_bytes: int, **_timeout: float | None) -> bytes:
        """Return the bytes received; all but the last one if they may be the end of a response."""
        data: bytes = self._last or self.receive(max_bytes, timeout=self._limit("read"))
        self._last = b""
        # The end of a chunked body is an empty line, which few packets of a stream end with.
        if len(data) > 1 and (not self.is_chunked or data.endswith(b"\r\n\r\n") or len(data) < 4):
            data, self._last = data[:-1], data[-1:]
        self._size = len(data)
        return data

    def write(self, data: bytes, **_timeout: float | None) -> None:
        """Send bytes."""
        self._send(data, timeout=self._limit("write"))

    def _limit(self, phase: Phase) -> float | None:
        seconds = self.deadline.remaining(phase)
        if seconds == 0:
            raise TimeoutError
        return seconds

    @property
    def has_surplus(self) -> bool:
        """Whether more was received than a response that is complete."""
        return bool(self._last) or self._size > 1


class PooledTransport:
    """A place for one connection: empty, idle, or in use."""

    def __init__(self) -> None:
        self.base_url = ""
        self.transport: Any = None
        self.network_stream: Any = None  # of the connection, as soon as it is made
        self.guard: StreamGuard | None = None
        self.deadline: Deadline
        self._ssl_object: Any = None
        self.connect: BlockingConnect | None = None
        self.idle_since = 0.0
        self.is_closed = False  # with its pool

    def trace(self, event: str, info: Any) -> None:
        """The extension of a request for which httpx makes a connection: it reports the connection."""
        if self.connect is not None:
            self.connect.on_event(event, info)
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self.network_stream = info["return_value"]
            if self.is_closed:
                raise RuntimeError("the connection pool was closed while the connection was made")
        # Now a proxy has been connected through. There is no stream if a mock responded before.
        elif event.endswith("send_request_headers.started") and self.network_stream is not None:
            self.guard = StreamGuard(self.network_stream, self.deadline)
            self._ssl_object = self.network_stream.get_extra_info("ssl_object")

    def start_request(self, deadline: Deadline) -> None:
        """Note the limits of a call."""
        self.deadline = deadline
        if self.guard is not None:
            self.guard.deadline = deadline

    def start_response(self, network_stream: Any, *, is_chunked: bool) -> None:
        """Note the connection of a response: httpx makes another one if the server has just closed this one."""
        if network_stream is not self.network_stream:
            self.network_stream, self.guard = network_stream, None
        elif self.guard is not None:
            self.guard.is_chunked = is_chunked

    @property
    def is_reusable(self) -> bool:
        """Whether a connection can take another request, after a response that was read to its end."""
        if self.guard is None:  # what was received is unknown, except that a mock has no connection
            return self.network_stream is None
        self.guard.is_chunked = False
        return not (self.guard.has_surplus or self._has_decrypted_data())

    def _has_decrypted_data(self) -> bool:
        """Whether a TLS record, or the end, was received behind a response: the socket does not show it any more."""
        if not isinstance(self._ssl_object, ssl.SSLObject):  # a blocking socket receives one record at a time
            return False
        try:
            self._ssl_object.read(1)
        except ssl.SSLWantReadError:
            return False
        except (OSError, ValueError):
            return True
        return True

    @property
    def is_stale(self) -> bool:
        """Whether an idle connection is too old, or the server closed it or sent something."""
        return time.monotonic() - self.idle_since > KEEPALIVE_EXPIRY or self._is_readable

    @property
    def _is_readable(self) -> bool:
        try:
            return self.network_stream is not None and bool(self.network_stream.get_extra_info("is_readable"))
        except (OSError, ValueError):  # of a closed socket
            return True

    def has_unrequested_data(self) -> bool:
        """Whether an idle connection is readable because of data, not of its end. It cannot be used any more."""
        with suppress(Exception):
            receive = self.network_stream.read if self.guard is None else self.guard.receive
            return self._is_readable and bool(receive(1, timeout=_READ_TIMEOUT))
        return False


class SyncConnectionPool:
    """At most `max_connections`; calls wait for one in order."""

    def __init__(self, create_transport: Callable[[str], Any], max_connections: int) -> None:
        self._create_transport = create_transport
        self._lock = Lock()  # never held during I/O
        self._empty = [PooledTransport() for _ in range(max_connections)]
        self._idle: dict[str, list[PooledTransport]] = {}
        self._turns: deque[Turn] = deque()
        self.process_id = os.getpid()
        self.open: set[PooledTransport] = set()
        self.is_closed = False
        self._unreliable: set[str] = set()  # endpoints that sent what was not requested: no connection is used twice

    def acquire(self, base_url: str, deadline: Deadline) -> PooledTransport:
        """Return a transport with an idle connection, or a new one. Raises TimeoutError while all are in use."""
        turn = None
        with self._lock:
            pooled = None if self.is_closed else self._pop(base_url)
            if pooled is None and not self.is_closed:
                turn = Turn()
                self._turns.append(turn)
        if turn is not None:
            pooled = self._wait(turn, deadline)
        if pooled is None:
            raise RuntimeError("the connection pool is closed")
        try:
            if pooled.base_url != base_url or pooled.is_stale:
                if pooled.has_unrequested_data():
                    self._unreliable.add(pooled.base_url)
                self._clear(pooled)
                pooled.transport, pooled.base_url = self._create_transport(base_url), base_url
                self.open.add(pooled)
            if self.is_closed:
                raise RuntimeError("the connection pool is closed")
            return pooled
        except BaseException:
            self.release(pooled, is_reusable=False)
            raise

    def _pop(self, base_url: str) -> PooledTransport | None:
        """The last used idle connection, an empty place, or the idle connection of another endpoint."""
        if idle := self._idle.get(base_url):
            return idle.pop()
        if self._empty:
            return self._empty.pop()
        return next((stack.pop(0) for stack in self._idle.values() if stack), None)

    def _wait(self, turn: Turn, deadline: Deadline) -> PooledTransport | None:
        try:
            if not turn.granted.wait(deadline.remaining("pool")):
                raise TimeoutError
        except BaseException:
            with self._lock:
                if turn in self._turns:
                    self._turns.remove(turn)
            if turn.value is not None:  # it was granted at the last moment
                self.release(turn.value, is_reusable=True)
            raise
        return turn.value

    def take_back(self, pooled: PooledTransport, *, is_complete: bool) -> None:
        """Take back the transport of a response."""
        is_reusable = is_complete and pooled.is_reusable
        if is_complete and pooled.guard is not None and pooled.guard.has_surplus:
            self._unreliable.add(pooled.base_url)
        self.release(pooled, is_reusable=is_reusable)

    def release(self, pooled: PooledTransport, *, is_reusable: bool) -> None:
        """Take back a transport; its connection is closed if the exchange is incomplete, or anything follows it."""
        expired = None
        pooled.idle_since = time.monotonic()
        try:
            if not is_reusable or self.is_closed or pooled.base_url in self._unreliable:
                self._clear(pooled)
        finally:
            with self._lock:
                if self._turns:
                    turn = self._turns.popleft()
                    turn.value = pooled
                    turn.granted.set()
                elif pooled.transport is None:
                    self._empty.append(pooled)
                else:
                    expired = self._push_idle(pooled)
        if expired is not None:
            self.release(expired, is_reusable=False)

    def _push_idle(self, pooled: PooledTransport) -> PooledTransport | None:
        """Put it on the stack, and take off the oldest one if it has expired."""
        stack = self._idle.setdefault(pooled.base_url, [])
        stack.append(pooled)
        return stack.pop(0) if pooled.idle_since - stack[0].idle_since > KEEPALIVE_EXPIRY else None

    def _clear(self, pooled: PooledTransport) -> None:
        transport, pooled.transport, pooled.base_url = pooled.transport, None, ""
        stream, pooled.network_stream, pooled.guard = pooled.network_stream, None, None
        self.open.discard(pooled)
        try:
            if transport is not None:
                transport.close()
        finally:
            if stream is not None:  # httpx leaves it open if it is cancelled in a TLS handshake
                stream.close()

    def close(self) -> None:
        """Close all connections; calls that use one, or wait for one, fail."""
        with self._lock:
            self.is_closed = True
            turns, self._turns = self._turns, deque()
        for turn in turns:
            turn.granted.set()
        with ExitStack() as stack:  # it closes all of them, even if it is interrupted at one
            for pooled in list(self.open):
                pooled.is_closed = True
                shut_down(pooled.network_stream)
                for stream in (pooled.transport, pooled.network_stream):  # the latter in a TLS handshake, perhaps
                    if stream is not None:
                        stack.callback(stream.close)
