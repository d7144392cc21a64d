"""Shell completion."""

import shutil
import subprocess

import pytest
from click.testing import CliRunner

from polargrid_cli.commands import polargrid
from polargrid_testing import FakeEdge
from tests.cli.servers import respond


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(invoke, shell):
    """The script names its function and the variable that asks the command for completions."""
    result = invoke("completion", shell)
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"{shell}_complete" in result.stdout
    assert "_POLARGRID_COMPLETE" in result.stdout


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("polargrid tr", {"transcribe", "translate"}),
        ("polargrid models l", {"list", "load"}),
        ("polargrid chat --region mon", {"montreal"}),
        ("polargrid speak --voice af_", {"af_bella", "af_sarah"}),
        ("polargrid chat --no-", {"--no-history", "--no-markdown", "--no-stream"}),
        ("polargrid models p", {"ps"}),
        ("polargrid transcribe --format v", {"verbose_json", "vtt"}),
        ("polargrid speak --format o", {"opus"}),
        ("polargrid chat --model l", {"llama-3.1-8b"}),
        ("polargrid chat --region yvr --model q", {"qwen-3.5-27b"}),
        ("polargrid speak --model tts", {"tts-1", "tts-1-hd"}),
        ("polargrid transcribe --model whisper-1", {"whisper-1"}),
        ("polargrid models load tts-1", {"tts-1", "tts-1-hd"}),
        ("polargrid pull smol", {"smollm2-135m"}),
        ("polargrid batch run in.csv --operation ch", {"chat_completion"}),
        ("polargrid batch run --region mon", {"montreal"}),
    ],
)
def test_words_are_completed(line, expected):
    """Commands, regions, voices, formats, operations and models are completed."""
    assert complete(line) == expected


def complete(line, **variables):
    """Return what a shell shows for a line whose last word is not finished."""
    variables |= {"COMP_WORDS": line, "COMP_CWORD": f"{len(line.split()) - 1}", "_POLARGRID_COMPLETE": "bash_complete"}
    result = CliRunner().invoke(polargrid, [], prog_name="polargrid", env=variables)
    assert result.stderr == ""
    return {completion.partition(",")[2] for completion in result.stdout.split()}


def test_models_of_this_machine(tmp_path, closed_url):
    """For an edge on this machine that does not run: those of its catalog, and those that were added."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "added.json").write_text('[{"source": "/models/smile.gguf"}]')
    expected = {"smile", "smollm2-135m"}
    variables = {"POLARGRID_CACHE": str(tmp_path)}
    assert complete(f"polargrid chat --base-url {closed_url} --model sm", **variables) == expected
    assert complete("polargrid chat --model sm", POLARGRID_BASE_URL=closed_url, **variables) == expected
    assert complete("polargrid models rm sm", **variables) == expected
    assert complete("polargrid chat --model sm", **variables) == set()


def test_models_of_a_running_edge():
    """Are those that it serves, of the kind that the command takes."""
    with FakeEdge() as fake:
        models = [
            {"id": f"my-{kind}", "object": "model", "created": 1, "owned_by": "me", "pg_model_type": kind}
            for kind in ("chat", "speech-to-text")
        ]
        fake.on("list_models").respond({"object": "list", "data": models})
        variables = {"POLARGRID_BASE_URL": fake.url, "POLARGRID_API_KEY": fake.api_key}
        assert complete("polargrid chat --model m", **variables) == {"my-chat"}
        assert complete("polargrid models unload m", **variables) == {"my-chat", "my-speech-to-text"}


def test_a_server_that_is_something_else(start_server):
    """Adds nothing, and is no error."""
    server = start_server(respond(b"[1]"))
    assert complete("polargrid chat --model l", POLARGRID_BASE_URL=server.url) == {"llama-3.1-8b"}


def test_bash_parses_the_script(invoke):
    """The script is valid bash."""
    bash = shutil.which("bash")
    assert bash
    script = invoke("completion", "bash").stdout
    subprocess.run([bash, "-n"], input=script, text=True, check=True)


def test_an_unknown_shell_is_rejected(invoke):
    """The message lists the supported shells."""
    result = invoke("completion", "csh")
    assert result.exit_code == 2
    assert "fish" in result.stderr


def test_models_in_a_chat(open_terminal):
    """Tab completes `/model` by the names of chat models that the edge serves."""
    with FakeEdge() as fake:
        model = {"id": "my-chat", "object": "model", "created": 1, "owned_by": "me", "pg_model_type": "chat"}
        fake.on("list_models").respond({"object": "list", "data": [model]})
        terminal = open_terminal("chat", url=fake.url, POLARGRID_API_KEY=fake.api_key)
        terminal.read_until("lists the commands.")
        terminal.type("/model my\t")
        terminal.read_until("-chat")
        terminal.type("\r")
        terminal.read_until("model: my-chat")
        terminal.type("/exit\r")
        assert terminal.wait() == 0
