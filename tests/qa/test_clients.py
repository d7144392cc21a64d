"""The roster of clients, what is made of a program's outcomes, and the table, without any client's environment."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from qa.clients import page
from qa.clients.environments import command
from qa.clients.outcomes import Outcome, Result, as_json, exit_status
from qa.clients.roster import HERE, SCENARIOS, Client, clients
from qa.clients.run import DOCS, main, results

CLIENTS = clients()
FOR_PYTHON = [client for client in CLIENTS if client.runtime == "python"]
FOR_NODE = [client for client in CLIENTS if client.runtime == "node"]

each_client = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
each_for_python = pytest.mark.parametrize("client", FOR_PYTHON, ids=lambda client: client.name)
each_for_node = pytest.mark.parametrize("client", FOR_NODE, ids=lambda client: client.name)


def program(tmp_path, source):
    """A client whose program this is, with the pin that it needs."""
    pins = tmp_path / "pins.txt"
    pins.write_text("tried==1.0\n", encoding="utf-8")
    tmp_path.joinpath("tried.py").write_text(f'CLIENTS = {{"tried": ("tried",)}}\n\n{source}', encoding="utf-8")
    (client,) = clients(tmp_path)
    return replace(client, pins=pins)


def play(client):
    """What plays a program in this interpreter."""
    return [sys.executable, "-P", "-B", str(HERE / "play.py"), str(client.program)]


def played(tmp_path, source, command=play, **options):
    (result,) = results([program(tmp_path, source)], command, "http://127.0.0.1:1", **options)
    return result


def test_all_clients_are_found():
    """Those that are promised are there, each once."""
    assert [client.name for client in CLIENTS] == [
        "ai-sdk",
        "instructor",
        "langchain-openai",
        "llm",
        "openai",
        "openai-2",
        "openai-node",
        "pydantic-ai",
    ]


@each_client
def test_a_client_has_a_pinned_version(client: Client):
    """Its version is a whole one."""
    assert re.fullmatch(r"\d+(\.\d+)+", client.version)


@each_client
def test_a_client_has_scenarios_that_tables_know(client: Client):
    """None is misspelt, and none is there twice."""
    assert len(client.scenarios) >= 3
    assert set(client.scenarios) <= set(SCENARIOS)
    assert len(set(client.scenarios)) == len(client.scenarios)


def test_no_scenario_of_the_table_is_without_a_client():
    """Each is something that a client is made to do."""
    assert {name for client in CLIENTS for name in client.scenarios} == set(SCENARIOS)


@each_for_python
def test_pins_for_python_are_hashed(client: Client):
    """Every line that pins is followed by a hash, and none names an index."""
    text = client.pins.read_text(encoding="utf-8")
    pins = re.findall(r"^\S+==\S+.*$", text, flags=re.MULTILINE)
    assert all(pin.endswith("\\") for pin in pins)
    assert "://" not in text
    assert "index" not in text


@each_for_node
def test_pins_for_node_are_exact(client: Client):
    """The lock has what package.json names, each package with its hash, and says nothing of where it came from."""
    wanted = json.loads(client.pins.with_name("package.json").read_text(encoding="utf-8"))["dependencies"]
    locked = json.loads(client.pins.read_text(encoding="utf-8"))["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all("integrity" in package for path, package in locked.items() if path)
    assert "://" not in client.pins.read_text(encoding="utf-8")


def test_the_page_is_about_the_pinned_versions():
    """docs/clients.md was written with what is pinned now, and has a cell for each scenario of each client."""
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    assert f"|  | {' | '.join(f'{client.name} {client.version}' for client in CLIENTS)} |" in lines
    for name in SCENARIOS:
        (row,) = [line for line in lines if line.startswith(f"| {name}: ")]
        filled = [bool(cell.strip()) for cell in row.strip("|").split("|")[1:]]
        assert filled == [name in client.scenarios for client in CLIENTS], name


def test_a_scenario_that_returns_nothing_passed(tmp_path):
    """So did one that is asynchronous."""
    outcomes = played(tmp_path, "def chat():\n    pass\n\n\nasync def async_chat():\n    pass\n").outcomes
    assert [(one.scenario, one.outcome) for one in outcomes] == [("chat", "passed"), ("async chat", "passed")]


def test_a_scenario_that_returns_a_text_cannot_be_done(tmp_path):
    """The text says why, and it is no failure."""
    result = played(tmp_path, "def embeddings():\n    return 'There is no path for it.'\n")
    assert [(one.outcome, one.reason) for one in result.outcomes] == [("cannot", "There is no path for it.")]
    assert exit_status([result]) == 0


def test_a_scenario_that_raises_failed(tmp_path):
    """The line that met it is told, those after it are tried, and the exit status is 1."""
    result = played(tmp_path, "def chat():\n    assert 1 == 2\n\n\ndef stream():\n    print('not a line of JSON')\n")
    assert [one.outcome for one in result.outcomes] == ["failed", "passed"]
    assert result.outcomes[0].reason == "AssertionError (line 4: assert 1 == 2)"
    assert exit_status([result]) == 1


@pytest.mark.parametrize("source", ["import no_such_client\n", "raise SystemExit(3)\n"])
def test_a_program_that_cannot_begin_failed(tmp_path, source):
    """Each of its scenarios failed, and how the program ended is told."""
    result = played(tmp_path, f"{source}\n\ndef chat():\n    pass\n")
    assert [one.outcome for one in result.outcomes] == ["failed"]
    assert re.search(r"status (1\. .*no_such_client|3)", result.outcomes[0].reason)


def test_a_program_that_ends_halfway_failed(tmp_path):
    """What it had done stays done."""
    source = "import os\n\n\ndef chat():\n    pass\n\n\ndef stream():\n    os._exit(5)\n"
    result = played(tmp_path, source)
    assert [one.outcome for one in result.outcomes] == ["passed", "failed"]
    assert "status 5" in result.outcomes[1].reason


def test_a_program_that_does_not_end_failed(tmp_path):
    """It is ended, and told how long it had."""
    result = played(tmp_path, "import threading\n\n\ndef chat():\n    threading.Event().wait()\n", longest=0.5)
    assert [one.outcome for one in result.outcomes] == ["failed"]
    assert "longer than 0.5 s" in result.outcomes[0].reason


def test_a_program_sees_the_edge_and_no_proxy(tmp_path, monkeypatch):
    """Nor keys that are meant for others."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:2")
    monkeypatch.setenv("OPENAI_API_KEY", "another's")
    source = "import os\n\n\ndef chat():\n    return ' '.join(f'{k}={v}' for k, v in os.environ.items())\n"
    (seen,) = played(tmp_path, source).outcomes
    assert "OPENAI_BASE_URL=http://127.0.0.1:1/v1" in seen.reason
    assert "OPENAI_API_KEY=pg_local" in seen.reason
    assert "PROXY" not in seen.reason


def test_a_program_may_be_named_as_its_client_is(tmp_path):
    """It does not find itself in the client's place."""
    result = played(tmp_path, "try:\n    import tried\nexcept ImportError:\n    pass\n\n\ndef chat():\n    pass\n")
    assert exit_status([result]) == 0


def test_an_environment_that_cannot_be_made_is_a_failure(tmp_path):
    """Each scenario failed, and the reason is told."""

    def broken(client):
        raise subprocess.CalledProcessError(2, ["pip"])

    result = played(tmp_path, "def chat():\n    pass\n", command=broken)
    assert "could not be made" in result.outcomes[0].reason
    assert exit_status([result]) == 1


@each_for_node
def test_without_node_its_clients_are_left_out(monkeypatch, client: Client):
    """The reason is told, and it is no failure."""
    monkeypatch.setenv("PATH", "")
    (result,) = results([client], command, "http://127.0.0.1:1")
    assert result.left_out == "There is no node on this machine; install Node 20 or newer."
    assert exit_status([result]) == 0


RESULTS = [
    Result("one", "1.0", (Outcome("chat", "passed", seconds=1.25), Outcome("embeddings", "cannot", "No path.", 0.5))),
    Result("two", "2.0", (Outcome("chat", "failed", "It broke."),)),
    Result("three", "3.0", left_out="There is no node."),
]


def test_the_text_has_a_line_for_each_scenario():
    """It ends with what it adds up to."""
    assert page.text(RESULTS).splitlines() == [
        "one 1.0",
        "  chat                        passed    1.2 s",
        "  embeddings                  cannot    0.5 s  No path.",
        "two 2.0",
        "  chat                        failed    0.0 s  It broke.",
        "three 3.0: left out. There is no node.",
        "1 passed, 1 cannot, 1 failed; left out: three",
    ]


def test_the_page_has_a_column_for_each_client():
    """Reasons are numbered, a client that was left out has a line, and only what was tried has a row."""
    told = page.docs(RESULTS, "today").splitlines()
    start = told.index("|  | one 1.0 | two 2.0 |")
    assert told[start + 1 : start + 9] == [
        "| --- | --- | --- |",
        "| chat: a question, its answer and its usage | yes | FAILED (1) |",
        "| embeddings: the vector of a text | no (2) |  |",
        "",
        "1. It broke.",
        "2. No path.",
        "",
        "three is left out: There is no node.",
    ]


def test_json_has_everything():
    """The outcomes with their reasons and seconds, and when they were measured."""
    told = as_json(RESULTS, "today")
    assert told["measured"] == "today"
    assert told["clients"][0]["outcomes"][1] == {
        "scenario": "embeddings",
        "outcome": "cannot",
        "reason": "No path.",
        "seconds": 0.5,
    }


@pytest.mark.parametrize(
    "arguments", [["--only", "nobody"], ["--only", "openai", "--write-docs"], ["--lock", "nobody"]]
)
def test_arguments_that_make_no_sense_are_told(capsys, arguments):
    """With status 2, before anything is begun."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert re.search(r"nobody|leave out --only", capsys.readouterr().err)
