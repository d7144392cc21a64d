"""The ASGI application: a route for each path and method of the specification, and the web page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from polargrid_edge.endpoint import Endpoint
from polargrid_edge.errors import EdgeError
from polargrid_edge.http.active_requests import ActiveRequests
from polargrid_edge.http.cross_origin import CrossOrigin
from polargrid_edge.http.errors import error_response
from polargrid_edge.http.idempotency import IdempotencyStore
from polargrid_edge.http.metrics import Metrics
from polargrid_edge.http.middleware import Authentication, RequestIds
from polargrid_edge.web.routes import METRICS_PATH, MetricsStream, static_files
from polargrid_generated.operations import OPERATIONS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from polargrid_edge.services import Services
    from polargrid_edge.settings import EdgeSettings

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def load_specification() -> dict[str, Any]:
    """Load openapi.yaml as the generated package ships it."""
    text = resources.files("polargrid_generated").joinpath("openapi.json").read_text("utf-8")
    specification: dict[str, Any] = json.loads(text)
    return specification


def build_app(settings: EdgeSettings, services: Services, active: ActiveRequests | None = None) -> Starlette:
    """Build the application. Raises `NotImplementedError` for an operation that no service implements."""
    active = ActiveRequests() if active is None else active
    metrics = Metrics()
    store = IdempotencyStore(settings.waiting)
    operations = {operation.name: operation for operation in OPERATIONS}
    routes = []
    for path, item in load_specification()["paths"].items():
        endpoints = {
            method.upper(): Endpoint(
                operations[spec["operationId"]],
                spec,
                services.handler(spec["operationId"]),
                settings,
                active=active,
                metrics=metrics,
                store=store,
            )
            for method, spec in item.items()
            if method in _METHODS
        }
        routes.append(Route(path, MethodRouter(endpoints)))
    page = static_files()
    routes += [Route(path, MethodRouter({"GET": file, "HEAD": file})) for path, file in page.items()]
    routes.append(Route(METRICS_PATH, MethodRouter({"GET": MetricsStream(metrics, active)})))
    methods = {operation.method for operation in OPERATIONS}
    middleware = [
        Middleware(RequestIds),
        Middleware(CrossOrigin, settings.host, settings.allow_origins, methods=methods, pages=frozenset(page)),
        Middleware(Authentication, keys=settings.keys, public=frozenset(page)),
    ]
    app = Starlette(routes=routes, middleware=middleware, exception_handlers={HTTPException: _not_found})
    app.router.redirect_slashes = False
    return app


def _not_found(request: Request, exception: Exception) -> Response:
    del exception
    return error_response(EdgeError(404, f"unknown path {request.scope['path']}", "not_found"))


class MethodRouter:
    """The endpoints of one path by method."""

    def __init__(self, endpoints: Mapping[str, ASGIApp]) -> None:
        self._endpoints = endpoints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = self._endpoints.get(scope["method"])
        if endpoint is None:
            allowed = ", ".join(self._endpoints)
            message = f"method {scope['method']} not allowed; expected one of: {allowed}"
            endpoint = error_response(EdgeError(405, message, "method_not_allowed", headers={"Allow": allowed}))
        await endpoint(scope, receive, send)
