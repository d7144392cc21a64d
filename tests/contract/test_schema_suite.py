"""The schema suite: schemathesis, all phases and all checks, against a server with many faults."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest

from polargrid_contract.fuzz.suite import build_configuration
from tests.contract.faulty_server import KEY, run_faulty_server

OPERATIONS = ("list_models", "load_model", "chat_completion", "completion", "health")


@pytest.fixture(scope="module")
def process() -> Iterator[subprocess.CompletedProcess[str]]:
    """One run of the command against the faulty server."""
    options = [part for operation in OPERATIONS for part in ("--only", operation)]
    options += ["--suite", "schema", "--api-key", KEY, "--max-examples", "2", "--seed", "1", "--json"]
    with run_faulty_server() as url:
        command = [sys.executable, "-m", "polargrid_cli", "contract", url, *options]
        yield subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def violations(process) -> dict[str, list[dict[str, Any]]]:
    """The violations by check."""
    assert process.stdout, process.stderr[-4000:]
    return {check["name"]: check["violations"] for check in json.loads(process.stdout)["checks"]}


def test_a_failed_run_has_an_exit_status_of_its_own(process):
    """It is 6."""
    assert process.returncode == 6, process.stdout[-4000:] + process.stderr[-2000:]


def test_the_key_is_not_printed(process):
    """Neither in the report nor in the progress."""
    assert KEY not in process.stdout + process.stderr


@pytest.mark.parametrize(
    ("check", "operation"),
    [
        ("response_schema_conformance", "completion"),
        ("unsupported_method", "list_models"),
        ("ignored_auth", "list_models"),
        ("negative_data_rejection", "load_model"),
        ("rejection_conformance", "load_model"),
        ("response_header_uniqueness", "list_models"),
        ("consistency_conformance", "load_model"),
        ("event_stream_conformance", "chat_completion"),
        ("media_type_conformance", "completion"),
        ("consistency_conformance", "chat_completion"),
        ("strict_json_conformance", "chat_completion"),
        ("response_received", "health"),
    ],
)
def test_a_fault_fails_its_check(violations, check, operation):
    """Each fault of the server is reported at its operation."""
    assert operation in {violation["operation"] for violation in violations[check]}


def test_a_violation_can_be_reproduced(violations):
    """It has a curl command without the key."""
    (violation, *_) = violations["consistency_conformance"]
    assert violation["curl"].startswith("curl ")
    assert "$POLARGRID_API_KEY" in violation["curl"]


def test_the_key_is_read_from_the_environment():
    """The configuration file contains the name of a variable."""
    assert 'bearer = "${POLARGRID_CONTRACT_KEY}"' in build_configuration("", {"paths": {}}).splitlines()


def test_no_check_is_disabled_without_a_reason():
    """Every `enabled = false` is in a section that starts with a comment."""
    settings = resources.files("polargrid_contract.fuzz").joinpath("schemathesis.toml").read_text("utf-8")
    for section in settings.split("\n\n"):
        assert "false" not in section or section.startswith("#"), section
