"""Management of the edge: its models, its GPUs, its health."""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread
from starlette.responses import Response

from polargrid_edge.errors import EdgeError
from polargrid_edge.http.errors import to_error
from polargrid_edge.http.responses import Json, model_info, model_list, summarize, timestamp, to_json_bytes
from polargrid_edge.models import files
from polargrid_edge.models.catalog import UnknownModelError
from polargrid_edge.services import gpu

if TYPE_CHECKING:
    from polargrid_edge.models.pool import ModelPool
    from polargrid_edge.services.context import RequestContext
    from polargrid_edge.settings import EdgeSettings
    from polargrid_generated.models import GPUPurgeRequest, LoadModelRequest, UnloadModelRequest

_GIB_PLACES: Final = 2


class ManagementService:
    def __init__(self, settings: EdgeSettings, pool: ModelPool) -> None:
        self._settings = settings
        self._pool = pool
        self._runtime = "cuda" if gpu.read().gpus else "cpu"
        self._info = _build_info()  # read once: an edge without free file descriptors still reports its health

    async def list_models(self, context: RequestContext[None]) -> Response:
        del context
        return _json_response(model_list(self._pool.catalog, self._settings.node))

    async def retrieve_model(self, context: RequestContext[None]) -> Response:
        return _json_response(model_info(self._pool.catalog, context.parameters.model, self._settings.node))

    async def load_model(self, context: RequestContext[LoadModelRequest]) -> Response:
        name, force = context.body.model_name, context.body.force_reload
        model = self._resolve(name)
        already_loaded = model in self._pool.models_in_memory() and not force
        started = time.perf_counter()
        loaded = await self._run(context, lambda: self._pool.load(model, force=force))
        message = (
            "already loaded" if already_loaded or not loaded else f"loaded in {time.perf_counter() - started:.1f} s"
        )
        return _json_response({"status": "success", "model": name, "force_reload": force, "message": message})

    async def unload_model(self, context: RequestContext[UnloadModelRequest]) -> Response:
        name = context.body.model_name
        model = self._resolve(name)
        was_loaded = await self._run(context, lambda: self._pool.unload(model))
        message = "unloaded" if was_loaded else "not loaded"
        return _json_response({"status": "success", "model": name, "message": message})

    async def unload_all_models(self, context: RequestContext[None]) -> Response:
        models = [model.id for model in self._pool.catalog.models]
        unloaded, errors = await self._run(context, lambda: self._unload(models))
        body = {"status": summarize(unloaded, errors), "unloaded_models": unloaded, "errors": errors}
        return _json_response(body | {"total_unloaded": len(unloaded)})

    async def get_model_status(self, context: RequestContext[None]) -> Response:
        del context
        states = self._pool.states()
        loaded = [model for model, state in states.items() if state == "loaded"]
        repository = str(self._settings.cache or files.cache_directory())
        return _json_response({"loaded": loaded, "loading_status": states, "repository": repository})

    async def get_gpu_status(self, context: RequestContext[None]) -> Response:
        del context
        return _json_response(gpu.status_response(await to_thread.run_sync(gpu.read), _now()))

    async def get_gpu_memory(self, context: RequestContext[None]) -> Response:
        del context
        return _json_response(gpu.memory_response(await to_thread.run_sync(gpu.read), _now()))

    async def purge_gpu(self, context: RequestContext[GPUPurgeRequest]) -> Response:
        return _json_response(await self._run(context, lambda: self._purge(force=context.body.force)))

    async def health(self, context: RequestContext[None]) -> Response:
        del context
        healthy = self._pool.states()[self._pool.catalog.default_chat] != "failed"
        return _json_response(
            {
                "status": "healthy" if healthy else "degraded",
                "node": self._settings.node,
                "runtime": self._runtime,
                "timestamp": _now(),
                "features": {"dynamic_loading": True, "huggingface_support": True},
                "backend": {"healthy": healthy, "info": self._info},
            }
        )

    def _resolve(self, name: str) -> str:
        """Return the id of a model by any of its names. Raises `EdgeError`."""
        try:
            return self._pool.catalog.resolve(name).id
        except UnknownModelError as error:
            raise EdgeError(404, error.message, "model_not_found", param="model_name") from None

    async def _run(self, context: RequestContext[Any], work: Callable[[], Any]) -> Any:
        await context.closing.enter_async_context(self._pool.load_queue.slot())
        return await self._pool.load_queue.run(lambda _: work(), context.closing)

    def _unload(self, models: Iterable[str]) -> tuple[list[str], list[str]]:
        """Unload the models that are loaded; returns their ids and the errors."""
        unloaded: list[str] = []
        errors: list[str] = []
        for model in models:
            try:
                if self._pool.unload(model):
                    unloaded.append(model)
            except Exception as error:  # noqa: BLE001  the other models are unloaded nevertheless
                errors.append(f"{model}: {to_error(error).message}")
        return unloaded, errors

    def _purge(self, *, force: bool) -> Json:
        before = gpu.total_memory(gpu.read().gpus)
        unloaded, errors = self._unload(self._pool.models_in_memory() if force else self._pool.idle_models())
        after = gpu.total_memory(gpu.read().gpus)
        return {
            "status": summarize(unloaded, errors),
            "timestamp": _now(),
            "actions": [f"unloaded {model}" for model in unloaded],
            "memory_before": before,
            "memory_after": after,
            "memory_freed_gb": round(before["used_gb"] - after["used_gb"], _GIB_PLACES),
            "models_unloaded": unloaded,
            "errors": errors,
            "recommendation": _recommendation(self._pool.models_in_memory()),
        }


def _recommendation(still_loaded: list[str]) -> str:
    if not still_loaded:
        return "no model is loaded; the first request for a model loads it"
    return f"still loaded: {', '.join(still_loaded)}; with force they are unloaded once their requests end"


def _build_info() -> Json:
    info: Json = {"name": "polargrid-edge", "extensions": []}
    with suppress(importlib.metadata.PackageNotFoundError):
        info["version"] = importlib.metadata.version("polargrid")
    return info


def _json_response(body: Json) -> Response:
    return Response(to_json_bytes(body), media_type="application/json")


def _now() -> str:
    return timestamp(datetime.now(UTC))
