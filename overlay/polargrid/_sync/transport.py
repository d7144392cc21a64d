# Derived from ../_async/transport.py by `make generate`
"""Sends requests: on connections of its own, or by a client of the caller's."""

from __future__ import annotations

import os
from contextlib import closing
from functools import cached_property, lru_cache, partial
from threading import Lock, main_thread as sync_owner
from typing import TYPE_CHECKING, Any

from polargrid import errors
from polargrid._call_state import CallState
from polargrid._deadline import Timeouts
from polargrid._environment import proxy_for
from polargrid._http import (
    DEFAULT_HEADERS,
    library_of,
    load_library,
    open_body,
    raise_mapped,
    transport_options,
    validate_client,
    without_user,
)
from polargrid._sync.body_stream import iter_file, open_body_stream
from polargrid._sync.connection_pool import SyncConnectionPool
from polargrid._sync.pooled_transport import PhaseTimeouts
from polargrid._sync.response import SyncHTTPXResponse, SyncResponse
from polargrid.config import DEFAULT_TIMEOUT, Settings
from polargrid_runtime.concurrency import (
    BlockingConnect,
    shut_down,
    sync_close_at_end,
)

if TYPE_CHECKING:
    from polargrid._sync.fast_transport import SyncFastTransport

#: Connections of a parent process, after a fork: not used, and not collected, which would close them.
_inherited: list[Any] = []


class SyncTransport:
    """Sends requests by httpx or httpx2, on connections of the running event loop."""

    def __init__(self, settings: Settings, http_client: Any = None) -> None:
        self._settings, self._http_client = settings, http_client
        if http_client is not None:
            validate_client(http_client, "Client")
        self.default_timeouts = Timeouts.from_object(http_client.timeout) if http_client else DEFAULT_TIMEOUT
        if http_client is not None and (settings.proxy or settings.ssl_context):
            option = "proxy" if settings.proxy else "ssl_context"
            raise errors.ValidationError(f"{option}: set it on your http_client", param=option)
        self._pools: dict[Any, SyncConnectionPool] = {}  # by event loop
        self._environment_proxies: dict[str, str | None] = {}
        self._lock = Lock()
        self._is_closed = False

    @cached_property
    def _library(self) -> Any:  # when the first request is sent: httpx takes 0.1 s to import
        if self._http_client is not None:
            return library_of(self._http_client)
        return load_library("httpx2" if self._settings.transport == "httpx2" else "httpx")

    @cached_property
    def _fast(self) -> SyncFastTransport:
        from polargrid._sync.fast_transport import SyncFastTransport

        return SyncFastTransport(self._settings)

    @cached_property
    def _parse_url(self) -> Any:
        return lru_cache(maxsize=256)(self._library.URL)

    def send(self, call: CallState) -> SyncResponse:
        """Send the request of an attempt, and return its response as soon as the headers arrive."""
        if self._is_closed:
            raise errors.PolarGridError("the client is closed", sent=False)
        request = call.request
        if request.form is None and not request.uploads:
            response = self._send(call, {"content": request.content})
        elif request.is_replayable:
            with open_body(request) as body:
                response = self._send(call, body)
        else:
            content, call.headers["content-type"] = open_body_stream(call)
            with closing(content):
                response = self._send(call, {"content": content})
        key = call.headers.get("idempotency-key")
        if key is not None and response.headers.get("idempotency-key", key).lower() != key.lower():
            response.discard()
            message = f"connection error: response to another request: idempotency-key ({call.endpoint.base_url})"
            raise errors.NetworkError(message, sent=True)
        return response

    def _send(self, call: CallState, body: dict[str, Any]) -> SyncResponse:
        if self._http_client is not None:
            return self._send_with_client(self._http_client, call, body)
        if self._settings.transport == "fast" and self._is_fast_usable(call):
            try:
                fast = self._fast
            except OSError as error:  # it cannot be imported: there are too many open files, perhaps
                raise_mapped(error, call, "connect", is_closed=False)
            return fast.send(call, self._build_headers, body)
        pool = None
        try:
            pool = self._pools.get(sync_owner())
            if pool is None or pool.process_id != os.getpid():
                pool = self._create_pool()
            pooled = pool.acquire(call.endpoint.base_url, call.deadline)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            raise_mapped(error, call, "pool", is_closed=pool is not None and pool.is_closed)
        extensions: dict[str, Any] = {"timeout": pooled.timeouts}
        if pooled.network_stream is None:
            extensions["trace"] = pooled.trace
            is_direct = not self._get_proxy(call.endpoint.base_url)
            connect = BlockingConnect(partial(call.deadline.remaining, "connect"))
            pooled.connect = connect if is_direct else None
        try:
            request = self._build_request(self._library.Request, call, body, extensions)
            if call.request.stream:
                call.deadline.on_wait(lambda: shut_down(pooled.network_stream))
            response = pooled.transport.handle_request(request)
            return SyncHTTPXResponse(response, call, pool, pooled)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            call.deadline.on_wait(None)
            pool.release(pooled, is_reusable=False)
            proxy = without_user(self._get_proxy(call.endpoint.base_url))
            raise_mapped(error, call, call.deadline.phase, is_closed=pool.is_closed, proxy=proxy)

    def _send_with_client(self, client: Any, call: CallState, body: dict[str, Any]) -> SyncResponse:
        """The caller's client sends it: its hooks, authentication and proxies apply."""
        try:
            extensions = {"timeout": PhaseTimeouts(call.deadline)}
            request = self._build_request(client.build_request, call, body, extensions)
            sending = client.send(request, stream=True, follow_redirects=False)
            response = sending
            return SyncHTTPXResponse(response, call)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            raise_mapped(error, call, call.deadline.phase, is_closed=client.is_closed, is_own=False)

    def _build_request(self, create: Any, call: CallState, body: dict[str, Any], extensions: dict[str, Any]) -> Any:
        url = self._parse_url(call.endpoint.base_url + call.request.target)
        method, headers = call.request.operation.method, self._build_headers(call)
        if "length" in body:
            headers["Content-Length"] = str(body["length"])
            body = {"content": iter_file(body["content"])}
        return create(method, url, headers=headers, extensions=extensions, **body)

    def _build_headers(self, call: CallState) -> dict[str, str]:
        """Not in a variable nor an attribute, which a traceback may show: the key is among them."""
        headers = {**DEFAULT_HEADERS, **call.request.headers, **call.headers}
        if not call.request.operation.requires_key:
            return headers
        return {"Authorization": f"Bearer {self._settings.api_key.get_secret_value()}", **headers}

    def _create_pool(self) -> SyncConnectionPool:
        with self._lock:
            owner = sync_owner()
            pool = self._pools.get(owner)
            if pool is not None:
                if pool.process_id == os.getpid():  # another thread was faster
                    return pool
                _inherited.append(pool)
            self._pools = {key: other for key, other in self._pools.items() if not other.is_closed}  # of ended loops
            pool = self._pools[owner] = SyncConnectionPool(self._create_transport, self._settings.max_connections)
        sync_close_at_end(pool)
        return pool

    def _create_transport(self, base_url: str) -> Any:
        options = transport_options(self._library, self._settings, base_url, self._get_proxy(base_url))
        options["retries"] = 1  # for BlockingConnect
        return self._library.HTTPTransport(**options)

    def _is_fast_usable(self, call: CallState) -> bool:
        """It has no proxies, no trio, and no bodies that are waited for."""
        return call.request.is_replayable and not self._get_proxy(call.endpoint.base_url)

    def _get_proxy(self, base_url: str) -> str | None:
        if self._settings.proxy:
            return self._settings.proxy.get_secret_value()
        if base_url not in self._environment_proxies:
            self._environment_proxies[base_url] = proxy_for(base_url)
        return self._environment_proxies[base_url]

    def close(self) -> None:
        """Close the connections; a client of the caller's stays open."""
        self._is_closed = True
        if "_fast" in vars(self):
            self._fast.close()
        pool = self._pools.get(sync_owner())
        if pool is not None and pool.process_id == os.getpid():
            pool.close()
