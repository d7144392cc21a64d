"""The ASGI application: a route for each path and method of the specification, and the web page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import resources
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from polargrid_edge.endpoint import Endpoint
from polargrid_edge.errors import EdgeError, not_implemented_error
from polargrid_edge.http.active_requests import ActiveRequests
from polargrid_edge.http.cross_origin import CrossOrigin
from polargrid_edge.http.errors import error_response
from polargrid_edge.http.idempotency import IdempotencyStore
from polargrid_edge.http.ignored_fields import ignorable_fields
from polargrid_edge.http.metrics import Metrics
from polargrid_edge.http.middleware import Authentication, RequestIds
from polargrid_edge.http.routing import (
    Candidate,
    MethodRouter,
    PathRoute,
    PublicRequests,
    build_endpoint,
    read_base_url,
)
from polargrid_edge.http.unknown_paths import unknown_path_message
from polargrid_edge.web.routes import METRICS_PATH, MetricsStream, static_files
from polargrid_generated.operations import OPERATIONS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from polargrid_edge.services import Services
    from polargrid_edge.settings import EdgeSettings
    from polargrid_runtime.operation import Operation


_PATHS = frozenset(operation.path for operation in OPERATIONS)


def load_specification() -> dict[str, Any]:
    """Load openapi.yaml as the generated package ships it."""
    text = resources.files("polargrid_generated").joinpath("openapi.json").read_text("utf-8")
    specification: dict[str, Any] = json.loads(text)
    return specification


def build_app(settings: EdgeSettings, services: Services, active: ActiveRequests | None = None) -> Starlette:
    """Build the application; an operation that no service implements responds with 501."""
    active = ActiveRequests() if active is None else active
    metrics = Metrics()
    store = IdempotencyStore(settings.waiting)
    ignorable = ignorable_fields(load_specification())

    def build(operation: Operation[Any, Any]) -> ASGIApp:
        handler = services.handler(operation.name)
        if handler is None:
            return error_response(not_implemented_error(operation.name))
        return Endpoint(
            operation,
            handler,
            settings,
            active=active,
            metrics=metrics,
            store=store,
            usage=services.usage,
            ignorable=ignorable.get(operation.name, ()),
        )

    page = static_files()
    api = list(_iter_routes(build))
    routes = [route for route, _ in api]
    routes += [PathRoute(path, MethodRouter({"GET": file, "HEAD": file})) for path, file in page.items()]
    routes.append(PathRoute(METRICS_PATH, MethodRouter({"GET": MetricsStream(metrics, active)})))
    methods = {operation.method for operation in OPERATIONS}
    middleware = [
        Middleware(RequestIds),
        Middleware(CrossOrigin, settings.host, settings.allow_origins, methods=methods, pages=frozenset(page)),
        Middleware(Authentication, keys=settings.keys, is_public=PublicRequests(page, api)),
    ]
    app = Starlette(routes=routes, middleware=middleware, exception_handlers={HTTPException: _not_found})
    app.router.redirect_slashes = False
    return app


def find_unserved_operations(services: Services) -> list[str]:
    """The operations of the specification that no service implements."""
    return [operation.name for operation in OPERATIONS if services.handler(operation.name) is None]


def _iter_routes(build: Callable[[Operation[Any, Any]], ASGIApp]) -> Iterator[tuple[PathRoute, frozenset[str]]]:
    """A route for each path, those without a template first, with its methods that need no API key."""
    paths: dict[str, dict[str, list[Operation[Any, Any]]]] = {}  # the operations by path and method
    for operation in sorted(OPERATIONS, key=lambda operation: "{" in operation.path):
        paths.setdefault(operation.path, {}).setdefault(operation.method, []).append(operation)
    for path, methods in paths.items():
        endpoints = {
            method: build_endpoint([Candidate(operation.query, build(operation)) for operation in operations])
            for method, operations in methods.items()
        }
        public = [name for name, items in methods.items() if not any(item.requires_key for item in items)]
        yield PathRoute(path, MethodRouter(endpoints)), frozenset(public)


def _not_found(request: Request, exception: Exception) -> Response:
    del exception
    message = unknown_path_message(request.scope["path"], read_base_url(request.scope), _PATHS)
    return error_response(EdgeError(404, message, "not_found"))
