"""Paths for who operates an edge, beside the API: /livez, /readyz and /metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import Response

from polargrid_edge.http.request_record import current_record
from polargrid_edge.http.responses import to_json_bytes
from polargrid_edge.http.routing import MethodRouter, PathRoute

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from polargrid_edge.http.active_requests import ActiveRequests
    from polargrid_edge.http.prometheus import PrometheusMetrics
    from polargrid_edge.upstream.pool import UpstreamPool

LIVEZ: Final = "/livez"
READYZ: Final = "/readyz"
METRICS: Final = "/metrics"
PROBES: Final = (LIVEZ, READYZ)
"""The paths that need no key: a probe has none."""
_NO_STORE: Final = {"cache-control": "no-store"}


class Liveness:
    """200 as long as the edge serves requests at all, also while it drains: a restart would not help."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _name_route("livez")
        await _json_response({"status": "ok"})(scope, receive, send)


class Readiness:
    """200 if the edge accepts requests, and each upstream model has a server, otherwise 503 with the reasons."""

    def __init__(self, active: ActiveRequests, upstreams: UpstreamPool) -> None:
        self._active = active
        self._upstreams = upstreams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _name_route("readyz")
        reasons = [
            *self._active.find_reasons_not_ready(),
            *(f"model {name!r}: none of its upstream servers responds" for name in self._upstreams.find_failed()),
        ]
        body = {"status": "unavailable", "reasons": reasons} if reasons else {"status": "ready"}
        await _json_response(body, 503 if reasons else 200)(scope, receive, send)


class PrometheusPage:
    """The metrics as text. Building it reads /proc and locks counters, so it runs on a thread."""

    def __init__(self, metrics: PrometheusMetrics) -> None:
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _name_route("metrics")
        accept = Headers(scope=scope).get("accept", "")
        content, media_type = await to_thread.run_sync(self._metrics.render, accept)
        await Response(content, headers={**_NO_STORE, "content-type": media_type})(scope, receive, send)


def build_routes(active: ActiveRequests, upstreams: UpstreamPool, metrics: PrometheusMetrics | None) -> list[PathRoute]:
    """The routes; without metrics there is no /metrics."""
    apps: dict[str, ASGIApp] = {LIVEZ: Liveness(), READYZ: Readiness(active, upstreams)}
    if metrics is not None:
        apps[METRICS] = PrometheusPage(metrics)
    return [PathRoute(path, MethodRouter({"GET": app, "HEAD": app})) for path, app in apps.items()]


def _name_route(name: str) -> None:
    record = current_record.get()
    if record is not None:
        record.operation = name


def _json_response(body: Mapping[str, object], status: int = 200) -> Response:
    return Response(to_json_bytes(body), status, _NO_STORE, "application/json")
