"""The SDK's own connections without async: sockets."""

from __future__ import annotations

import socket
import time
import weakref
from collections.abc import Iterator
from contextlib import suppress

from polargrid import errors
from polargrid.transport.failures import unreachable
from polargrid.transport.http11 import Answering
from polargrid.transport.origins import KEEP_ALIVE, Origin
from polargrid.transport.patience import Patience, Phase

_RECEIVED = 64 * 1024  # bytes asked for at a time


class Connection:
    """One connection: it sends requests one after the other, and reads their answers.

    Raises the SDK's exceptions and those of sockets, which the caller translates.
    """

    def __init__(self, origin: Origin, patience: Patience) -> None:
        self.origin, self.answering = origin, Answering()
        self.phase: Phase = "connect"
        self._socket = _connected(origin, patience)
        # Not by __del__: in a cycle the collector may come to the socket first, which would complain.
        self._close = weakref.finalize(self, self._socket.close)
        self._is_sent = True
        self.idle_since = 0.0

    def send(self, head: bytes, body: Iterator[bytes], patience: Patience) -> None:
        """Send a request, and wait for the head of its answer. An edge that answers early is not sent the rest."""
        self.answering.begin()
        self._is_sent = False
        try:
            self._is_sent = self._send_all(head, body, patience)
        except TimeoutError:  # it reads no more; it may have refused already
            if self._arrived_head() is None:
                raise
        except OSError:  # it was refused midway; why, may still be read
            self._answer_of_the_refusal(patience)
        while not self.answering.has_head:
            self._receive(patience)

    def _send_all(self, head: bytes, body: Iterator[bytes], patience: Patience) -> bool:
        self._send(head + next(body, b""), patience)
        for piece in body:
            if self._arrived_head():
                return False
            self._send(piece, patience)
        return True

    def _send(self, data: bytes, patience: Patience) -> None:
        self.phase = "write"
        self._socket.settimeout(_left(patience, "write"))
        self._socket.sendall(data)

    def _arrived_head(self) -> bool | None:
        """Whether the answer has begun, None where nothing came; without waiting for it."""
        data = self._arrived()
        if data is None:
            return None
        self._take(data)
        return self.answering.has_head

    def _answer_of_the_refusal(self, patience: Patience) -> None:
        try:
            while not self.answering.has_head:
                self._receive(patience)
        except (OSError, errors.NetworkError):
            if not self.answering.has_head:
                raise

    def read(self, patience: Patience) -> bytes:
        """The next bytes of the answer's body; none at its end."""
        answering = self.answering
        while not answering.buffered and not answering.is_complete:
            self._receive(patience)
        return answering.take()

    def _receive(self, patience: Patience) -> None:
        self.phase = "read"
        self._socket.settimeout(_left(patience, "read"))
        self._take(self._socket.recv(_RECEIVED))

    def _take(self, data: bytes) -> None:
        if data:
            self.answering.feed(data)
        else:
            self.answering.end()

    def _arrived(self) -> bytes | None:
        """What came without waiting for it, b"" where the edge closed; None where nothing came."""
        self._socket.settimeout(0)
        try:
            return self._socket.recv(_RECEIVED)
        except BlockingIOError:
            return None
        except OSError as error:
            import ssl  # TLS has loaded it

            if isinstance(error, ssl.SSLWantReadError):
                return None
            raise

    @property
    def is_done(self) -> bool:
        """Whether request and answer are whole, and the edge keeps the connection."""
        answering = self.answering
        return self._is_sent and answering.is_complete and answering.is_reusable and not answering.has_surplus

    @property
    def is_usable(self) -> bool:
        """Whether the next request can be sent: the edge has neither closed it nor said anything."""
        if time.monotonic() - self.idle_since > KEEP_ALIVE:
            return False
        try:
            return self._arrived() is None
        except OSError:
            return False

    @property
    def is_stale(self) -> bool:
        """Whether it was idle, and the edge closed it without having answered: then the request may be sent anew."""
        return self.idle_since > 0 and not self.answering.has_begun

    def close(self) -> None:
        """Let go of it."""
        self._close()

    def interrupt(self) -> None:
        """Let go of it while another thread waits for it."""
        with suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # TLS's own would take part in what the thread does


def _left(patience: Patience, phase: Phase) -> float | None:
    left = patience.left(phase)
    if left == 0:
        raise TimeoutError(phase)
    return left


def _connected(origin: Origin, patience: Patience) -> socket.socket:
    """A socket to one of the origin's addresses. Raises what says that nothing was sent."""
    try:
        addresses = socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise unreachable(error, patience) from error
    failure: Exception | None = None
    for family, kind, protocol, _, address in addresses:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(_left(patience, "connect"))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if (context := origin.tls()) is None:
                return sock
            sock.settimeout(_left(patience, "connect"))
            return context.wrap_socket(sock, server_hostname=origin.host)
        except OSError as error:
            failure = error
            sock.close()
        except BaseException:
            sock.close()
            raise
    assert failure is not None  # noqa: S101 - getaddrinfo raises rather than to return nothing
    raise unreachable(failure, patience) from failure
