# Derived from ../_async/transport.py by `make generate`
"""Sends requests: on connections of its own, or by a client of the caller's."""

from __future__ import annotations

import os
from contextlib import closing
from functools import cached_property, lru_cache, partial
from operator import is_
from threading import Lock, main_thread as sync_owner
from typing import TYPE_CHECKING, Any

import attrs

from polargrid_runtime import errors
from polargrid_transport._sync.body_stream import iter_file, open_body_stream
from polargrid_transport._sync.connection_pool import SyncConnectionPool
from polargrid_transport._sync.limited_response import send_limited
from polargrid_transport._sync.pooled_transport import PhaseTimeouts
from polargrid_transport._sync.response import SyncHTTPXResponse, SyncResponse
from polargrid_transport.attempt import Attempt, TransportOptions
from polargrid_transport.body import open_body
from polargrid_transport.concurrency import (
    BlockingConnect,
    shut_down,
    sync_close_at_end,
)
from polargrid_transport.deadline import DEFAULT_TIMEOUT, Timeouts
from polargrid_transport.environment import proxy_for
from polargrid_transport.exceptions import find_response, raise_mapped, without_user
from polargrid_transport.httpx_patches import CLIENT_FUNCTIONS, find_patch, is_client_patched
from polargrid_transport.libraries import (
    DEFAULT_HEADERS,
    library_of,
    load_library,
    transport_options,
    validate_client,
)

if TYPE_CHECKING:
    from polargrid_transport._sync.fast_transport import SyncFastTransport

#: Connections of a parent process, after a fork: not used, and not collected, which would close them.
_inherited: list[Any] = []


class SyncTransport:
    """Sends requests by httpx or httpx2, on connections of the running event loop."""

    def __init__(self, options: TransportOptions, http_client: Any = None) -> None:
        self._options, self._http_client = options, http_client
        if http_client is not None:
            validate_client(http_client, "Client")
        self.default_timeouts = Timeouts.from_object(http_client.timeout) if http_client else DEFAULT_TIMEOUT
        if http_client is not None and (options.proxy or options.ssl_context):
            option = "proxy" if options.proxy else "ssl_context"
            raise errors.ValidationError(f"{option}: set it on your http_client", param=option)
        self._pools: dict[Any, SyncConnectionPool] = {}  # by event loop
        self._environment_proxies: dict[str, str | None] = {}
        self._own_functions: tuple[Any, ...] = (None,)  # of httpx's clients, when no other package replaced them
        self._lock = Lock()
        self._is_closed = False

    @cached_property
    def _library(self) -> Any:  # when the first request is sent: httpx takes 0.1 s to import
        if self._http_client is not None:
            return library_of(self._http_client)
        return load_library("httpx2" if self._options.transport == "httpx2" else "httpx")

    @cached_property
    def _fast(self) -> SyncFastTransport:
        from polargrid_transport._sync.fast_transport import SyncFastTransport

        return SyncFastTransport(self._options)

    @cached_property
    def _parse_url(self) -> Any:
        return lru_cache(maxsize=256)(self._library.URL)

    def send(self, attempt: Attempt) -> SyncResponse:
        """Send the request of an attempt, and return its response as soon as the headers arrive.

        Raises ValidationError, NetworkError, TimeoutError or ServerError, whose `sent` says whether the request may
        have been sent, and PolarGridError if the transport was closed; and what a hook of the caller's client raises.
        """
        if self._is_closed:
            raise errors.APIConnectionError("the client is closed", sent=False)
        if self._options.limiter is not None:
            return send_limited(self._options.limiter, attempt, self._send_checked)
        return self._send_checked(attempt)

    def _send_checked(self, attempt: Attempt) -> SyncResponse:
        request = attempt.request
        if request.form is None and not request.uploads:
            response = self._send(attempt, {"content": request.content})
        elif request.is_replayable:
            with open_body(request) as body:
                response = self._send(attempt, body)
        else:
            content, content_type = open_body_stream(attempt)
            attempt = attrs.evolve(attempt, headers={**attempt.headers, "content-type": content_type})
            with closing(content):
                response = self._send(attempt, {"content": content})
        key = attempt.headers.get("idempotency-key")
        if key is not None and response.headers.get("idempotency-key", key).lower() != key.lower():
            response.discard()
            message = f"connection error: response to another request: idempotency-key ({attempt.base_url})"
            raise errors.NetworkError(message, sent=True)
        return response

    def _send(self, attempt: Attempt, body: dict[str, Any]) -> SyncResponse:
        if self._http_client is not None:
            return self._send_with_client(self._http_client, attempt, body)
        if self._options.transport == "fast" and self._is_fast_usable(attempt):
            try:
                fast = self._fast
            except OSError as error:  # it cannot be imported: there are too many open files, perhaps
                raise_mapped(error, attempt, "connect", is_closed=False)
            return fast.send(attempt, self._build_headers, body)
        pool = None
        try:
            pool = self._pools.get(sync_owner())
            if pool is None or pool.process_id != os.getpid():
                pool = self._create_pool()
            pooled = pool.acquire(attempt.base_url, attempt.deadline)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            raise_mapped(error, attempt, "pool", is_closed=pool is not None and pool.is_closed)
        extensions: dict[str, Any] = {"timeout": pooled.timeouts}
        if pooled.network_stream is None:
            extensions["trace"] = pooled.trace
            is_direct = not self._get_proxy(attempt.base_url)
            connect = BlockingConnect(partial(attempt.deadline.remaining, "connect"))
            pooled.connect = connect if is_direct else None
        try:
            request = self._build_request(self._library.Request, attempt, body, extensions)
            if attempt.request.stream:
                attempt.deadline.on_wait(lambda: shut_down(pooled.network_stream))
            response = self._send_by(pooled.transport, request)
            return SyncHTTPXResponse(response, attempt, pool, pooled)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            attempt.deadline.on_wait(None)
            pool.release(pooled, is_reusable=False)
            proxy, is_own = without_user(self._get_proxy(attempt.base_url)), find_patch() is None
            raise_mapped(error, attempt, attempt.deadline.phase, is_closed=pool.is_closed, is_own=is_own, proxy=proxy)

    def _send_by(self, transport: Any, request: Any) -> Any:
        """Send a request by a transport; by a client around it if another package, like Sentry, replaced its `send`."""
        functions = CLIENT_FUNCTIONS(self._library)
        if not all(map(is_, functions, self._own_functions)):  # by identity: a wrapper may equal what it wraps
            if is_client_patched(self._library.__name__):
                client = self._library.Client(transport=transport, trust_env=False)
                return client.send(request, stream=True, follow_redirects=False)
            self._own_functions = functions
        return transport.handle_request(request)

    def _send_with_client(self, client: Any, attempt: Attempt, body: dict[str, Any]) -> SyncResponse:
        """The caller's client sends it: its hooks, authentication and proxies apply."""
        try:
            extensions = {"timeout": PhaseTimeouts(attempt.deadline)}
            request = self._build_request(client.build_request, attempt, body, extensions)
            sending = client.send(request, stream=True, follow_redirects=False)
            response = sending
            return SyncHTTPXResponse(response, attempt)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            if (response := find_response(error)) is not None:
                return SyncHTTPXResponse(response, attempt)
            raise_mapped(error, attempt, attempt.deadline.phase, is_closed=client.is_closed, is_own=False)

    def _build_request(self, create: Any, attempt: Attempt, body: dict[str, Any], extensions: dict[str, Any]) -> Any:
        url = self._parse_url(attempt.base_url + attempt.request.target)
        method, headers = attempt.request.operation.method, self._build_headers(attempt)
        if "length" in body:
            headers["Content-Length"] = str(body["length"])
            body = {"content": iter_file(body["content"])}
        return create(method, url, headers=headers, extensions=extensions, **body)

    def _build_headers(self, attempt: Attempt) -> dict[str, str]:
        """Not in a variable nor an attribute, which a traceback may show: the key is among them."""
        headers = {**DEFAULT_HEADERS, **attempt.request.headers, **attempt.headers}
        if not attempt.request.operation.requires_key:
            return headers
        return {"Authorization": f"Bearer {attempt.api_key.get_secret_value()}", **headers}

    def _create_pool(self) -> SyncConnectionPool:
        with self._lock:
            owner = sync_owner()
            pool = self._pools.get(owner)
            if pool is not None:
                if pool.process_id == os.getpid():  # another thread was faster
                    return pool
                _inherited.append(pool)
            self._pools = {key: other for key, other in self._pools.items() if not other.is_closed}  # of ended loops
            pool = self._pools[owner] = SyncConnectionPool(self._create_transport, self._options.max_connections)
        sync_close_at_end(pool)
        return pool

    def _create_transport(self, base_url: str) -> Any:
        options = transport_options(self._library, self._options.ssl_context, base_url, self._get_proxy(base_url))
        options["retries"] = 1  # for BlockingConnect
        return self._library.HTTPTransport(**options)

    def _is_fast_usable(self, attempt: Attempt) -> bool:
        """It has no proxies, no trio, and no bodies that are waited for."""
        return attempt.request.is_replayable and not self._get_proxy(attempt.base_url)

    def _get_proxy(self, base_url: str) -> str | None:
        if self._options.proxy:
            return self._options.proxy.get_secret_value()
        if base_url not in self._environment_proxies:
            self._environment_proxies[base_url] = proxy_for(base_url)
        return self._environment_proxies[base_url]

    @property
    def is_closed(self) -> bool:
        """Whether it can send no more requests."""
        return self._is_closed or (self._http_client is not None and self._http_client.is_closed)

    def close(self) -> None:
        """Close the connections; a client of the caller's stays open."""
        self._is_closed = True
        if "_fast" in vars(self):
            self._fast.close()
        pool = self._pools.get(sync_owner())
        if pool is not None and pool.process_id == os.getpid():
            pool.close()
