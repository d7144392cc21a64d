"""What httpx and its parts raise -> the SDK's own exceptions; pure."""

from __future__ import annotations

from typing import NamedTuple

import anyio
import h11
import httpcore
import httpx

from polargrid import errors
from polargrid.transport.failures import FAILURES as OWN_FAILURES
from polargrid.transport.failures import closed, without_frames
from polargrid.transport.patience import Patience, Phase

#: Everything that may come from below.
FAILURES: tuple[type[Exception], ...] = (
    *OWN_FAILURES,
    httpx.HTTPError,
    httpx.InvalidURL,  # no HTTPError
    httpx.StreamError,  # no HTTPError either
    httpx.CookieConflict,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    httpcore.ProtocolError,
    httpcore.NetworkError,
    httpcore.TimeoutException,
    h11.ProtocolError,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.EndOfStream,
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
    httpcore.ConnectTimeout: "connect",
    httpcore.WriteTimeout: "write",
}
# The most special first.
_KINDS: tuple[tuple[tuple[type[Exception], ...], _Kind], ...] = (
    (
        (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeEncodeError),
        _Kind(errors.ValidationError, "the request cannot be sent", sent=False),
    ),
    ((ImportError,), _Kind(errors.ValidationError, "the request cannot be sent", sent=False)),
    (
        (h11.LocalProtocolError, httpcore.LocalProtocolError),
        _Kind(errors.ValidationError, "the request broke off"),
    ),  # its file became shorter
    ((httpx.ProxyError, httpcore.ProxyError), _Kind(errors.NetworkError, "The proxy failed", sent=False)),
    ((httpx.ConnectError, httpcore.ConnectError), _Kind(errors.NetworkError, "The edge cannot be reached", sent=False)),
    ((httpx.DecodingError, UnicodeError), _Kind(errors.ServerError, "The answer cannot be decoded")),
)
_BROKEN = _Kind(errors.NetworkError, "The connection broke")


def translated(error: Exception, patience: Patience) -> errors.PolarGridError:
    """The SDK's exception for one of FAILURES, to be raised from it."""
    without_frames(error)
    if isinstance(error, httpx.TimeoutException | httpcore.TimeoutException):
        phase = _TIMEOUTS.get(type(error), "read")
        ours: errors.PolarGridError = errors.TimeoutError(patience.reason(phase))
        ours.sent = phase not in ("connect", "pool")
        return ours
    kind = next((kind for types, kind in _KINDS if isinstance(error, types)), _BROKEN)
    ours = kind.make(f"{kind.text}: {str(error) or type(error).__name__}")
    ours.sent = kind.sent
    return ours


def told(error: BaseException, patience: Patience, *, is_closed: bool = False) -> BaseException:
    """The SDK's exception for whatever came from below, to be raised from it; what is no failure is itself."""
    without_frames(error)
    if is_closed and isinstance(error, (RuntimeError, *FAILURES)):  # meanwhile, by another thread or task
        return closed()
    return translated(error, patience) if isinstance(error, FAILURES) else error
