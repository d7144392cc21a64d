"""Load and unload models of upstream servers, where they can: by what each kind offers. Used on the I/O thread."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterable
from typing import Any, Final

from polargrid_edge.errors import EdgeError
from polargrid_edge.upstream.discovery import RemoteModel, read_models, read_state
from polargrid_edge.upstream.errors import UpstreamError, unavailable_error
from polargrid_edge.upstream.server import UnreachableError, UpstreamServer

Json = dict[str, Any]

# What servers respond where a function is not built in or not enabled.
_MISSING: Final = (403, 404, 405, 501)
# The states of llama.cpp's router in which a model has a process.
_RUNNING: Final = ("loaded", "loading", "downloading", "sleeping")
_BEGINNING: Final = ("loading", "downloading")
_POLL_SECONDS: Final = 0.2
_LORA_HINT: Final = "start vLLM with VLLM_ALLOW_RUNTIME_LORA_UPDATING=True"


async def load(server: UpstreamServer, model: RemoteModel) -> bool:
    """Load a model; False if its server has it in memory at all times. Raises `EdgeError`."""
    if model.state is not None:
        return await _load_routed(server, model)
    if server.kind == "ollama":
        # It rejects /api/generate for a model that makes embeddings, and loads any model for no input.
        await _post(server, "/api/embed" if model.kind == "embedding" else "/api/generate", {"model": model.id})
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
        await _unload_routed(server, model)
    elif server.kind == "ollama":
        await _post(server, "/api/generate", {"model": model.id, "keep_alive": 0})
    elif server.kind == "vllm" and model.parent:
        if await _is_listed(server, model):
            await _post(server, "/v1/unload_lora_adapter", {"lora_name": model.id}, _LORA_HINT)
    elif server.kind == "vllm":
        hint = "start vLLM with --enable-sleep-mode and VLLM_SERVER_DEV_MODE=1"
        await _post(server, "/sleep?level=1", None, hint)
    else:
        raise refusal(server, model.id, "it keeps its models in memory until it ends")


async def _load_routed(server: UpstreamServer, model: RemoteModel) -> bool:
    """Load a model of llama.cpp's router, which responds before the model is in memory, and with 400 if it is."""
    if await _wait_while(server, model, _BEGINNING) in _RUNNING:
        return False
    await _post(server, "/models/load", {"model": model.id})
    if await _wait_while(server, model, _BEGINNING) not in _RUNNING:
        raise unavailable_error(server.name, f"could not load model {model.id!r}; see its log")
    return True


async def _unload_routed(server: UpstreamServer, model: RemoteModel) -> None:
    """Unload a model of llama.cpp's router, which responds before its process ends, and with 400 if it has none."""
    if await _wait_while(server, model, ()) in _RUNNING:
        await _post(server, "/models/unload", {"model": model.id})
        await _wait_while(server, model, _RUNNING)


async def _wait_while(server: UpstreamServer, model: RemoteModel, states: Collection[str]) -> str | None:
    """Wait until a model of a router has none of these states, and return the one that it has. Raises `EdgeError`."""
    state = model.state
    try:
        async with asyncio.timeout(server.source.timeout):
            while True:
                listed = read_models(await server.request("GET", "/v1/models"))
                state = next((read_state(item) for item in listed if item["id"] == model.id), None)
                if state not in states:
                    return state
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        reason = f"has model {model.id!r} still {state} after {server.source.timeout:g} s"
        raise unavailable_error(server.name, reason) from None


async def _load_adapter(server: UpstreamServer, model: RemoteModel) -> bool:
    if await _is_listed(server, model):
        return False
    body = {"lora_name": model.id, "lora_path": model.root or model.id}
    await _post(server, "/v1/load_lora_adapter", body, _LORA_HINT)
    return True


async def _is_listed(server: UpstreamServer, model: RemoteModel) -> bool:
    return any(item["id"] == model.id for item in read_models(await server.request("GET", "/v1/models")))


async def is_asleep(server: UpstreamServer) -> bool:
    """Whether vLLM sleeps, which it says only if sleeping is enabled."""
    try:
        return bool(json.loads(await server.request("GET", "/is_sleeping")).get("is_sleeping"))
    except UnreachableError:
        raise
    except (EdgeError, ValueError, AttributeError, RecursionError):
        return False


async def _post(server: UpstreamServer, path: str, body: Json | None, hint: str = "") -> None:
    content = None if body is None else json.dumps(body).encode()
    headers = None if body is None else {"content-type": "application/json"}
    try:
        await server.request("POST", path, content=content, headers=headers)
    except EdgeError as error:
        if (
            isinstance(error, UnreachableError)
            or not isinstance(error, UpstreamError)
            or error.upstream_status not in _MISSING
        ):
            raise
        reason = f"{hint or 'it has no such function'} (HTTP {error.upstream_status}: {error.message})"
        raise refusal(server, str((body or {}).get("model", "")), reason) from None


def refusal(server: UpstreamServer, model: str, reason: str) -> EdgeError:
    """The error of what a server cannot do."""
    named = f" model {model!r}" if model else ""
    return EdgeError(409, f"{server.name} cannot load or unload{named}: {reason}", "not_supported")


async def read_states(server: UpstreamServer, models: Iterable[RemoteModel]) -> dict[str, str]:
    """The states of the models of a healthy server by their names there: loaded, loading or unloaded.

    Raises `EdgeError`, or `ValueError` for a response in another form.
    """
    listed = read_models(await server.request("GET", "/v1/models"))
    states = {item["id"]: _STATES.get(read_state(item) or "loaded", "unloaded") for item in listed}
    if server.kind == "ollama":
        running = read_running(await server.request("GET", "/api/ps"))
        states = {name: "loaded" if name in running else "unloaded" for name in states}
    if server.kind == "vllm":
        # An adapter that is unloaded is not in the list.
        states |= {model.id: "unloaded" for model in models if model.parent and model.id not in states}
        if await is_asleep(server):
            states = dict.fromkeys(states, "unloaded")
    return states


def read_running(body: bytes) -> set[str]:
    """The names of the models that Ollama has in memory. Raises `ValueError`."""
    try:
        value = json.loads(body)
    except RecursionError:
        raise ValueError("JSON is nested too deeply") from None
    match value:
        case {"models": [*items]}:
            return {str(item.get("name")) for item in items if isinstance(item, dict)}
        case {"models": None}:
            return set()
        case other:
            raise ValueError(f"expected a list of models, not {other!r:.80}")


_STATES: Final = {"loaded": "loaded", "loading": "loading", "downloading": "loading"}
