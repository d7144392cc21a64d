"""`fake`, and `serve --fake`."""

import json
import re
import signal

import httpx
import pytest

from polargrid_testing.faults import FAULTS
from tests.cli.conftest import TIMEOUT

SCRIPT = "rules:\n  - chat: Hello!\n"


@pytest.fixture
def script(tmp_path):
    """A script in a file."""
    file = tmp_path / "script.yaml"
    file.write_text(SCRIPT)
    return file


@pytest.mark.parametrize("command", [("fake",), ("serve", "--fake")])
def test_serves_a_script_until_interrupted(start_process, invoke, script, command):
    """It prints its URL and key; rules answer, and examples the rest; Ctrl-C ends it without further output."""
    process = start_process(*command, str(script), "--port", "0")
    url, key = re.search(r"(http://127.0.0.1:\d+) with API key (\w+);", process.stdout.readline().decode()).groups()
    result = invoke("chat", "Hi", url=url, POLARGRID_API_KEY=key)
    assert (result.exit_code, result.stdout) == (0, "Hello!\n"), result.stderr
    assert invoke("models", "list", "--json", url=url, POLARGRID_API_KEY="pg_any").exit_code == 0
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, output, errors) == (130, b"", b"")


def test_json(start_process, invoke, script, tmp_path):
    """The URL and the key in a line that a program reads; the faults; a script that is wrong."""
    process = start_process("fake", "--port", "0", "--json")
    started = json.loads(process.stdout.readline())
    assert invoke("health", url=started["url"], POLARGRID_API_KEY=started["api_key"]).exit_code == 0
    assert {fault["fault"] for fault in json.loads(invoke("fake", "--list-faults", "--json").stdout)["faults"]} == set(
        FAULTS
    )
    assert json.loads(invoke("fake", str(script), "--check", "--json").stdout) == {"valid": True}
    (tmp_path / "wrong.yaml").write_text("rules: 1\n")
    result = invoke("fake", str(tmp_path / "wrong.yaml"), "--check", "--json")
    assert (result.exit_code, json.loads(result.stderr)["exit_status"]) == (2, 2)


def test_strict(start_process, script):
    """What no rule answers is an error, and a line on stderr; the key is checked."""
    process = start_process("fake", str(script), "--port", "0", "--strict", "--key", "pg_mine")
    (url,) = re.findall(r"http://[0-9.:]+", process.stdout.readline().decode())
    responses = [httpx.get(f"{url}/health", headers={"authorization": f"Bearer {key}"}) for key in ("pg_mine", "pg_x")]
    assert [response.status_code for response in responses] == [501, 401]
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=TIMEOUT)
    assert errors.decode() == 'GET /health without a body; add: fake.on("health").respond()\n'


def test_check(invoke, script):
    """It says that a script is valid, or what is wrong and where, in a line."""
    result = invoke("fake", "--check", str(script))
    assert (result.exit_code, result.stdout) == (0, f"{script}: valid\n")
    script.write_text(SCRIPT + "    chunk: [a]\n")
    result = invoke("fake", "--check", str(script))
    assert result.exit_code == 2
    assert result.stderr == f"polargrid fake: {script}:3:5: unknown field 'chunk'; did you mean 'chunks'?\n"


def test_list_faults(invoke):
    """Each fault is a line with its options and what happens."""
    result = invoke("fake", "--list-faults")
    assert [line.partition("\t")[0] for line in result.stdout.splitlines()] == list(FAULTS)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("fake", "--check"), "--check: expected a script"),
        (("fake", "none.yaml"), "'none.yaml' does not exist"),
        (("serve", "--fake", "SCRIPT", "--threads", "2"), "--threads: a scripted edge has no models"),
        (("serve", "--fake", "SCRIPT", "--key", "a", "--key", "b"), "expected one --key"),
    ],
)
def test_invalid_options(invoke, script, words, message):
    """The message is a line."""
    result = invoke(*[str(script) if word == "SCRIPT" else word for word in words])
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_port_in_use(invoke, start_server):
    """The message names it."""
    port = start_server().url.rpartition(":")[2]
    result = invoke("fake", "--port", port)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert f"cannot listen on 127.0.0.1 port {port}" in result.stderr
