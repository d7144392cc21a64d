"""The ASGI application: a route for each path and method of the specification, and the web page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from polargrid_edge.endpoint import Endpoint
from polargrid_edge.errors import EdgeError, not_implemented_error
from polargrid_edge.http.active_requests import ActiveRequests
from polargrid_edge.http.cross_origin import CrossOrigin
from polargrid_edge.http.errors import error_response
from polargrid_edge.http.idempotency import IdempotencyStore
from polargrid_edge.http.metrics import Metrics
from polargrid_edge.http.middleware import Authentication, RequestIds
from polargrid_edge.http.routing import Candidate, MethodRouter, PathRoute, PublicRequests, build_endpoint
from polargrid_edge.web.routes import METRICS_PATH, MetricsStream, static_files
from polargrid_generated.operations import OPERATIONS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from polargrid_edge.http.responses import Json
    from polargrid_edge.services import Services
    from polargrid_edge.services.context import Handler, RequestContext
    from polargrid_edge.settings import EdgeSettings
    from polargrid_runtime.operation import Operation

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


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
    operations = {operation.name: operation for operation in OPERATIONS}
    candidates: dict[str, dict[str, list[Candidate]]] = {}  # by path and method
    public: dict[str, set[str]] = {}  # the methods of a path that need no key
    for operation, spec in _iter_operations(operations):
        handler = services.handler(operation.name) or _reject_with(not_implemented_error(operation.name))
        endpoint = Endpoint(
            operation, spec, handler, settings, active=active, metrics=metrics, store=store, usage=services.usage
        )
        by_method = candidates.setdefault(operation.path, {})
        by_method.setdefault(operation.method, []).append(Candidate(operation.query, endpoint))
        if not operation.requires_key:
            public.setdefault(operation.path, set()).add(operation.method)
    routes = [
        PathRoute(path, MethodRouter({method: build_endpoint(items) for method, items in by_method.items()}))
        for path, by_method in sorted(candidates.items(), key=lambda item: "{" in item[0])  # templates last
    ]
    page = static_files()
    is_public = PublicRequests(page, ((route, frozenset(public.get(route.template, ()))) for route in routes))
    routes += [PathRoute(path, MethodRouter({"GET": file, "HEAD": file})) for path, file in page.items()]
    routes.append(PathRoute(METRICS_PATH, MethodRouter({"GET": MetricsStream(metrics, active)})))
    methods = {operation.method for operation in OPERATIONS}
    middleware = [
        Middleware(RequestIds),
        Middleware(CrossOrigin, settings.host, settings.allow_origins, methods=methods, pages=frozenset(page)),
        Middleware(Authentication, keys=settings.keys, is_public=is_public),
    ]
    app = Starlette(routes=routes, middleware=middleware, exception_handlers={HTTPException: _not_found})
    app.router.redirect_slashes = False
    return app


def unserved_operations(services: Services) -> list[str]:
    """The operations of the specification that no service implements."""
    return [operation.name for operation in OPERATIONS if services.handler(operation.name) is None]


def _iter_operations(operations: Mapping[str, Operation[Any, Any]]) -> Iterator[tuple[Operation[Any, Any], Json]]:
    """Each operation with its operation object in the specification."""
    for item in load_specification()["paths"].values():
        for method, spec in item.items():
            if method in _METHODS:
                yield operations[spec["operationId"]], spec


def _reject_with(error: EdgeError) -> Handler:
    async def reject(context: RequestContext[Any]) -> Response:
        del context
        raise error

    return reject


def _not_found(request: Request, exception: Exception) -> Response:
    del exception
    return error_response(EdgeError(404, f"unknown path {request.scope['path']}", "not_found"))
