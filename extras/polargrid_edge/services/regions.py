"""The regions that a client can see: the edge is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from polargrid_edge.http.responses import Json, to_json_bytes

if TYPE_CHECKING:
    from polargrid_edge.models.catalog import Model
    from polargrid_edge.models.loader import State
    from polargrid_edge.models.pool import ModelPool
    from polargrid_edge.services.context import RequestContext
    from polargrid_edge.settings import EdgeSettings

_NAME: Final = "Local edge"
_ROUTE_SECONDS: Final = 300
# A model that is not in memory is available: its first request loads it.
_MODEL_STATUS: Final[Mapping[State, str]] = {
    "loaded": "available",
    "unloaded": "available",
    "loading": "loading",
    "failed": "unavailable",
}


class RegionService:
    def __init__(self, settings: EdgeSettings, pool: ModelPool) -> None:
        self._settings = settings
        self._pool = pool

    async def get_status(self, context: RequestContext[None]) -> Response:
        del context
        states = self._pool.states()
        status = "healthy" if states[self._pool.catalog.default_chat] != "failed" else "degraded"
        models = [self._describe(model, states[model.id]) for model in self._pool.catalog.models]
        region = {"region": self._settings.node, "status": status, "models": models}
        return Response(to_json_bytes({"status": status, "regions": [region]}), media_type="application/json")

    async def get_route(self, context: RequestContext[None]) -> Response:
        model = context.parameters.model
        if model is not None:
            self._pool.catalog.resolve(model)
        route = {
            "region": self._settings.node,
            "endpoint": context.base_url,
            "name": _NAME,
            "ttl": _ROUTE_SECONDS,
        }
        return Response(to_json_bytes(route), media_type="application/json")

    def _describe(self, model: Model, state: State) -> Json:
        return {
            "model_id": model.id,
            "status": _MODEL_STATUS[state],
            "instances": int(state == "loaded"),
            "avg_latency_ms": round(self._pool.mean_seconds(model.id) * 1000),
            "queue_depth": self._pool.queue(model).waiting,
        }
