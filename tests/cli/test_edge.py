"""models, gpu and health."""

import json

import pytest

from tests.cli.edges import serving
from tests.overlay.faults.edges import HEALTH, answer

MEMORY = {
    "total_mb": 23034,
    "used_mb": 5758,
    "free_mb": 17276,
    "total_gb": 22.5,
    "used_gb": 5.6,
    "free_gb": 16.9,
    "percent_used": 25.0,
}
GPUS = {
    "status": "success",
    "timestamp": "2026-11-01T12:00:00Z",
    "gpus": [
        {
            "index": 0,
            "name": "NVIDIA L4",
            "memory": MEMORY,
            "utilization": {"gpu_percent": 40, "memory_percent": 12},
            "temperature_c": 61,
        }
    ],
    "processes": [],
    "total_gpus": 1,
}


def says(body):
    """An edge that answers this to everything."""
    return serving(lambda _path: answer(body))


def test_models(invoke, edge):
    """A line each, its cells parted by tabs; --json is the API's answer."""
    lines = invoke("models", url=edge.url).stdout.splitlines()
    answered = json.loads(invoke("models", "--json", url=edge.url).stdout)
    assert [line.split("\t")[0] for line in lines] == [model["id"] for model in answered["data"]]


def test_a_model_is_loaded_and_unloaded(invoke, edge):
    """--loaded lists what is in memory, `status` the state of all."""
    loaded = invoke("models", "load", "smollm2-135m", url=edge.url)
    assert (loaded.exit_code, loaded.stdout.count("\n")) == (0, 1)
    assert "smollm2-135m\t" in invoke("models", "--loaded", url=edge.url).stdout
    unloaded = invoke("models", "unload", "smollm2-135m", "--json", url=edge.url)
    assert json.loads(unloaded.stdout)["status"] == "success"
    assert "smollm2-135m\tunloaded\n" in invoke("models", "status", url=edge.url).stdout
    assert "smollm2-135m\t" not in invoke("models", "list", "--loaded", url=edge.url).stdout


@pytest.mark.parametrize(
    ("words", "body", "expected"),
    [
        (["load", "m"], {"status": "failed", "model": "m", "force_reload": False, "message": "No room."}, 1),
        (["unload", "m"], {"status": "failed", "model": "m", "message": "It is busy."}, 1),
        (
            ["unload", "--all"],
            {"status": "partial", "unloaded_models": ["a"], "errors": ["b is busy"], "total_unloaded": 1},
            5,
        ),
    ],
)
def test_an_answer_that_says_that_it_failed(invoke, serve, words, body, expected):
    """The status is 200; the exit status is what the answer says."""
    edge = serve(says(body))
    told = invoke("models", *words, url=edge.url)
    assert told.exit_code == expected
    assert told.stdout in ("No room.\n", "It is busy.\n", "a\n")


@pytest.mark.parametrize("words", [["unload"], ["unload", "m", "--all"], ["load"], ["lod", "m"]])
def test_wrong_usage_of_models(invoke, words):
    """It is told before anything is sent."""
    assert invoke("models", *words, url="http://127.0.0.1:9").exit_code == 2


def test_health(invoke, edge):
    """A fact a line, or JSON."""
    assert "status\thealthy\n" in invoke("health", url=edge.url).stdout
    assert json.loads(invoke("health", "--json", url=edge.url).stdout)["status"] == "healthy"


@pytest.mark.parametrize("status", ["degraded", "unhealthy"])
def test_an_edge_that_is_not_well(invoke, serve, status):
    """The exit status says so, too."""
    edge = serve(says({**HEALTH, "status": status}))
    told = invoke("health", url=edge.url)
    assert told.exit_code == 1
    assert f"status\t{status}\n" in told.stdout


def test_no_gpu(invoke, edge):
    """No lines on stdout, and a sentence beside them."""
    told = invoke("gpu", url=edge.url)
    assert (told.exit_code, told.stdout) == (0, "")
    assert "no GPU" in told.stderr


def test_a_gpu(invoke, serve):
    """Memory, use and temperature in a line."""
    edge = serve(says(GPUS))
    assert invoke("gpu", url=edge.url).stdout == "0\tNVIDIA L4\t5.6 of 22.5 GiB\t40 %\t61 °C\n"


def test_gpus_are_watched(started, serve):
    """A line of JSON again and again, until it is interrupted."""
    import signal

    edge = serve(says(GPUS))
    process = started("gpu", "--watch", "--interval", "0.01", "--json", url=edge.url)
    for _ in range(3):
        assert json.loads(process.stdout.readline())["total_gpus"] == 1
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, told) == (130, b"")


def test_gpus_are_watched_in_a_terminal(terminal, serve):
    """They are drawn in place, with a bar of the memory used."""
    edge = serve(says(GPUS))
    screen = terminal("gpu", "--watch", "--interval", "0.01", url=edge.url, COLUMNS="120")
    for _ in range(3):
        screen.until("NVIDIA L4")
        screen.until("█")
    screen.interrupt()
    assert screen.end() == 130


def test_purge(invoke, serve):
    """What was freed, and what was unloaded; the exit status says that not all was."""
    memory = {"used_gb": 5.6, "total_gb": 22.5, "percent_used": 25.0}
    more = {"memory_before": memory, "memory_after": memory, "memory_freed_gb": 1.5, "models_unloaded": ["a"]}
    more |= {"timestamp": GPUS["timestamp"], "actions": [], "errors": ["b is busy"], "recommendation": "Wait."}
    edge = serve(says({"status": "partial", **more}))
    told = invoke("gpu", "purge", "--force", url=edge.url)
    assert (told.exit_code, told.stdout, told.stderr) == (5, "1.5 GiB freed\na\n", "b is busy\n")
    assert json.loads(edge.requests[0].body) == {"force": True}
