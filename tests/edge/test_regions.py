"""What a client learns about models and regions."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.edge.scripted import HEADERS, ScriptedEdge, run_scripted_edge, wait_until
from tests.edge.test_app import CHAT, CHAT_PATH, is_valid, read_error


@pytest.mark.parametrize(
    ("path", "name", "root"),
    [
        ("whisper-base", "whisper-base", "whisper-base"),
        ("hexgrad%2FKokoro-82M", "hexgrad/Kokoro-82M", "kokoro-82m"),
        ("llama-3.1-8b", "llama-3.1-8b", "smollm2-135m"),
    ],
)
def test_a_model_is_found_by_any_name(fake_client: httpx.Client, path: str, name: str, root: str) -> None:
    """The id is the name of the request, the root that of the model."""
    response = fake_client.get(f"/v1/models/{path}").json()
    assert is_valid("ModelInfo", response)
    assert (response["id"], response["root"]) == (name, root)


@pytest.mark.parametrize("name", ["gpt-9", "hexgrad%2FKokoro", "%2E%2E"])
def test_an_unknown_model_is_404(fake_client: httpx.Client, name: str) -> None:
    """With the names of those that are known."""
    error = read_error(fake_client.get(f"/v1/models/{name}"), 404)
    assert error["code"] == "model_not_found"
    assert "whisper-base" in error["message"]


def test_a_slash_that_is_not_encoded_is_another_path(fake_client: httpx.Client) -> None:
    """The id is one segment."""
    assert read_error(fake_client.get("/v1/models/hexgrad/Kokoro-82M"), 404)["code"] == "not_found"


def test_other_paths_below_models_are_their_own(fake_client: httpx.Client) -> None:
    """`load` is an operation and no model."""
    response = fake_client.get("/v1/models/load")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert "loaded" in fake_client.get("/v1/models/status").json()


def read_models(client: httpx.Client) -> dict[str, Any]:
    status = client.get("/v1/status").json()
    assert is_valid("SystemStatus", status)
    (region,) = status["regions"]
    assert (status["status"], region["status"], region["region"]) == ("healthy", "healthy", "local")
    return {model["model_id"]: model for model in region["models"]}


def test_the_edge_is_one_region(fake_client: httpx.Client) -> None:
    """A model is available before it is in memory: its first request loads it."""
    fake_client.post("/v1/models/unload-all")
    assert {(model["status"], model["instances"]) for model in read_models(fake_client).values()} == {("available", 0)}
    fake_client.post("/v1/models/load", json={"model_name": "smollm2-135m"})
    assert read_models(fake_client)["smollm2-135m"]["instances"] == 1


def test_the_status_has_duration_and_queue(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """The queue is that of the model's kind."""
    fake_edge.text.hold()
    streams = [fake_client.stream("POST", CHAT_PATH, json=CHAT | {"stream": True}) for _ in range(2)]
    responses = [stream.__enter__() for stream in streams]
    with httpx.Client(base_url=fake_edge.url, headers=HEADERS) as other:
        third = other.stream("POST", CHAT_PATH, json=CHAT | {"stream": True})
        import threading

        thread = threading.Thread(target=lambda: third.__enter__().close())
        thread.start()
        wait_until(lambda: read_models(fake_client)["smollm2-135m"]["queue_depth"] == 1)
        fake_edge.text.released.set()
        thread.join()
    for response in responses:
        response.read()
        response.close()
    wait_until(fake_edge.is_idle)
    assert read_models(fake_client)["smollm2-135m"]["queue_depth"] == 0


def test_a_model_that_cannot_be_loaded_is_unavailable() -> None:
    """The default chat model makes the region degraded."""
    with run_scripted_edge() as edge, httpx.Client(base_url=edge.url, headers=HEADERS) as client:
        loader = edge.services.pool.loader

        def fail(*_: object) -> Any:
            raise RuntimeError("no memory")

        loader._factories = {"chat": fail}
        assert client.post("/v1/models/load", json={"model_name": "smollm2-135m"}).status_code == 500
        status = client.get("/v1/status").json()
    assert status["status"] == status["regions"][0]["status"] == "degraded"
    states = {model["model_id"]: model["status"] for model in status["regions"][0]["models"]}
    assert states["smollm2-135m"] == "unavailable"


# The route


def test_the_edge_is_its_own_route(fake_edge: ScriptedEdge) -> None:
    """By the name that the client uses for it, without a key."""
    for host in ("127.0.0.1", "localhost"):
        url = fake_edge.url.replace("127.0.0.1", host)
        response = httpx.get(f"{url}/v1/route", params={"scope": "country", "model": "llama-3.1-8b"}).json()
        assert is_valid("RouteResponse", response)
        assert (response["region"], response["endpoint"]) == ("local", url)


@pytest.mark.parametrize(
    ("query", "status", "param"), [({"scope": "planet"}, 400, "scope"), ({"model": "gpt-9"}, 404, "model")]
)
def test_an_invalid_route_is_rejected(fake_edge: ScriptedEdge, query: dict[str, str], status: int, param: str) -> None:
    """Without a key as well."""
    assert read_error(httpx.get(f"{fake_edge.url}/v1/route", params=query), status)["param"] == param
