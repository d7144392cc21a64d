"""A connection over a blocking socket."""

from __future__ import annotations

import socket
import time
import weakref
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from ssl import SSLContext

from polargrid_fast.addresses import Address, connect_error, lookup, share_time
from polargrid_fast.exceptions import (
    FastError,
    ReadError,
    ReadTimeout,
    WriteError,
    WriteTimeout,
)
from polargrid_fast.http1_parser import ResponseParser
from polargrid_fast.models import Origin, Timeouts, remaining
from polargrid_fast.readiness import is_readable, wait_until_ready
from polargrid_fast.tls import default_ssl_context, is_missing_close_notify, is_want_read

_RECEIVE_SIZE = 64 * 1024


class SyncConnection:
    """Sends requests one after the other and reads their responses."""

    def __init__(self, origin: Origin, sock: socket.socket) -> None:
        self.origin, self.parser = origin, ResponseParser()
        self.idle_since = 0.0
        self.has_written = False
        """Whether a byte of the current request may have been sent."""
        self._socket = sock
        # A finalizer, since the garbage collector may reach the socket of a cycle first, which would warn.
        self._close = weakref.finalize(self, sock.close)
        self._is_sent = True
        self._has_idle_data = False

    @property
    def is_reusable(self) -> bool:
        """Whether request and response are complete, nothing is left over, and the server keeps the connection."""
        parser = self.parser
        return (
            self._is_sent
            and parser.is_complete
            and parser.keep_alive
            and not parser.has_extra_data
            and self._close.alive
        )

    @property
    def is_alive(self) -> bool:
        """Whether an idle connection can take a request: the server neither closed it nor sent anything."""
        if not self._close.alive:
            return False
        try:
            data = self._poll() if is_readable(self._socket.fileno()) else None
        except (OSError, ValueError):
            return False
        self._has_idle_data = bool(data)
        return data is None

    @property
    def has_unrequested_data(self) -> bool:
        """Whether the server sent anything but the response to a request."""
        return self.parser.has_extra_data or self._has_idle_data

    def send(self, method: str, head: bytes, body: Iterator[bytes], timeouts: Timeouts, deadline: float | None) -> None:
        """Send a request and wait for the head of the response. A server that responds early is not sent the rest."""
        self.parser.reset(method)
        self._is_sent = self.has_written = False
        try:
            first = memoryview(head + next(body, b""))
            first = first[self._write(first, timeouts.write, deadline) :]
            self._is_sent = self._write_rest(chain([first] if first else [], body), timeouts.write, deadline)
        except (WriteError, WriteTimeout):
            # What an idle connection receives before its request is not a response to it.
            if (self.idle_since and not self.has_written) or not self._read_early_head(timeouts.read, deadline):
                raise
        while not self.parser.has_head:
            self._receive(timeouts.read, deadline)

    def _write_rest(self, chunks: Iterable[bytes | memoryview], timeout: float | None, deadline: float | None) -> bool:
        """Write all chunks; False where the response began before the end."""
        for chunk in chunks:
            view = memoryview(chunk)
            while view:
                if self._wait_until_writable(timeout, deadline):
                    return False
                view = view[self._write(view, timeout, deadline) :]
        return True

    def _wait_until_writable(self, timeout: float | None, deadline: float | None) -> bool:
        """Wait until the server reads; True where it responded instead."""
        is_writable = False
        while not is_writable:
            try:
                has_input, is_writable = wait_until_ready(self._socket.fileno(), remaining(timeout, deadline))
                data = self._poll() if has_input else None
            except (OSError, ValueError) as error:
                raise WriteError(f"sending the request failed: {error}") from error
            if data is not None:
                self._feed(data)
            if self.parser.has_head:
                return True
            if not has_input and not is_writable:
                raise WriteTimeout("sending the request timed out")
        return False

    def _write(self, data: memoryview, timeout: float | None, deadline: float | None) -> int:
        """Write some of the data; return how many bytes."""
        seconds = remaining(timeout, deadline)
        if seconds == 0:
            raise WriteTimeout("sending the request timed out", request_sent=self.has_written)
        try:
            self._socket.settimeout(seconds)
            size = self._socket.send(data)
        except TimeoutError as error:
            raise WriteTimeout("sending the request timed out", request_sent=self._may_have_written) from error
        except (OSError, ValueError) as error:  # TLS raises ValueError where another thread closed it
            message = f"sending the request failed: {error}"
            raise WriteError(message, request_sent=self._may_have_written) from error
        self.has_written = True
        return size

    @property
    def _may_have_written(self) -> bool:
        """Whether bytes may be out after a failed write: TLS may have sent a part of its record."""
        return self.has_written or self.origin.is_tls

    def _read_early_head(self, timeout: float | None, deadline: float | None) -> bool:
        """Read why the server stopped reading, if it said so; without waiting for it where it is still connected."""
        with suppress(FastError, OSError, ValueError):
            while not self.parser.has_head and is_readable(self._socket.fileno()):
                self._receive(timeout, deadline)
        return self.parser.has_head

    def read(self, timeout: float | None, deadline: float | None) -> bytes:
        """The next bytes of the response's body; b"" at its end."""
        parser = self.parser
        while not parser.buffered_bytes and not parser.is_complete:
            self._receive(timeout, deadline)
        return parser.take_body()

    def _receive(self, timeout: float | None, deadline: float | None) -> None:
        seconds = remaining(timeout, deadline)
        if seconds == 0:
            raise ReadTimeout("receiving the response timed out")
        try:
            self._socket.settimeout(seconds)
            data = self._socket.recv(_RECEIVE_SIZE)
        except TimeoutError as error:
            raise ReadTimeout("receiving the response timed out") from error
        except (OSError, ValueError) as error:
            if not (self.origin.is_tls and is_missing_close_notify(error)):
                raise ReadError(f"receiving the response failed: {error}") from error
            self.parser.end(is_clean=False)
            return
        self._feed(data)

    def _feed(self, data: bytes) -> None:
        if data:
            self.parser.feed(data)
        else:
            self.parser.end()

    def _poll(self) -> bytes | None:
        """The bytes that can be read without waiting, b"" at the end of the stream; None if there are none."""
        self._socket.settimeout(0)
        try:
            return self._socket.recv(_RECEIVE_SIZE)
        except BlockingIOError:
            return None
        except OSError as error:
            if self.origin.is_tls and is_want_read(error):
                return None
            raise

    def close(self) -> None:
        """Close the socket."""
        self._close()

    def shutdown(self) -> None:
        """End the stream, so that another thread that waits for it stops; that thread closes the socket."""
        with suppress(OSError):  # TLS's own shutdown would take part in what the thread does
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def open_connection(
    origin: Origin, ssl_context: SSLContext | None, timeout: float | None, deadline: float | None
) -> SyncConnection:
    """Connect to the first of the origin's addresses that accepts. Raises ConnectError or ConnectTimeout."""
    seconds = remaining(timeout, deadline)
    end = None if seconds is None else time.monotonic() + seconds
    addresses = lookup(origin, end)
    errors: list[Exception] = []
    for index, address in enumerate(addresses):
        try:
            return SyncConnection(origin, _connect(origin, ssl_context, address, end, len(addresses) - index))
        except (OSError, ValueError) as error:  # such as a host name that TLS cannot take
            errors.append(error)
    raise connect_error(origin, errors) from errors[-1]


def _connect(
    origin: Origin, ssl_context: SSLContext | None, address: Address, end: float | None, address_count: int
) -> socket.socket:
    sock = socket.socket(address.family, address.kind, address.protocol)
    try:
        sock.settimeout(_require_time(share_time(end, address_count)))
        sock.connect(address.endpoint)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not origin.is_tls:
            return sock
        context = ssl_context or default_ssl_context()
        sock.settimeout(_require_time(share_time(end, address_count)))
        return context.wrap_socket(sock, server_hostname=origin.host, suppress_ragged_eofs=False)
    except BaseException:
        sock.close()
        raise


def _require_time(seconds: float | None) -> float | None:
    if seconds == 0:
        raise TimeoutError
    return seconds
