"""The checks of loading, GPU figures and health: a server in memory keeps them, each fault breaks one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from polargrid_contract.check import checks
from polargrid_contract.checks.gpu_health import wrong_memory
from polargrid_contract.conduct import conduct
from polargrid_contract.server import Server, Target

MODULES = ("lifecycle", "gpu_health")
CHECKS = [check for check in checks() if check.run.__module__.rpartition(".")[2] in MODULES]
Change = Callable[[str, dict[str, Any]], object]
GB = 1024


class Site:
    """An edge with two models and a GPU; `change` spoils its answers, `deaf` names paths that do nothing."""

    def __init__(self, change: Change = lambda _path, _answer: None, deaf: tuple[str, ...] = ()) -> None:
        self.loaded = {"ear"}
        self.change, self.deaf = change, deaf

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        asked = json.loads(request.content or b"{}")
        if asked.get("model_name", "chat") not in {"chat", "ear"}:
            return self._answer(404, {"error": {"message": "no such model"}})
        told = getattr(self, path.removeprefix("/v1/").replace("/", "_").replace("-", "_"))(asked)
        self.change(path, told)
        return self._answer(200, told)

    def _answer(self, status: int, told: dict[str, Any]) -> httpx.Response:
        headers = {"content-type": "application/json"}
        return httpx.Response(status, stream=httpx.ByteStream(json.dumps(told).encode()), headers=headers)

    def models(self, _: Any) -> dict[str, Any]:
        kinds = {"chat": "chat", "ear": "speech-to-text"}
        return {"object": "list", "data": [{"id": name, "pg_model_type": kind} for name, kind in kinds.items()]}

    def models_status(self, _: Any) -> dict[str, Any]:
        states = {name: "loaded" if name in self.loaded else "unloaded" for name in ("chat", "ear")}
        return {"loaded": sorted(self.loaded), "loading_status": states, "repository": "/models"}

    def models_load(self, asked: Any) -> dict[str, Any]:
        if "load" not in self.deaf:
            self.loaded.add(asked["model_name"])
        force = asked.get("force_reload", False)
        return {"status": "success", "model": asked["model_name"], "force_reload": force, "message": "Loaded."}

    def models_unload(self, asked: Any) -> dict[str, Any]:
        if "unload" not in self.deaf:
            self.loaded.discard(asked["model_name"])
        return {"status": "success", "model": asked["model_name"], "message": "Unloaded."}

    def models_unload_all(self, _: Any) -> dict[str, Any]:
        before, self.loaded = sorted(self.loaded), self.loaded if "unload all" in self.deaf else set()
        return {"status": "success", "unloaded_models": before, "errors": [], "total_unloaded": len(before)}

    def chat_completions(self, asked: Any) -> dict[str, Any]:
        self.loaded.add(asked["model"])
        return {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}]}

    def gpu_purge(self, _: Any) -> dict[str, Any]:
        before, unloaded = self._used(), sorted(self.loaded)
        self.loaded = self.loaded if "purge" in self.deaf else set()
        after = self._used()
        states = {
            name: {"used_gb": used, "total_gb": 24.0, "percent_used": round(used / 24 * 100, 2)}
            for name, used in (("memory_before", before), ("memory_after", after))
        }
        done = {"status": "success", "models_unloaded": unloaded, "errors": [], "actions": [], "recommendation": ""}
        return {**done, **states, "memory_freed_gb": round(before - after, 2), "timestamp": self._now()}

    def gpu_status(self, _: Any) -> dict[str, Any]:
        used = int(self._used() * GB)
        memory = {"total_mb": 24 * GB, "used_mb": used, "free_mb": 24 * GB - used, **self._gb()}
        gpu = {"index": 0, "name": "GPU", "memory": memory}
        return {"status": "success", "timestamp": self._now(), "gpus": [gpu], "processes": [], "total_gpus": 1}

    def gpu_memory(self, _: Any) -> dict[str, Any]:
        memory = {**self._gb(), "percent_free": round(100 - self._gb()["percent_used"], 2)}
        return {"status": "success", "timestamp": self._now(), "memory": [memory]}

    def _health(self, _: Any) -> dict[str, Any]:
        return {"status": "healthy", "runtime": "cuda", "timestamp": self._now(), "backend": {"healthy": True}}

    def _used(self) -> float:
        return 0.5 + 4.0 * len(self.loaded)

    def _gb(self) -> dict[str, float]:
        used = self._used()
        return {"total_gb": 24.0, "used_gb": used, "free_gb": 24 - used, "percent_used": round(used / 24 * 100, 2)}

    @staticmethod
    def _now() -> str:
        return datetime.now(UTC).isoformat()


def _broken(site: Site) -> set[str]:
    server = Server(Target("http://edge", "pg_local"))
    server.client.close()
    server.client = httpx.Client(transport=httpx.MockTransport(site))
    return {outcome.check for outcome in conduct(server, CHECKS) if outcome.verdict != "kept"}


@pytest.fixture(scope="module")
def server(edge) -> Iterator[Server]:
    """The edge as it is."""
    asked = Server(Target(edge.url, "pg_local", models={"chat": "smollm2-135m"}))
    yield asked
    asked.close()


@pytest.mark.parametrize("name", [check.name for check in CHECKS])
def test_the_local_edge_keeps_it(server, name):
    """No false alarm on an edge without a GPU."""
    (outcome,) = conduct(server, [check for check in CHECKS if check.name == name])
    assert outcome.verdict == "kept", outcome.faults


def test_a_right_server_keeps_all():
    """No false alarm on an edge with a GPU; what was loaded is loaded at the end."""
    site = Site()
    assert _broken(site) == set()
    assert "ear" in site.loaded


def test_read_only_changes_nothing():
    """No model is loaded or unloaded, and what can be asked is asked."""
    site = Site()
    server = Server(Target("http://edge", "pg_local", read_only=True))
    server.client = httpx.Client(transport=httpx.MockTransport(site))
    verdicts = {outcome.check: outcome.verdict for outcome in conduct(server, CHECKS)}
    assert site.loaded == {"ear"}
    assert verdicts["status-agrees"] == "kept"
    assert verdicts["unload-takes-effect"] == "not run"


@pytest.mark.parametrize(
    ("deaf", "name"),
    [
        ("load", "load-is-told"),
        ("unload", "unload-takes-effect"),
        ("unload all", "unload-all-counts"),
        ("purge", "purge-takes-effect"),
    ],
)
def test_an_answer_without_effect_is_told(deaf, name):
    """Success is said and nothing is done."""
    assert name in _broken(Site(deaf=(deaf,)))


def _at(path: str, **fields: Any) -> Change:
    return lambda asked, answer: answer.update(fields) if asked == path else None


def _fractions(path: str, answer: dict[str, Any]) -> None:
    for memory in [
        *answer.get("memory", []),
        answer.get("memory_before"),
        *(g["memory"] for g in answer.get("gpus", [])),
    ]:
        if memory:
            memory["percent_used"] /= 100


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (_at("/v1/models/load", model="ear"), "load-is-told"),
        (_at("/v1/models/load", force_reload=False), "load-is-told"),
        (_at("/v1/models/unload", model="ear"), "unload-takes-effect"),
        (_at("/v1/models/unload-all", total_unloaded=7), "unload-all-counts"),
        (_at("/v1/models/unload-all", unloaded_models=["chat"], total_unloaded=1), "unload-all-counts"),
        (_at("/v1/models/status", loaded=["chat"]), "status-agrees"),
        (_at("/v1/models/status", loaded=["ghost"], loading_status={"ghost": "loaded"}), "status-models-are-listed"),
        (_at("/v1/chat/completions", choices=None), "unloaded-is-served-or-refused"),
        (_at("/v1/gpu/purge", models_unloaded=[]), "purge-takes-effect"),
        (_at("/v1/gpu/purge", memory_freed_gb=1.0), "purge-figures"),
        (_at("/v1/gpu/status", total_gpus=2), "gpu-answers-agree"),
        (_at("/v1/gpu/memory", memory=[]), "gpu-answers-agree"),
        (_fractions, "gpu-figures"),
        (_fractions, "purge-figures"),
        (_at("/v1/gpu/status", timestamp="2020-01-01T00:00:00Z"), "timestamps-are-now"),
        (_at("/health", timestamp="1790000000"), "timestamps-are-now"),
        (_at("/health", status="ok"), "health-is-quick"),
    ],
)
def test_a_fault_breaks_its_check(change, name):
    """What does not agree is told under its rule."""
    assert name in _broken(Site(change))


def test_a_fraction_of_a_little_is_told():
    """Even of a GPU that is nearly empty."""
    memory = {"total_mb": 24576, "used_mb": 350, "free_mb": 24226, "percent_used": 0.0142}
    assert list(wrong_memory(memory))


@pytest.mark.parametrize(
    "memory",
    [
        {"total_gb": 22.5, "used_gb": 8.0, "free_gb": 14.5, "percent_used": 35.6, "percent_free": 64.4},
        {"total_gb": 2.0, "used_gb": 0.1, "free_gb": 1.9, "percent_used": 6.5},
        {"total_gb": 0, "used_gb": 0, "percent_used": 0},
        {"total_mb": 23034, "used_mb": 8192, "free_mb": 14500, "percent_used": 36},
    ],
)
def test_rounding_is_no_fault(memory):
    """Figures rounded to one place, and memory that the driver keeps to itself."""
    assert not list(wrong_memory(memory))
