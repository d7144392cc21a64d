"""Faults of loaded models, GPU figures, health, and disconnects. The edge gets GPU figures to modify."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from qa.fault_bench.faults.seeded import CHAT, change_json, fault
from qa.fault_bench.messages import (
    KEY,
    MODEL,
    Change,
    Forward,
    Request,
    Response,
    build_error,
    build_response,
    forward_unchanged,
)

_STATUS = ("get_model_status",)
_GPU = ("get_gpu_status", "get_gpu_memory")
_PURGE = ("purge_gpu",)
_SLOTS = 4
_SIMPLE_MEMORY = {"total_gb": 24.0, "used_gb": 6.0, "free_gb": 18.0, "percent_used": 25.0, "percent_free": 75.0}
_MEMORY = {
    "total_mb": 24576,
    "used_mb": 6144,
    "free_mb": 18432,
    "total_gb": 24.0,
    "used_gb": 6.0,
    "free_gb": 18.0,
    "percent_used": 25.0,
}
_GPU_FIELDS: dict[str, dict[str, Any]] = {
    "get_gpu_memory": {"memory": [_SIMPLE_MEMORY]},
    "purge_gpu": {  # the memory is that of another program, so a purge frees none of it
        "memory_before": {"used_gb": 6.0, "total_gb": 24.0, "percent_used": 25.0},
        "memory_after": {"used_gb": 6.0, "total_gb": 24.0, "percent_used": 25.0},
        "memory_freed_gb": 0.0,
    },
    "get_gpu_status": {
        "gpus": [
            {
                "index": 0,
                "name": "NVIDIA L4",
                "memory": _MEMORY,
                "utilization": {"gpu_percent": 12, "memory_percent": 3},
                "temperature_c": 41,
            }
        ],
        "total_gpus": 1,
    },
}
Modify = Callable[[Any], Any]


def add_gpu(request: Request, forward: Forward) -> Response:
    """Add consistent figures of a GPU with 24 GiB."""
    response = forward(request)
    fields = _GPU_FIELDS.get(request.operation)
    return response.with_json({**response.json, **fields}) if fields and response.is_success else response


def _figures(name: str, description: str, on: tuple[str, ...], modify: Modify) -> None:
    change = change_json(on, lambda _, body: modify(body))

    def apply(request: Request, forward: Forward) -> Response:
        return change(request, lambda forwarded: add_gpu(forwarded, forward))

    fault(name, "lifecycle", description, on=on)(apply)


def _response(name: str, description: str, on: tuple[str, ...], modify: Modify) -> None:
    fault(name, "lifecycle", description, on=on)(change_json(on, lambda _, body: modify(body)))


def _modify_memory(**changes: Callable[[float], float]) -> Modify:
    """Modify figures of the memory of each GPU, in either response."""

    def modify(body: Any) -> None:
        memories = body["memory"] if "memory" in body else [gpu["memory"] for gpu in body["gpus"]]
        for memory in memories:
            memory.update({name: change(memory[name]) for name, change in changes.items() if name in memory})

    return modify


def _ignore_request(operation: str, build_body: Callable[[Any], Any]) -> Change:
    """Respond to a valid request with success and do nothing."""

    def apply(request: Request, forward: Forward) -> Response:
        body = request.json
        is_authenticated = request.header("authorization") == f"Bearer {KEY}"
        is_json = request.header("content-type") == "application/json"
        is_valid = body.get("model_name") == MODEL and isinstance(body.get("force_reload", False), bool)
        if request.operation == operation and is_authenticated and is_json and is_valid:
            return build_response(200, build_body(body))
        return forward(request)

    return apply


def _build_success(body: Any, **fields: Any) -> dict[str, Any]:
    return {"status": "success", "model": body.get("model_name", ""), "message": "Done.", **fields}


def _increase_freed(body: Any) -> None:
    body["memory_freed_gb"] += 3


def _as_fraction(percent: float) -> float:
    return percent / 100


def _drop_zone(body: Any) -> None:
    body["timestamp"] = body["timestamp"].rstrip("Z")


def _use_old_timestamp(body: Any) -> None:
    body["timestamp"] = "2025-01-31T12:00:00Z"


def _contradict_backend(body: Any) -> None:
    body.update(status="healthy", backend={"healthy": False})


def _add_loaded_model(body: Any) -> None:
    body["loaded"] = [*body["loaded"], "an-unlisted-model"]


def _mark_all_unloaded(body: Any) -> None:
    body["loading_status"] = dict.fromkeys(body["loading_status"], "unloaded")


def _repeat_model(body: Any) -> None:
    body["data"].append(body["data"][0])


def _increase_count(body: Any) -> None:
    body["total_unloaded"] += 1


fault("L01", "lifecycle", "A load has no effect.", on=("load_model", *_STATUS))(
    _ignore_request("load_model", lambda body: _build_success(body, force_reload=bool(body.get("force_reload"))))
)
fault("L02", "lifecycle", "An unload has no effect.", on=("unload_model", *_STATUS))(
    _ignore_request("unload_model", _build_success)
)
_response("L03", "The count of unloaded models is wrong.", ("unload_all_models",), _increase_count)
_response("L04", "The list and the states of models are inconsistent.", _STATUS, _mark_all_unloaded)
_figures(
    "L05", "Percentages are fractions.", _GPU, _modify_memory(percent_used=_as_fraction, percent_free=_as_fraction)
)
_figures("L06", "Used and free do not add up to the total.", _GPU, _modify_memory(free_gb=lambda free: free - 5))
_figures("L07", "A purge reports more freed memory than was used.", _PURGE, _increase_freed)
_figures("L09", "total_gpus is larger than the list of GPUs.", _GPU[:1], lambda body: body.update(total_gpus=8))
_figures(
    "L10", "Both GPU responses describe different GPUs.", _GPU[1:], _modify_memory(total_gb=lambda total: total * 2)
)
_response("L11", "A timestamp has no zone.", ("health", *_GPU), _drop_zone)
_response("L12", "A healthy edge has an unhealthy backend.", ("health",), _contradict_backend)
_response("L13", "A loaded model is not listed.", _STATUS, _add_loaded_model)
_response("L15", "A model is listed twice.", ("list_models",), _repeat_model)
_response("L16", "A purge does not list what it unloaded.", _PURGE, lambda body: body.update(models_unloaded=[]))
_response("L18", "A load names another model.", ("load_model",), lambda body: body.update(model="llama-3.1-70b"))
_response("L19", "A timestamp is of last year.", ("health",), _use_old_timestamp)
_response("L20", "The health status is unknown.", ("health",), lambda body: body.update(status="ok"))


@fault("L14", "lifecycle", "An unknown model is loaded.", on=("load_model",))
def load_unknown_model(request: Request, forward: Forward) -> Response:
    response = forward(request)
    is_unknown = request.operation == "load_model" and response.status == 404
    return build_response(200, _build_success(request.json, force_reload=False)) if is_unknown else response


@fault("L17", "lifecycle", "A disconnect does not free its slot.", on=CHAT)
def block_slots(request: Request, forward: Forward) -> Response:
    if request.traffic.disconnects >= _SLOTS and request.operation == "chat_completion":
        return build_error(429, "rate_limit_error").with_header("retry-after", "1")
    return forward_unchanged(request, forward)


@fault("L21", "lifecycle", "Unloading all models has no effect.", on=("unload_all_models", *_STATUS))
def ignore_unload_all(request: Request, forward: Forward) -> Response:
    if request.operation != "unload_all_models" or request.header("authorization") != f"Bearer {KEY}":
        return forward(request)
    loaded = forward(replace(request, method="GET", target="/v1/models/status", body=b"")).json["loaded"]
    body = {"status": "success", "unloaded_models": loaded, "errors": [], "total_unloaded": len(loaded)}
    return build_response(200, body)
