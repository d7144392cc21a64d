"""The checks of loading, GPU figures and health: a made server passes, a seeded fault fails one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from polargrid_contract.checks.gpu import find_memory_errors
from tests.contract.changes import names_in, run, run_one

# Without the one that needs a text which takes time: the tests of times have it.
NAMES = [it for it in names_in("lifecycle", "lifecycle_others", "gpu", "health") if it != "health-while-generating"]
Change = Callable[[str, dict[str, Any]], object]
GB = 1024
_NAMING_PATHS = ("/v1/models/load", "/v1/models/unload")


class MadeServer:
    """A server with two models and a GPU. `change` modifies its responses, operations in `ignored` have no effect."""

    def __init__(self, change: Change = lambda _path, _body: None, ignored: tuple[str, ...] = ()) -> None:
        self.loaded = {"whisper"}
        self._change, self._ignored = change, ignored

    def send(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        fields = json.loads(request.content or b"{}")
        if path in _NAMING_PATHS and "model_name" not in fields:
            return self.reject(400, path)
        if fields.get("model_name", "chat") not in {"chat", "whisper"}:
            return self.reject(404, path)
        body = getattr(self, path.removeprefix("/v1/").replace("/", "_").replace("-", "_"))(fields)
        self._change(path, body)
        return httpx.Response(200, json=body)

    def reject(self, status: int, _path: str) -> httpx.Response:
        return httpx.Response(status, json={"error": {"message": "no such model"}})

    def models(self, _: Any) -> dict[str, Any]:
        kinds = {"chat": "chat", "whisper": "speech-to-text"}
        return {"object": "list", "data": [{"id": name, "pg_model_type": kind} for name, kind in kinds.items()]}

    def models_status(self, _: Any) -> dict[str, Any]:
        states = {name: "loaded" if name in self.loaded else "unloaded" for name in ("chat", "whisper")}
        return {"loaded": sorted(self.loaded), "loading_status": states, "repository": "/models"}

    def models_load(self, fields: Any) -> dict[str, Any]:
        if "load" not in self._ignored:
            self.loaded.add(fields["model_name"])
        force = fields.get("force_reload", False)
        return {"status": "success", "model": fields["model_name"], "force_reload": force, "message": "Loaded."}

    def models_unload(self, fields: Any) -> dict[str, Any]:
        if "unload" not in self._ignored:
            self.loaded.discard(fields["model_name"])
        return {"status": "success", "model": fields["model_name"], "message": "Unloaded."}

    def models_unload_all(self, _: Any) -> dict[str, Any]:
        before, self.loaded = sorted(self.loaded), self.loaded if "unload all" in self._ignored else set()
        return {"status": "success", "unloaded_models": before, "errors": [], "total_unloaded": len(before)}

    def chat_completions(self, fields: Any) -> dict[str, Any]:
        self.loaded.add(fields["model"])
        return {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}]}

    def gpu_purge(self, _: Any) -> dict[str, Any]:
        before, unloaded = self._used(), sorted(self.loaded)
        self.loaded = self.loaded if "purge" in self._ignored else set()
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
        utilization = {"gpu_percent": 0, "memory_percent": 0}
        gpu = {"index": 0, "name": "GPU", "memory": memory, "utilization": utilization, "temperature_c": 40}
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


def failed_checks(server: MadeServer) -> set[str]:
    return {outcome.check for outcome in run(server.send, NAMES, models={}) if outcome.status != "passed"}


def test_a_correct_server_passes():
    """With a GPU no check reports a violation, and models that were loaded before are loaded afterwards."""
    server = MadeServer()
    assert failed_checks(server) == set()
    assert "whisper" in server.loaded


def test_a_server_without_a_gpu_passes():
    """Empty lists are consistent."""
    fields = {"gpus": [], "total_gpus": 0}

    def remove_gpus(path: str, body: dict[str, Any]) -> None:
        body.update({"/v1/gpu/status": fields, "/v1/gpu/memory": {"memory": []}}.get(path, {}))

    assert failed_checks(MadeServer(remove_gpus)) == {"gpu-figures-steady"}  # skipped


def test_a_read_only_target_is_not_changed():
    """No model is loaded or unloaded; checks that only read are run."""
    server = MadeServer()
    outcomes = run(server.send, NAMES, models={}, read_only=True)
    statuses = {outcome.check: outcome.status for outcome in outcomes}
    assert server.loaded == {"whisper"}
    assert statuses["status-consistent"] == "passed"
    assert statuses["unload-takes-effect"] == "skipped"


@pytest.mark.parametrize(
    ("ignored", "name"),
    [
        ("load", "load-updates-status"),
        ("unload", "unload-takes-effect"),
        ("unload all", "unload-all-counts"),
        ("purge", "purge-takes-effect"),
    ],
)
def test_a_response_without_effect_fails_its_check(ignored, name):
    """The response says success, and the status does not change."""
    assert name in failed_checks(MadeServer(ignored=(ignored,)))


def change_path(path: str, **fields: Any) -> Change:
    return lambda request_path, body: body.update(fields) if request_path == path else None


def use_fractions(path: str, body: dict[str, Any]) -> None:
    memories = [*body.get("memory", []), body.get("memory_before"), *(gpu["memory"] for gpu in body.get("gpus", []))]
    for memory in filter(None, memories):
        memory["percent_used"] /= 100


class AcceptsUnknownModels(MadeServer):
    """A server that loads every model."""

    def send(self, request: httpx.Request) -> httpx.Response:
        response = super().send(request)
        return httpx.Response(200, json={"status": "success"}) if response.status_code == 404 else response


class MovesOthers(MadeServer):
    """A server on which `operation` moves a model that the request does not name."""

    def __init__(self, operation: str) -> None:
        super().__init__()
        self._operation = operation

    def models_load(self, fields: Any) -> dict[str, Any]:
        if self._operation == "load" and len(self.loaded) > 1:
            self.loaded.clear()
        if self._operation == "reload" and fields.get("force_reload"):
            self.loaded.clear()
        if self._operation == "load both":
            self.loaded |= {"chat", "whisper"}
        return super().models_load(fields)

    def models_unload(self, fields: Any) -> dict[str, Any]:
        if self._operation == "unload":
            self.loaded.clear()
        return super().models_unload(fields)

    def reject(self, status: int, path: str) -> httpx.Response:
        if self._operation == f"rejected {path.rpartition('/')[2]} {status}":
            self.loaded.clear()
        return super().reject(status, path)

    def chat_completions(self, fields: Any) -> dict[str, Any]:
        if self._operation == "use":
            self.loaded.clear()
        return super().chat_completions(fields)


REJECTED = [f"rejected {operation} {status}" for operation in ("load", "unload") for status in (400, 404)]


@pytest.mark.parametrize("operation", ["load", "reload", "load both", "unload", "use", *REJECTED])
def test_a_server_that_moves_other_models_fails_its_check(operation):
    """Loading, reloading, unloading and using one model leaves the others as they are; what is rejected, all."""
    outcome = run_one(MovesOthers(operation).send, "other-models-unmoved", models={})
    assert outcome.violations


def test_a_server_with_one_model_shows_no_other():
    """Then there is nothing to compare, with a reason."""

    class HasOneModel(MadeServer):
        def models(self, fields: Any) -> dict[str, Any]:
            return {"object": "list", "data": super().models(fields)["data"][:1]}

    outcome = run_one(HasOneModel().send, "other-models-unmoved", models={})
    assert (outcome.status, outcome.note) == ("skipped", "the server has one model only")


def change_when_chat_is_loaded(server: MadeServer, path: str, change: Callable[[dict[str, Any]], object]) -> MadeServer:
    """Change a response while the model for chats is loaded."""
    send_right = server.send

    def send(request: httpx.Request) -> httpx.Response:
        response = send_right(request)
        if request.url.path != path or "chat" not in server.loaded:
            return response
        body = response.json()
        change(body)
        return httpx.Response(200, json=body)

    server.send = send  # type: ignore[method-assign]
    return server


def lose_gpu(body: dict[str, Any]) -> None:
    body.update(gpus=[], total_gpus=0)


def shrink_memory(body: dict[str, Any]) -> None:
    body["memory"][0].update(total_gb=12.0, free_gb=12.0 - body["memory"][0]["used_gb"])


def report_steady(server: MadeServer) -> list[str]:
    """What each violation expects."""
    return [it.expected for it in run_one(server.send, "gpu-figures-steady", models={}).violations]


@pytest.mark.parametrize(("path", "change"), [("/v1/gpu/status", lose_gpu), ("/v1/gpu/memory", shrink_memory)])
def test_gpus_that_change_with_models_fail_their_check(path, change):
    """Their number and their size do not depend on what is loaded."""
    server = change_when_chat_is_loaded(MadeServer(), path, change)
    (expected,) = report_steady(server)
    assert expected.startswith("the GPUs as before any model was loaded")


def test_a_purge_with_figures_of_its_own_fails_its_check():
    """What it reports is what the other operation reports before and after it."""
    figures = {"used_gb": 20.0, "total_gb": 24.0, "percent_used": 83.33}
    after = {"used_gb": 12.0, "total_gb": 24.0, "percent_used": 50.0}
    change = change_path("/v1/gpu/purge", memory_before=figures, memory_after=after, memory_freed_gb=8.0)
    expected = ["memory_before.used_gb about 4.50", "memory_after.used_gb about 0.50"]
    assert [it.partition(",")[0] for it in report_steady(MadeServer(change))] == expected


def test_memory_that_grows_when_models_are_unloaded_fails_its_check():
    """The use after unloading all models is no higher than before."""

    class Leaks(MadeServer):
        def _used(self) -> float:
            return 20.0 if not self.loaded else super()._used()

    assert report_steady(Leaks())[0] == "at most 8.50 GiB used, as before all models were unloaded"


def omit_chat(path: str, body: dict[str, Any]) -> None:
    """The list of loaded models lacks the one that the checks load."""
    if path == "/v1/models/status":
        body["loaded"] = [name for name in body["loaded"] if name != "chat"]


FAULTS = [
    (change_path("/v1/models/load", model="whisper"), "load-updates-status"),
    (change_path("/v1/models/load", force_reload=False), "load-updates-status"),
    (change_path("/v1/models/unload", model="whisper"), "unload-takes-effect"),
    (change_path("/v1/models/unload-all", total_unloaded=7), "unload-all-counts"),
    (change_path("/v1/models/unload-all", unloaded_models=["chat"], total_unloaded=1), "unload-all-counts"),
    (change_path("/v1/models/status", loaded=["chat"]), "status-consistent"),
    (omit_chat, "status-consistent-after-changes"),
    (
        change_path("/v1/models/status", loaded=["ghost"], loading_status={"ghost": "loaded"}),
        "status-models-listed",
    ),
    (change_path("/v1/chat/completions", choices=None), "unloaded-model-served-or-rejected"),
    (change_path("/v1/gpu/purge", models_unloaded=[]), "purge-takes-effect"),
    (change_path("/v1/gpu/purge", memory_freed_gb=1.0), "purge-figures"),
    (change_path("/v1/gpu/status", total_gpus=2), "gpu-responses-consistent"),
    (change_path("/v1/gpu/memory", memory=[]), "gpu-responses-consistent"),
    (use_fractions, "gpu-memory-figures"),
    (use_fractions, "purge-figures"),
    (change_path("/v1/gpu/status", timestamp="2020-01-01T00:00:00Z"), "timestamps-current"),
    (change_path("/health", timestamp="1790000000"), "timestamps-current"),
    (change_path("/health", status="ok"), "health-is-fast"),
]


@pytest.mark.parametrize(("change", "name"), FAULTS)
def test_a_fault_fails_its_check(change, name):
    """Each fault is reported by the check of its rule."""
    assert name in failed_checks(MadeServer(change))


def test_a_server_that_loads_unknown_models_fails_its_check():
    """Success for a model that does not exist is a violation."""
    assert run_one(AcceptsUnknownModels().send, "load-unknown-model", models={}).status == "failed"


def test_every_check_has_a_fault():
    """No check of these modules passes for every server."""
    others = {"load-unknown-model", "other-models-unmoved", "gpu-figures-steady"}
    assert {name for _, name in FAULTS} | others == set(NAMES)


def test_without_a_purge_there_are_no_figures():
    """If the purge gets an error, its figures are not checked; another check reports the error."""

    class FailsToPurge(MadeServer):
        def send(self, request: httpx.Request) -> httpx.Response:
            is_purge = request.url.path == "/v1/gpu/purge"
            return httpx.Response(503, json={"error": {}}) if is_purge else super().send(request)

    outcome = run_one(FailsToPurge().send, "purge-figures", models={})
    assert (outcome.status, outcome.note) == ("skipped", "purge_gpu returns status 503")


def test_a_small_fraction_is_an_error():
    """Even for a GPU that is nearly empty."""
    memory = {"total_mb": 24576, "used_mb": 350, "free_mb": 24226, "percent_used": 0.0142}
    assert list(find_memory_errors(memory))


@pytest.mark.parametrize(
    "memory",
    [
        {"total_gb": 22.5, "used_gb": 8.0, "free_gb": 14.5, "percent_used": 35.6, "percent_free": 64.4},
        {"total_gb": 2.0, "used_gb": 0.1, "free_gb": 1.9, "percent_used": 6.5},
        {"total_gb": 0, "used_gb": 0, "percent_used": 0},
        {"total_mb": 23034, "used_mb": 8192, "free_mb": 14500, "percent_used": 36},
    ],
)
def test_rounding_is_no_error(memory):
    """Figures have one decimal, and the driver reserves memory."""
    assert not list(find_memory_errors(memory))
