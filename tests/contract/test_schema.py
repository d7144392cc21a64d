"""schemathesis, all phases and all checks, against the local edge and against a server that keeps nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from polargrid_contract.findings import ANSWERED, CHECKS
from polargrid_contract.schema import configuration


def _contract(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "polargrid_cli", "contract", "--half", "schema", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.timeout(900)
def test_the_local_edge_keeps_the_contract():
    """Nothing is found, in any phase, by any check, at any operation."""
    done = _contract("--max-examples", "5", "--seed", "1", "--json")
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    report = json.loads(done.stdout)
    assert {outcome["name"]: outcome["verdict"] for outcome in report["checks"]} == dict.fromkeys(
        [*CHECKS, ANSWERED], "kept"
    )


FAULTS = (
    "Response violates schema",
    "Missing required response headers",
    "Wrong response to undeclared method",
    "API accepts requests without authentication",
    "Schema-violating request accepted",
    "A wrong request is not refused as documented",
)


class Careless(BaseHTTPRequestHandler):
    """Answers everything alike: no key needed, no request id, no schema."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_TRACE = do_OPTIONS = answer  # noqa: N815 - theirs too

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the standard library's name
        """Keep quiet."""


@pytest.fixture
def careless() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Careless)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_that_keeps_nothing_is_told_so(careless):
    """The run ends with status 6 and names what is broken: schema, headers, methods, keys. The key is not printed."""
    some = ("--only", "load_model", "--only", "list_models")
    done = _contract(careless, "--api-key", "pg_never_shown", "--max-examples", "1", "--seed", "1", *some)
    assert done.returncode == 6, done.stdout[-4000:]
    for fault in FAULTS:
        assert fault in done.stdout, fault
    assert "pg_never_shown" not in done.stdout + done.stderr


def test_the_settings_switch_no_check_off_without_a_reason():
    """Every `enabled = false` stands below a comment."""
    lines = configuration("").splitlines()
    assert 'bearer = "${POLARGRID_CONTRACT_KEY}"' in lines
    from importlib import resources

    shipped = resources.files("polargrid_contract").joinpath("schemathesis.toml").read_text("utf-8")
    for section in shipped.split("\n\n"):
        assert "false" not in section or section.startswith("#"), section
