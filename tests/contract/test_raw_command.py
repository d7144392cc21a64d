"""The command that repeats a request byte by byte, run by a shell."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from polargrid_contract.curl import build_curl
from polargrid_contract.exchange import Exchange
from polargrid_contract.raw_command import KEY_VARIABLE, build_raw_command
from polargrid_contract.results import Outcome, Report, Violation
from polargrid_contract.saving import plan_files, write_files
from polargrid_contract.wire.exchange import WireExchange
from polargrid_contract.wire.request import RawRequest

URL = "http://127.0.0.1:55111"
HEAD = b"POST /v1/%41?a='b' HTTP/1.1\r\nHost: edge\r\nAuthorization: bearer  $POLARGRID_API_KEY\r\nX:\t\\n\r\n\r\n"
KEY = "pg_a'b%c\\n|d"


def run_command(command: str, folder: Path, key: str) -> bytes:
    """Run a command in a shell, and return what it sends."""
    sending, _, client = command.partition(" | ")
    assert client.split("  #")[0] == "nc 127.0.0.1 55111"
    environment = {"POLARGRID_API_KEY": key, "PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    return subprocess.run(["sh", "-c", sending], cwd=folder, env=environment, check=True, capture_output=True).stdout


@pytest.mark.parametrize("sent", [HEAD, HEAD + b'{"a": "100%"}', HEAD + HEAD])
def test_the_command_sends_the_bytes(tmp_path, sent: bytes):
    """With the key of the environment, whatever characters it has."""
    command = build_raw_command(URL, sent)
    assert run_command(command, tmp_path, KEY) == sent.replace(KEY_VARIABLE, KEY.encode())


@pytest.mark.parametrize("body", [b"\0\xff", b"a" * 3000])
def test_long_and_binary_bodies_are_in_a_file(tmp_path, body: bytes):
    """Without a file a comment says what is missing."""
    command = build_raw_command(URL, HEAD + body)
    assert f"  # not in this command: {len(body)} more bytes" in command
    assert run_command(command, tmp_path, "pg_a") == HEAD.replace(KEY_VARIABLE, b"pg_a")
    (tmp_path / "request.http").write_bytes(HEAD + body)
    command = build_raw_command(URL, HEAD + body, "request.http")
    assert run_command(command, tmp_path, "pg_a") == HEAD.replace(KEY_VARIABLE, b"pg_a") + body


def test_a_secure_server_needs_another_client():
    """openssl, with the port of https."""
    assert build_raw_command("https://edge.test", HEAD).endswith("| openssl s_client -quiet -connect edge.test:443")


def test_the_exchange_of_a_connection_can_be_saved(tmp_path):
    """Its bytes have no key, and the command reads them."""
    request = RawRequest("GET", "/health", (("Authorization", "Bearer pg_secret"),))
    wire = WireExchange("health", URL, (request, request), b"HTTP/1.1 200 OK\r\n\r\n", is_closed=True, key="pg_secret")
    violation = wire.violation(expected="a", actual="b")
    assert violation.exchange is not None
    assert (violation.exchange.key, violation.exchange.status) == ("valid", 200)
    outcome = Outcome("behaviour", "x", "", "", ("health",), "failed", (violation,))
    report, files = plan_files(Report(URL, "polargrid", "", 1.0, (outcome,), None, "", ()), str(tmp_path))
    write_files(tmp_path, files)
    (saved,) = report.outcomes[0].violations
    assert run_command(saved.curl, tmp_path, "pg_secret") == request.encode() * 2
    assert b"pg_secret" not in b"".join(files.values())
    assert violation.curl.count("pg_secret") == 0


def test_an_invented_key_is_shown():
    """It is no secret, and what the violation is about."""
    request = RawRequest("GET", "/health", (("Authorization", "bearer pg_not_a_key"),))
    exchange = WireExchange("health", URL, (request,), b"", is_closed=True, key="pg_secret").exchange()
    assert exchange.key == "other"
    assert "pg_not_a_key" in build_curl(exchange)
    assert isinstance(exchange, Exchange)


def test_a_violation_without_a_response():
    """Its exchange says why."""
    request = RawRequest("GET", "/health", ())
    violation: Violation = WireExchange("health", URL, (request,), b"", is_closed=True).violation(
        expected="a response", actual="none"
    )
    assert violation.exchange is not None
    assert violation.exchange.error == "no response"
