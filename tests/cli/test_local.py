"""`serve`, `pull` and `contract`."""

import json
import re
import signal
from pathlib import Path

import httpx
import pytest

from polargrid import PolarGridSync
from polargrid_edge.models.catalog import MODELS
from polargrid_edge.server import run_in_thread
from polargrid_edge.settings import EdgeSettings
from tests.cli.conftest import TIMEOUT
from tests.cli.servers import reject, respond

GUIDE = Path(__file__).parent.parent.parent / "docs" / "guide" / "local-edge.md"
EMBEDDING = next(model for model in MODELS if model.kind == "embedding")


def test_serve_runs_until_interrupted(start_process, invoke):
    """It prints its URL, and logs requests to standard error; Ctrl-C ends it without further output."""
    process = start_process("serve", "--port", "0", "--chat-model", "smollm2-135m")
    (url,) = re.findall(r"http://[0-9.]+:[0-9]+", process.stdout.readline().decode())
    assert invoke("health", url=url).exit_code == 0
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, output) == (130, b"")
    assert json.loads(errors)["path"] == "/health"


def test_serve_allows_origins(start_process):
    """Of the option, or of its variable with spaces between them."""
    origins = "http://localhost:3000 https://app.example.com"
    options = ("serve", "--port", "0", "--chat-model", "smollm2-135m")
    by_option = [text for origin in origins.split() for text in ("--allow-origin", origin)]
    for arguments, environment in (((*options, *by_option), {}), (options, {"POLARGRID_SERVE_ALLOW_ORIGIN": origins})):
        process = start_process(*arguments, **environment)
        (url,) = re.findall(r"http://[0-9.]+:[0-9]+", process.stdout.readline().decode())
        for origin in origins.split():
            headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
            response = httpx.options(f"{url}/health", headers=headers)
            assert (response.status_code, response.headers["access-control-allow-origin"]) == (204, origin)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=TIMEOUT)


def test_serve_rejects_an_invalid_origin(invoke):
    """The message has an example."""
    result = invoke("serve", "--port", "0", "--allow-origin", "localhost:3000")
    assert result.exit_code == 2
    assert "https://app.example.com" in result.stderr


def test_serve_reports_a_port_in_use(invoke, start_server):
    """The message is one line with the port."""
    port = start_server().url.rpartition(":")[2]
    result = invoke("serve", "--port", port)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith("polargrid serve: ")
    assert port in result.stderr


def test_serve_rejects_an_unknown_model(invoke):
    """The message names the model."""
    result = invoke("serve", "--port", "0", "--chat-model", "none-such")
    assert result.exit_code == 2
    assert "none-such" in result.stderr


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [("prot = 1", 2, "edge.toml:1: unknown key 'prot'; did you mean 'port'?"), (None, 1, "edge.toml: No such file")],
)
def test_serve_rejects_a_file(invoke, tmp_path, text, status, message):
    """In one line."""
    path = tmp_path / "edge.toml"
    if text is not None:
        path.write_text(text)
    result = invoke("serve", "--config", str(path))
    assert (result.exit_code, result.stderr.count("\n")) == (status, 1)
    assert message in result.stderr


def test_pull_rejects_an_unknown_model(invoke):
    """The message lists the models."""
    result = invoke("pull", "none-such")
    assert result.exit_code == 2
    assert "smollm2-135m" in result.stderr


@pytest.mark.parametrize(
    ("script", "exit_code"), [(reject("401 Unauthorized", "invalid_api_key"), 3), (respond(b"[1, 2"), 6)]
)
def test_contract_has_its_own_exit_status(invoke, start_server, script, exit_code):
    """A rejected key and a failed check differ."""
    result = invoke("contract", start_server(script).url, "--suite", "behaviour", "--only", "models-list-valid")
    assert result.exit_code == exit_code


def test_pull_copies_to_a_folder(invoke, tmp_path, monkeypatch):
    """By the command of the guide; an edge serves the files where their sources cannot be reached."""
    text = GUIDE.read_text(encoding="utf-8")
    (words,) = re.findall(r"^polargrid (pull .*) --to models ", text, flags=re.MULTILINE)
    words = [word for word in words.split() if word != "smollm2-135m"]  # its file is large
    folder = tmp_path / "models"
    result = invoke(*words, "--to", str(folder))
    assert (result.exit_code, result.stdout.split("\t")[0]) == (0, "all-minilm-l6-v2")
    assert sorted(path.name for path in folder.iterdir()) == sorted(file.name for file in EMBEDDING.files)
    assert invoke(*words, "--to", str(folder)).exit_code == 0  # again

    monkeypatch.setenv("POLARGRID_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with run_in_thread(EdgeSettings(port=0, models_dir=folder)) as edge, PolarGridSync(base_url=edge.url) as client:
        assert client.embeddings.create(model=EMBEDDING.id, input="Hello").data[0].embedding
    result = invoke("models", "list", "--cached")
    assert (result.stdout, result.stderr.split("; ")[0]) == ("", "no model is on this machine")
    monkeypatch.setenv("POLARGRID_MODELS_DIR", str(folder))
    assert invoke("models", "list", "--cached").stdout.startswith("all-minilm-l6-v2\t23 MB\t")
