"""What fails below the SDK -> its own exceptions; pure. What httpx raises, `httpx_failures` knows."""

from __future__ import annotations

from typing import NoReturn

from polargrid import errors
from polargrid.transport.patience import Patience, Phase

#: What sockets, TLS and codecs raise. Whatever else comes is a mistake in somebody's code, and shows as it is.
FAILURES = (OSError, EOFError, ValueError)


def unreachable(error: Exception, patience: Patience) -> errors.PolarGridError:
    """The exception of a connection that could not be made: nothing was sent."""
    without_frames(error)
    if isinstance(error, TimeoutError):
        told: errors.PolarGridError = errors.TimeoutError(patience.reason("connect"))
    else:
        told = errors.NetworkError(f"The edge cannot be reached: {error or type(error).__name__}")
    told.sent = False
    return told


def broken(error: BaseException, patience: Patience, phase: Phase, *, is_closed: bool) -> BaseException:
    """The exception of a connection that failed in use; what is ours, or no failure of it, is returned as it is."""
    without_frames(error)
    if is_closed and isinstance(error, (*FAILURES, errors.NetworkError)):
        return closed()
    if isinstance(error, errors.PolarGridError) or not isinstance(error, FAILURES):
        return error
    if isinstance(error, TimeoutError):
        return errors.TimeoutError(patience.reason(phase))
    return errors.NetworkError(f"The connection broke: {error or type(error).__name__}")


def raise_from(told: BaseException, error: BaseException) -> NoReturn:
    """Raise what `broken` returned for an error that is being handled."""
    if told is error:
        raise error
    raise told from error


def closed() -> errors.PolarGridError:
    """The exception of a call by a client that was closed."""
    return errors.PolarGridError("this client is closed; make another")


def without_frames(error: BaseException) -> None:
    """Take the tracebacks off an exception and what caused it: frames below ours hold the headers, and so the key."""
    seen: BaseException | None = error
    while seen is not None:
        seen.__traceback__ = None
        seen = seen.__cause__ or seen.__context__
