"""Findings: violations by their cause."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from polargrid_contract.curl import build_curl
from polargrid_contract.exchange import Exchange
from polargrid_contract.findings import find_causes
from polargrid_contract.report import as_json, html, junit, terminal
from polargrid_contract.results import Acceptance, Outcome, Report, Violation

OPERATIONS = tuple(f"operation_{number}" for number in range(24))
MISSING = (
    "Missing required response headers: The following required headers are missing from the response:\n- `x-request-id`"
)


def build_exchange(operation: str, status: int = 200, **headers: str) -> Exchange:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"http://edge.test/v1/{operation}"
    return Exchange(operation, "GET", url, {}, None, None, status=status, response_headers=headers)


def build_violation(operation: str, expected: str, actual: str, status: int = 200, **headers: str) -> Violation:
    exchange = build_exchange(operation, status, **headers)
    return Violation(operation, expected, actual, exchange, build_curl(exchange))


def build_report(*outcomes: Outcome) -> Report:
    return Report("http://edge.test", "polargrid", "2026-11-30T09:00:00+00:00", 1.0, outcomes, 7, "0.1.0", OPERATIONS)


def build_outcome(check: str, *violations: Violation, suite: str = "behaviour") -> Outcome:
    return Outcome(suite, check, f"Why {check}.", "Source", OPERATIONS, "failed", violations, seconds=1.0)


WITHOUT_ID = build_report(
    build_outcome(
        "request-id-present",
        *(
            build_violation(name, "x-request-id, not empty", f"status {200 + position % 5} without x-request-id")
            for position, name in enumerate(OPERATIONS)
        ),
    ),
    build_outcome(
        "response_headers_conformance",
        *(build_violation(name, "Clients rely on Retry-After.", MISSING) for name in OPERATIONS),
        suite="schema",
    ),
    build_outcome("usage-adds-up", build_violation(OPERATIONS[0], "total_tokens = 3", "total_tokens = 4")),
)


def test_a_header_that_is_missing_everywhere_is_one_finding():
    """Of both suites, at all operations; another fault at one of them is another finding."""
    header, usage = find_causes(WITHOUT_ID)
    assert (header.cause, header.title) == ("missing-header-x-request-id", "no response header x-request-id")
    assert (header.operations, header.suites) == (OPERATIONS, ("schema", "behaviour"))
    assert [part.outcome.check for part in header.parts] == ["response_headers_conformance", "request-id-present"]
    assert len(header.violations) == 48
    assert (usage.title, usage.operations) == ("usage-adds-up", OPERATIONS[:1])


def test_a_violation_about_a_header_that_is_there_is_another_finding():
    """As is one whose text has an ordinary word that is the name of a header."""
    unique = build_violation("a", "a unique id", "x-request-id: req_1 again", x_request_id="req_1")
    allowed = build_violation("a", "status 400", "status 200: we allow it")
    for violation in (unique, allowed):
        (finding,) = find_causes(build_report(build_outcome("some-check", violation)))
        assert finding.title == "some-check"
    (finding,) = find_causes(
        build_report(build_outcome("allow", build_violation("a", "Allow: GET", "no Allow header")))
    )
    assert finding.title == "no response header allow"


def test_equal_violations_at_several_operations_are_one_finding():
    """Apart from numbers and quotations."""
    violations = (
        build_violation("completion", "total_tokens = 3", "total_tokens = 4"),
        build_violation("chat_completion", "total_tokens = 30", "total_tokens = 41"),
        build_violation("chat_completion", "a total", "none"),
    )
    tokens, total = find_causes(build_report(build_outcome("usage-adds-up", *violations)))
    assert tokens.operations == ("completion", "chat_completion")
    assert total.operations == ("chat_completion",)
    assert tokens.cause != total.cause


def test_a_server_error_is_one_finding_of_all_checks_that_meet_it():
    """Two operations with the same checks are one finding; another status or other checks are another."""
    failing = [build_violation(name, "a success", "status 500: {}", 500) for name in ("a", "b", "c")]
    others = [build_violation(name, "no internal error", "Server error: ", 500) for name in ("a", "b")]
    gateway = build_violation("d", "a success", "status 502: {}", 502)
    findings = find_causes(
        build_report(build_outcome("success", *failing, gateway), build_outcome("other", *others, suite="schema"))
    )
    assert [(it.title, it.operations) for it in findings] == [
        ("the server responds with HTTP 500", ("a", "b")),
        ("the server responds with HTTP 500", ("c",)),
        ("the server responds with HTTP 502", ("d",)),
    ]
    assert len({finding.cause for finding in findings}) == 3


def test_an_operation_that_is_not_implemented_is_no_server_error():
    """One check reports it."""
    (finding,) = find_causes(build_report(build_outcome("success", build_violation("a", "x", "status 501: {}", 501))))
    assert finding.title == "success"


def test_what_is_accepted_is_a_finding_of_its_own():
    """The same cause at an operation that is not accepted fails the run."""
    violations = WITHOUT_ID.outcomes[0].violations
    accepted = replace(violations[0], acceptance=Acceptance("known"))
    expired = replace(violations[1], acceptance=Acceptance("known", "2026-01-01", has_expired=True))
    new, known = find_causes(build_report(build_outcome("request-id-present", accepted, expired, *violations[2:])))
    assert (new.is_accepted, new.operations) == (False, OPERATIONS[1:])
    assert (known.is_accepted, known.operations) == (True, OPERATIONS[:1])
    assert new.cause == known.cause


def build_warning() -> Report:
    violation = replace(build_violation("completion", "'a'", "'b'"), warning=True)
    return build_report(replace(build_outcome("seed-reproducible", violation), status="passed"))


def test_a_warning_is_a_finding_that_does_not_fail():
    """It is behind those that fail, and no report calls it a failure."""
    report = build_warning()
    (finding,) = find_causes(report)
    assert (finding.is_warning, finding.fails) == (True, False)
    assert report.exit_status == 0
    text = terminal.render(report, width=200)
    assert "warning: seed-reproducible" in text
    assert "✓ passed, 0 findings, 1 warning" in text
    assert "✗ seed" not in text
    page = html.render(report)
    assert "<h2>Warnings</h2>" in page
    assert "<h2>Findings</h2>" not in page
    (listed,) = json.loads(as_json.render(report))["findings"]
    assert listed["warning"] is True
    root = ElementTree.fromstring(junit.render(report))  # noqa: S314 - our own
    assert list(root.iter("failure")) == []
    (output,) = root.iter("system-out")
    assert "expected: 'a'\nactual: 'b'" in (output.text or "")


def test_findings_that_fail_are_first():
    """Then warnings, then what is accepted."""
    warning = build_warning().outcomes[0]
    accepted = build_outcome("known", replace(build_violation("a", "x", "y"), acceptance=Acceptance("r")))
    failed = build_outcome("failed", build_violation("a", "x", "z"))
    titles = [finding.title for finding in find_causes(build_report(accepted, warning, failed))]
    assert titles == ["failed", "seed-reproducible", "known"]


def test_the_cause_is_the_same_in_all_runs():
    """Numbers, times and the order of checks differ."""
    first = build_outcome("usage-adds-up", build_violation("a", "total_tokens = 3", "total_tokens = 4"))
    second = build_outcome("usage-adds-up", build_violation("a", "total_tokens = 9", "total_tokens = 11"))
    assert find_causes(build_report(first))[0].cause == find_causes(build_report(second))[0].cause


# In reports


def test_the_terminal_shows_a_finding_once():
    """With its operations, and one command for each check."""
    text = terminal.render(WITHOUT_ID, width=100)
    assert text.count("no response header x-request-id") == 1
    assert text.count("curl -i") == 3
    assert "✗ failed, 2 findings" in text
    assert all(name in text.partition("no response header")[2] for name in OPERATIONS)


def test_the_page_shows_a_finding_once():
    """Each mark of a failed check leads to its finding."""
    page = html.render(WITHOUT_ID)
    assert page.count("<article") == 2
    assert page.count('<article class="card" id="missing-header-x-request-id">') == 1
    assert page.count('href="#missing-header-x-request-id"') == 48 + 2
    assert "2 findings" in page


def test_json_lists_the_findings():
    """Each violation has the cause."""
    report = json.loads(as_json.render(WITHOUT_ID))
    header = report["findings"][0]
    assert header["cause"] == "missing-header-x-request-id"
    assert header["operations"] == list(OPERATIONS)
    assert header["checks"] == ["response_headers_conformance", "request-id-present"]
    assert (header["violations"], header["accepted"], header["reasons"]) == (48, False, [])
    causes = {violation["cause"] for check in report["checks"] for violation in check["violations"]}
    assert causes == {finding["cause"] for finding in report["findings"]}


def test_each_case_of_junit_fails_with_a_reference_to_the_finding():
    """The message is short."""
    root = ElementTree.fromstring(junit.render(WITHOUT_ID))  # noqa: S314 - our own
    messages = [failure.get("message", "") for failure in root.iter("failure")]
    assert len(messages) == 49
    header = [
        message for message in messages if "[missing-header-x-request-id, at 24 operations and 2 checks]" in message
    ]
    assert len(header) == 48
    assert max(map(len, messages)) < 400
    assert not any("\n" in message for message in messages)


@pytest.mark.parametrize(("findings", "text"), [(0, "0 findings"), (1, "1 finding")])
def test_the_number_of_findings_is_in_the_summary(findings, text):
    """In words."""
    violation = build_violation("a", "total_tokens = 3", "total_tokens = 4")
    outcome = build_outcome("usage-adds-up", *[violation] * findings)
    outcome = outcome if findings else replace(outcome, status="passed")
    assert f", {text}  http" in terminal.render(build_report(outcome), width=200)
