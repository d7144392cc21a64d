"""The ASGI application: a route for each path and method of the specification, and the web page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import resources
from typing import TYPE_CHECKING, Any

from starlette.middleware import Middleware
from starlette.routing import Router

from polargrid_edge.endpoint import Endpoint
from polargrid_edge.errors import EdgeError, not_implemented_error
from polargrid_edge.http.active_requests import ActiveRequests
from polargrid_edge.http.cross_origin import CrossOrigin
from polargrid_edge.http.errors import error_response
from polargrid_edge.http.idempotency import IdempotencyStore
from polargrid_edge.http.ignored_fields import ignorable_fields
from polargrid_edge.http.middleware import Authentication, ResponseHeaders
from polargrid_edge.http.operator_routes import METRICS, PROBES, build_routes
from polargrid_edge.http.request_recorder import RecordRequests
from polargrid_edge.http.routing import (
    Candidate,
    MethodRouter,
    PathRoute,
    PublicRequests,
    build_endpoint,
    read_base_url,
)
from polargrid_edge.http.unknown_paths import unknown_path_message
from polargrid_edge.keys.key_ring import KeyRing
from polargrid_edge.keys.rate_limits import RateLimiter
from polargrid_edge.settings import LOCAL_KEY
from polargrid_edge.telemetry import Telemetry
from polargrid_edge.web.routes import iter_page_routes, static_files
from polargrid_generated.operations import OPERATIONS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from polargrid_edge.services import Services
    from polargrid_edge.settings import EdgeSettings
    from polargrid_runtime.operation import Operation


_PATHS = frozenset(operation.path for operation in OPERATIONS)


def load_specification() -> dict[str, Any]:
    """Load openapi.yaml as the generated package ships it."""
    text = resources.files("polargrid_generated").joinpath("openapi.json").read_text("utf-8")
    specification: dict[str, Any] = json.loads(text)
    return specification


def build_app(
    settings: EdgeSettings,
    services: Services,
    active: ActiveRequests | None = None,
    keys: KeyRing | None = None,
    telemetry: Telemetry | None = None,
) -> Router:
    """Build the application; an operation that no service implements responds with 501."""
    active = ActiveRequests() if active is None else active
    keys = keys or open_key_ring(settings)
    telemetry = telemetry or Telemetry(settings, services.pool, active, keys)
    metrics = telemetry.window
    limiter = RateLimiter()
    store = IdempotencyStore(settings.waiting)
    specification = load_specification()
    ignorable = ignorable_fields(specification)

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
            recorder=telemetry.recorder,
            limiter=limiter,
            store=store,
            usage=services.usage,
            ignorable=ignorable.get(operation.name, ()),
        )

    page = static_files(specification)
    api = list(_iter_routes(build))
    routes = [route for route, _ in api]
    routes += iter_page_routes(page, services, metrics, active)
    routes += build_routes(active, services.pool.upstreams, telemetry.prometheus)
    public = [*page, *PROBES, *([METRICS] if settings.metrics == "open" else [])]
    methods = {operation.method for operation in OPERATIONS}
    middleware = [
        Middleware(RecordRequests, telemetry.recorder),
        Middleware(ResponseHeaders, active),
        Middleware(
            CrossOrigin,
            settings.host,
            settings.allow_origins,
            methods=methods,
            pages=frozenset(page),
            hosts=settings.allow_hosts,
        ),
        Middleware(Authentication, keys, PublicRequests(public, api)),
    ]
    # Not an application of Starlette, whose own middleware for exceptions each part of a response would pass as well.
    return Router(routes, redirect_slashes=False, default=_respond_not_found, middleware=middleware)


def open_key_ring(settings: EdgeSettings) -> KeyRing:
    """The keys of the settings. Raises `ValueError` or `OSError` for a file of keys that cannot be used."""
    return KeyRing(settings.keys, settings.keys_file, local_key=LOCAL_KEY)


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


async def _respond_not_found(scope: Scope, receive: Receive, send: Send) -> None:
    message = unknown_path_message(scope["path"], read_base_url(scope), _PATHS)
    await error_response(EdgeError(404, message, "not_found"))(scope, receive, send)
