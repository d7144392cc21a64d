"""A connection to a server that sends and receives bytes as they are: plain or TLS, with a limit of time and size."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import lru_cache
from types import TracebackType
from urllib.parse import urlsplit

import httpx

MAX_BYTES = 32 * 1024 * 1024
_READ_SIZE = 64 * 1024


class RawConnection:
    """One connection, which is closed at the end of the context.

    Raises httpx.ConnectError if the server cannot be connected to, as the client of the other checks does. What happens
    later is in `received`, `is_closed` and `error`.
    """

    def __init__(self, url: str, timeout: float) -> None:
        """`timeout` is the limit in seconds for connecting and for each send."""
        self.received = b""
        self.is_closed = False
        """Whether the server closed the connection, or broke it."""
        self.error = ""
        """How the connection broke; empty if it did not."""
        self._timeout = timeout
        self._socket = _connect(url, timeout)

    def __enter__(self) -> RawConnection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes. A server that stops reading has often responded: what it sent can still be received."""
        self._socket.settimeout(self._timeout)
        try:
            self._socket.sendall(data)
        except OSError as error:
            self.error = self.error or f"{type(error).__name__}: {error}"

    def receive(self, is_enough: Callable[[bytes, bool], bool], seconds: float, idle: float = float("inf")) -> bool:
        """Receive until `is_enough` returns True for the bytes so far and `is_closed`.

        Return False if that takes longer than `seconds`, or if nothing arrives for `idle` seconds.
        """
        last = time.monotonic()
        deadline = last + seconds
        while not is_enough(self.received, self.is_closed):
            remaining = min(deadline, last + idle) - time.monotonic()
            if self.is_closed or remaining <= 0:
                return False
            if self._receive_once(remaining):
                last = time.monotonic()
        return True

    def _receive_once(self, seconds: float) -> bool:
        self._socket.settimeout(seconds)
        try:
            data = self._socket.recv(_READ_SIZE)
        except TimeoutError:
            return False
        except OSError as error:
            self.error = self.error or f"{type(error).__name__}: {error}"
            data = b""
        self.received += data
        self.is_closed = not data
        if len(self.received) > MAX_BYTES:
            self.error, self.is_closed = f"more than {MAX_BYTES:,} bytes", True
        return True


def _connect(url: str, timeout: float) -> socket.socket:
    parts = urlsplit(url)
    is_secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if is_secure else 80)
    try:
        with ExitStack() as closing:
            connected = closing.enter_context(socket.create_connection((host, port), timeout))
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if is_secure:
                connected = _tls_context().wrap_socket(connected, server_hostname=host)
            closing.pop_all()
            return connected
    except OSError as error:
        raise httpx.ConnectError(f"{type(error).__name__}: {error}") from error


@lru_cache(1)
def _tls_context() -> ssl.SSLContext:
    """Verify certificates as the client of the other checks does, and offer HTTP/1.1 only."""
    context = httpx.create_ssl_context(trust_env=False)
    context.set_alpn_protocols(["http/1.1"])
    return context
