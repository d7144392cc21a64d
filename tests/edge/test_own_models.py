"""GGUF files of one's own: what is wrong with one is said, with its name."""

import json
import re
from contextlib import closing

import httpx
import pytest

from polargrid_edge.errors import ModelFileError
from polargrid_edge.models.added_models import list_added
from polargrid_edge.models.catalog import MODELS
from polargrid_edge.models.files import ensure
from polargrid_edge.models.gguf import read_head
from polargrid_edge.models.pool import ModelPool
from polargrid_edge.server import run_in_thread
from polargrid_edge.settings import EdgeSettings
from polargrid_edge.sources import ModelSource, UpstreamSource
from tests.cli.conftest import invoke
from tests.edge.scripted import HEADERS, TIMEOUT
from tests.edge.upstreams import ScriptedUpstream, respond

__all__ = ["invoke"]
CHAT = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2}


@pytest.fixture(scope="module")
def file():
    """The smallest model."""
    (path,) = ensure(next(model for model in MODELS if model.id == "smollm2-135m").files).values()
    return path


@pytest.fixture(scope="module")
def start_of_file(file):
    """The head of the file, which is before its weights."""
    with file.open("rb") as opened:
        return opened.read(3_000_000)


def test_the_head(file):
    """It has the facts of the model."""
    head = read_head(file)
    assert (head.architecture, head.context, head.parameters) == ("llama", 8192, 134_515_008)


def _head_only(architecture):
    """A file with no weights."""
    texts = [b"general.architecture", architecture.encode()]
    key, value = (len(text).to_bytes(8, "little") + text for text in texts)
    return b"GGUF\x03\0\0\0" + bytes(8) + b"\x01" + bytes(7) + key + b"\x08\0\0\0" + value


def test_damaged_files(tmp_path, start_of_file):
    """Each is named, with what is wrong."""
    contents = {
        "is empty": b"",
        "begins with b'<htm'": b"<html>",
        "ends within its head": start_of_file[:1000],
        "of 98,": start_of_file,
        "version 1 of GGUF": b"GGUF\x01\0\0\0" + bytes(100),
        "'clip', which does not generate text": _head_only("clip"),
    }
    for number, (message, content) in enumerate(contents.items()):
        path = tmp_path / f"{number}.gguf"
        path.write_bytes(content)
        with pytest.raises(ModelFileError, match=re.escape(str(path)) + ".*" + re.escape(message)):
            read_head(path)
    with pytest.raises(ModelFileError, match=re.escape(f"{tmp_path / 'none.gguf'} does not exist")):
        read_head(tmp_path / "none.gguf")
    with pytest.raises(ModelFileError, match="not a file"):
        read_head(tmp_path)


def test_an_unsupported_architecture(tmp_path, file):
    """The file is named when it is loaded; the edge serves its other models."""
    path = tmp_path / "new.gguf"
    path.write_bytes(file.read_bytes().replace(b"llama", b"lloma"))
    settings = EdgeSettings(port=0, models=(ModelSource(source=str(path)),))
    with run_in_thread(settings) as edge, httpx.Client(base_url=edge.url, headers=HEADERS, timeout=TIMEOUT) as client:
        response = client.post("/v1/chat/completions", json=CHAT | {"model": "new"})
        assert response.status_code == 503
        assert f"llama.cpp cannot load {path}" in response.json()["error"]["message"]


def test_a_model_with_names(file):
    """It is in the list, loads, and responds by its id and its alias; a relative path may be in the models' folder."""
    source = ModelSource(source=file.name, id="mine", context=256, threads=1)
    settings = EdgeSettings(
        port=0, models=(source,), aliases=("gpt-4o=mine",), chat_model="mine", models_dir=file.parent
    )
    with run_in_thread(settings) as edge, httpx.Client(base_url=edge.url, headers=HEADERS, timeout=TIMEOUT) as client:
        listed = {model["id"]: model for model in client.get("/v1/models").json()["data"]}
        assert listed["gpt-4o"]["root"] == listed["llama-3.1-8b"]["root"] == "mine"
        assert listed["mine"]["pg_max_tokens"] == 256
        response = client.post("/v1/chat/completions", json=CHAT | {"model": "gpt-4o"}).json()
        assert response["pg_metadata"]["served_model"] == "mine"
        assert client.post("/v1/models/unload", json={"model_name": "mine"}).json()["message"] == "unloaded"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"aliases": ("a",)}, "'a' is not an alias; expected name=model"),
        ({"aliases": ("a=none-such",)}, "unknown model 'none-such'"),
        ({"gpu_layers": 99}, "99 layers on a GPU, but llama.cpp has none here (its devices: CPU)"),
        ({"chat_model": "kokoro-82m"}, "unknown model 'kokoro-82m'"),
    ],
)
def test_settings_of_models(settings, message):
    """What cannot be is said before the edge starts."""
    with pytest.raises((ValueError, LookupError), match=re.escape(message)):
        ModelPool(EdgeSettings(**settings))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ModelSource(source="hub:owner/name"), "expected hub:owner/name:file.gguf"),
        (lambda: ModelSource(source=" "), "expected the path of a GGUF file"),
        (lambda: UpstreamSource(url="localhost:8080"), "expected http://host:port"),
        (lambda: UpstreamSource(url="http://a", types={"m": "chatty"}), "'m' has 'chatty'; expected one of"),
    ],
)
def test_sources(make, message):
    """The message has the value, and what is expected."""
    with pytest.raises(ValueError, match=re.escape(message)):
        make()


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A server that speaks what huggingface_hub needs, with one file."""
    content = _head_only("llama")
    fields = {
        "etag": '"0123456789abcdef0123456789abcdef01234567"',
        "x-repo-commit": "89abcdef0123456789abcdef0123456789abcdef",
    }
    headers = [f"{name}: {value}" for name, value in fields.items()]
    server = ScriptedUpstream()
    path = "/someone/tiny/resolve/main/tiny.gguf"
    server.answers[path] = respond(content, "200 OK", *headers, media_type="application/octet-stream")
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("POLARGRID_CACHE", str(tmp_path / "cache"))
    yield server
    server.close()


def test_models_of_the_hub(hub, tmp_path, invoke):
    """`add` downloads a file once, `list` shows it, `serve` needs no hub for it, `rm` deletes it."""
    result = invoke("models", "add", "hub:someone/tiny:tiny.gguf", "--name", "mine")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("mine\t0 MB\t")
    hub.answers.clear()
    source = ModelSource(source="hub:someone/tiny:tiny.gguf")
    with closing(ModelPool(EdgeSettings(cache=tmp_path / "cache", models=(source,)))) as pool:
        assert pool.catalog.resolve("tiny").owner == "someone"
    listed = json.loads(invoke("models", "list", "--cached", "--json").stdout)["models"]
    assert listed == [{"model": "mine", "size": "0 MB", "source": source.source}]
    assert [item.id for item in list_added()] == ["mine"]
    assert invoke("models", "rm", "mine").stdout == "mine\tremoved, 2 files deleted\n"
    assert list_added() == []
    result = invoke("models", "add", "hub:someone/tiny:tiny.gguf")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "cannot download tiny.gguf of someone/tiny from the hub" in result.stderr
    assert "--models-dir" in result.stderr


def test_files_are_added_in_place(tmp_path, monkeypatch, invoke):
    """`rm` does not delete what the edge did not download; an unknown name is told."""
    monkeypatch.setenv("POLARGRID_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "a.gguf"
    path.write_bytes(_head_only("llama"))
    assert invoke("models", "add", str(path)).stdout == f"a\t0 MB\t{path}\n"
    result = invoke("models", "rm", "b")
    assert (result.exit_code, "unknown model 'b'; expected one of: a" in result.stderr) == (2, True)
    assert invoke("models", "rm", "a").stdout == "a\tremoved\n"
    assert path.exists()
    path.write_bytes(b"")
    result = invoke("models", "add", str(path))
    assert (result.exit_code, f"{path} is not a GGUF file" in result.stderr) == (1, True)
