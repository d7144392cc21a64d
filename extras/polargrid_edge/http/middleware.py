"""Middleware for every request: its id, its response while the edge stops, and the check of its API key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from starlette.datastructures import Headers, MutableHeaders

from polargrid_edge.errors import EdgeError
from polargrid_edge.http.errors import error_response, request_id
from polargrid_edge.http.request_record import current_record

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from polargrid_edge.http.active_requests import ActiveRequests
    from polargrid_edge.http.routing import IsPublic
    from polargrid_edge.keys.key import Key
    from polargrid_edge.keys.key_ring import KeyRing

_SCOPE_KEY: Final = "polargrid.key"


class ResponseHeaders:
    """Give every response the id of its request; unexpected exceptions become responses here.

    A response that starts while the edge drains is the last one of its connection.
    """

    def __init__(self, app: ASGIApp, active: ActiveRequests) -> None:
        self._app = app
        self._active = active

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = request_id.get()
                if self._active.draining:
                    headers["connection"] = "close"
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception as error:  # noqa: BLE001  any failure becomes a response in the shape of the API
            response = error_response(error)
            if not started:
                await response(scope, receive, send_with_id)


class Authentication:
    """Reject requests without a valid key before anything else is read, unless they are public."""

    def __init__(self, app: ASGIApp, keys: KeyRing, is_public: IsPublic) -> None:
        self._app = app
        self._is_public = is_public
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            key = self._find_key(Headers(scope=scope).getlist("authorization"))
            if key is not None:
                scope[_SCOPE_KEY] = key
                record = current_record.get()
                if record is not None:
                    record.key = key.name
            elif not self._is_public(scope):
                error = EdgeError(401, "Invalid API key", "invalid_api_key", headers={"WWW-Authenticate": "Bearer"})
                await error_response(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _find_key(self, authorizations: list[str]) -> Key | None:
        if len(authorizations) != 1:
            return None
        scheme, _, token = authorizations[0].partition(" ")
        # The bytes of a header are read as Latin-1; a key is UTF-8.
        secret = token.strip(" ").encode("latin-1").decode("utf-8", "surrogateescape")
        return self._keys.find(secret) if scheme.lower() == "bearer" else None


def read_api_key(scope: Scope) -> Key | None:
    """The key of a request; None for a public one without a valid key."""
    return cast("Key | None", scope.get(_SCOPE_KEY))
