"""Sends what the clients of this process send to the server of the active cassette.

There is one seam: the methods of the transports that send an attempt. They are replaced while a cassette is active, so
that nothing is left of it otherwise, and so that it makes no difference which HTTP library sends the request.
"""

from __future__ import annotations

import copy
import os
import threading
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from threading import RLock
from typing import Any, Protocol

import attrs
from sniffio import AsyncLibraryNotFoundError, current_async_library

from polargrid_testing.cassettes.client_route import capture_loop
from polargrid_testing.cassettes.environment import KEY_VARIABLE, variables
from polargrid_testing.cassettes.headers import ORIGIN_HEADER, ROUTE_HEADER
from polargrid_testing.cassettes.upstream import Route
from polargrid_transport.attempt import Attempt
from polargrid_transport.environment import default_ssl_context
from polargrid_transport.libraries import library_of


class Target(Protocol):
    """What the seam sends requests to."""

    url: str

    def accepts(self, base_url: str) -> bool:
        """Whether it takes the requests for a server."""
        raise NotImplementedError

    def note_attempt(self, origin: str, key: str, route: Route) -> str:
        """Note the key of a request, and how its server is reached; return a name of the route, if it needs one."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class _Layer:
    """A target that is active, and what it is active in."""

    target: Target
    parent: _Layer | None
    is_shared: bool
    """Whether it was activated for the whole process: by no task, and by no thread but the main one."""


_active: list[_Layer] = []
_of_context: ContextVar[_Layer | None] = ContextVar("cassette", default=None)
_lock = RLock()
_originals: list[tuple[Any, str, Any]] = []


def activate(target: Target) -> None:
    """Send the requests of this process to a target, until `deactivate`; of several, to the last one.

    A thread or a task that activated one uses its own. What a target sends to a server goes to the target around it.
    """
    with _lock:
        if not _active:
            _install()
        shared = next((layer for layer in reversed(_active) if layer.is_shared), None)
        is_shared = threading.current_thread() is threading.main_thread() and not _is_in_task()
        layer = _Layer(target, _find_own() or shared, is_shared)
        _active.append(layer)
    _of_context.set(layer)


def deactivate(target: Target) -> None:
    """Send no more requests to a target."""
    with _lock:
        _active[:] = [layer for layer in _active if layer.target is not target]
        if not _active:
            _uninstall()
    own = _of_context.get()
    if own is not None and own.target is target:
        _of_context.set(own.parent)


def _is_in_task() -> bool:
    try:
        return bool(current_async_library())
    except AsyncLibraryNotFoundError:
        return False


def _find_own() -> _Layer | None:
    """Return the layer of this thread or task."""
    layer = _of_context.get()
    while layer is not None and layer not in _active:
        layer = layer.parent
    return layer


def _select(base_url: str) -> list[Target]:
    """Return the target that takes the requests for a server, and those around it that take them from it."""
    layer = _find_own() or next(iter(reversed(_active)), None)
    matches: list[Target] = []
    while layer is not None and layer.target.url != base_url:
        if layer in _active and layer.target.accepts(base_url):
            matches.append(layer.target)
        layer = layer.parent
    return matches


def _is_target(url: str) -> bool:
    return any(layer.target.url == url for layer in _active)


def _redirect(transport: Any, attempt: Attempt) -> Attempt:
    targets = _select(attempt.base_url)
    if not targets:
        return attempt
    options, client = transport._options, transport._http_client  # noqa: SLF001 - of this SDK
    proxy = options.proxy.get_secret_value() if options.proxy else None
    run = capture_loop() if client is not None and hasattr(client, "aclose") else None
    route, key, url = Route(proxy, options.ssl_context, client, run), attempt.api_key.get_secret_value(), ""
    for target in reversed(targets):  # the outermost one reaches the server, each other one the target around it
        name, url = target.note_attempt(attempt.base_url, key, route), target.url
        route = replace(route, via=url, via_name=name)
    headers = {**attempt.headers, ORIGIN_HEADER: attempt.base_url}
    if route.via_name:
        headers[ROUTE_HEADER] = route.via_name
    return attrs.evolve(attempt, base_url=url, headers=headers)


def _install() -> None:
    from polargrid._async import client as async_client
    from polargrid._sync import client as sync_client
    from polargrid_transport._async.transport import AsyncTransport
    from polargrid_transport._sync.transport import SyncTransport

    for kind in (AsyncTransport, SyncTransport):
        _replace(kind, "send", _wrap_send)
        _replace(kind, "_get_proxy", _wrap_get_proxy)
        _replace(kind, "_send_with_client", _wrap_send_with_client)
    for module in (async_client, sync_client):
        _replace(module, "read_environment", _wrap_read_environment)


def _replace(owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
    original = getattr(owner, name)
    _originals.append((owner, name, original))
    setattr(owner, name, wrap(original))


def _uninstall() -> None:
    while _originals:
        owner, name, original = _originals.pop()
        setattr(owner, name, original)


def _wrap_send(send: Any) -> Any:
    def send_to_cassette(self: Any, attempt: Attempt) -> Any:
        return send(self, _redirect(self, attempt))

    return send_to_cassette


def _wrap_get_proxy(get_proxy: Any) -> Any:
    def get_proxy_unless_cassette(self: Any, base_url: str) -> Any:
        return None if _is_target(base_url) else get_proxy(self, base_url)

    return get_proxy_unless_cassette


def _wrap_send_with_client(send_with_client: Any) -> Any:
    def send_directly(self: Any, client: Any, attempt: Attempt, body: Any) -> Any:
        if _is_target(attempt.base_url) and not is_in_process(client):
            client = connect_directly(client)
        return send_with_client(self, client, attempt, body)

    return send_directly


def _wrap_read_environment(read_environment: Any) -> Any:
    """POLARGRID_BASE_URL is for other processes: a client of this one has its region, as without a cassette."""

    def read_without_cassette() -> Any:
        environ = variables.read_outside()
        if not environ.get(KEY_VARIABLE) and KEY_VARIABLE in os.environ:
            environ[KEY_VARIABLE] = os.environ[KEY_VARIABLE]
        return read_environment(environ)

    return read_without_cassette


def connect_directly(client: Any) -> Any:
    """Return a copy of a caller's httpx client that has its hooks, authentication and headers, but no proxies.

    It shares cookies with the client, and closes each connection after a response.
    """
    library = library_of(client)
    is_async = hasattr(client, "aclose")
    kind = library.AsyncHTTPTransport if is_async else library.HTTPTransport
    context, limits = default_ssl_context(library, verify=False), library.Limits(max_keepalive_connections=0)
    direct = copy.copy(client)
    # httpx has no public way to call the hooks of a client with another transport.
    direct._transport = kind(verify=context, trust_env=False, limits=limits)  # noqa: SLF001
    direct._mounts = {}  # noqa: SLF001
    return direct


def is_in_process(client: Any) -> bool:
    """Whether a caller's httpx client needs no connection, as those of `FakeEdge.http_client`."""
    return getattr(client._transport, "is_in_process", False)  # noqa: SLF001 - httpx has no public name for it
