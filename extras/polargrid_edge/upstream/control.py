"""Load and unload models of upstream servers, where they can: by what each kind offers. Used on the I/O thread."""

from __future__ import annotations

import json
from typing import Any, Final

from polargrid_edge.errors import EdgeError
from polargrid_edge.upstream.discovery import RemoteModel, read_models, read_state
from polargrid_edge.upstream.errors import UpstreamError
from polargrid_edge.upstream.server import UnreachableError, UpstreamServer

Json = dict[str, Any]

# What servers respond where a function is not built in or not enabled.
_MISSING: Final = (403, 404, 405, 501)


async def load(server: UpstreamServer, model: RemoteModel) -> bool:
    """Load a model; False if its server has it in memory at all times. Raises `EdgeError`."""
    if model.state is not None:
        await _post(server, "/models/load", {"model": model.id})
    elif server.kind == "ollama":
        await _post(server, "/api/generate", {"model": model.id})
    elif server.kind == "vllm" and model.parent:
        return await _load_adapter(server, model)
    elif server.kind == "vllm" and await is_asleep(server):
        await _post(server, "/wake_up", None)
    else:
        return False
    return True


async def unload(server: UpstreamServer, model: RemoteModel) -> None:
    """Unload a model. Raises `EdgeError`: 409 if its server cannot do that."""
    if model.state is not None:
        await _post(server, "/models/unload", {"model": model.id})
    elif server.kind == "ollama":
        await _post(server, "/api/generate", {"model": model.id, "keep_alive": 0})
    elif server.kind == "vllm" and model.parent:
        hint = "start vLLM with VLLM_ALLOW_RUNTIME_LORA_UPDATING=True"
        await _post(server, "/v1/unload_lora_adapter", {"lora_name": model.id}, hint)
    elif server.kind == "vllm":
        hint = "start vLLM with --enable-sleep-mode and VLLM_SERVER_DEV_MODE=1"
        await _post(server, "/sleep?level=1", None, hint)
    else:
        raise refusal(server, model.id, "it keeps its models in memory until it ends")


async def _load_adapter(server: UpstreamServer, model: RemoteModel) -> bool:
    listed = read_models(await server.request("GET", "/v1/models"))
    if any(item["id"] == model.id for item in listed):
        return False
    hint = "start vLLM with VLLM_ALLOW_RUNTIME_LORA_UPDATING=True"
    await _post(server, "/v1/load_lora_adapter", {"lora_name": model.id, "lora_path": model.root or model.id}, hint)
    return True


async def is_asleep(server: UpstreamServer) -> bool:
    """Whether vLLM sleeps, which it says only if sleeping is enabled."""
    try:
        return bool(json.loads(await server.request("GET", "/is_sleeping")).get("is_sleeping"))
    except UnreachableError:
        raise
    except (EdgeError, ValueError, AttributeError):
        return False


async def _post(server: UpstreamServer, path: str, body: Json | None, hint: str = "") -> None:
    content = {} if body is None else {"json": body}
    try:
        await server.request("POST", path, **content)
    except EdgeError as error:
        if (
            isinstance(error, UnreachableError)
            or not isinstance(error, UpstreamError)
            or error.upstream_status not in _MISSING
        ):
            raise
        raise refusal(server, str((body or {}).get("model", "")), hint or "it has no such function") from None


def refusal(server: UpstreamServer, model: str, reason: str) -> EdgeError:
    """The error of what a server cannot do."""
    named = f" model {model!r}" if model else ""
    return EdgeError(409, f"{server.name} cannot load or unload{named}: {reason}", "not_supported")


async def read_states(server: UpstreamServer) -> dict[str, str]:
    """The states of the models of a healthy server by their names there: loaded, loading or unloaded."""
    listed = read_models(await server.request("GET", "/v1/models"))
    states = {item["id"]: _STATES.get(read_state(item) or "loaded", "unloaded") for item in listed}
    if server.kind == "ollama":
        running = json.loads(await server.request("GET", "/api/ps")).get("models") or ()
        names = {str(item.get("name")) for item in running}
        states = {name: "loaded" if name in names else "unloaded" for name in states}
    if server.kind == "vllm" and await is_asleep(server):
        states = dict.fromkeys(states, "unloaded")
    return states


_STATES: Final = {"loaded": "loaded", "loading": "loading", "downloading": "loading"}
