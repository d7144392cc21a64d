"""Which web pages may use the edge: the check of Host and Origin, and CORS for allowed origins.

A browser sends requests of any page to any address, and the key of a local edge is public. A page of another site can
also give its own name the address 127.0.0.1 (DNS rebinding): the browser then takes the edge for that site, and only
the Host header shows it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import partial
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from polargrid_edge.errors import EdgeError
from polargrid_edge.http.errors import error_response
from polargrid_edge.origins import is_loopback, parse_authority, parse_origin

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_REQUEST_HEADERS: Final = ("authorization", "content-type", "idempotency-key")
_HEADER_NAME: Final = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
_PREFLIGHT_HEADER: Final = "access-control-request-method"
_MAX_AGE_SECONDS: Final = 600


class CrossOrigin:
    """Reject browsers that act for another site, and add the headers of CORS to responses for allowed origins.

    Requests without Origin and Sec-Fetch-Site are not from a browser, or from the edge's own page. If the edge is on a
    loopback address, Host and Origin must be loopback names; otherwise the Origin must be that of Host. `pages` are
    the paths of the edge's own page, which a link on another site may open. `hosts` are further names of an edge on a
    loopback address: those that a proxy in front of it sends in Host.
    """

    def __init__(
        self,
        app: ASGIApp,
        host: str,
        allowed: Iterable[str],
        *,
        methods: Iterable[str],
        pages: Collection[str],
        hosts: Iterable[str] = (),
    ) -> None:
        self._app = app
        self._is_local = is_loopback(host)
        self._allowed = {parse_origin(origin) for origin in allowed} - {None}
        self._methods = ", ".join(sorted(methods))
        self._pages = pages
        self._hosts = {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origins = headers.getlist("origin")
        origin = origins[0] if len(origins) == 1 else None
        is_allowed = origin is not None and parse_origin(origin) in self._allowed
        is_preflight = scope["method"] == "OPTIONS" and origin is not None and _PREFLIGHT_HEADER in headers
        error = self._check_host(headers) or self._check_origin(scope, headers, is_allowed=is_allowed)
        app = self._app
        if error is not None:
            app = error_response(error)
        elif is_preflight:
            app = self._preflight_response(headers) if is_allowed else error_response(_reject_origin(origin))
        await app(scope, receive, partial(self._send, send, origin if is_allowed else None))

    async def _send(self, send: Send, allowed_origin: str | None, message: Message) -> None:
        if message["type"] == "http.response.start" and self._allowed:
            headers = MutableHeaders(scope=message)
            exposed = sorted({"x-request-id", *headers})  # the id is added last
            headers.add_vary_header("Origin")
            if allowed_origin is not None:
                headers["access-control-allow-origin"] = allowed_origin
                headers["access-control-expose-headers"] = ", ".join(exposed)
        await send(message)

    def _check_host(self, headers: Headers) -> EdgeError | None:
        text = headers.get("host", "")
        host = parse_authority("http", text)
        if not self._is_local or (host is not None and (is_loopback(host.host) or host.host in self._hosts)):
            return None
        message = (
            f"host {text!r} is not allowed; expected localhost, 127.0.0.1 or [::1]; "
            "`polargrid serve --allow-host` allows the host of a proxy"
        )
        return EdgeError(403, message, "host_not_allowed")

    def _check_origin(self, scope: Scope, headers: Headers, *, is_allowed: bool) -> EdgeError | None:
        origins = headers.getlist("origin")
        if len(origins) > 1 or (origins and not is_allowed and not self._is_own(origins[0], headers)):
            return _reject_origin(", ".join(origins))
        if not origins and headers.get("sec-fetch-site") == "cross-site" and not self._is_navigation(scope, headers):
            return EdgeError(403, "a page of another site sent the request", "origin_not_allowed")
        return None

    def _is_own(self, text: str, headers: Headers) -> bool:
        origin = parse_origin(text)
        if origin is None or origin.scheme not in ("http", "https"):
            return False
        if self._is_local and origin.host not in self._hosts:
            return is_loopback(origin.host)
        return origin == parse_authority(origin.scheme, headers.get("host", ""))

    def _is_navigation(self, scope: Scope, headers: Headers) -> bool:
        """Whether the request opens the edge's own page."""
        is_read = scope["method"] in ("GET", "HEAD") and scope["path"] in self._pages
        return is_read and headers.get("sec-fetch-mode") == "navigate"

    def _preflight_response(self, headers: Headers) -> Response:
        requested = headers.get("access-control-request-headers", "").lower().split(",")
        names = {name.strip() for name in requested if _HEADER_NAME.fullmatch(name.strip())}
        response = Response(
            status_code=204,
            headers={
                "access-control-allow-methods": self._methods,
                "access-control-allow-headers": ", ".join(sorted(names.union(_REQUEST_HEADERS))),
                "access-control-max-age": str(_MAX_AGE_SECONDS),
            },
        )
        response.headers.add_vary_header("Access-Control-Request-Headers")
        if headers.get("access-control-request-private-network") == "true":
            response.headers["access-control-allow-private-network"] = "true"
        return response


def _reject_origin(origin: str | None) -> EdgeError:
    message = f"origin {origin!r} is not allowed; `polargrid serve --allow-origin` allows an origin"
    return EdgeError(403, message, "origin_not_allowed")
