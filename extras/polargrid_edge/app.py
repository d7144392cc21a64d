"""The HTTP side of the edge: the operations of the specification, looped over, each at its path and method."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from polargrid_edge.endpoint import Endpoint, OpenCalls
from polargrid_edge.errors import EdgeError
from polargrid_edge.failures import new_request_id, request_id, response_of
from polargrid_edge.page import TRAFFIC_PATH, TrafficStream, files
from polargrid_edge.traffic import Traffic
from polargrid_generated.operations import OPERATIONS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from polargrid_edge.service import Service
    from polargrid_edge.settings import EdgeSettings

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def specification() -> dict[str, Any]:
    """openapi.yaml, as the generated package ships it."""
    text = resources.files("polargrid_generated").joinpath("openapi.json").read_text("utf-8")
    read: dict[str, Any] = json.loads(text)
    return read


def build(settings: EdgeSettings, service: Service, calls: OpenCalls | None = None) -> Starlette:
    """The application. Raises `NotImplementedError` for an operation of the specification that no service does."""
    calls = calls or OpenCalls()
    traffic = Traffic()
    operations = {operation.name: operation for operation in OPERATIONS}
    routes = []
    for path, described in specification()["paths"].items():
        endpoints = {
            method.upper(): Endpoint(
                operations[about["operationId"]],
                about,
                service.handler(about["operationId"]),
                settings,
                calls=calls,
                traffic=traffic,
            )
            for method, about in described.items()
            if method in _METHODS
        }
        routes.append(Route(path, Methods(endpoints)))
    page = files()
    routes += [Route(path, Methods({"GET": file, "HEAD": file})) for path, file in page.items()]
    routes.append(Route(TRAFFIC_PATH, Methods({"GET": TrafficStream(traffic, calls)})))
    middleware = [Middleware(RequestIds), Middleware(Authentication, keys=settings.keys, public=frozenset(page))]
    app = Starlette(routes=routes, middleware=middleware, exception_handlers={HTTPException: _refused})
    app.router.redirect_slashes = False
    return app


def _refused(request: Request, refusal: Exception) -> Response:
    del refusal
    return response_of(EdgeError(404, f"There is nothing at {request.scope['path']}", "not_found"))


class Methods:
    """What is at one path, by method."""

    def __init__(self, endpoints: Mapping[str, ASGIApp]) -> None:
        self._endpoints = endpoints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = self._endpoints.get(scope["method"])
        if endpoint is None:
            allowed = ", ".join(self._endpoints)
            message = f"The method must be {allowed}"
            endpoint = response_of(EdgeError(405, message, "method_not_allowed", headers={"Allow": allowed}))
        await endpoint(scope, receive, send)


class RequestIds:
    """Gives every request an id of its own, and every answer its header; what nobody caught is answered here."""

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
        except Exception as fault:  # noqa: BLE001  whatever it is, the client gets an answer in the API's shape
            response = response_of(fault)
            if not started:
                await response(scope, receive, send_with_id)


class Authentication:
    """Lets in who brings a key, before anything else of the request is looked at; all may have the `public` paths."""

    def __init__(self, app: ASGIApp, keys: Iterable[str], public: frozenset[str]) -> None:
        self._app = app
        self._public = public
        self._keys = [key.encode() for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._may_pass(scope):
            refusal = EdgeError(401, "Invalid API key", "invalid_api_key", headers={"WWW-Authenticate": "Bearer"})
            await response_of(refusal)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        return scope["path"] in self._public or self._knows(Headers(scope=scope).getlist("authorization"))

    def _knows(self, authorizations: list[str]) -> bool:
        if len(authorizations) != 1:
            return False
        scheme, _, given = authorizations[0].partition(" ")
        # Every key is compared, in constant time: how long it takes tells nothing of any.
        matches = [hmac.compare_digest(key, given.strip(" ").encode("latin-1")) for key in self._keys]
        return scheme.lower() == "bearer" and any(matches)
