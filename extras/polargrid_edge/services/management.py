"""The edge itself: its models, its GPUs, its health."""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread
from starlette.responses import Response

from polargrid_edge import gpu, sources
from polargrid_edge.answers import Json, encoded, model_list, outcome, timestamp
from polargrid_edge.catalog import UnknownModelError
from polargrid_edge.errors import EdgeError
from polargrid_edge.failures import error_of

if TYPE_CHECKING:
    from polargrid_edge.call import Call
    from polargrid_edge.settings import EdgeSettings
    from polargrid_edge.workers import Workers
    from polargrid_generated.models import GPUPurgeRequest, LoadModelRequest, UnloadModelRequest

_GIB_PLACES: Final = 2


class NodeService:
    def __init__(self, settings: EdgeSettings, workers: Workers) -> None:
        self._settings = settings
        self._workers = workers
        self._runtime = "cuda" if gpu.read().gpus else "cpu"
        self._info = _info()  # read once: an edge without a file to spare must still tell its health

    async def list_models(self, call: Call[None]) -> Response:
        del call
        return _json(model_list(self._workers.catalog, self._settings.node))

    async def load_model(self, call: Call[LoadModelRequest]) -> Response:
        name, force = call.body.model_name, call.body.force_reload
        model = self._named(name)
        here = model in self._workers.loaded() and not force
        began = time.perf_counter()
        await self._run(call, lambda: self._workers.loader.load(model, force=force))
        message = "It was loaded already." if here else f"Loaded in {time.perf_counter() - began:.1f} s."
        return _json({"status": "success", "model": name, "force_reload": force, "message": message})

    async def unload_model(self, call: Call[UnloadModelRequest]) -> Response:
        name = call.body.model_name
        model = self._named(name)
        was_loaded = await self._run(call, lambda: self._workers.loader.unload(model))
        message = "Unloaded." if was_loaded else "It was not loaded."
        return _json({"status": "success", "model": name, "message": message})

    async def unload_all_models(self, call: Call[None]) -> Response:
        every = [model.id for model in self._workers.catalog.models]
        unloaded, errors = await self._run(call, lambda: self._unload(every))
        answer = {"status": outcome(unloaded, errors), "unloaded_models": unloaded, "errors": errors}
        return _json(answer | {"total_unloaded": len(unloaded)})

    async def get_model_status(self, call: Call[None]) -> Response:
        del call
        states = self._workers.loader.states()
        loaded = [model for model, state in states.items() if state == "loaded"]
        repository = str(self._settings.cache or sources.cache_directory())
        return _json({"loaded": loaded, "loading_status": states, "repository": repository})

    async def get_gpu_status(self, call: Call[None]) -> Response:
        del call
        return _json(gpu.status(await to_thread.run_sync(gpu.read), _now()))

    async def get_gpu_memory(self, call: Call[None]) -> Response:
        del call
        return _json(gpu.memory(await to_thread.run_sync(gpu.read), _now()))

    async def purge_gpu(self, call: Call[GPUPurgeRequest]) -> Response:
        return _json(await self._run(call, lambda: self._purge(force=call.body.force)))

    async def health(self, call: Call[None]) -> Response:
        del call
        healthy = self._workers.loader.states()[self._workers.catalog.default_chat] != "failed"
        return _json(
            {
                "status": "healthy" if healthy else "degraded",
                "node": self._settings.node,
                "runtime": self._runtime,
                "timestamp": _now(),
                "features": {"dynamic_loading": True, "huggingface_support": True},
                "backend": {"healthy": healthy, "info": self._info},
            }
        )

    def _named(self, name: str) -> str:
        """The id of a model by any of its names. Raises `EdgeError`."""
        try:
            return self._workers.catalog.resolve(name).id
        except UnknownModelError as unknown:
            raise EdgeError(404, unknown.message, "model_not_found", param="model_name") from None

    async def _run(self, call: Call[Any], work: Callable[[], Any]) -> Any:
        await call.closing.enter_async_context(self._workers.loading.turn())
        return await self._workers.loading.run(lambda _: work(), call.closing)

    def _unload(self, models: Iterable[str]) -> tuple[list[str], list[str]]:
        """Unloads those that are loaded; gives their ids, and what went wrong."""
        unloaded: list[str] = []
        errors: list[str] = []
        for model in models:
            try:
                if self._workers.loader.unload(model):
                    unloaded.append(model)
            except Exception as failure:  # noqa: BLE001  the other models are unloaded all the same
                errors.append(f"{model}: {error_of(failure).message}")
        return unloaded, errors

    def _purge(self, *, force: bool) -> Json:
        before = gpu.state(gpu.read().gpus)
        unloaded, errors = self._unload(self._workers.loaded() if force else self._workers.idle())
        after = gpu.state(gpu.read().gpus)
        return {
            "status": outcome(unloaded, errors),
            "timestamp": _now(),
            "actions": [f"unloaded {model}" for model in unloaded],
            "memory_before": before,
            "memory_after": after,
            "memory_freed_gb": round(before["used_gb"] - after["used_gb"], _GIB_PLACES),
            "models_unloaded": unloaded,
            "errors": errors,
            "recommendation": _recommendation(self._workers.loaded()),
        }


def _recommendation(still_loaded: list[str]) -> str:
    if not still_loaded:
        return "Nothing is loaded; models load when they are first asked for."
    return f"Still in memory: {', '.join(still_loaded)}. With force they are unloaded once their requests have ended."


def _info() -> Json:
    info: Json = {"name": "polargrid-edge", "extensions": []}
    with suppress(importlib.metadata.PackageNotFoundError):
        info["version"] = importlib.metadata.version("polargrid")
    return info


def _json(answer: Json) -> Response:
    return Response(encoded(answer), media_type="application/json")


def _now() -> str:
    return timestamp(datetime.now(UTC))
