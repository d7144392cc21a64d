"""The fault benchmark: seeded faults are detected, legal variations are not reported, and the program runs."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

import httpx
import pytest

from polargrid_contract.client import TargetServer
from polargrid_contract.results import Profile
from polargrid_contract.runner import Plan, UnreachableError, run
from qa.fault_bench import bench
from qa.fault_bench.faults import FAULTS
from qa.fault_bench.faults.seeded import READING_OPERATIONS
from qa.fault_bench.messages import KEY, MODEL, operations
from qa.fault_bench.proxy import Proxy, run_in_thread
from qa.fault_bench.variations import VARIATIONS
from tests.contract import made_speech
from tests.contract.serve import serve
from tests.contract.test_lifecycle_checks import MadeServer

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
    "R04": "scheme-in-any-case",
    "T01": "stream-usage-requested",
    "C09": "concurrent-ids-unique",
    "E17": "listed-objects-found",
    "W10": "header-lines-valid",
    "P07": "usage-adds-up",
}
VALID = {
    "D01": ("stream-framing", "stream-end", "stream-same-text"),
    "D02": ("stream-framing", "stream-end", "stream-same-text"),
    "D10": ("usage-adds-up", "models-list-valid", "stream-same-text"),
    "D23": ("stream-identity", "stream-same-text"),
    "D27": ("unknown-path-404", "unknown-method-405"),
    "D28": ("request-id-present", "headers-not-repeated"),
    "D32": ("header-lines-valid", "status-line-valid"),
    "D33": ("json-content-type", "strict-json"),
    "D11": ("request-id-present", "headers-not-repeated", "json-content-type"),
}


def with_plain_key(request: httpx.Request) -> httpx.Request:
    """Write the scheme of the key as the recorded requests do."""
    key = request.headers.get("authorization", "").partition(" ")[2].strip()
    return httpx.Request(request.method, request.url, headers={"authorization": f"Bearer {key}"})


@pytest.fixture(scope="module")
def edge_url(recorded_edge) -> Iterator[str]:
    """The recorded edge over HTTP; its speech is a tone."""
    missing: list[str] = []

    def send(request: httpx.Request) -> httpx.Response:
        if recorded_edge.has_recording(request):
            return recorded_edge.send(request)
        if "/v1/audio/" in request.url.path:
            return made_speech.send(request)
        if request.method == "GET" and recorded_edge.has_recording(plain := with_plain_key(request)):
            return recorded_edge.send(plain)
        if request.method == "OPTIONS" or request.url.path.endswith("/no-such-path"):  # of checks of the wire
            return httpx.Response(404, json={"error": {"message": "unknown", "type": "not_found_error"}})
        missing.append(f"{request.method} {request.url.path} {request.content!r}")
        return httpx.Response(500)

    with serve(send) as url:
        yield url
    assert not missing, "\n".join(missing)


@pytest.fixture(scope="module")
def proxy(edge_url) -> Iterator[tuple[Proxy, str]]:
    with run_in_thread(edge_url) as server_and_url:
        yield server_and_url


def failed_checks(
    proxy: tuple[Proxy, str], change, *checks: str, on: Collection[str] = (), profile: Profile = "polargrid"
) -> set[str]:
    """Run some checks behind a change; `on` are the operations, all by default."""
    server, url = proxy
    server.start_run(change)
    target = TargetServer(url, KEY, profile=profile, models={"chat": MODEL})
    others = tuple(name for name in operations() if on and name not in on)
    report = run(Plan(target, ("behaviour",), only=checks, skip=others))
    assert {outcome.check for outcome in report.outcomes} == set(checks)
    return {outcome.check for outcome in report.failures}


@pytest.mark.parametrize(("name", "check"), DETECTED.items())
def test_a_fault_is_detected(proxy, name, check):
    """By the check of its rule."""
    fault = FAULTS[name]
    on = fault.on if set(fault.on) <= set(READING_OPERATIONS) else ()
    assert failed_checks(proxy, fault.apply, check, on=on, profile=fault.profile) == {check}
    assert not proxy[0].errors


def test_a_fault_of_a_second_model_is_detected():
    """The recorded edge has no state, so a server with one takes its place."""
    with serve(MadeServer().send) as server_url, run_in_thread(server_url) as (server, url):
        server.start_run(FAULTS["M01"].apply)
        report = run(Plan(TargetServer(url, KEY), ("behaviour",), only=("other-models-unmoved",)))
        assert not server.errors
    assert {outcome.check for outcome in report.failures} == {"other-models-unmoved"}


@pytest.mark.parametrize(("name", "checks"), VALID.items())
def test_a_legal_variation_is_not_reported(proxy, name, checks):
    """Not by the checks that read what it changes."""
    variation = VARIATIONS[name]
    is_of_text = any("stream" in check for check in checks)
    on = variation.on if is_of_text else set(variation.on) & set(READING_OPERATIONS)
    assert not failed_checks(proxy, variation.apply, *checks, on=on)


def test_the_program_reports_what_it_detects(edge_url, tmp_path, capsys):
    """The exit status is 0 if every fault is detected and no variation is reported."""
    file = tmp_path / "results.json"
    checks = ["--checks", "usage-adds-up", "stream-role-first"]
    arguments = ["--url", edge_url, "--suite", "behaviour", "--only", "J01", "S03", "D01", *checks]
    assert bench.main([*arguments, "--json", str(file)]) == 0
    results = {result["id"]: result["failed"]["behaviour"] for result in json.loads(file.read_text("utf-8"))}
    assert {name: list(checks) for name, checks in results.items()} == {
        "edge": [],
        "again": [],
        "D01": [],
        "J01": ["usage-adds-up"],
        "S03": ["stream-role-first"],
    }
    assert "false alarms: 0 of 3 correct servers" in capsys.readouterr().out


def test_the_program_fails_if_a_fault_is_not_detected(edge_url, capsys):
    """The exit status is 1, and the summary names the fault."""
    arguments = ["--url", edge_url, "--suite", "behaviour", "--only", "H01", "--checks", "usage-adds-up"]
    assert bench.main(arguments) == 1
    assert "not detected: H01" in capsys.readouterr().out


def test_an_unknown_check_is_a_usage_error(edge_url, capsys):
    """The message names the checks that there are."""
    with pytest.raises(SystemExit) as stopped:
        bench.main(["--url", edge_url, "--checks", "no-such-check"])
    assert stopped.value.code == 2
    assert "usage-adds-up" in capsys.readouterr().err


def test_a_change_that_fails_is_reported(proxy):
    """It would look like a fault of the server."""

    def change(request, forward):
        raise KeyError(request.path)

    with pytest.raises(UnreachableError):
        failed_checks(proxy, change, "usage-adds-up")
    assert "KeyError" in proxy[0].errors[0]


def test_changes_run_in_processes(edge_url, capsys):
    """The results are in order."""
    arguments = ["--url", edge_url, "--suite", "behaviour", "--only", "J01", "J28", "--checks", "usage-adds-up"]
    assert bench.main([*arguments, "--workers", "2"]) == 0
    output = capsys.readouterr().out
    assert output.index("J01") < output.index("J28")


def test_there_is_a_detected_fault_of_each_kind():
    """The tests of detection cover every kind but that of time, whose checks have tests on a virtual clock.

    That of models has a test of its own.
    """
    assert {FAULTS[name].kind for name in DETECTED} | {"models", "timing"} == {fault.kind for fault in FAULTS.values()}


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
