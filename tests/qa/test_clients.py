"""The roster of clients, the outcomes of programs, and the table, without the environment of a client."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from qa.clients import report
from qa.clients.environments import prepare_command
from qa.clients.outcomes import Outcome, Result, exit_status, results_as_json
from qa.clients.roster import FOLDER, KINDS, SCENARIOS, Client, load_clients
from qa.clients.run import DOCS, main, run_clients

CLIENTS = load_clients()
PYTHON_CLIENTS = [client for client in CLIENTS if client.runtime == "python"]
NODE_CLIENTS = [client for client in CLIENTS if client.runtime == "node"]

each_client = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
each_python_client = pytest.mark.parametrize("client", PYTHON_CLIENTS, ids=lambda client: client.name)
each_node_client = pytest.mark.parametrize("client", NODE_CLIENTS, ids=lambda client: client.name)


def create_client(tmp_path, source):
    """A client whose program has this source, with its pins."""
    pins = tmp_path / "pins.txt"
    pins.write_text("example==1.0\n", encoding="utf-8")
    program = f'CLIENTS = {{"example": ("example",)}}\nKIND = "agents"\n\n{source}'
    tmp_path.joinpath("example.py").write_text(program, encoding="utf-8")
    (client,) = load_clients(tmp_path)
    return replace(client, pins=pins)


def run_in_this_interpreter(client):
    """The command that runs a program without an environment of its own."""
    return [sys.executable, "-P", "-B", str(FOLDER / "play.py"), str(client.program)]


def run_program(tmp_path, source, prepare=run_in_this_interpreter, **options):
    (result,) = run_clients([create_client(tmp_path, source)], prepare, "http://127.0.0.1:1", **options)
    return result


def test_roster_has_all_clients():
    """Each once, by name."""
    assert [client.name for client in CLIENTS] == [
        "ai-sdk",
        "ai-sdk-openai",
        "autogen",
        "haystack",
        "instructor",
        "langchain-openai",
        "langchain-openai-node",
        "langgraph",
        "livekit",
        "llm",
        "openai",
        "openai-2",
        "openai-agents",
        "openai-agents-node",
        "openai-node",
        "pipecat",
        "pydantic-ai",
        "semantic-kernel",
        "smolagents",
    ]


@each_client
def test_client_has_a_kind(client: Client):
    """Its table has a title."""
    assert client.kind in KINDS


@each_client
def test_client_has_a_pinned_version(client: Client):
    """It is an exact version."""
    assert re.fullmatch(r"\d+(\.\d+)+", client.version)


@each_client
def test_scenarios_of_a_client_have_titles(client: Client):
    """An unknown or repeated name is an error of the program."""
    assert len(client.scenarios) >= 3
    assert set(client.scenarios) <= set(SCENARIOS)
    assert len(set(client.scenarios)) == len(client.scenarios)


def test_every_scenario_has_a_client():
    """The table has no empty row."""
    assert {name for client in CLIENTS for name in client.scenarios} == set(SCENARIOS)


@each_python_client
def test_python_pins_have_hashes(client: Client):
    """They work with any index."""
    text = client.pins.read_text(encoding="utf-8")
    pins = re.findall(r"^\S+==\S+.*$", text, flags=re.MULTILINE)
    assert all(pin.endswith("\\") for pin in pins)
    assert "://" not in text
    assert "index" not in text


@each_node_client
def test_node_pins_are_exact(client: Client):
    """The lock has the versions of package.json, a hash of each package, and no registry."""
    required = json.loads(client.pins.with_name("package.json").read_text(encoding="utf-8"))["dependencies"]
    locked = json.loads(client.pins.read_text(encoding="utf-8"))["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in required} == required
    assert all("integrity" in package for path, package in locked.items() if path)
    assert "://" not in client.pins.read_text(encoding="utf-8")


def test_page_has_the_pinned_versions():
    """docs/clients.md is up to date with the pins, and has a cell for each scenario of each client."""
    text = DOCS.read_text(encoding="utf-8")
    for kind, title in KINDS.items():
        clients = [client for client in CLIENTS if client.kind == kind]
        lines = text.partition(f"\n## {title}\n")[2].partition("\n## ")[0].splitlines()
        assert f"|  | {' | '.join(f'{client.name} {client.version}' for client in clients)} |" in lines
        names = {name for client in clients for name in client.scenarios}
        assert [line.partition(": ")[0][2:] for line in lines if ": " in line.partition("|")[2]] == [
            name for name in SCENARIOS if name in names
        ]
        for name in names:
            (row,) = [line for line in lines if line.startswith(f"| {name}: ")]
            filled = [bool(cell.strip()) for cell in row.strip("|").split("|")[1:]]
            assert filled == [name in client.scenarios for client in clients], name


def test_scenario_without_a_result_passes(tmp_path):
    """An async scenario as well."""
    outcomes = run_program(tmp_path, "def chat():\n    pass\n\n\nasync def async_chat():\n    pass\n").outcomes
    assert [(outcome.scenario, outcome.outcome) for outcome in outcomes] == [
        ("chat", "passed"),
        ("async chat", "passed"),
    ]


def test_scenario_with_a_text_is_unsupported(tmp_path):
    """The text is the reason, and the exit status is 0."""
    result = run_program(tmp_path, "def embeddings():\n    return 'There is no path for it.'\n")
    assert [(outcome.outcome, outcome.reason) for outcome in result.outcomes] == [
        ("unsupported", "There is no path for it.")
    ]
    assert exit_status([result]) == 0


def test_scenario_with_two_numbers_is_measured(tmp_path):
    """Few successes are no failure."""
    result = run_program(tmp_path, "def chat():\n    return 3, 10\n")
    assert [(outcome.outcome, outcome.reason) for outcome in result.outcomes] == [("measured", "3 of 10")]
    assert exit_status([result]) == 0


def test_scenario_that_raises_fails(tmp_path):
    """The reason has the line, the next scenarios run, and the exit status is 1."""
    source = "def chat():\n    assert 1 == 2\n\n\ndef stream():\n    print('not a line of JSON')\n"
    result = run_program(tmp_path, source)
    assert [outcome.outcome for outcome in result.outcomes] == ["failed", "passed"]
    assert result.outcomes[0].reason == "AssertionError (line 5: assert 1 == 2)"
    assert exit_status([result]) == 1


@pytest.mark.parametrize("source", ["import no_such_client\n", "raise SystemExit(3)\n"])
def test_program_that_does_not_start_fails(tmp_path, source):
    """Its scenarios fail, and the reason has its exit status."""
    result = run_program(tmp_path, f"{source}\n\ndef chat():\n    pass\n")
    assert [outcome.outcome for outcome in result.outcomes] == ["failed"]
    assert re.search(r"status (1\. .*no_such_client|3)", result.outcomes[0].reason)


def test_program_that_exits_early_fails(tmp_path):
    """The scenarios before the exit passed."""
    source = "import os\n\n\ndef chat():\n    pass\n\n\ndef stream():\n    os._exit(5)\n"
    result = run_program(tmp_path, source)
    assert [outcome.outcome for outcome in result.outcomes] == ["passed", "failed"]
    assert "status 5" in result.outcomes[1].reason


def test_program_that_hangs_fails(tmp_path):
    """It is killed after the timeout."""
    result = run_program(tmp_path, "import threading\n\n\ndef chat():\n    threading.Event().wait()\n", timeout=0.5)
    assert [outcome.outcome for outcome in result.outcomes] == ["failed"]
    assert "timeout after 0.5 s" in result.outcomes[0].reason


def test_program_gets_the_edge_and_no_proxy(tmp_path, monkeypatch):
    """It gets no keys of other services."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:2")
    monkeypatch.setenv("OPENAI_API_KEY", "other")
    source = "import os\n\n\ndef chat():\n    return ' '.join(f'{k}={v}' for k, v in os.environ.items())\n"
    (outcome,) = run_program(tmp_path, source).outcomes
    assert "OPENAI_BASE_URL=http://127.0.0.1:1/v1" in outcome.reason
    assert "OPENAI_API_KEY=pg_local" in outcome.reason
    assert "PROXY" not in outcome.reason


def test_program_may_have_the_name_of_its_client(tmp_path):
    """An import of the client does not find the program."""
    source = "try:\n    import example\nexcept ImportError:\n    pass\n\n\ndef chat():\n    pass\n"
    assert exit_status([run_program(tmp_path, source)]) == 0


def test_environment_that_cannot_be_created_fails(tmp_path):
    """Each scenario fails, with the reason."""

    def fail(client):
        raise subprocess.CalledProcessError(2, ["pip"])

    result = run_program(tmp_path, "def chat():\n    pass\n", prepare=fail)
    assert "cannot create the environment" in result.outcomes[0].reason
    assert exit_status([result]) == 1


@each_node_client
def test_clients_for_node_are_skipped_without_node(monkeypatch, client: Client):
    """The result has the reason, and the exit status is 0."""
    monkeypatch.setenv("PATH", "")
    (result,) = run_clients([client], prepare_command, "http://127.0.0.1:1")
    assert result.skipped == "node is not installed; install Node 20 or newer"
    assert exit_status([result]) == 0


RESULTS = [
    Result(
        "one",
        "clients",
        "1.0",
        (Outcome("chat", "passed", seconds=1.25), Outcome("embeddings", "unsupported", "No path.", 0.5)),
    ),
    Result("two", "clients", "2.0", (Outcome("chat", "failed", "It broke."),)),
    Result("three", "voice", "3.0", skipped="node is not installed"),
    Result("four", "agents", "4.0", (Outcome("three tools of the real model", "measured", "3 of 10", 9.0),)),
]


def test_text_has_a_line_for_each_scenario():
    """The last line has the totals."""
    assert report.render_text(RESULTS).splitlines() == [
        "one 1.0",
        "  chat                           passed         1.2 s",
        "  embeddings                     unsupported    0.5 s  No path.",
        "two 2.0",
        "  chat                           failed         0.0 s  It broke.",
        "three 3.0: left out, node is not installed",
        "four 4.0",
        "  three tools of the real model  measured       9.0 s  3 of 10",
        "1 passed, 1 measured, 1 unsupported, 1 failed; left out: three",
    ]


def test_page_has_a_column_for_each_client():
    """Reasons are numbered, a measurement is shown, a skipped client has a line; only scenarios that ran have rows."""
    lines = report.render_docs(RESULTS, "today").splitlines()
    start = lines.index("## Clients of the API")
    assert lines[start + 1 : start + 19] == [
        "",
        "|  | one 1.0 | two 2.0 |",
        "| --- | --- | --- |",
        "| chat: a response and its usage | yes | FAILED (1) |",
        "| embeddings: the embedding of a text | no (2) |  |",
        "",
        "## Agents",
        "",
        "|  | four 4.0 |",
        "| --- | --- |",
        "| three tools of the real model: how many runs make three calls in order, and end | 3 of 10 |",
        "",
        "## Notes",
        "",
        "1. It broke.",
        "2. No path.",
        "",
        "three is left out: node is not installed",
    ]


def test_json_has_all_outcomes():
    """With their reasons and seconds, and a description of the run."""
    results = results_as_json(RESULTS, "today")
    assert results["run"] == "today"
    assert results["clients"][0]["outcomes"][1] == {
        "scenario": "embeddings",
        "outcome": "unsupported",
        "reason": "No path.",
        "seconds": 0.5,
    }


@pytest.mark.parametrize(
    "arguments", [["--only", "no-such"], ["--only", "openai", "--write-docs"], ["--lock", "no-such"]]
)
def test_invalid_arguments_are_rejected(capsys, arguments):
    """The exit status is 2, and no client runs."""
    with pytest.raises(SystemExit) as exit_info:
        main(arguments)
    assert exit_info.value.code == 2
    assert re.search(r"no-such|omit --only", capsys.readouterr().err)
