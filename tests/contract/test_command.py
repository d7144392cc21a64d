"""`polargrid contract` against servers of every kind: exit status, messages, reports."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from polargrid_cli.commands import contract
from polargrid_contract.client import OperationMissing, TargetServer
from polargrid_contract.registry import Check, CheckSkipped
from polargrid_contract.runner import Plan, UnknownNameError, run

KEY = "pg_live_0123456789abcdef"


@contextmanager
def serve_http(respond: Callable[[BaseHTTPRequestHandler], tuple[int, bytes]]) -> Iterator[str]:
    """Serve the status and body that `respond` returns for a request."""

    class Handler(BaseHTTPRequestHandler):
        def handle_all(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            status, body = respond(self)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_all  # noqa: N815

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Write no log."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # a check connects a hundred times at once

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:  # a failed test would leave a thread for which the process waits
            server.shutdown()
            thread.join()


@contextmanager
def serve_tcp(data: bytes | None) -> Iterator[str]:
    """Send the data on each connection and close it; with None, accept connections and send nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(data or b"")

        thread = threading.Thread(target=serve, daemon=True)
        if data is not None:
            thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    if data is not None:
        thread.join()


def echo_key(request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
    """Respond with the key, in JSON of an unknown shape."""
    return 200, json.dumps({"authorization": request.headers.get("authorization"), "markup": "</pre><b>"}).encode()


def respond_with_invalid_json(_request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
    return 200, b"[1, 2"


def report_violation(client):
    """A check that every response violates."""
    exchange = client.send("list_models")
    yield client.violation(exchange, expected="models", actual=exchange.text)


def require_operation(client):
    raise OperationMissing("no such operation")
    yield


def skip(client):
    raise CheckSkipped("nothing to compare")
    yield


def build_check(name, function, *, mutates=False):
    return Check(
        name, "A reason.", "A source", ("list_models",), ("polargrid", "openai"), mutates, False, False, function
    )


CHECKS = (
    build_check("violated", report_violation),
    build_check("missing", require_operation),
    build_check("unloads", report_violation, mutates=True),
)


def run_plan(url, *, checks=CHECKS, **options):
    plan = {name: options.pop(name) for name in ("only", "skip", "seconds") if name in options}
    return run(Plan(TargetServer(url, KEY, **options), ("behaviour",), **plan), checks=checks)


# A run


def test_each_check_has_an_outcome():
    """A missing operation fails in one profile and is not supported in the other; --read-only skips some checks."""
    with serve_http(echo_key) as url:
        strict, loose = run_plan(url), run_plan(url, profile="openai", read_only=True)
    assert [outcome.status for outcome in strict.outcomes] == ["failed", "failed", "failed"]
    assert [outcome.status for outcome in loose.outcomes] == ["failed", "not_supported", "skipped"]


def test_a_check_without_its_precondition_is_skipped():
    """The note has the reason."""
    with serve_http(echo_key) as url:
        (outcome,) = run_plan(url, checks=(build_check("skips", skip),)).outcomes
    assert (outcome.status, outcome.note) == ("skipped", "nothing to compare")


def test_a_report_does_not_contain_the_key():
    """Even if the server returns it."""
    with serve_http(echo_key) as url:
        report = run_plan(url)
    assert KEY not in repr(report)
    assert "[api key]" in report.outcomes[0].violations[0].actual


def test_checks_after_the_time_budget_are_skipped():
    """A run without checks does not pass."""
    with serve_http(echo_key) as url:
        report = run_plan(url, seconds=-1.0)
    assert {outcome.status for outcome in report.outcomes} == {"skipped"}
    assert report.exit_status == 1


def test_schemathesis_that_does_not_start_is_a_failure(monkeypatch):
    """The outcomes of the behaviour suite are reported all the same."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with serve_http(echo_key) as url:
        report = run(Plan(TargetServer(url, KEY), only=("list_models", CHECKS[0].name)), checks=CHECKS)
    assert {outcome.suite for outcome in report.outcomes} == {"schema", "behaviour"}
    (schema,) = [outcome for outcome in report.failures if outcome.suite == "schema"]
    assert "did not start" in schema.violations[0].actual


def test_only_and_skip_select_checks():
    """They take names of checks."""
    with serve_http(echo_key) as url:
        report = run_plan(url, only=("violated", "missing"), skip=("missing",))
    assert [outcome.check for outcome in report.outcomes] == ["violated"]


def test_an_unknown_name_is_reported_with_similar_names():
    """Names are those of operations and of the checks of both suites."""
    for name, similar in (("violate", "violated"), ("list_model", "list_models"), ("ignored_aut", "ignored_auth")):
        with pytest.raises(UnknownNameError, match=f"'{name}'; similar names: .*{similar}"):
            run_plan("http://127.0.0.1:9", only=(name,))


# The command


def test_a_rejected_key(capsys):
    """The exit status is 3, with a hint if no key was set."""
    with serve_http(lambda _request: (401, b"{}")) as url:
        assert contract.run(url, api_key=KEY, suite="behaviour") == 3
        assert contract.run(url, suite="behaviour") == 3
    output = capsys.readouterr()
    assert output.out == ""
    assert "--api-key" in output.err
    assert KEY not in output.err


def test_a_closed_port(capsys):
    """The exit status is 1."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # not listening
        assert contract.run(f"http://127.0.0.1:{closed.getsockname()[1]}", suite="behaviour") == 1
    assert "cannot connect to" in capsys.readouterr().err


@pytest.mark.parametrize("data", [b"220 mail.test ESMTP\r\n", b"", b"\x16\x03\x01\0\xff", None])
def test_a_server_without_http(capsys, data):
    """The exit status is 1 for another protocol, a closed connection, and no response."""
    with serve_tcp(data) as url:
        assert contract.run(url, suite="behaviour", timeout=0.3) == 1
    assert "does not respond over HTTP" in capsys.readouterr().err


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:55111",
        "ftp://edge.test",
        "http://",
        "http://a:b@edge.test",
        "http://edge.test/?key=1",
        "http://[",
        "",
    ],
)
def test_an_invalid_url(capsys, url):
    """The exit status is 2."""
    assert contract.run(url, suite="behaviour") == 2
    assert "polargrid contract:" in capsys.readouterr().err


@pytest.mark.parametrize("key", ["pg key", "pg_\n", "pg_é"])
def test_an_invalid_key(capsys, key):
    """The exit status is 2, and the message does not contain the key."""
    assert contract.run("http://127.0.0.1:9", api_key=key) == 2
    assert key not in capsys.readouterr().err


@pytest.mark.parametrize("model", ["embedding", "embedding=", "chats=m"])
def test_an_invalid_model(model):
    """The message names the kinds of the document."""
    result = CliRunner().invoke(contract.contract, ["http://127.0.0.1:9", "--model", model])
    assert result.exit_code == 2
    assert "embedding, speech-to-text" in result.output


def test_an_unknown_check(capsys):
    """The exit status is 2, and the message has similar names."""
    assert contract.run("http://127.0.0.1:9", only=("chat_complete",)) == 2
    assert "chat_completion" in capsys.readouterr().err


def test_a_report_needs_a_folder(tmp_path, capsys):
    """The exit status is 2, before any request is sent."""
    assert contract.run("http://127.0.0.1:9", html_file=tmp_path / "none" / "report.html") == 2
    assert str(tmp_path / "none") in capsys.readouterr().err


def test_invalid_json_fails(capsys):
    """The exit status is 6, and stdout contains only the report."""
    with serve_http(respond_with_invalid_json) as url:
        assert contract.run(f"{url}/v1/", suite="behaviour", only=("list_models",), json_output=True) == 6
    report = json.loads(capsys.readouterr().out)
    assert report["status"] == "failed"
    assert not report["url"].endswith("/v1")


def test_no_output_contains_the_key(tmp_path, capsys):
    """A server that returns it finds it in no report and on no stream."""
    junit, page = tmp_path / "junit.xml", tmp_path / "report.html"
    with serve_http(echo_key) as url:
        contract.run(url, api_key=KEY, suite="behaviour", only=("list_models",), junit_file=junit, html_file=page)
    output = capsys.readouterr()
    ElementTree.parse(junit)  # noqa: S314 - our own
    for text in (junit.read_text("utf-8"), page.read_text("utf-8"), output.out, output.err):
        assert text
        assert KEY not in text


# Accepted deviations and saved exchanges


def test_a_baseline_that_a_run_writes_accepts_the_next_run(tmp_path):
    """Once the reasons are written; what is gone afterwards is a warning."""
    file = tmp_path / "known.json"
    with serve_http(respond_with_invalid_json) as url:
        assert contract.run(url, api_key=KEY, suite="behaviour", only=("list_models",), write_baseline=file) == 6
        assert contract.run(url, baseline_file=file) == 2
        file.write_text(file.read_text("utf-8").replace("TODO: write why this is accepted", "see issue 7"), "utf-8")
        arguments = {"api_key": KEY, "suite": "behaviour", "only": ("list_models",), "baseline_file": file}
        assert contract.run(url, **arguments) == 0
    with serve_http(echo_key) as url:
        assert contract.run(url, **arguments) == 6


def test_accepted_deviations_are_shown(tmp_path, capsys):
    """In the report and in the progress, and never as passed."""
    file = tmp_path / "known.json"
    entries = [{"check": name, "reason": "see issue 7"} for name in ("success-as-documented", "models-list-valid")]
    file.write_text(json.dumps({"schema_version": 1, "accepted": [*entries, {"check": "gone-check", "reason": "x"}]}))
    names = ("success-as-documented", "models-list-valid")
    with serve_http(respond_with_invalid_json) as url:
        assert contract.run(url, api_key=KEY, suite="behaviour", only=names, baseline_file=file) == 0
    output = capsys.readouterr()
    assert "~ behaviour  models-list-valid" in output.err
    assert "~ models-list-valid at list_models: accepted, see issue 7" in output.out
    assert "warning: baseline: accepted[2] (gone-check): there is no such check" in output.out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "No such file"),
        ("{", "$: Invalid JSON"),
        ('{"schema_version": 1, "accepted": [{"check": "a", "reason": ""}]}', "$.accepted[0].reason: "),
    ],
)
def test_a_baseline_with_a_mistake(tmp_path, capsys, text, message):
    """The exit status is 2, before any request is sent; the message has the file and the place in it."""
    file = tmp_path / "known.json"
    if text is not None:
        file.write_text(text)
    assert contract.run("http://127.0.0.1:9", baseline_file=file) == 2
    error = capsys.readouterr().err
    assert str(file) in error
    assert message in error


def test_exchanges_are_saved(tmp_path, capsys):
    """Each violation has a folder that the report names, and no file contains the key."""
    folder, page = tmp_path / "saved", tmp_path / "report.html"
    with serve_http(echo_key) as url:
        arguments = {"api_key": KEY, "suite": "behaviour", "only": ("list_models",), "html_file": page}
        assert contract.run(url, **arguments, folder=folder, json_output=True) == 6
        report = json.loads(capsys.readouterr().out)
        assert contract.run(url, **arguments, folder=folder) == 6  # it replaces its own files
    violations = [it for check in report["checks"] for it in check["violations"] if it["http_status"]]
    assert len(violations) >= 5
    assert report["saved_in"] == str(folder)
    for violation in violations:
        assert (folder / violation["saved"] / "repeat.sh").is_file()
        assert (folder / violation["saved"] / "response-body.json").is_file()
    for file in folder.rglob("*"):
        assert file.is_dir() or KEY.encode() not in file.read_bytes(), file


def test_a_folder_of_others_is_not_used(tmp_path, capsys):
    """The exit status is 2, before any request is sent."""
    (tmp_path / "notes.txt").write_text("mine")
    assert contract.run("http://127.0.0.1:9", folder=tmp_path) == 2
    assert "--save needs a new folder" in capsys.readouterr().err


def test_a_report_that_cannot_be_written(tmp_path, capsys):
    """The report is printed all the same, and a run that passes does not exit with 0."""
    with serve_http(echo_key) as url:
        assert contract.run(url, api_key=KEY, only=("list_models",), suite="behaviour", html_file=tmp_path) == 6
    output = capsys.readouterr()
    assert "directory" in output.err
    assert "✗ failed" in output.out


def test_the_number_of_workers(capsys):
    """The checks and their order in the report do not depend on it."""
    names = []
    with serve_http(respond_with_invalid_json) as url:
        for workers in (1, 4):
            contract.run(url, suite="behaviour", only=("list_models",), workers=workers, json_output=True)
            names.append([check["name"] for check in json.loads(capsys.readouterr().out)["checks"]])
    assert names[0] == names[1]
    assert CliRunner().invoke(contract.contract, ["http://127.0.0.1:9", "--workers", "0"]).exit_code == 2
