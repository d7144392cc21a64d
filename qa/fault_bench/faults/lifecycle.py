"""Faults of models in memory, GPU figures, health, and clients that leave. The edge gets a GPU to tell of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qa.fault_bench.faults.seeded import CHAT, answering, fault
from qa.fault_bench.messages import KEY, MODEL, Answer, Asked, Change, Forward, honest, refusal, told

_STATUS = ("get_model_status",)
_GPU = ("get_gpu_status", "get_gpu_memory")
_PURGE = ("purge_gpu",)
_PLACES = 4
_SIMPLE = {"total_gb": 24.0, "used_gb": 6.0, "free_gb": 18.0, "percent_used": 25.0, "percent_free": 75.0}
_WHOLE = {
    "total_mb": 24576,
    "used_mb": 6144,
    "free_mb": 18432,
    "total_gb": 24.0,
    "used_gb": 6.0,
    "free_gb": 18.0,
    "percent_used": 25.0,
}
_FIGURES: dict[str, dict[str, Any]] = {
    "get_gpu_memory": {"memory": [_SIMPLE]},
    "purge_gpu": {
        "memory_before": {"used_gb": 6.0, "total_gb": 24.0, "percent_used": 25.0},
        "memory_after": {"used_gb": 0.6, "total_gb": 24.0, "percent_used": 2.5},
        "memory_freed_gb": 5.4,
    },
    "get_gpu_status": {
        "gpus": [
            {
                "index": 0,
                "name": "NVIDIA L4",
                "memory": _WHOLE,
                "utilization": {"gpu_percent": 12, "memory_percent": 3},
                "temperature_c": 41,
            }
        ],
        "total_gpus": 1,
    },
}


def with_gpu(asked: Asked, forward: Forward) -> Answer:
    """An edge with a GPU of 24 GiB: right figures, for faults to spoil."""
    answer = forward(asked)
    figures = _FIGURES.get(asked.operation)
    return answer.with_json({**answer.json, **figures}) if figures and answer.good else answer


def _figures(name: str, what: str, on: tuple[str, ...], spoil: Any) -> None:
    changed = answering(on, lambda _, body: spoil(body))
    fault(name, "lifecycle", what, on=on)(lambda asked, forward: changed(asked, lambda it: with_gpu(it, forward)))


def _answer(name: str, what: str, on: tuple[str, ...], spoil: Any) -> None:
    fault(name, "lifecycle", what, on=on)(answering(on, lambda _, body: spoil(body)))


def _memory(**changes: Any) -> Any:
    """Changes figures of each GPU's memory, in either answer."""

    def spoil(body: Any) -> None:
        memories = body["memory"] if "memory" in body else [gpu["memory"] for gpu in body["gpus"]]
        for place, memory in enumerate(memories):
            memories[place] = memory
            memory.update({name: change(memory[name]) for name, change in changes.items() if name in memory})

    return spoil


def _deaf(operation: str, done: Any) -> Change:
    """The operation does nothing and says that it did."""

    def changed(asked: Asked, forward: Forward) -> Answer:
        body = asked.json
        fine = asked.header("authorization") == f"Bearer {KEY}" and asked.header("content-type") == "application/json"
        fine = fine and body.get("model_name") == MODEL and isinstance(body.get("force_reload", False), bool)
        if asked.operation != operation or not fine:
            return forward(asked)
        return told(200, done(body))

    return changed


def _done(body: Any, **more: Any) -> dict[str, Any]:
    return {"status": "success", "model": body.get("model_name", ""), "message": "Done.", **more}


def _freed(body: Any) -> None:
    body["memory_freed_gb"] += 3


def _half(fraction: float) -> float:
    return fraction / 100


def _no_zone(body: Any) -> None:
    body["timestamp"] = body["timestamp"].rstrip("Z")


def _last_month(body: Any) -> None:
    body["timestamp"] = "2025-01-31T12:00:00Z"


def _sick(body: Any) -> None:
    body.update(status="healthy", backend={"healthy": False})


def _one_more(body: Any) -> None:
    body["loaded"] = [*body["loaded"], "a-model-of-yesterday"]


def _all_idle(body: Any) -> None:
    body["loading_status"] = dict.fromkeys(body["loading_status"], "unloaded")


def _twice_listed(body: Any) -> None:
    body["data"].append(body["data"][0])


fault("L01", "lifecycle", "A load is told and not done.", on=("load_model", *_STATUS))(
    _deaf("load_model", lambda body: _done(body, force_reload=bool(body.get("force_reload"))))
)
fault("L02", "lifecycle", "An unload has no effect.", on=("unload_model", *_STATUS))(_deaf("unload_model", _done))
_answer(
    "L03",
    "The count of unloaded models is wrong.",
    ("unload_all_models",),
    lambda body: body.update(total_unloaded=body["total_unloaded"] + 1),
)
_answer("L04", "The list and the states of models disagree.", _STATUS, _all_idle)
_figures("L05", "Percentages are fractions.", _GPU, _memory(percent_used=_half, percent_free=_half))
_figures("L06", "Used and free are not the total.", _GPU, _memory(free_gb=lambda free: free - 5))
_figures("L07", "A purge counts more freed than there was.", _PURGE, _freed)
_figures("L09", "There are more GPUs than are told.", _GPU[:1], lambda body: body.update(total_gpus=8))
_figures("L10", "Both answers tell of other GPUs.", _GPU[1:], _memory(total_gb=lambda all_: all_ * 2))
_answer("L11", "A time has no zone.", ("health", *_GPU), _no_zone)
_answer("L12", "A healthy edge has a backend that is not.", ("health",), _sick)
_answer("L13", "A model is loaded that is not listed.", _STATUS, _one_more)
_answer("L15", "A model is listed twice.", ("list_models",), _twice_listed)
_answer("L16", "A purge names nothing of what it unloaded.", _PURGE, lambda body: body.update(models_unloaded=[]))
_answer("L18", "Loading tells of another model.", ("load_model",), lambda body: body.update(model="llama-3.1-70b"))
_answer("L19", "A state is of last year.", ("health",), _last_month)
_answer("L20", "Health is told in another word.", ("health",), lambda body: body.update(status="ok"))


@fault("L14", "lifecycle", "An unknown model is loaded.", on=("load_model",))
def unknown_loaded(asked: Asked, forward: Forward) -> Answer:
    answer = forward(asked)
    missing = asked.operation == "load_model" and answer.status == 404
    return told(200, _done(asked.json, force_reload=False)) if missing else answer


@fault("L17", "lifecycle", "A client that leaves keeps its place.", on=CHAT)
def places_kept(asked: Asked, forward: Forward) -> Answer:
    full = asked.left >= _PLACES and asked.operation == "chat_completion"
    return refusal(429, "rate_limit_error").with_header("retry-after", "1") if full else honest(asked, forward)


@fault("L21", "lifecycle", "Unloading all leaves the models there.", on=("unload_all_models", *_STATUS))
def all_left(asked: Asked, forward: Forward) -> Answer:
    if asked.operation != "unload_all_models" or asked.header("authorization") != f"Bearer {KEY}":
        return forward(asked)
    status = forward(replace(asked, method="GET", target="/v1/models/status", body=b"")).json
    there = status["loaded"]
    done = {"status": "success", "unloaded_models": there, "errors": [], "total_unloaded": len(there)}
    return told(200, done)
