"""Names of hosts that this process looks up differently, for the servers and faults of this package."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

Resolver: TypeAlias = Callable[[], list[str]]

_lock = threading.Lock()
_resolvers: dict[str, list[Resolver]] = {}
_original: dict[str, Callable[..., Any]] = {}


@contextmanager
def resolve_name(host: str, resolve: Resolver) -> Iterator[None]:
    """Let a name have the addresses that `resolve` returns, or its error, until the block ends.

    It holds for all lookups of this process by the `socket` module and by event loops. The last of several counts.
    """
    name = _normalize(host)
    with _lock:
        _resolvers.setdefault(name, []).append(resolve)
        _install()
    try:
        yield
    finally:
        with _lock:
            _resolvers[name].remove(resolve)
            if not _resolvers[name]:
                del _resolvers[name]
            if not _resolvers:
                _uninstall()


def _normalize(host: Any) -> str:
    text = host.decode("ascii", "replace") if isinstance(host, (bytes, bytearray)) else str(host)
    return text.rstrip(".").lower()


def _install() -> None:
    if "socket" not in _original:
        _original["socket"] = socket.getaddrinfo
        socket.getaddrinfo = _look_up
    uvloop = sys.modules.get("uvloop")
    if uvloop and "uvloop" not in _original:  # its lookup does not use the module `socket`
        _original["uvloop"] = uvloop.Loop.getaddrinfo
        uvloop.Loop.getaddrinfo = _look_up_in_uvloop


def _uninstall() -> None:
    socket.getaddrinfo = _original.pop("socket")
    if "uvloop" in _original:
        sys.modules["uvloop"].Loop.getaddrinfo = _original.pop("uvloop")


def _look_up(host: Any, port: Any, *args: Any, **options: Any) -> Any:
    resolvers = _resolvers.get(_normalize(host)) if host else None
    if not resolvers:
        return _original.get("socket", socket.getaddrinfo)(host, port, *args, **options)
    addresses = resolvers[-1]()
    return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (item, int(port))) for item in addresses]


async def _look_up_in_uvloop(loop: Any, host: Any, port: Any, **options: Any) -> Any:
    if host and _normalize(host) in _resolvers:
        return await asyncio.to_thread(_look_up, host, port)
    return await _original["uvloop"](loop, host, port, **options)
