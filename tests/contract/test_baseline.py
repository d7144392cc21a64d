"""Accepted deviations: what an entry matches, when it expires, when it is gone, and the baseline of a run."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from polargrid_contract.baseline import Baseline, BaselineError, parse_baseline
from polargrid_contract.baseline_review import apply_baseline, build_baseline
from polargrid_contract.identity import normalize
from polargrid_contract.report import as_json, html, junit, terminal
from polargrid_contract.results import OperationResult, Outcome, Report, Violation

TODAY = date(2026, 11, 30)
OPERATIONS = ("chat_completion", "completion", "list_models")
TOTAL = "usage-adds-up"
CHECKS = {TOTAL, "created-now", "ignored_auth"}


def build_outcome(*violations: Violation, check: str = TOTAL, suite: str = "behaviour", **fields) -> Outcome:
    status = "failed" if violations else "passed"
    outcome = Outcome(suite, check, "Billing uses it.", "API overview", OPERATIONS[:2], status, violations, seconds=1.0)
    return replace(outcome, **fields)


def find_total(operation: str, expected: int = 30, actual: int = 31) -> Violation:
    return Violation(operation, f"total_tokens = {expected}", f"total_tokens = {actual}")


def build_report(*outcomes: Outcome, **fields) -> Report:
    report = Report("http://edge.test", "polargrid", "2026-11-30T09:00:00+00:00", 1.0, outcomes, 7, "0.1.0", OPERATIONS)
    return replace(report, **fields)


def parse(*entries: dict, **fields) -> Baseline:
    return parse_baseline(json.dumps({"schema_version": 1, "accepted": entries, **fields}).encode())


def entry(**fields) -> dict:
    return {"check": TOTAL, "reason": "known", **fields}


def apply(report: Report, *entries: dict, profile: str = "polargrid", **options) -> Report:
    return apply_baseline(report, parse(*entries, profile=profile), today=TODAY, checks=CHECKS, **options)


# Texts that vary


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("total_tokens = 31", "total_tokens = <number>"),
        ("1.25 s at speed -2", "<number> s at speed <number>"),
        ("x-request-id: req_35904a1cb0684398995106de151bfe7a again", "x-request-id: <id> again"),
        ("job 0b5d2bcd-5f4c-4b6e-9a3c-2f6a3f6b7a10", "job <id>"),
        ("id = 'chatcmpl-9a8b7c6d5e4f'", "id = '<id>'"),
        ('status 404: {"error": {"message": "it\'s', "status 404: <json>"),
        ("Received: 500", "Received: 500"),
        ("GET http://127.0.0.1:5000/v1/x?y=1 returns 404", "GET <url> returns 404"),
        ("POST /v1/chat/completions", "POST <path>"),
        ("$response.body#/usage/prompt_tokens is 51", "$response.body#/usage/prompt_tokens is <number>"),
        ("at 2026-11-30T10:00:00.25Z or Mon, 30 Nov 2026 10:00:00 GMT", "at <time> or <time>"),
        ("three times 'Hello world'", "three times <text>"),
        ("finish_reason 'stop'", "finish_reason 'stop'"),
        ("the server's model smollm2-135m", "the server's model smollm2-135m"),
        ("content-type: text/html; charset=utf-8", "content-type: text/html; charset=utf-8"),
        ("Allow: GET, POST", "Allow: GET, POST"),
    ],
)
def test_a_text_without_what_varies_between_runs(text, normal):
    """Statuses, names and short values stay; a normal form does not change again."""
    assert normalize(text) == normal
    assert normalize(normal) == normal


# What is accepted


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"operations": ["completion", "chat_completion"]},
        {"expected": "total_tokens = 7"},
        {"expected": "total_tokens = <number>"},
        {"actual": "tokens = <number>"},
        {"actual": "total_tokens"},
        {"actual_pattern": r"= \d+$"},
        {"until": "2026-11-30"},
    ],
)
def test_an_entry_that_matches(fields):
    """Texts match apart from numbers and the like, and the last day counts."""
    report = apply(build_report(build_outcome(find_total("completion"))), entry(**fields))
    assert (report.status, report.exit_status) == ("passed", 0)
    assert report.outcomes[0].status == "accepted"
    assert report.matrix["completion"][TOTAL] == "accepted"
    assert report.matrix["chat_completion"][TOTAL] == "passed"


@pytest.mark.parametrize(
    "fields",
    [
        {"check": "created-now"},
        {"operations": ["chat_completion"]},
        {"expected": "total_tokens"},
        {"actual": "prompt_tokens"},
        {"actual_pattern": "^= 31"},
        {"until": "2026-11-29"},
    ],
)
def test_an_entry_that_does_not_match(fields):
    """The violation fails the run: other check, other operation, other text, or over."""
    report = apply(build_report(build_outcome(find_total("completion"))), entry(**fields))
    assert (report.status, report.exit_status) == ("failed", 6)


def test_what_is_new_fails_beside_what_is_accepted():
    """The operation that is accepted has its own status."""
    outcome = build_outcome(find_total("completion"), find_total("chat_completion"))
    report = apply(build_report(outcome), entry(operations=["completion"]))
    assert report.exit_status == 6
    assert (report.matrix["completion"][TOTAL], report.matrix["chat_completion"][TOTAL]) == ("accepted", "failed")


def test_the_results_by_operation_are_accepted():
    """One that could not be judged stays so, and fails the run."""
    results = (OperationResult("completion", "failed"), OperationResult("chat_completion", "passed"))
    outcome = build_outcome(find_total("completion"), results=results)
    report = apply(build_report(outcome), entry())
    assert [result.status for result in report.outcomes[0].results] == ["accepted", "passed"]
    outcome = replace(outcome, results=(results[0], OperationResult("chat_completion", "error", "KeyError")))
    report = apply(build_report(outcome), entry())
    assert (report.outcomes[0].status, report.exit_status) == ("error", 1)


def test_a_warning_needs_no_acceptance():
    """It is in no new baseline, and does not hide that a failure beside it is accepted."""
    warning = replace(find_total("completion"), warning=True)
    passed = build_report(build_outcome(warning, status="passed"))
    assert json.loads(build_baseline(passed))["accepted"] == []
    other = Violation("completion", "a total", "none")
    report = apply(build_report(build_outcome(warning, other)), entry(expected="a total"))
    assert (report.outcomes[0].status, report.matrix["completion"][TOTAL]) == ("accepted", "accepted")


def test_an_error_is_not_accepted():
    """It says nothing about the server."""
    report = apply(build_report(build_outcome(status="error", note="KeyError")), entry())
    assert report.outcomes[0].status == "error"


def find_by_schema(actual: str) -> Report:
    violation = Violation("completion", "A reason.", actual)
    return build_report(build_outcome(violation, check="ignored_auth", suite="schema"))


@pytest.mark.parametrize(
    ("actual", "exit_status"),
    [
        ('Response violates schema: "b \\" c" is not of type "object"\n\nValue:\n\n    "b"', 0),
        ('Response violates schema: "a" is not of type "string"\n\nValue:\n\n    "a"', 6),
        ('Response violates schema: "id" is a required property', 6),
        ("Undocumented status code: Received: 404", 6),
    ],
)
def test_a_violation_of_the_schema_suite_is_known_by_its_first_paragraph(actual, exit_status):
    """The generated value in it and the rest make no difference."""
    found = 'Response violates schema: "a" is not of type "object"\n\nValue:\n\n    "a"'
    written = build_baseline(find_by_schema(found)).replace("TODO: write why this is accepted", "known")
    baseline = parse_baseline(written.encode())
    report = apply_baseline(find_by_schema(actual), baseline, today=TODAY, checks=CHECKS)
    assert report.exit_status == exit_status


def test_of_two_entries_one_that_has_not_expired_counts():
    """Whatever their order."""
    entries = (entry(until="2026-11-01", reason="old"), entry(reason="new"))
    report = apply(build_report(build_outcome(find_total("completion"))), *entries)
    acceptance = report.outcomes[0].violations[0].acceptance
    assert acceptance is not None
    assert acceptance.reason == "new"


# How it is shown


def test_what_is_accepted_is_shown_with_its_reason():
    """In every report, and never as passed."""
    report = apply(
        build_report(build_outcome(find_total("completion"))), entry(reason="until release 12", until="2027-01-31")
    )
    text = terminal.render(report)
    assert "~ usage-adds-up at completion: accepted, until release 12 (until 2027-01-31)" in text
    assert "~ passed, 0 findings, 1 accepted" in text
    assert "✗ usage" not in text
    page = html.render(report)
    assert "accepted: until release 12 (until 2027-01-31)" in page
    assert "only as accepted" in page
    assert 'message="accepted: until release 12 (until 2027-01-31)"' in junit.render(report)
    assert 'failures="0"' in junit.render(report)
    (finding,) = json.loads(as_json.render(report))["findings"]
    assert (finding["accepted"], finding["reasons"]) == (True, ["until release 12 (until 2027-01-31)"])


def test_what_has_expired_says_so():
    """It counts as new."""
    report = apply(build_report(build_outcome(find_total("completion"))), entry(until="2026-11-01", reason="soon"))
    assert len(report.warnings) == 1
    assert "accepted until 2026-11-01, which is over, so it counts as new at completion" in report.warnings[0]
    for renderer in (terminal, html, junit):
        assert "was accepted until 2026-11-01: soon" in renderer.render(report)
    assert "warning: baseline: accepted[0]" in terminal.render(report)


# What is gone


def test_an_entry_that_matches_nothing_is_gone():
    """It is a warning, and fails no run."""
    for fields in ({}, {"operations": ["completion"]}):
        report = apply(build_report(build_outcome()), entry(**fields))
        assert report.warnings == ("baseline: accepted[0] (usage-adds-up): gone: remove it",)
        assert report.exit_status == 0
        assert report.warnings[0] in terminal.render(report)
        assert report.warnings[0] in html.render(report)
        assert json.loads(as_json.render(report))["warnings"] == list(report.warnings)


def test_an_entry_that_is_gone_at_an_operation():
    """It names the operation."""
    report = apply(
        build_report(build_outcome(find_total("completion"))), entry(operations=["completion", "chat_completion"])
    )
    assert report.warnings == ("baseline: accepted[0] (usage-adds-up): gone at chat_completion: remove them from it",)


@pytest.mark.parametrize(
    ("outcomes", "fields", "options"),
    [
        ((), {}, {}),
        ((build_outcome(check="created-now"),), {}, {}),
        ((build_outcome(status="skipped", note="--read-only"),), {}, {}),
        ((build_outcome(status="error", note="KeyError"),), {"operations": ["completion"]}, {}),
        ((build_outcome(status="not_supported"),), {"operations": ["completion"]}, {}),
        ((build_outcome(),), {"operations": ["list_models"]}, {}),
        ((build_outcome(),), {}, {"has_all_operations": False}),
        ((build_outcome(),), {}, {"profile": "openai"}),
        ((build_outcome(suite="schema", note="the time budget ended it"),), {}, {}),
        ((build_outcome(results=(OperationResult("completion", "skipped", "not reached"),)),), {}, {}),
    ],
)
def test_an_entry_whose_check_was_not_run_is_not_gone(outcomes, fields, options):
    """Not run, skipped, could not judge, another profile, some operations only, or cut short."""
    assert apply(build_report(*outcomes), entry(**fields), **options).warnings == ()


def test_a_finding_of_the_schema_suite_that_is_gone_has_the_seed():
    """Another seed may find it."""
    report = apply(build_report(build_outcome(suite="schema")), entry())
    assert report.warnings == ("baseline: accepted[0] (usage-adds-up): gone (not found with seed 7): remove it",)


def test_unknown_names_are_reported():
    """An entry with a misspelt name accepts nothing."""
    report = apply(build_report(), entry(check="usage-add-up"), entry(operations=["complete"]))
    assert report.warnings == (
        "baseline: accepted[0] (usage-add-up): there is no such check; similar is usage-adds-up",
        "baseline: accepted[1] (usage-adds-up): there is no operation complete",
    )


# The baseline of a run


def test_the_baseline_of_a_run_accepts_its_findings_once_reasons_are_written():
    """The same violation at several operations is one entry; the placeholder is refused."""
    outcome = build_outcome(
        find_total("completion"), find_total("chat_completion", 5, 6), find_total("completion", 1, 2)
    )
    text = build_baseline(build_report(outcome))
    assert json.loads(text)["accepted"] == [
        {
            "check": TOTAL,
            "operations": ["completion", "chat_completion"],
            "expected": "total_tokens = <number>",
            "actual": "total_tokens = <number>",
            "reason": "TODO: write why this is accepted",
        }
    ]
    with pytest.raises(BaselineError, match=r"\$\.accepted\[0\]\.reason: write why"):
        parse_baseline(text.encode())
    baseline = parse_baseline(text.replace("TODO: write why this is accepted", "known").encode())
    assert apply_baseline(build_report(outcome), baseline, today=TODAY, checks=CHECKS).exit_status == 0


def test_a_new_baseline_keeps_the_reasons_of_the_old_one():
    """It leaves out what is gone, keeps what was not checked, and adds what is new."""
    entries = (
        entry(operations=["completion", "chat_completion"], reason="kept", until="2027-01-31"),
        entry(check="created-now", reason="not checked"),
        entry(operations=["chat_completion"], reason="gone"),
    )
    outcome = build_outcome(find_total("completion"))
    auth = build_outcome(Violation("completion", "401", "status 200"), check="ignored_auth", suite="schema")
    report = apply(build_report(outcome, auth), *entries)
    written = json.loads(build_baseline(report, parse(*entries)))
    assert [(it["check"], it.get("operations"), it["reason"], it.get("until")) for it in written["accepted"]] == [
        (TOTAL, ["completion"], "kept", "2027-01-31"),
        ("created-now", None, "not checked", None),
        ("ignored_auth", ["completion"], "TODO: write why this is accepted", None),
    ]


# The file


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Invalid JSON"),
        ("{", r"Invalid JSON: .* line 1 column 1"),
        ("[]", r"^\$: "),
        ("{}", r"\$\.schema_version: Field required"),
        ('{"schema_version": 2, "accepted": []}', r"\$\.schema_version: Input should be 1"),
        ('{"schema_version": 1, "accepted": [], "extra": 1}', r"\$\.extra: "),
    ],
)
def test_a_mistake_in_the_file_is_reported_with_its_place(text, message):
    """As a JSON path."""
    with pytest.raises(BaselineError, match=message):
        parse_baseline(text.encode())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"reason": ...}, "reason: Field required"),
        ({"reason": " "}, "reason: .*at least 1"),
        ({"reason": "todo"}, "reason: write why the deviation is accepted"),
        ({"check": 1}, "check: .*string"),
        ({"untill": "2027-01-31"}, "untill: "),
        ({"until": "31.1.2027"}, "until: .*date"),
        ({"until": 1}, "until: "),
        ({"operations": []}, "operations: .*at least 1"),
        ({"operations": "completion"}, "operations: "),
        ({"actual_pattern": "("}, "actual_pattern: invalid regular expression"),
    ],
)
def test_a_mistake_in_an_entry_is_reported_with_its_place(fields, message):
    """The place has the position of the entry."""
    wrong = {name: value for name, value in entry(**fields).items() if value is not ...}
    with pytest.raises(BaselineError, match=rf"^\$\.accepted\[1\]\.{message}"):
        parse(entry(), wrong)
