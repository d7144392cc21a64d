"""Middleware for every request: its id, and the check of its API key."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from polargrid_edge.errors import EdgeError
from polargrid_edge.http.errors import error_response, new_request_id, request_id

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from polargrid_edge.http.routing import IsPublic


class RequestIds:
    """Give every request an id and every response its header; unexpected exceptions become responses here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id.set(new_request_id())
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)["x-request-id"] = request_id.get()
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception as error:  # noqa: BLE001  any failure becomes a response in the shape of the API
            response = error_response(error)
            if not started:
                await response(scope, receive, send_with_id)


class Authentication:
    """Reject requests without a valid key before anything else is read, unless they are public."""

    def __init__(self, app: ASGIApp, keys: Iterable[str], is_public: IsPublic) -> None:
        self._app = app
        self._is_public = is_public
        self._keys = [key.encode() for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_allowed(scope):
            error = EdgeError(401, "Invalid API key", "invalid_api_key", headers={"WWW-Authenticate": "Bearer"})
            await error_response(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
        return self._is_public(scope) or self._has_valid_key(Headers(scope=scope).getlist("authorization"))

    def _has_valid_key(self, authorizations: list[str]) -> bool:
        if len(authorizations) != 1:
            return False
        scheme, _, token = authorizations[0].partition(" ")
        # Every key is compared, in constant time: the duration reveals nothing about any of them.
        matches = [hmac.compare_digest(key, token.strip(" ").encode("latin-1")) for key in self._keys]
        return scheme.lower() == "bearer" and any(matches)
