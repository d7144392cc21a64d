"""`models`, `gpu` and `health`."""

import json
import signal

import pytest

from tests.cli.conftest import TIMEOUT
from tests.cli.servers import HEALTH, respond, response, route

MODELS = {
    "object": "list",
    "data": [
        {"id": "a", "object": "model", "created": 1, "owned_by": "o", "pg_model_type": "chat", "pg_max_tokens": 8192},
        {"id": "b", "object": "model", "created": 1, "owned_by": "o", "pg_aliases": ["c", "d"]},
    ],
}
MODEL_STATUS = {"repository": "/models", "loaded": ["c"], "loading_status": {"b": "loaded", "a": "unloaded"}}
MEMORY = {
    "total_mb": 23034,
    "used_mb": 5758,
    "free_mb": 17276,
    "total_gb": 22.5,
    "used_gb": 5.6,
    "free_gb": 16.9,
    "percent_used": 25.0,
}
GPU = {
    "index": 0,
    "name": "NVIDIA L4",
    "memory": MEMORY,
    "utilization": {"gpu_percent": 40, "memory_percent": 12},
    "temperature_c": 61,
}
GPUS = {"status": "success", "timestamp": "2026-11-01T12:00:00Z", "gpus": [GPU], "processes": [], "total_gpus": 1}


@pytest.fixture
def model_server(start_server):
    """A server with the model `a`, and the model `b`, which is loaded by its alias `c`."""
    return start_server(route(lambda path: response(MODEL_STATUS if path.endswith("/status") else MODELS)))


def test_models_are_listed(invoke, model_server):
    """A line for each model, with tabs between its cells; --json prints the response."""
    table = "a\tchat\t8192\t\nb\t\t\tc, d\n"
    assert invoke("models", url=model_server.url).stdout == invoke("models", "list", url=model_server.url).stdout
    assert invoke("models", url=model_server.url).stdout == table
    assert json.loads(invoke("models", "--json", url=model_server.url).stdout) == MODELS


def test_loaded_models_are_listed(invoke, model_server):
    """--loaded lists the models in memory, by any of their names."""
    assert invoke("models", "--loaded", url=model_server.url).stdout == "b\t\t\tc, d\n"


def test_model_status_is_listed(invoke, model_server):
    """A line for each model, or JSON."""
    assert invoke("models", "status", url=model_server.url).stdout == "a\tunloaded\nb\tloaded\n"
    assert json.loads(invoke("models", "status", "--json", url=model_server.url).stdout) == MODEL_STATUS


def test_models_in_memory_are_listed(invoke, start_server):
    """With their state, kind and context; what is on disk only is not. Notes have the memory of the GPUs."""
    states = {"a": "loading", "c": "loaded", "x": "unloaded", "y": "failed"}
    bodies = {
        "/v1/models": MODELS,
        "/v1/models/status": {**MODEL_STATUS, "loading_status": states},
        "/v1/gpu/status": GPUS,
    }
    server = start_server(route(lambda path: response(bodies[path])))
    result = invoke("models", "ps", url=server.url)
    assert (result.exit_code, result.stdout) == (0, "a\tloading\tchat\t8192\nc\tloaded\t\t\ny\tfailed\t\t\n")
    assert result.stderr == "GPU 0, NVIDIA L4: 5.6 of 22.5 GiB used\n"
    data = json.loads(invoke("models", "ps", "--json", url=server.url).stdout)
    assert data["models"][0] == {"model": "a", "state": "loading", "kind": "chat", "context": 8192}
    assert data["gpus"] == [GPU]


def test_no_model_in_memory_is_a_note(invoke, start_server):
    """stdout is empty."""
    bodies = {"/v1/models": MODELS, "/v1/gpu/status": {**GPUS, "gpus": [], "total_gpus": 0}}
    status = {"repository": "/models", "loaded": [], "loading_status": {"a": "unloaded"}}
    result = invoke("models", "ps", url=start_server(route(lambda path: response(bodies.get(path, status)))).url)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("no model is in memory")


def test_a_model_is_loaded(invoke, start_server):
    """The request names the model; the message of the response is printed."""
    server = start_server(respond({"status": "success", "model": "m", "force_reload": True, "message": "Loaded."}))
    result = invoke("models", "load", "m", "--force", url=server.url)
    assert (result.exit_code, result.stdout) == (0, "Loaded.\n")
    assert json.loads(server.requests[0].body) == {"model_name": "m", "force_reload": True}


@pytest.mark.parametrize(
    ("words", "body", "expected"),
    [
        (["load", "m"], {"status": "failed", "force_reload": False, "message": "No room."}, (1, "No room.\n")),
        (["unload", "m"], {"status": "failed", "message": "It is busy."}, (1, "It is busy.\n")),
        (["unload", "--all"], {"status": "partial", "unloaded_models": ["a"], "total_unloaded": 1}, (5, "a\n")),
    ],
)
def test_the_status_in_a_response_decides_the_exit_status(invoke, start_server, words, body, expected):
    """The HTTP status of these responses is 200."""
    server = start_server(respond({"model": "m", "errors": ["b is busy"], **body}))
    result = invoke("models", *words, url=server.url)
    assert (result.exit_code, result.stdout) == expected


@pytest.mark.parametrize("words", [["unload"], ["unload", "m", "--all"], ["load"], ["lod", "m"]])
def test_models_rejects_wrong_usage(invoke, closed_url, words):
    """No request is sent."""
    assert invoke("models", *words, url=closed_url).exit_code == 2


@pytest.mark.parametrize(("status", "exit_code"), [("healthy", 0), ("degraded", 1), ("unhealthy", 1)])
def test_health_decides_the_exit_status(invoke, start_server, status, exit_code):
    """A line for each fact, or JSON."""
    server = start_server(respond({**HEALTH, "status": status}))
    result = invoke("health", url=server.url)
    assert result.exit_code == exit_code
    assert f"status\t{status}\n" in result.stdout
    assert json.loads(invoke("health", "--json", url=server.url).stdout)["status"] == status


def test_no_gpu_is_a_note(invoke, start_server):
    """stdout is empty, and the exit status is 0."""
    result = invoke("gpu", url=start_server(respond({**GPUS, "gpus": [], "total_gpus": 0})).url)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no GPU" in result.stderr


def test_a_gpu_is_a_line(invoke, start_server):
    """Memory, utilization and temperature."""
    server = start_server(respond(GPUS))
    assert invoke("gpu", url=server.url).stdout == "0\tNVIDIA L4\t5.6 of 22.5 GiB\t40 %\t61 °C\n"


def test_watch_repeats_until_interrupted(start_process, start_server):
    """--json prints a line each time."""
    process = start_process("gpu", "--watch", "--interval", "0.01", "--json", url=start_server(respond(GPUS)).url)
    for _ in range(3):
        assert json.loads(process.stdout.readline())["total_gpus"] == 1
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, errors) == (130, b"")


def test_watch_redraws_a_terminal(open_terminal, start_server):
    """The table has a bar for the used memory."""
    server = start_server(respond(GPUS))
    terminal = open_terminal("gpu", "--watch", "--interval", "0.01", url=server.url, COLUMNS="120")
    for _ in range(3):
        terminal.read_until("NVIDIA L4")
        terminal.read_until("█")
    terminal.interrupt()
    assert terminal.wait() == 130


def test_purge_prints_what_was_unloaded(invoke, start_server):
    """A partial success has exit status 5, with the errors on stderr."""
    memory = {"used_gb": 5.6, "total_gb": 22.5, "percent_used": 25.0}
    body = {
        "status": "partial",
        "timestamp": GPUS["timestamp"],
        "actions": [],
        "memory_before": memory,
        "memory_after": memory,
        "memory_freed_gb": 1.5,
        "models_unloaded": ["a"],
        "errors": ["b is busy"],
        "recommendation": "Wait.",
    }
    server = start_server(respond(body))
    result = invoke("gpu", "purge", "--force", url=server.url)
    assert (result.exit_code, result.stdout, result.stderr) == (5, "1.5 GiB freed\na\n", "b is busy\n")
    assert json.loads(server.requests[0].body) == {"force": True}
