"""`polargrid contract` against servers of every kind: its exit status, its sentences, what it writes."""

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

from polargrid_cli.commands import contract
from polargrid_contract.check import Check, NotOffered
from polargrid_contract.run import Plan, UnknownNameError, run
from polargrid_contract.server import Target

KEY = "pg_live_0123456789abcdef"


@contextmanager
def _http(answer: Callable[[BaseHTTPRequestHandler], tuple[int, bytes]]) -> Iterator[str]:
    """A server that answers what `answer` says of a request."""

    class Handler(BaseHTTPRequestHandler):
        def handle_all(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            status, body = answer(self)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_all  # noqa: N815

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@contextmanager
def _tcp(said: bytes | None) -> Iterator[str]:
    """A server that says this to whoever connects and hangs up; None: it takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(said or b"")

        thread = threading.Thread(target=serve, daemon=True)
        if said is not None:
            thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
    if said is not None:
        thread.join()


def _echo(request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
    """Nonsense, and the key in it."""
    return 200, json.dumps({"you sent": request.headers.get("authorization"), "markup": "</pre><b>"}).encode()


def _nonsense(_request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
    return 200, b"[1, 2"


def _shows(server):
    """A check that finds fault with whatever comes."""
    exchange = server.ask("list_models")
    yield server.fault(exchange, expected="models", came=exchange.text)


def _absent(server):
    raise NotOffered("no such operation")
    yield


def _check(name, function, *, changes=False):
    return Check(name, "A reason.", "A source", ("list_models",), ("polargrid", "openai"), changes, function)


CHECKS = (_check("shows", _shows), _check("absent", _absent), _check("unloads", _shows, changes=True))


def _run(url, **options):
    plan = {name: options.pop(name) for name in ("only", "skip", "seconds") if name in options}
    return run(Plan(Target(url, KEY, **options), ("conduct",), **plan), checks=CHECKS)


# A run


def test_each_check_has_an_outcome():
    """What is not there is broken in one profile and absent in the other; what changes models is left out on demand."""
    with _http(_echo) as url:
        strict, loose = _run(url), _run(url, profile="openai", read_only=True)
    assert [outcome.verdict for outcome in strict.outcomes] == ["broken", "broken", "broken"]
    assert [outcome.verdict for outcome in loose.outcomes] == ["broken", "not offered", "not run"]


def test_a_run_holds_nothing_of_the_key():
    """Not in the report, whose server gives it back."""
    with _http(_echo) as url:
        report = _run(url)
    assert KEY not in repr(report)
    assert "[the key]" in report.outcomes[0].faults[0].came


def test_a_spent_budget():
    """What is not begun in time is not run, and then nothing is claimed."""
    with _http(_echo) as url:
        report = _run(url, seconds=-1.0)
    assert {outcome.verdict for outcome in report.outcomes} == {"not run"}
    assert report.exit_status == 1


def test_schemathesis_that_does_not_start(monkeypatch):
    """What conduct found is told all the same, and nothing is said to be kept."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with _http(_echo) as url:
        report = run(Plan(Target(url, KEY), only=("list_models", CHECKS[0].name)), checks=CHECKS)
    assert {outcome.half for outcome in report.outcomes} == {"schema", "conduct"}
    (schema,) = [outcome for outcome in report.broken if outcome.half == "schema"]
    assert "did not start" in schema.faults[0].came


def test_only_and_skip():
    """Checks are chosen by name."""
    with _http(_echo) as url:
        report = _run(url, only=("shows", "absent"), skip=("absent",))
    assert [outcome.check for outcome in report.outcomes] == ["shows"]


def test_an_unknown_name_is_told_with_its_neighbours():
    """Checks of both halves and operations are names."""
    for name, near in (("show", "shows"), ("list_model", "list_models"), ("ignored_aut", "ignored_auth")):
        with pytest.raises(UnknownNameError, match=f"called {name}; near are: .*{near}"):
            _run("http://127.0.0.1:9", only=(name,))


# The command


def test_a_refused_key(capsys):
    """Exit status 3, and a hint where no key was given."""
    with _http(lambda _request: (401, b"{}")) as url:
        assert contract.run(url, api_key=KEY, half="conduct") == 3
        assert contract.run(url, half="conduct") == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert "--api-key" in told.err
    assert KEY not in told.err


def test_nothing_listens(capsys):
    """Exit status 1 and a sentence."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert contract.run(f"http://127.0.0.1:{port}", half="conduct") == 1
    assert "cannot be reached" in capsys.readouterr().err


@pytest.mark.parametrize("said", [b"220 mail.test ESMTP\r\n", b"", b"\x16\x03\x01\0\xff", None])
def test_no_http(capsys, said):
    """Exit status 1 for a server that speaks another language, hangs up, or says nothing."""
    with _tcp(said) as url:
        assert contract.run(url, half="conduct", timeout=0.3) == 1
    assert "does not answer HTTP" in capsys.readouterr().err


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
def test_no_url(capsys, url):
    """Exit status 2 for what is no URL of a server."""
    assert contract.run(url, half="conduct") == 2
    assert "polargrid contract:" in capsys.readouterr().err


@pytest.mark.parametrize("key", ["pg key", "pg_\n", "pg_é"])
def test_a_key_that_cannot_be_sent(capsys, key):
    """Exit status 2, and the key is not repeated."""
    assert contract.run("http://127.0.0.1:9", api_key=key) == 2
    assert key not in capsys.readouterr().err


def test_an_unknown_check(capsys):
    """Exit status 2, with names that are near."""
    assert contract.run("http://127.0.0.1:9", only=("chat_complete",)) == 2
    assert "chat_completion" in capsys.readouterr().err


def test_a_report_needs_a_folder(tmp_path, capsys):
    """Exit status 2 before anything is asked."""
    assert contract.run("http://127.0.0.1:9", html_file=tmp_path / "none" / "report.html") == 2
    assert "no folder" in capsys.readouterr().err


def test_nonsense(capsys):
    """A server that answers what nobody can read is broken; the report is all that stands on stdout."""
    with _http(_nonsense) as url:
        assert contract.run(f"{url}/v1/", half="conduct", only=("list_models",), json_output=True) == 6
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == "broken"
    assert not report["url"].endswith("/v1")


def test_the_key_is_written_nowhere(tmp_path, capsys):
    """A server that gives it back finds it in no report and on no stream."""
    junit, page = tmp_path / "junit.xml", tmp_path / "report.html"
    with _http(_echo) as url:
        contract.run(url, api_key=KEY, half="conduct", only=("list_models",), junit_file=junit, html_file=page)
    told = capsys.readouterr()
    ElementTree.parse(junit)  # noqa: S314 - our own
    for text in (junit.read_text("utf-8"), page.read_text("utf-8"), told.out, told.err):
        assert text
        assert KEY not in text
