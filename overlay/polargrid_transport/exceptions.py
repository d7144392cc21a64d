"""The exceptions of lower layers as those of the SDK, without the frames that hold the key."""

from __future__ import annotations

import inspect
import os
import socket
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

from polargrid_runtime import errors
from polargrid_transport.attempt import Attempt
from polargrid_transport.deadline import Phase
from polargrid_transport.environment import is_loopback

_REASONS = {"Receive buffer too long": "the headers, or the framing of the body, exceed 100 KiB"}
_CHECK_PROXY = "; check the option proxy, or HTTP_PROXY and HTTPS_PROXY"
_TIMEOUT_PHASES: dict[str, Phase] = {"ConnectTimeout": "connect", "WriteTimeout": "write", "PoolTimeout": "pool"}
_CONNECTION_ERRORS = (
    *("HTTPError", "CookieConflict", "ProtocolError", "NetworkError", "FastError"),
    *("BrokenResourceError", "ClosedResourceError", "EndOfStream", "OSError", "EOFError", "ValueError"),
)
#: By the names of exceptions, which httpx, httpx2, their parts and polargrid_fast share: the SDK's class, the beginning
#: of its message, and whether the request may have been sent.
_MAPPINGS: Mapping[str, tuple[type[errors.PolarGridError], str, bool]] = {
    **dict.fromkeys(
        ("InvalidURL", "UnsupportedProtocol", "UnicodeEncodeError", "ImportError"),  # the last: a proxy needs a package
        (errors.ValidationError, "cannot send the request", False),
    ),
    "LocalProtocolError": (errors.ValidationError, "cannot send the request", True),  # a file that became shorter
    "StreamError": (errors.PolarGridError, "a hook of http_client used the response", True),
    "ProxyError": (errors.NetworkError, "proxy error", False),
    "ConnectError": (errors.NetworkError, "cannot connect", False),
    **dict.fromkeys(("DecodingError", "UnicodeError"), (errors.ServerError, "cannot decode the response", True)),
    **dict.fromkeys(_CONNECTION_ERRORS, (errors.NetworkError, "connection error", True)),
    "MemoryError": (errors.PolarGridError, "not enough memory", True),
}
#: What raises any other exception of a connection: of an event loop that was closed, of a thread that cannot start.
_LIBRARIES = frozenset(
    ("httpx", "httpx2", "httpcore", "httpcore2", "h11", "anyio", "asyncio", "uvloop", "trio", "threading", "concurrent")
)


def raise_mapped(
    error: BaseException,
    attempt: Attempt,
    phase: Phase,
    *,
    is_closed: bool,
    is_own: bool = True,
    proxy: str | None = None,
) -> NoReturn:
    """Raise the SDK's exception for one of a lower layer. What the caller's file, hook or transport raises is raised as
    it is; `is_own` says that the connection has neither.

    The frames of lower layers hold the headers, and so the key: their tracebacks are removed. `proxy` is without
    password, as a traceback may show it.
    """
    is_own = (is_own and not attempt.request.uploads) or _is_raised_by_library(error)
    cause: BaseException | None = error
    while cause is not None and (cause is error or not _is_handled_by_caller(cause)):
        cause.__traceback__ = None
        cause = cause.__cause__ or cause.__context__
    mapped = _map(error, attempt, phase, is_closed=is_closed, proxy=proxy)
    if mapped is error and is_own and isinstance(error, Exception) and not isinstance(error, errors.PolarGridError):
        reason = f"{str(error) or type(error).__name__} ({attempt.base_url})"
        mapped = errors.NetworkError(f"connection error: {reason}")
    if mapped is error:
        raise error
    raise mapped from error


def _is_handled_by_caller(error: BaseException) -> bool:
    """Whether a frame that still runs handles it: the caller's, as those of the libraries have ended."""
    frame, handler = inspect.currentframe(), error.__traceback__.tb_frame if error.__traceback__ else None
    while frame is not None and frame is not handler:
        frame = frame.f_back
    return frame is not None


def _is_raised_by_library(error: BaseException) -> bool:
    """Whether the HTTP library or the event loop raised it, and no code of the caller."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    module = traceback.tb_frame.f_globals.get("__name__", "") if traceback is not None else ""
    return module.partition(".")[0] in _LIBRARIES


def _map(
    error: BaseException, attempt: Attempt, phase: Phase, *, is_closed: bool, proxy: str | None = None
) -> BaseException:
    names = [kind.__name__ for kind in type(error).__mro__]
    if isinstance(error, errors.PolarGridError) or not isinstance(error, Exception):
        return error
    if is_closed and ("RuntimeError" in names or any(name in _MAPPINGS for name in names)):
        return errors.APIConnectionError("the client is closed")  # by another thread or task, during the call
    url = attempt.base_url
    route = f"{url}, proxy {proxy}" if proxy else url
    if isinstance(error, TimeoutError) or "TimeoutException" in names:
        phases: list[Phase] = [*(_TIMEOUT_PHASES[name] for name in names if name in _TIMEOUT_PHASES), phase]
        phase = phases[0]
        is_of_mock = names[0] == "TimeoutException"  # httpx raises subclasses of it only
        reason = str(error) if is_of_mock else attempt.deadline.timeout_message(phase)
        message = f"{reason} ({route})"
        return errors.TimeoutError(message, sent=phase not in ("connect", "pool"))
    mapping = next((_MAPPINGS[name] for name in names if name in _MAPPINGS), None)
    if mapping is None:
        return error
    kind, text, sent = mapping
    reason, hint = _REASONS.get(str(error), ""), _CHECK_PROXY if "ProxyError" in names else ""
    if "ConnectError" in names:
        reason, hint = _explain(error, url, proxy)
        text += " to the proxy" if proxy and reason else ""
        reason = reason or str(error) or "the connection was closed in the TLS handshake"
    return kind(f"{text}: {reason or str(error) or type(error).__name__} ({route}){hint}", sent=sent)


def _explain(error: BaseException, url: str, proxy: str | None) -> tuple[str, str]:
    """Why a connection cannot be made, if the operating system says so, and what to do."""
    cause: BaseException | None = error
    while cause is not None and not (isinstance(cause, OSError) and cause.errno):
        if isinstance(cause, BaseExceptionGroup):  # one for each address
            cause = cause.exceptions[0]
        else:  # httpcore raises `from None`; any other context may be an exception that the caller handles
            cause = cause.__cause__ or (cause.__context__ if cause.__suppress_context__ else None)
    hint = _CHECK_PROXY if proxy else "; check base_url, or your network"
    if isinstance(cause, socket.gaierror):
        return f"unknown host {urlsplit(proxy or url).hostname!r}: {cause.strerror}", hint
    if isinstance(cause, ConnectionRefusedError):
        is_local = not proxy and is_loopback(url)
        return "connection refused", "; to start a local server, run `polargrid serve`" if is_local else hint
    if isinstance(cause, OSError) and cause.errno and type(cause).__module__ == "builtins":  # TLS has other numbers
        return os.strerror(cause.errno), ""
    return "", ""


def without_user(proxy: str | None) -> str | None:
    """The URL of a proxy, without user name and password."""
    scheme, _, rest = (proxy or "").partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if proxy else None


def find_response(error: BaseException) -> Any:
    """Return the response of an HTTPStatusError, if it is no success: a hook called `raise_for_status`."""
    is_status_error = "HTTPStatusError" in {kind.__name__ for kind in type(error).__mro__}
    response: Any = vars(error).get("response") if is_status_error else None
    return None if response is None or response.is_success else response
