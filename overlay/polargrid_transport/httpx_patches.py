"""What other packages replaced in httpx: mocks, recorders and tracers see a request by replacing a function it passes.

respx replaces httpcore's connections and pools, or a method of httpx's clients; pytest-httpx, vcrpy, OpenTelemetry and
Logfire replace `handle_request` of httpx's transports; Sentry replaces `send` of its clients.
"""

from __future__ import annotations

import sys
import warnings
from functools import partial
from operator import attrgetter, is_
from types import FunctionType
from typing import Any, Final

_CLIENT = ("Client.send", "Client._transport_for_url", "AsyncClient.send", "AsyncClient._transport_for_url")
_TRANSPORT = ("HTTPTransport.handle_request", "AsyncHTTPTransport.handle_async_request")
_CONNECTION = (
    *("ConnectionPool.handle_request", "HTTPConnection.handle_request"),
    *("AsyncConnectionPool.handle_async_request", "AsyncHTTPConnection.handle_async_request"),
)
CLIENT_FUNCTIONS: Final = attrgetter(*_CLIENT)
"""Return the functions of the clients of httpx or httpx2, a module, that a request passes through."""


class RequestPath:
    """Functions of a package that requests pass through."""

    def __init__(self, package: str, *names: str) -> None:
        self._package, self._get = package, attrgetter(*names)
        self._last: tuple[tuple[Any, ...], str | None] = (), None

    def find_patch(self) -> str | None:
        """Return the package that replaced one of the functions, or None. It takes 0.3 µs if nothing has changed."""
        module = sys.modules.get(self._package)
        if module is None:
            return None
        try:
            functions: tuple[Any, ...] = self._get(module)
        except AttributeError:  # another thread is importing it
            return None
        last, patch = self._last
        if not last or not all(map(is_, functions, last)):  # `==` of a wrapper may be that of what it wraps
            owners = (_find_owner(function) for function in functions)
            patch = next((owner for owner in owners if owner != self._package), None)
            self._last = functions, patch
        return patch


_CLIENTS = {name: RequestPath(name, *_CLIENT) for name in ("httpx", "httpx2")}
_PATHS = (
    *(RequestPath(name, *_CLIENT, *_TRANSPORT) for name in ("httpx", "httpx2")),
    *(RequestPath(name, *_CONNECTION) for name in ("httpcore", "httpcore2")),
)
_warned: list[str] = []


def _find_owner(function: Any) -> str:
    """The package of a function, or of the wrapper around it, whatever name it copied with `functools.wraps`."""
    if type(function) is FunctionType:
        module = function.__globals__.get("__name__", "another package")  # a function of autospec has no module
    else:
        wrapper = getattr(function, "_self_wrapper", function)  # of wrapt
        while isinstance(wrapper, partial):
            wrapper = wrapper.func
        module = getattr(wrapper, "__module__", None)
    return str(module).partition(".")[0]


def is_client_patched(library: str) -> bool:
    """Whether the clients of httpx or httpx2 do more than call their transport."""
    return _CLIENTS[library].find_patch() is not None


def find_patch() -> str | None:
    """Return the package that replaced a function of httpx or httpx2 which requests pass through, or None."""
    for path in _PATHS:
        if (patch := path.find_patch()) is not None:
            return patch
    return None


def warn_if_patched() -> None:
    """Warn once that `transport="fast"` sends no request through httpx, if another package relies on it.

    If the warning is an error, each call raises it, before it sends anything.
    """
    if _warned or (patch := find_patch()) is None:
        return
    message = (
        f"{patch} has patched httpx, which transport='fast' does not use: {patch} cannot see the calls of this client, "
        f"and a call that it should mock reaches the real server; with {patch}, pass transport='httpx'"
    )
    warnings.warn(message, RuntimeWarning, stacklevel=_count_own_frames())
    _warned.append(patch)


def _count_own_frames() -> int:
    """The `stacklevel` of the first frame that is not of the SDK: a warning names that line of the program."""
    frame, count = sys._getframe(1), 1  # noqa: SLF001 - the only way that reads no sources
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0].startswith("polargrid"):
        frame, count = frame.f_back, count + 1
    return count
