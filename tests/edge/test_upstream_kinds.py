"""Which server an upstream is, and what it is asked to load or unload a model: the documented endpoints of each kind.

None of these servers runs here: their responses have the form of their documentation.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from polargrid_edge.errors import EdgeError
from polargrid_edge.sources import UpstreamSource
from polargrid_edge.upstream.pool import UpstreamPool
from tests.edge.upstreams import MODEL, ScriptedUpstream, check, models, reset, respond

ADAPTER = {"id": "sql", "object": "model", "owned_by": "vllm", "root": "/adapters/sql", "parent": "m-1"}
ROUTED = {"data": [{"id": "a", "owned_by": "llamacpp", "status": {"value": "unloaded"}}]}
OLLAMA = {"/api/version": {"version": "0.12.6"}, "/api/ps": {"models": []}}
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
    reads = ("/v1/models", "/is_sleeping", "/api/ps")
    return [(path, body or None) for path, body, _ in server.requests if path not in reads]


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
            models("library", "a"),
            {**OLLAMA, "/api/generate": {"done": True}},
            [("/api/generate", {"model": "a"})],
            [("/api/generate", {"model": "a", "keep_alive": 0})],
        ),
        (
            models("library", "embed-a"),
            {**OLLAMA, "/api/embed": {"embeddings": []}, "/api/generate": {"done": True}},
            [("/api/embed", {"model": "embed-a"})],
            [("/api/generate", {"model": "embed-a", "keep_alive": 0})],
        ),
        (
            models("vllm", "a"),
            {"/is_sleeping": {"is_sleeping": True}, "/wake_up": {}, "/sleep?level=1": {}},
            [("/wake_up", None)],
            [("/sleep?level=1", None)],
        ),
    ],
    ids=["Ollama", "Ollama's embeddings", "vLLM sleeps"],
)
def test_load_and_unload(listed, answers, loads, unloads):
    name = listed["data"][0]["id"]
    with connect(listed, answers) as (server, pool):
        assert pool.states() == {name: "unloaded"}
        assert pool.load(name)
        assert (sent(server), pool.states()) == (loads, {name: "loaded"})
        server.requests.clear()
        assert pool.unload(name)
        assert (sent(server), pool.states()) == (unloads, {name: "unloaded"})


class Router:
    """llama.cpp's router: it responds before a model is loaded or unloaded, and with 400 where there is nothing to do.

    `states` are those that `/v1/models` has one after another, of which the last one stays.
    """

    def __init__(self, server, state, *, fails=False):
        self.states, self._fails = [state], fails
        server.answers |= {"/v1/models": self.list, "/models/load": self.load, "/models/unload": self.unload}

    def list(self, _):
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return respond({"data": [{"id": "a", "owned_by": "llamacpp", "status": {"value": state}}]})(_)

    def load(self, body):
        if self.states[0] != "unloaded":
            return respond({"error": {"code": 400, "message": "model is already running"}}, "400 Bad Request")(body)
        self.states = ["loading", "loading", "unloaded" if self._fails else "loaded"]
        return respond({"success": True})(body)

    def unload(self, body):
        if self.states[0] == "unloaded":
            return respond({"error": {"code": 400, "message": "model is not running"}}, "400 Bad Request")(body)
        self.states = ["loaded", "unloaded"]
        return respond({"success": True})(body)


def test_the_router_of_llama_cpp():
    """The edge waits until a model is in memory, or is not any more; what is so already is no error."""
    with connect(ROUTED) as (server, pool):
        Router(server, "unloaded")
        assert not pool.unload("a")
        assert pool.states() == {"a": "unloaded"}
        assert pool.load("a")
        assert not pool.load("a")
        assert pool.states() == {"a": "loaded"}
        assert pool.load("a", force=True)
        assert pool.unload("a")
        load, unload = ("/models/load", {"model": "a"}), ("/models/unload", {"model": "a"})
        assert sent(server) == [load, unload, load, unload]


@pytest.mark.parametrize("state", ["loaded", "loading", "sleeping"])
def test_a_model_of_the_router_with_a_process(state):
    """It is not loaded again: one that sleeps wakes up with its next request."""
    with connect(ROUTED) as (server, pool):
        router = Router(server, state)
        if state == "loading":
            router.states.append("loaded")
        assert not pool.load("a")
        assert sent(server) == []


def test_a_model_that_the_router_cannot_load():
    """The error names the server, whose log has the reason."""
    with connect(ROUTED) as (server, pool):
        Router(server, "unloaded", fails=True)
        with pytest.raises(EdgeError, match=f"{server.url} could not load model 'a'; see its log") as caught:
            pool.load("a")
        assert (caught.value.status, pool.states()) == (503, {"a": "unloaded"})


def test_a_router_that_goes_on_loading():
    """The wait has the time of the settings."""
    with connect(ROUTED) as (server, pool):
        Router(server, "loading")
        (connected,) = pool._servers
        connected.source = replace(connected.source, timeout=0.3)
        with pytest.raises(EdgeError, match=r"has model 'a' still \w+ after 0\.3 s"):
            pool.load("a")


def test_servers_of_two_kinds_share_a_model():
    """Each one is asked in its own way."""
    other = ScriptedUpstream(models("library", "a"), **{path: respond(body) for path, body in OLLAMA.items()})
    other.answers["/api/generate"] = respond({"done": True})
    with connect(ROUTED) as (server, _):
        Router(server, "unloaded")
        pool = UpstreamPool([UpstreamSource(url=server.url), UpstreamSource(url=other.url)])
        try:
            assert pool.load("a")
        finally:
            pool.close()
            other.close()
        assert other.bodies("/api/generate") == [{"model": "a"}]
        assert server.bodies("/models/load") == [{"model": "a"}]


def test_an_adapter_of_vllm():
    """It is not in the list of models while it is unloaded, also by another client."""
    listed = models("vllm")
    listed["data"].append(ADAPTER)
    answers = {"/v1/load_lora_adapter": {}, "/v1/unload_lora_adapter": {}}
    with connect(listed, answers) as (server, pool):
        assert not pool.load("sql")
        assert pool.unload("sql")
        server.answers["/v1/models"] = respond(models("vllm"))
        check(pool)
        assert pool.states() == {MODEL: "loaded", "sql": "unloaded"}
        assert not pool.unload("sql")
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


@pytest.mark.parametrize("listed", [{"data": 3}, [], {"data": [{"id": 3}, None]}, b"[" * 100_000])
@pytest.mark.parametrize("running", [{"models": [{"name": "a"}, 3]}, {"models": None}, [], "x", b"[" * 100_000])
def test_odd_responses_do_not_end_the_checks(listed, running):
    """The states are those of the last check, and the next check has them again."""
    with connect(models("library", "a"), OLLAMA) as (server, pool):
        whole = server.answers["/v1/models"]
        server.answers |= {"/v1/models": respond(listed), "/api/ps": respond(running)}
        check(pool)
        assert pool.states()["a"] in ("unloaded", "failed")
        server.answers |= {"/v1/models": whole, "/api/ps": respond({"models": [{"name": "a"}]})}
        check(pool)
        assert pool.states() == {"a": "loaded"}


def test_a_server_that_starts_after_the_edge():
    """Which kind it is, is found out then, and what it can load."""
    server = ScriptedUpstream(models("library", "b"), **{path: respond(body) for path, body in OLLAMA.items()})
    whole = dict(server.answers)
    server.answers.clear()
    server.answers["/v1/models"] = reset
    pool = UpstreamPool([UpstreamSource(url=server.url, models={"a": "b"})])
    try:
        before = pool.backend("a")
        assert (kind_of(pool), pool.states(), pool.find_failed()) == ("openai", {"a": "failed"}, ["a"])
        server.answers |= whole | {"/api/generate": respond({"done": True})}
        check(pool)
        assert (kind_of(pool), pool.states(), pool.find_failed()) == ("ollama", {"a": "unloaded"}, [])
        assert pool.backend("a") is not before
        assert pool.load("a")
        assert server.bodies("/api/generate") == [{"model": "b"}]
    finally:
        pool.close()
        server.close()
