"""Which server an upstream is, and what it is asked to load or unload a model: the documented endpoints of each kind.

None of these servers runs here: their responses have the form of their documentation.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from polargrid_edge.errors import EdgeError
from polargrid_edge.sources import UpstreamSource
from polargrid_edge.upstream.pool import UpstreamPool
from tests.edge.upstreams import ScriptedUpstream, models, respond

ADAPTER = {"id": "sql", "object": "model", "owned_by": "vllm", "root": "/adapters/sql", "parent": "m-1"}
ROUTED = {"data": [{"id": "a", "owned_by": "llamacpp", "status": {"value": "unloaded"}}]}
KINDS = {
    "vllm": (models("vllm", max_model_len=4096), {"/version": {"version": "0.11.0"}}),
    "vllm behind a gateway": (models("gateway", max_model_len=4096), {"/version": {"version": "0.11.0"}}),
    "llama.cpp": (models("llamacpp", meta={"n_ctx": 2048, "n_vocab": 9}), {"/props": {"build_info": "b6000"}}),
    "llama.cpp with an alias": (models("me"), {"/props": {"default_generation_settings": {"n_ctx": 2048}}}),
    "sglang": (models("sglang", max_model_len=4096), {}),
    "tgi": (models("org/name"), {"/info": {"model_id": "org/name", "model_dtype": "torch.float16", "router": "tgi"}}),
    "ollama": (models("library"), {"/api/version": {"version": "0.12.6"}}),
    "ollama with a user's model": (models("someone"), {"/api/version": {"version": "0.12.6"}}),
    "openai": (models("openai"), {}),
    "openai with a version": (models("proxy"), {"/version": {"version": "1"}, "/info": {"model_id": "x"}}),
}


@contextmanager
def connect(listed, answers=(), **options) -> Iterator[tuple[ScriptedUpstream, UpstreamPool]]:
    """A server with these answers, and a pool that knows it."""
    server = ScriptedUpstream(listed, **{path: respond(body) for path, body in dict(answers).items()})
    try:
        pool = UpstreamPool([UpstreamSource(url=server.url, **options)])
        try:
            server.requests.clear()
            yield server, pool
        finally:
            pool.close()
    finally:
        server.close()


def kind_of(pool):
    """The kind of the server of the first model."""
    return next(iter(pool.models.values())).group.replicas[0].server.kind


def sent(server):
    """The paths and bodies of the requests that change something."""
    return [(path, body or None) for path, body, _ in server.requests if path not in ("/v1/models", "/is_sleeping")]


@pytest.mark.parametrize("title", KINDS)
def test_a_server_is_recognized(title):
    listed, answers = KINDS[title]
    with connect(listed, answers) as (_, pool):
        assert kind_of(pool) == title.split()[0]


def test_the_settings_say_the_kind():
    with connect(models("library"), kind="openai") as (_, pool):
        assert kind_of(pool) == "openai"


@pytest.mark.parametrize(
    ("listed", "answers", "loads", "unloads"),
    [
        (
            ROUTED,
            {"/models/load": {}, "/models/unload": {}},
            [("/models/load", {"model": "a"})],
            [("/models/unload", {"model": "a"})],
        ),
        (
            models("library", "a"),
            {"/api/version": {"version": "0.12.6"}, "/api/generate": {"done": True}},
            [("/api/generate", {"model": "a"})],
            [("/api/generate", {"model": "a", "keep_alive": 0})],
        ),
        (
            models("vllm", "a"),
            {"/is_sleeping": {"is_sleeping": True}, "/wake_up": {}, "/sleep?level=1": {}},
            [("/wake_up", None)],
            [("/sleep?level=1", None)],
        ),
    ],
    ids=["llama.cpp's router", "Ollama", "vLLM sleeps"],
)
def test_load_and_unload(listed, answers, loads, unloads):
    with connect(listed, answers) as (server, pool):
        assert pool.load("a")
        assert (sent(server), pool.states()) == (loads, {"a": "loaded"})
        server.requests.clear()
        assert pool.unload("a")
        assert (sent(server), pool.states()) == (unloads, {"a": "unloaded"})


def test_an_adapter_of_vllm():
    """It is not in the list of models while it is unloaded."""
    listed = models("vllm")
    listed["data"].append(ADAPTER)
    answers = {"/v1/load_lora_adapter": {}, "/v1/unload_lora_adapter": {}}
    with connect(listed, answers) as (server, pool):
        assert not pool.load("sql")
        assert pool.unload("sql")
        server.answers["/v1/models"] = respond(models("vllm"))
        assert pool.load("sql")
        loads = ("/v1/load_lora_adapter", {"lora_name": "sql", "lora_path": "/adapters/sql"})
        assert sent(server) == [("/v1/unload_lora_adapter", {"lora_name": "sql"}), loads]


@pytest.mark.parametrize(
    ("owner", "advice"),
    [("vllm", "--enable-sleep-mode"), ("sglang", "until it ends"), ("openai", "until it ends")],
)
def test_a_server_that_cannot_unload(owner, advice):
    """It keeps the model, whose state stays loaded, and the error says what to do."""
    with connect(models(owner)) as (_, pool):
        with pytest.raises(EdgeError, match=advice) as caught:
            pool.unload("m-1")
        assert (caught.value.status, caught.value.code) == (409, "not_supported")
        assert not pool.load("m-1")
        assert pool.states() == {"m-1": "loaded"}
