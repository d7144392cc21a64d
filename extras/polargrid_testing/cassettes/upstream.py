"""The servers that a cassette records: each is called as the client would have called it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from threading import Lock
from typing import Any

import httpx

from polargrid_testing.cassettes.client_route import ClientResponse, Run, send_with_client
from polargrid_testing.cassettes.headers import ORIGIN_HEADER, ROUTE_HEADER, select_request_headers
from polargrid_testing.received import ReceivedRequest
from polargrid_transport.environment import default_ssl_context, proxy_for


@dataclass(frozen=True)
class Route:
    """How a client reaches a server."""

    proxy: str | None = None
    """None: the proxy of the environment, if there is one."""
    ssl_context: ssl.SSLContext | None = None
    client: Any = None
    """The caller's httpx client, if there is one: its transports are used."""
    run: Run | None = None
    """Runs a function in the event loop of the client; None for a blocking client."""
    via: str | None = None
    """The URL of a fake or of another cassette that is active around this one, and is sent the requests."""
    via_name: str = ""
    """What that calls its own route to the server."""


class Upstream:
    """Sends requests to their servers. Call it from one event loop."""

    def __init__(self) -> None:
        self._routes: dict[str, Route] = {}  # by name, and the last one of each origin: for other processes
        self._names: dict[Route, str] = {}
        self._lock = Lock()
        self._clients: dict[tuple[str | None, ssl.SSLContext], httpx.AsyncClient] = {}

    def note_route(self, origin: str, route: Route) -> str:
        """Reach a server by this route; return the name that a request has in ROUTE_HEADER. Any thread may call it."""
        with self._lock:
            name = self._names.setdefault(route, str(len(self._names)))
            self._routes[origin] = self._routes[name] = route
        return name

    def _select_route(self, request: ReceivedRequest, origin: str) -> Route:
        with self._lock:
            return self._routes.get(request.headers.get(ROUTE_HEADER, origin), Route())

    async def open(self, request: ReceivedRequest, origin: str) -> httpx.Response | ClientResponse:
        """Send a request to a server, and return its response as soon as the headers arrive."""
        route, url = self._select_route(request, origin), origin + request.target
        headers, content = select_request_headers(request.headers.raw), request.body or None
        if route.via is not None:
            named = [*headers, (ORIGIN_HEADER.encode(), origin.encode())]
            if route.via_name:
                named.append((ROUTE_HEADER.encode(), route.via_name.encode()))
            built = httpx.Request(request.method, route.via + request.target, headers=named, content=content)
            return await self._select_client(route.via, Route()).send(built, stream=True)
        if hasattr(route.client, "_transport_for_url"):
            return await send_with_client(
                route.client, route.run, request.method, url, headers=headers, content=content
            )
        built = httpx.Request(request.method, url, headers=headers, content=content)
        return await self._select_client(origin, route).send(built, stream=True)

    def _select_client(self, origin: str, route: Route) -> httpx.AsyncClient:
        proxy = route.proxy or proxy_for(origin)
        needs_tls = f"{origin} {proxy}".find("https:") >= 0
        library: Any = httpx  # a module is hashable, which its type does not say
        context = route.ssl_context or default_ssl_context(library, verify=needs_tls)
        key = (proxy, context)
        if key not in self._clients:
            limits = httpx.Limits(max_connections=None)
            # Without timeouts: those of the program's client apply.
            self._clients[key] = httpx.AsyncClient(
                verify=context,
                proxy=proxy,
                trust_env=False,
                timeout=None,  # noqa: S113
                limits=limits,
            )
        return self._clients[key]

    async def aclose(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            await client.aclose()
