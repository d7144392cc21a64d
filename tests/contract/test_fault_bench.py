"""The fault benchmark: seeded faults are detected, legal variations are not reported, and the program runs."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from polargrid_contract.client import TargetServer
from polargrid_contract.runner import Plan, run
from qa.fault_bench import bench
from qa.fault_bench.faults import FAULTS
from qa.fault_bench.messages import KEY, MODEL
from qa.fault_bench.proxy import Proxy, run_in_thread
from qa.fault_bench.variations import VARIATIONS
from tests.contract import made_speech
from tests.contract.serve import serve

REQUIRED = (
    "H01 H02 H05 H07 H09 H11 H13 H14 H16 J01 J03 J05 J08 J10 J13 J14 S01 S02 S05 S08 S09 S11 S14 S17 "
    "A01 A04 A06 A08 L02 L03 L05 L08"
)
DETECTED = {
    "H01": "key-required",
    "J01": "usage-adds-up",
    "S01": "stream-end",
    "A01": "speech-wav-header",
    "L05": "gpu-memory-figures",
}
VALID = {
    "D01": ("stream-framing", "stream-end", "stream-same-text"),
    "D02": ("stream-framing", "stream-end", "stream-same-text"),
    "D10": ("usage-adds-up", "models-list-valid", "stream-same-text"),
    "D11": ("request-id-present", "headers-not-repeated", "json-content-type"),
}


@pytest.fixture(scope="module")
def edge_url(recorded_edge) -> Iterator[str]:
    """The recorded edge over HTTP; its speech is a tone."""
    missing: list[str] = []

    def send(request: httpx.Request) -> httpx.Response:
        if recorded_edge.has_recording(request):
            return recorded_edge.send(request)
        if "/v1/audio/" in request.url.path:
            return made_speech.send(request)
        missing.append(f"{request.method} {request.url.path} {request.content!r}")
        return httpx.Response(500)

    with serve(send) as url:
        yield url
    assert not missing


@pytest.fixture(scope="module")
def proxy(edge_url) -> Iterator[tuple[Proxy, str]]:
    with run_in_thread(edge_url) as server_and_url:
        yield server_and_url


def failed_checks(proxy: tuple[Proxy, str], change, *checks: str) -> set[str]:
    """Run some checks behind a change."""
    server, url = proxy
    server.start_run(change)
    report = run(Plan(TargetServer(url, KEY, models={"chat": MODEL}), ("behaviour",), only=checks))
    assert {outcome.check for outcome in report.outcomes} == set(checks)
    return {outcome.check for outcome in report.failures}


@pytest.mark.parametrize(("name", "check"), DETECTED.items())
def test_a_fault_is_detected(proxy, name, check):
    """By the check of its rule."""
    assert failed_checks(proxy, FAULTS[name].apply, check) == {check}


@pytest.mark.parametrize(("name", "checks"), VALID.items())
def test_a_legal_variation_is_not_reported(proxy, name, checks):
    """Not by the checks that read what it changes."""
    assert not failed_checks(proxy, VARIATIONS[name].apply, *checks)


def test_the_program_reports_what_it_detects(edge_url, tmp_path, capsys):
    """The exit status is 0 if every fault is detected and no variation is reported."""
    file = tmp_path / "results.json"
    checks = ["--checks", "usage-adds-up", "stream-end"]
    arguments = ["--url", edge_url, "--suite", "behaviour", "--only", "J01", "S01", "D01", *checks]
    assert bench.main([*arguments, "--json", str(file)]) == 0
    results = {result["id"]: result["failed"]["behaviour"] for result in json.loads(file.read_text("utf-8"))}
    assert {name: list(checks) for name, checks in results.items()} == {
        "edge": [],
        "cached": [],
        "D01": [],
        "J01": ["usage-adds-up"],
        "S01": ["stream-end"],
    }
    assert "false alarms: 0 of 3 correct servers" in capsys.readouterr().out


def test_the_program_fails_if_a_fault_is_not_detected(edge_url, capsys):
    """The exit status is 1, and the summary names the fault."""
    arguments = ["--url", edge_url, "--suite", "behaviour", "--only", "H01", "--checks", "usage-adds-up"]
    assert bench.main(arguments) == 1
    assert "not detected: H01" in capsys.readouterr().out


def test_there_is_a_detected_fault_of_each_kind():
    """The tests of detection cover every kind."""
    assert {FAULTS[name].kind for name in DETECTED} == {fault.kind for fault in FAULTS.values()}


def test_every_required_fault_is_seeded():
    """And there are as many more."""
    assert set(REQUIRED.split()) <= set(FAULTS)
    assert len(FAULTS) >= 62
    assert len(VARIATIONS) >= 10


@pytest.mark.parametrize("change", [*FAULTS.values(), *VARIATIONS.values()], ids=lambda change: change.id)
def test_each_change_has_a_description_and_operations(change):
    """The description is a sentence."""
    assert change.description.endswith(".")
    assert change.on


def test_descriptions_are_unique():
    """No two changes have the same one."""
    descriptions = [change.description for change in (*FAULTS.values(), *VARIATIONS.values())]
    assert len(set(descriptions)) == len(descriptions)
