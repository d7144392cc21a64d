"""Sends requests: on connections of its own, or by a client of the caller's."""

from __future__ import annotations

import os
from contextlib import aclosing
from functools import cached_property, lru_cache
from operator import is_

# unasync: add from functools import partial
from threading import Lock

# unasync: add from threading import main_thread as sync_owner
from typing import TYPE_CHECKING, Any

import attrs
from sniffio import current_async_library  # unasync: remove

from polargrid_runtime import errors
from polargrid_transport._async.body_stream import iter_file, open_body_stream
from polargrid_transport._async.connection_pool import AsyncConnectionPool
from polargrid_transport._async.limited_response import send_limited
from polargrid_transport._async.pooled_transport import PhaseTimeouts
from polargrid_transport._async.response import AsyncHTTPXResponse, AsyncResponse
from polargrid_transport.attempt import Attempt, TransportOptions
from polargrid_transport.body import open_body
from polargrid_transport.concurrency import (
    # unasync: add shut_down,
    async_close_at_end,
    async_forget,  # unasync: remove
    async_owner,  # unasync: remove
    async_within,  # unasync: remove
    # unasync: add BlockingConnect,
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
    from polargrid_transport._async.fast_transport import AsyncFastTransport

#: Connections of a parent process, after a fork: not used, and not collected, which would close them.
_inherited: list[Any] = []


class AsyncTransport:
    """Sends requests by httpx or httpx2, on connections of the running event loop."""

    def __init__(self, options: TransportOptions, http_client: Any = None) -> None:
        self._options, self._http_client = options, http_client
        if http_client is not None:
            validate_client(http_client, "AsyncClient")
        self.default_timeouts = Timeouts.from_object(http_client.timeout) if http_client else DEFAULT_TIMEOUT
        if http_client is not None and (options.proxy or options.ssl_context):
            option = "proxy" if options.proxy else "ssl_context"
            raise errors.ValidationError(f"{option}: set it on your http_client", param=option)
        self._pools: dict[Any, AsyncConnectionPool] = {}  # by event loop
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
    def _fast(self) -> AsyncFastTransport:
        from polargrid_transport._async.fast_transport import AsyncFastTransport

        return AsyncFastTransport(self._options)

    @cached_property
    def _parse_url(self) -> Any:
        return lru_cache(maxsize=256)(self._library.URL)

    async def send(self, attempt: Attempt) -> AsyncResponse:
        """Send the request of an attempt, and return its response as soon as the headers arrive.

        Raises ValidationError, NetworkError, TimeoutError or ServerError, whose `sent` says whether the request may
        have been sent, and PolarGridError if the transport was closed; and what a hook of the caller's client raises.
        """
        if self._is_closed:
            raise errors.APIConnectionError("the client is closed", sent=False)
        if self._options.limiter is not None:
            return await send_limited(self._options.limiter, attempt, self._send_checked)
        return await self._send_checked(attempt)

    async def _send_checked(self, attempt: Attempt) -> AsyncResponse:
        request = attempt.request
        if request.form is None and not request.uploads:
            response = await self._send(attempt, {"content": request.content})
        elif request.is_replayable:
            with open_body(request) as body:
                response = await self._send(attempt, body)
        else:
            content, content_type = await open_body_stream(attempt)
            attempt = attrs.evolve(attempt, headers={**attempt.headers, "content-type": content_type})
            async with aclosing(content):
                response = await self._send(attempt, {"content": content})
        key = attempt.headers.get("idempotency-key")
        if key is not None and response.headers.get("idempotency-key", key).lower() != key.lower():
            await response.discard()
            message = f"connection error: response to another request: idempotency-key ({attempt.base_url})"
            raise errors.NetworkError(message, sent=True)
        return response

    async def _send(self, attempt: Attempt, body: dict[str, Any]) -> AsyncResponse:
        if self._http_client is not None:
            return await self._send_with_client(self._http_client, attempt, body)
        if self._options.transport == "fast" and self._is_fast_usable(attempt):
            try:
                fast = self._fast
            except OSError as error:  # it cannot be imported: there are too many open files, perhaps
                raise_mapped(error, attempt, "connect", is_closed=False)
            return await fast.send(attempt, self._build_headers, body)
        pool = None
        try:
            pool = self._pools.get(async_owner())
            if pool is None or pool.process_id != os.getpid():
                pool = await self._create_pool()
            pooled = await pool.acquire(attempt.base_url, attempt.deadline)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            raise_mapped(error, attempt, "pool", is_closed=pool is not None and pool.is_closed)
        extensions: dict[str, Any] = {"timeout": pooled.timeouts}
        if pooled.network_stream is None:
            extensions["trace"] = pooled.trace
            # unasync: add is_direct = not self._get_proxy(attempt.base_url)
            # unasync: add connect = BlockingConnect(partial(attempt.deadline.remaining, "connect"))
            # unasync: add pooled.connect = connect if is_direct else None
        try:
            request = self._build_request(self._library.Request, attempt, body, extensions)
            sending = self._send_by(pooled.transport, request)  # unasync: remove
            within = attempt.deadline.remaining_in_all  # unasync: remove
            response = await async_within(within, sending, on_wait=attempt.deadline.on_wait)  # unasync: remove
            # unasync: add if attempt.request.stream:
            # unasync: add     attempt.deadline.on_wait(lambda: shut_down(pooled.network_stream))
            # unasync: add response = self._send_by(pooled.transport, request)
            return AsyncHTTPXResponse(response, attempt, pool, pooled)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            # unasync: add attempt.deadline.on_wait(None)
            await pool.release(pooled, is_reusable=False)
            proxy, is_own = without_user(self._get_proxy(attempt.base_url)), find_patch() is None
            raise_mapped(error, attempt, attempt.deadline.phase, is_closed=pool.is_closed, is_own=is_own, proxy=proxy)

    def _send_by(self, transport: Any, request: Any) -> Any:
        """Send a request by a transport; by a client around it if another package, like Sentry, replaced its `send`."""
        functions = CLIENT_FUNCTIONS(self._library)
        if not all(map(is_, functions, self._own_functions)):  # by identity: a wrapper may equal what it wraps
            if is_client_patched(self._library.__name__):
                client = self._library.AsyncClient(transport=transport, trust_env=False)
                return client.send(request, stream=True, follow_redirects=False)
            self._own_functions = functions
        return transport.handle_async_request(request)

    async def _send_with_client(self, client: Any, attempt: Attempt, body: dict[str, Any]) -> AsyncResponse:
        """The caller's client sends it: its hooks, authentication and proxies apply."""
        try:
            extensions = {"timeout": PhaseTimeouts(attempt.deadline)}
            request = self._build_request(client.build_request, attempt, body, extensions)
            sending = client.send(request, stream=True, follow_redirects=False)
            within = attempt.deadline.remaining_in_all  # unasync: remove
            response = await async_within(within, sending, on_wait=attempt.deadline.on_wait)  # unasync: remove
            # unasync: add response = sending
            return AsyncHTTPXResponse(response, attempt)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            if (response := find_response(error)) is not None:
                return AsyncHTTPXResponse(response, attempt)
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

    async def _create_pool(self) -> AsyncConnectionPool:
        with self._lock:
            owner = async_owner()
            pool = self._pools.get(owner)
            if pool is not None:
                if pool.process_id == os.getpid():  # another thread was faster
                    return pool
                _inherited.append(pool)
            self._pools = {key: other for key, other in self._pools.items() if not other.is_closed}  # of ended loops
            pool = self._pools[owner] = AsyncConnectionPool(self._create_transport, self._options.max_connections)
        await async_close_at_end(pool)
        return pool

    def _create_transport(self, base_url: str) -> Any:
        options = transport_options(self._library, self._options.ssl_context, base_url, self._get_proxy(base_url))
        # unasync: add options["retries"] = 1  # for BlockingConnect
        return self._library.AsyncHTTPTransport(**options)

    def _is_fast_usable(self, attempt: Attempt) -> bool:
        """It has no proxies, no trio, and no bodies that are waited for."""
        if current_async_library() != "asyncio":  # unasync: remove
            return False  # unasync: remove
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

    async def aclose(self) -> None:
        """Close the connections; a client of the caller's stays open."""
        self._is_closed = True
        if "_fast" in vars(self):
            await self._fast.aclose()
        pool = self._pools.get(async_owner())
        if pool is not None and pool.process_id == os.getpid():
            await pool.aclose()
            await async_forget(pool)  # unasync: remove
