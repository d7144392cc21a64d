"""The guide to contract testing in CI: its jobs, its baseline and its options are real."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from polargrid_cli.commands.contract import contract
from polargrid_contract.baseline import accept_violations, parse_baseline
from polargrid_contract.checks import all_checks
from polargrid_contract.document import load_document
from polargrid_contract.fuzz.event_log import CHECKS
from polargrid_contract.operations import read_operations
from polargrid_contract.report.text import MARKS, label
from polargrid_contract.results import Outcome, Violation

DOCS = Path(__file__).parent.parent.parent / "docs"
GUIDE = (DOCS / "guide/contract-testing.md").read_text("utf-8")
GITHUB, GITLAB = (
    yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", GUIDE, flags=re.MULTILINE | re.DOTALL)
)
JOB = GITLAB["contract"]
STEPS = GITHUB["jobs"]["contract"]["steps"]
(BASELINE,) = re.findall(r"^```json\n(.*?)^```$", GUIDE, flags=re.MULTILINE | re.DOTALL)


def parse_arguments(command: str) -> dict[str, Any]:
    """Parse the arguments as the command does; an unknown option raises."""
    words = shlex.split(command)
    assert words[:2] == ["polargrid", "contract"]
    return contract.make_context("contract", words[2:]).params


def find_commands(scripts: Iterable[str]) -> list[str]:
    return [script for script in scripts if script.startswith("polargrid contract")]


@pytest.mark.parametrize("scripts", [[step.get("run", "") for step in STEPS], JOB["script"]], ids=["github", "gitlab"])
def test_a_job_runs_the_command(scripts):
    """With options that exist, and a limit below that of the job."""
    (command,) = find_commands(scripts)
    arguments = parse_arguments(command)
    assert arguments["url"] == "http://127.0.0.1:8000"
    assert str(arguments["baseline_file"]) == "known.json"
    assert arguments["time_budget"] < 30 * 60


def test_the_jobs_keep_the_reports():
    """Also if the command fails."""
    (command,) = find_commands(step.get("run", "") for step in STEPS)
    arguments = parse_arguments(command)
    files = {str(arguments[name]) for name in ("junit_file", "html_file", "folder")}
    (upload,) = [step for step in STEPS if step.get("uses", "").startswith("actions/upload-artifact")]
    assert upload["if"] == "always()"
    assert set(upload["with"]["path"].split()) == files
    artifacts = JOB["artifacts"]
    assert artifacts["when"] == "always"
    assert {*artifacts["paths"], artifacts["reports"]["junit"]} == files


def test_the_jobs_install_what_the_command_needs():
    """And have the key in the environment variable that it reads."""
    assert any(step.get("run") == "pip install './polargrid[contract]'" for step in STEPS)
    assert "pip install './polargrid[contract]'" in JOB["script"]
    (step,) = [step for step in STEPS if "polargrid contract" in step.get("run", "")]
    (option,) = [option for option in contract.params if option.name == "api_key"]
    assert list(step["env"]) == [option.envvar]


def test_the_baseline_of_the_guide_is_valid():
    """Its checks and operations exist, and an entry accepts what the guide says."""
    baseline = parse_baseline(BASELINE.encode())
    names = {*CHECKS, *(check.name for check in all_checks())}
    operations = read_operations(load_document())
    for entry in baseline.accepted:
        assert entry.check in names
        assert set(entry.operations or ()) <= set(operations)
    outcome = Outcome("behaviour", "usage-adds-up", "", "", ("completion",), "failed")
    for operation, status in (("completion", "accepted"), ("chat_completion", "failed")):
        violation = Violation(operation, "total_tokens = 30", "total_tokens = 31")
        found = replace(outcome, violations=(violation,))
        assert accept_violations(found, baseline.accepted, date(2027, 1, 31)).status == status


def test_the_guide_describes_each_field_of_an_entry():
    """And no other."""
    from polargrid_contract.baseline import Baseline, Entry

    assert set(re.findall(r"^\| `(\w+)` \|", GUIDE, flags=re.MULTILINE)) == set(Entry.model_fields) - {
        "reason",
        "until",
    }
    used = {name for entry in json.loads(BASELINE)["accepted"] for name in entry}
    assert used <= set(Entry.model_fields)
    assert set(json.loads(BASELINE)) == set(Baseline.model_fields)


def test_the_page_explains_each_mark():
    """As the reports do."""
    text = (DOCS / "contract.md").read_text("utf-8")
    rows = re.findall(r"^\| (.) \| ([a-z ]+) \|", text, flags=re.MULTILINE)
    assert rows == [(mark, label(status)) for status, mark in MARKS.items()]
