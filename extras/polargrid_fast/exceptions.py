"""The exceptions of this package, named as httpx names its own.

FastError
├── TimeoutException
│   ├── ConnectTimeout
│   ├── ReadTimeout
│   ├── WriteTimeout
│   └── PoolTimeout
├── NetworkError
│   ├── ConnectError
│   ├── ReadError
│   └── WriteError
├── ProtocolError
│   ├── LocalProtocolError
│   └── RemoteProtocolError
└── PoolClosed
"""

from __future__ import annotations


class FastError(Exception):
    """Base class of every error that this package raises."""

    #: Whether a byte of the request may have reached the server. If False, sending it again is always safe.
    request_sent: bool = True

    def __init__(self, message: str, *, request_sent: bool | None = None) -> None:
        super().__init__(message)
        if request_sent is not None:
            self.request_sent = request_sent


class TimeoutException(FastError):  # noqa: N818 - httpx's name
    """A wait exceeded its timeout or the deadline."""


class ConnectTimeout(TimeoutException):
    """Name lookup, TCP connect and TLS handshake did not finish in time."""

    request_sent = False


class ReadTimeout(TimeoutException):
    """The server sent nothing in time."""


class WriteTimeout(TimeoutException):
    """The server did not accept the request in time."""


class PoolTimeout(TimeoutException):
    """No connection became free in time."""

    request_sent = False


class NetworkError(FastError):
    """The connection failed."""


class ConnectError(NetworkError):
    """The connection could not be established."""

    request_sent = False


class ReadError(NetworkError):
    """Receiving the response failed."""


class WriteError(NetworkError):
    """Sending the request failed."""


class ProtocolError(FastError):
    """HTTP/1.1 was violated."""


class LocalProtocolError(ProtocolError):
    """The request or the use of the response is invalid; by default raised before anything is sent."""

    request_sent = False


class RemoteProtocolError(ProtocolError):
    """The server's bytes are not a complete, valid HTTP/1.1 response."""


class PoolClosed(FastError):  # noqa: N818 - named like the others
    """The pool is closed. Requests that were in flight when it closed have `request_sent` True."""

    request_sent = False
