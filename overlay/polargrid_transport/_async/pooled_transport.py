"""A connection of httpx: what it receives and sends, and whether it can be used again."""

from __future__ import annotations

import ssl
import time
from contextlib import suppress
from typing import Any

from polargrid_transport.deadline import Deadline
from polargrid_transport.libraries import KEEPALIVE_EXPIRY

# unasync: add from polargrid_transport.concurrency import BlockingConnect

_READ_TIMEOUT = 0.05  # seconds, for what has been received already; a TLS record may hold no data


class PhaseTimeouts(dict[str, float | None]):
    """`request.extensions["timeout"]` for httpx: each operation gets what is left of the deadline when it starts.

    With `is_guarded`, a StreamGuard limits them, unless httpx makes a connection.
    """

    def __init__(self, deadline: Deadline, *, is_guarded: bool = False) -> None:
        super().__init__(deadline.timeouts._asdict())
        self._deadline, self._is_guarded = deadline, is_guarded

    def get(self, phase: Any, default: Any = None) -> Any:
        """The seconds for an operation that starts now; httpcore asks before each one."""
        if phase not in self:
            return default
        self._is_guarded = self._is_guarded and phase != "connect"
        return None if self._is_guarded else self._deadline.limit(phase)


class StreamGuard:
    """Reads and writes for httpx: within the limits of a call, and so that bytes behind a response are noticed.

    httpx sets a timeout once for all reads of the headers, of the body, and for all writes. It keeps bytes behind a
    response, and takes them for the next one; but it reads only while a response is incomplete. So the last byte is
    delivered by itself, and a response that does not need it has ended before it. And it takes a TLS connection that is
    cut for one that is closed, although it may be the only end of a response (RFC 8446, 6.1).
    """

    def __init__(self, network_stream: Any, deadline: Deadline, ssl_object: Any = None) -> None:
        self.receive, network_stream.read = network_stream.read, self.read
        self._send, network_stream.write = network_stream.write, self.write
        self.deadline, self.ssl_object = deadline, ssl_object
        if hasattr(ssl_object, "suppress_ragged_eofs"):  # a blocking socket
            ssl_object.suppress_ragged_eofs = False
        self._last, self._size = b"", 0
        self.is_chunked = False

    async def read(self, max_bytes: int, **_timeout: float | None) -> bytes:
        """Return the bytes received; all but the last one if they may be the end of a response."""
        data = self._last
        if not data:
            data = await self.receive(max_bytes, timeout=self.deadline.limit("read"))
            if self.deadline.limits_rate:
                self.deadline.receive(len(data))
            if not data and self.ssl_object is not None:
                self._check_end()
        self._last = b""
        # The end of a chunked body is an empty line, which few packets of a stream end with.
        if len(data) > 1 and (not self.is_chunked or data.endswith(b"\r\n\r\n") or len(data) < 4):
            data, self._last = data[:-1], data[-1:]
        self._size = len(data)
        return data

    def _check_end(self) -> None:
        """Raise an SSLError if the end of a TLS connection was not announced by the server."""
        with suppress(ssl.SSLZeroReturnError):
            self.ssl_object.read(1)

    async def write(self, data: bytes, **_timeout: float | None) -> None:
        """Send bytes; the end of a body may have none."""
        if data:
            await self._send(data, timeout=self.deadline.limit("write"))

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
        self.timeouts: PhaseTimeouts
        # unasync: add self.connect: BlockingConnect | None = None
        self.idle_since = 0.0
        self.is_unreliable = False  # whether the server sent more than was requested
        self.is_closed = False  # with its pool

    async def trace(self, event: str, info: Any) -> None:
        """The extension of a request for which httpx makes a connection: it reports the connection."""
        # unasync: add if self.connect is not None:
        # unasync: add     self.connect.on_event(event, info)
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self.network_stream = info["return_value"]
            if self.is_closed:
                raise RuntimeError("the connection pool was closed while the connection was made")
        # Now a proxy has been connected through. There is no stream if a mock responded before.
        elif event.endswith("send_request_headers.started") and self.network_stream is not None:
            ssl_object = self.network_stream.get_extra_info("ssl_object")
            self.guard = StreamGuard(self.network_stream, self.deadline, ssl_object)

    def start_request(self, base_url: str, deadline: Deadline) -> bool:
        """Note the limits of a call; whether the connection can take it: it has this endpoint, and is not stale."""
        self.deadline, self.timeouts = deadline, PhaseTimeouts(deadline, is_guarded=self.guard is not None)
        if self.guard is not None:
            self.guard.deadline = deadline
        return self.base_url == base_url and not self.is_stale

    def start_response(self, network_stream: Any, *, is_chunked: bool) -> None:
        """Note the connection of a response: httpx makes another one if the server has just closed this one."""
        if network_stream is not self.network_stream:
            self.network_stream, self.guard = network_stream, None
        elif self.guard is not None:
            self.guard.is_chunked = is_chunked

    def finish_response(self) -> bool:
        """Whether the connection can take another request, after a response that was read to its end."""
        if self.guard is None:  # what was received is unknown, except that a mock has no connection
            return self.network_stream is None
        self.guard.is_chunked, self.is_unreliable = False, self.guard.has_surplus
        return not (self.is_unreliable or self._has_decrypted_data())

    def _has_decrypted_data(self) -> bool:
        """Whether a TLS record, or the end, was received behind a response: the socket does not show it any more."""
        ssl_object = self.guard and self.guard.ssl_object
        if not isinstance(ssl_object, ssl.SSLObject):  # a blocking socket receives one record at a time
            return False
        try:
            ssl_object.read(1)
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

    async def has_unrequested_data(self) -> bool:
        """Whether an idle connection is readable because of data, not of its end. It cannot be used any more."""
        with suppress(Exception):
            receive = self.network_stream.read if self.guard is None else self.guard.receive
            return self._is_readable and bool(await receive(1, timeout=_READ_TIMEOUT))
        return False
