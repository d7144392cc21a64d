"""What httpx and its parts raise -> the SDK's own exceptions; pure."""

from __future__ import annotations

from typing import NamedTuple

import anyio
import h11
import httpcore
import httpx

from polargrid import errors
from polargrid.patience import Patience, Phase
from polargrid.transport.failures import FAILURES as OWN_FAILURES
from polargrid.transport.failures import without_frames

#: Everything that may come from below.
FAILURES: tuple[type[Exception], ...] = (
    *OWN_FAILURES,
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
