"""What fails below the SDK -> its own exceptions; pure.

Only this module knows what httpx, its parts and the standard library raise.
"""

from __future__ import annotations

import ssl
from typing import NamedTuple

import anyio
import h11
import httpcore
import httpx

from polargrid import errors
from polargrid.patience import Patience, Phase

#: Everything that may come from below. Whatever else comes is a mistake in somebody's code, and shows as it is.
FAILURES = (
    httpx.HTTPError,
    httpx.InvalidURL,  # no HTTPError
    httpx.StreamError,  # no HTTPError either
    httpx.CookieConflict,
    httpcore.ProtocolError,
    httpcore.NetworkError,
    httpcore.TimeoutException,
    h11.ProtocolError,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.EndOfStream,
    ssl.SSLError,
    OSError,
    EOFError,
    ValueError,  # UnicodeError among them
    ImportError,  # a proxy that needs a package
)


class _Kind(NamedTuple):
    make: type[errors.PolarGridError]
    text: str
    sent: bool = True


_TIMEOUTS: dict[type[Exception], Phase] = {
    httpx.ConnectTimeout: "connect",
    httpx.WriteTimeout: "write",
    httpx.PoolTimeout: "pool",
}
# The most special first.
_KINDS: tuple[tuple[tuple[type[Exception], ...], _Kind], ...] = (
    (
        (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeEncodeError),
        _Kind(errors.ValidationError, "the request cannot be sent", sent=False),
    ),
    ((ImportError,), _Kind(errors.ValidationError, "the request cannot be sent", sent=False)),
    ((h11.LocalProtocolError,), _Kind(errors.ValidationError, "the request broke off")),  # its file became shorter
    ((httpx.ProxyError,), _Kind(errors.NetworkError, "The proxy failed", sent=False)),
    ((httpx.ConnectError,), _Kind(errors.NetworkError, "The edge cannot be reached", sent=False)),
    ((httpx.DecodingError, UnicodeError), _Kind(errors.ServerError, "The answer cannot be decoded")),
)
_BROKEN = _Kind(errors.NetworkError, "The connection broke")


def translated(error: Exception, patience: Patience) -> errors.PolarGridError:
    """The SDK's exception for one of FAILURES, to be raised from it."""
    without_frames(error)
    if isinstance(error, httpx.TimeoutException):
        phase = _TIMEOUTS.get(type(error), "read")
        told: errors.PolarGridError = errors.TimeoutError(patience.reason(phase))
        told.sent = phase not in ("connect", "pool")
        return told
    kind = next((kind for types, kind in _KINDS if isinstance(error, types)), _BROKEN)
    told = kind.make(f"{kind.text}: {str(error) or type(error).__name__}")
    told.sent = kind.sent
    return told


def unreachable(error: Exception, patience: Patience) -> errors.PolarGridError:
    """The exception of a connection that could not be made: nothing was sent."""
    without_frames(error)
    if isinstance(error, TimeoutError):
        told: errors.PolarGridError = errors.TimeoutError(patience.reason("connect"))
    else:
        told = errors.NetworkError(f"The edge cannot be reached: {error or type(error).__name__}")
    told.sent = False
    return told


def broken(error: BaseException, patience: Patience, phase: Phase) -> BaseException:
    """The exception of a connection that failed in use; what is no failure of it, like a cancellation, stays."""
    without_frames(error)
    if isinstance(error, errors.PolarGridError) or not isinstance(error, FAILURES):
        return error
    if isinstance(error, TimeoutError):
        return errors.TimeoutError(patience.reason(phase))
    return errors.NetworkError(f"The connection broke: {error or type(error).__name__}")


def closed() -> errors.PolarGridError:
    """The exception of a call by a client that was closed."""
    return errors.PolarGridError("this client is closed; make another")


def without_frames(error: BaseException) -> None:
    """Take the tracebacks off an exception and what caused it: frames below ours hold the headers, and so the key."""
    seen: BaseException | None = error
    while seen is not None:
        seen.__traceback__ = None
        seen = seen.__cause__ or seen.__context__
