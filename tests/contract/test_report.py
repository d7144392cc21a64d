"""A report, its renderers, and the removal of the API key."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from polargrid_contract.curl import build_curl
from polargrid_contract.exchange import Exchange, TimedBytes
from polargrid_contract.redaction import PLACEHOLDER, redact, redact_outcome
from polargrid_contract.report import as_json, html, junit, terminal
from polargrid_contract.report.text import MARKS, MEANINGS, escape_controls, label
from polargrid_contract.results import Acceptance, OperationResult, Outcome, Report, Violation

KEY = "pg_live_0123456789abcdef"
HOSTILE = "<script>alert(1)</script> ]]> & \x1b[31m \x00 [bold]x[/bold] $url"
EXCHANGE = Exchange(
    "chat_completion",
    "POST",
    "http://edge.test/v1/chat/completions",
    {"content-type": "application/json"},
    b'{"model": "m"}',
    None,
    status=200,
    response_headers={"x-request-id": "req_1"},
    chunks=(TimedBytes(0.1, HOSTILE.encode()),),
)
VIOLATION = Violation("chat_completion", "total_tokens = 30", HOSTILE, EXCHANGE, build_curl(EXCHANGE))
TEXT_OPERATIONS = ("chat_completion", "completion")


def build_outcome(suite, name, status, violations=(), note=""):
    rationale = "Billing uses the usage."
    return Outcome(suite, name, rationale, "API overview", TEXT_OPERATIONS, status, violations, note, 0.5)


FAILED = build_outcome("behaviour", "usage-adds-up", "failed", (VIOLATION,))
PASSED = build_outcome("schema", "response_schema_conformance", "passed")
NOT_SUPPORTED = build_outcome("behaviour", "n-choices", "not_supported", note="no such model")
SKIPPED = build_outcome("behaviour", "purge-frees", "skipped", note="--read-only")
REPORT = Report(
    url="http://edge.test",
    profile="polargrid",
    started="2026-11-20T09:12:44+00:00",
    seconds=12.5,
    outcomes=(FAILED, PASSED, NOT_SUPPORTED, SKIPPED),
    seed=7,
    version="0.1.0",
    operations=("health", *TEXT_OPERATIONS),
    groups={"usage-adds-up": "text"},
)


@pytest.mark.parametrize(
    ("outcomes", "status", "exit_status"),
    [
        ((FAILED, PASSED), "failed", 6),
        ((PASSED, SKIPPED), "passed", 0),
        ((NOT_SUPPORTED,), "passed", 0),
        ((SKIPPED,), "skipped", 1),
        ((), "skipped", 1),
    ],
)
def test_the_status_of_a_report(outcomes, status, exit_status):
    """One failed check fails it; a report without checks does not pass."""
    report = replace(REPORT, outcomes=outcomes)
    assert (report.status, report.exit_status) == (status, exit_status)


def test_a_violation_fails_its_operation_only():
    """The check passes for its other operations; an operation without checks has no row."""
    assert list(REPORT.matrix) == list(TEXT_OPERATIONS)
    assert REPORT.matrix["chat_completion"]["usage-adds-up"] == "failed"
    assert REPORT.matrix["completion"]["usage-adds-up"] == "passed"


def test_a_violation_at_another_operation_has_a_row():
    """A check may find a violation at an operation that it does not declare."""
    outcome = replace(FAILED, violations=(replace(VIOLATION, operation="health"),))
    assert replace(REPORT, outcomes=(outcome,)).matrix["health"] == {"usage-adds-up": "failed"}


def test_the_counts_are_by_suite():
    """The schema suite is first."""
    assert list(REPORT.counts) == ["schema", "behaviour"]
    assert REPORT.counts["behaviour"] == {
        "passed": 0,
        "failed": 1,
        "accepted": 0,
        "error": 0,
        "not_supported": 1,
        "skipped": 1,
    }


def test_a_check_is_under_the_heading_of_its_group():
    """Without a group, the heading is the suite."""
    assert REPORT.headings == ("schema", "text", "behaviour")


# JSON


def test_json_contains_the_report():
    """It parses, and has a version of its own."""
    parsed = json.loads(as_json.render(REPORT))
    assert parsed == as_json.to_dict(REPORT)
    assert (parsed["schema_version"], parsed["status"], parsed["exit_status"]) == (1, "failed", 6)
    (violation,) = parsed["checks"][0]["violations"]
    assert (violation["actual"], violation["http_status"], violation["request_id"]) == (HOSTILE, 200, "req_1")


# JUnit


def parse_junit(report):
    return ElementTree.fromstring(junit.render(report))  # noqa: S314 - our own


RESULTS = (
    OperationResult("chat_completion", "failed", seconds=0.1),
    OperationResult("completion", "error", "KeyError: 'usage' (usage.py:12)", 0.2004, exchanges=(EXCHANGE,)),
    OperationResult("translate", "skipped", "the check sends nothing to it"),
)
BY_OPERATION = replace(
    FAILED, check="usage-counts", operations=("chat_completion", "completion", "translate"), results=RESULTS
)
ACCEPTED = replace(
    FAILED, check="known", status="accepted", violations=(replace(VIOLATION, acceptance=Acceptance("later")),)
)
COMPLETE = replace(REPORT, outcomes=(*REPORT.outcomes, BY_OPERATION, ACCEPTED))


def test_junit_has_a_case_for_each_operation_of_a_check():
    """The counts match the cases."""
    root = parse_junit(COMPLETE)
    assert [suite.get("name") for suite in root] == ["schema", "behaviour"]
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "13",
        "failures": "2",
        "errors": "1",
    }
    for suite in root:
        cases = list(suite.iter("testcase"))
        assert int(suite.get("tests", "")) == len(cases)
        for counter, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(counter, "")) == sum(case.find(tag) is not None for case in cases)
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(names)) == len(names)


def test_the_times_of_junit_add_up():
    """Cases to their suite, suites to the total; the duration of the run is a property."""
    odd = tuple(replace(FAILED, check=f"odd-{number}", seconds=number / 7, results=()) for number in range(20))
    report = replace(COMPLETE, outcomes=(*COMPLETE.outcomes, *odd))
    root = parse_junit(report)

    def read(element):
        return Decimal(element.get("time", ""))

    for suite in root:
        assert sum(map(read, suite.iter("testcase"))) == read(suite)
        properties = {it.get("name"): it.get("value") for it in suite.iter("property")}
        assert properties["seconds of the run"] == "12.500"
    assert sum(map(read, root)) == read(root)
    cases = {case.get("name"): case.get("time") for case in root.iter("testcase")}
    assert cases["usage-counts [completion]"] == "0.200"
    assert (cases["odd-1 [chat_completion]"], cases["odd-1 [completion]"]) == ("0.072", "0.071")


def test_junit_has_an_error_for_what_could_not_be_judged():
    """It is not a failure of the server, and has the curl command of what the check looked at."""
    (error,) = parse_junit(COMPLETE).iter("error")
    assert error.get("message") == "could not judge: KeyError: 'usage' (usage.py:12)"
    assert error.text is not None
    assert build_curl(EXCHANGE) in error.text


def test_junit_has_a_reason_for_what_was_not_looked_at():
    """And for what is accepted."""
    cases = {case.get("name"): case for case in parse_junit(COMPLETE).iter("testcase")}
    messages = {
        name: case.find("skipped").get("message") for name, case in cases.items() if case.find("skipped") is not None
    }
    assert messages["usage-counts [translate]"] == "skipped: the check sends nothing to it"
    assert messages["known [chat_completion]"] == "accepted: later"
    assert messages["purge-frees [completion]"] == "skipped: --read-only"
    assert "known [completion]" not in messages


# Elements with their attributes and children, by the schema of Jenkins, which other readers follow.
JUNIT = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "time", "skipped", "timestamp"},
        {"properties", "testcase"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"name", "time", "classname"}, {"skipped", "error", "failure", "system-out"}),
    "system-out": (set(), set()),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "skipped": ({"type", "message"}, set()),
}


def test_junit_has_the_elements_that_its_readers_know():
    """At most one result for each case; times are decimal fractions."""
    for element in parse_junit(COMPLETE).iter():
        attributes, children = JUNIT[element.tag]
        assert set(element.keys()) <= attributes, element.tag
        assert {child.tag for child in element} <= children
        assert re.fullmatch(r"[0-9]+\.[0-9]{3}", element.get("time", "0.000"))
        if element.tag == "testcase":
            assert len(element) <= 1
        if element.tag == "testsuite":
            assert [child.tag for child in element].index("testcase") == 1  # after the properties


def test_a_junit_failure_contains_the_violation():
    """It has expected, actual and the curl command; characters that XML forbids are escaped."""
    (failure,) = ElementTree.fromstring(junit.render(REPORT)).iter("failure")  # noqa: S314 - our own
    assert failure.text is not None
    for text in ("total_tokens = 30", "<script>", r"\x00", build_curl(EXCHANGE)):
        assert text in failure.text


# HTML


class Page(HTMLParser):
    """Collects the tags, references and text of a page."""

    VOID_TAGS = ("meta", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open_tags: list[str] = []
        self.references: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in self.VOID_TAGS:
            self.open_tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), name
            self.references += [value] if name in ("src", "href", "action", "data", "poster", "srcset") else []
            self.ids += [value] if name == "id" else []

    def handle_endtag(self, tag):
        assert self.open_tags.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_html_is_one_page():
    """Every tag is closed, nothing is loaded, no script runs, and each link has a target on the page."""
    text = html.render(REPORT)
    page = Page(text)
    assert not page.open_tags
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert {reference.removeprefix("#") for reference in page.references} <= set(page.ids)
    assert "url(" not in text
    assert "@import" not in text


def test_html_explains_its_marks_on_the_page():
    """In text that is in sight, for each status; not in a tooltip only."""
    page = Page(html.render(COMPLETE))
    for status, meaning in MEANINGS.items():
        assert f"{MARKS[status]} {label(status)}{meaning}" in page.text


def test_html_shows_the_status_of_each_operation():
    """What could not be judged has a card, with the response that the check looked at; what was skipped a reason."""
    text = html.render(COMPLETE)
    page = Page(text)
    assert "Could not judge" in page.text
    assert "at completion, could not judge: KeyError: 'usage' (usage.py:12)" in page.text
    assert "usage-counts: skipped\nthe check sends nothing to it" in text
    assert "accepted: later" in page.text
    assert not page.open_tags
    assert {reference.removeprefix("#") for reference in page.references} <= set(page.ids)
    assert len(set(page.ids)) == len(page.ids)


def test_html_escapes_markup_from_the_server():
    """It is text on the page, in the violation and in the response."""
    assert Page(html.render(REPORT)).text.count("<script>alert(1)</script>") >= 2


@pytest.mark.parametrize("outcomes", [(), (PASSED,), (SKIPPED,)])
def test_html_without_failures_is_complete(outcomes):
    """A page without failures, and one without checks, has no open tags."""
    assert not Page(html.render(replace(REPORT, outcomes=outcomes))).open_tags


# The terminal


def test_a_suite_that_timed_out_has_a_note():
    """Its checks passed only as far as they were run."""
    outcome = build_outcome("schema", "ignored_auth", "passed", note="the time budget ended it")
    text = terminal.render(replace(REPORT, outcomes=(outcome,)), width=100)
    assert "✓ passed, the time budget ended it: ignored_auth" in text
    assert "the time budget ended it" in terminal.render_progress(outcome).plain


def test_the_terminal_explains_its_marks():
    """All of them, with the word for a check that failed itself."""
    text = terminal.render(REPORT, width=100)
    for status, meaning in MEANINGS.items():
        assert f"{MARKS[status]} {label(status)}: {meaning}" in text
    assert "! could not judge: " in text


def test_the_terminal_shows_what_was_not_looked_at():
    """With the operations, the reason and the curl command of what could not be judged."""
    text = terminal.render(COMPLETE, width=100)
    assert "! usage-counts at completion: could not judge, KeyError: 'usage' (usage.py:12)" in text
    assert "· skipped, the check sends nothing to it: usage-counts at translate" in text
    assert "~ known at chat_completion: accepted, later" in text


def test_the_terminal_shows_failures():
    """It shows the check, its rationale and the curl command on one line, and escapes text from the server."""
    text = terminal.render(REPORT, width=80)
    for part in ("usage-adds-up", "Billing uses the usage.", build_curl(EXCHANGE), "[bold]x[/bold]", r"\x1b[31m"):
        assert part in text
    assert "\x1b" not in text


def test_the_matrix_fits_the_width():
    """All operations under eight headings take at most 100 columns."""
    names = tuple(f"heading{number}" for number in range(7))
    outcomes = tuple(replace(PASSED, suite="behaviour", check=name) for name in names)
    report = replace(REPORT, outcomes=(PASSED, *outcomes), groups=dict(zip(names, names, strict=True)))
    table = terminal.render(report, width=100).partition("\n\n")[0]
    assert all(name in table.splitlines()[0] for name in names)
    assert max(map(len, table.splitlines())) <= 100


def test_a_wide_matrix_is_split():
    """No heading is truncated."""
    names = tuple(f"heading{number}" for number in range(20))
    outcomes = tuple(replace(PASSED, suite="behaviour", check=name) for name in names)
    report = replace(REPORT, outcomes=outcomes, groups=dict(zip(names, names, strict=True)))
    lines = terminal.render(report, width=80).partition("\n\n")[0].splitlines()
    assert all(name in "\n".join(lines) for name in names)
    assert max(map(len, lines)) <= 80


def test_color_can_be_disabled(monkeypatch):
    """NO_COLOR disables it."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[32m" in terminal.render(REPORT, color=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[32m" not in terminal.render(REPORT, color=True)


def test_an_encoding_without_the_marks():
    """They are replaced by ASCII."""
    text = terminal.replace_unencodable(terminal.render(REPORT), "ascii")
    io.TextIOWrapper(io.BytesIO(), "ascii").write(text)
    assert "x usage-adds-up" in text


# The key


@pytest.mark.parametrize("renderer", [as_json, junit, html, terminal])
def test_no_renderer_shows_the_key(renderer):
    """A server may return it in a body, a header or an address, complete or truncated."""
    exchange = replace(
        EXCHANGE,
        url=f"http://edge.test/{KEY}",
        response_headers={"x-echo": KEY},
        chunks=(TimedBytes(0.0, KEY[:9].encode()), TimedBytes(0.1, KEY[9:].encode())),
    )
    violation = Violation(
        "chat_completion", f"not {KEY}", f"got {KEY}, then {KEY[:15]}", exchange, build_curl(exchange)
    )
    outcome = redact_outcome(replace(FAILED, violations=(violation,), note=KEY), KEY)
    text = renderer.render(replace(REPORT, outcomes=(outcome,)))
    assert KEY[:12] not in text
    assert PLACEHOLDER in text


def test_escaped_keys_are_redacted():
    """JSON, HTML and URLs escape some characters."""
    key = 'pg"<&/key'
    for spelling in (key, json.dumps(key), "pg&quot;&lt;&amp;/key", "pg%22%3C%26%2Fkey"):
        assert PLACEHOLDER in redact(f"got {spelling}", key)


@pytest.mark.parametrize("text", ["{key}", ":{key}", "ab{key}:", "user:{key}", "abc{key}x"])
def test_a_key_in_base64_is_redacted(text):
    """Wherever it begins, apart from the characters that it shares with its neighbours."""
    encoded = base64.b64encode(text.format(key=KEY).encode()).decode()
    redacted = redact(f"Basic {encoded}", KEY)
    assert PLACEHOLDER in redacted
    assert len(redacted.removeprefix("Basic ").replace(PLACEHOLDER, "")) <= 2 * 6


def test_an_empty_key_redacts_nothing():
    """It does not match between all characters."""
    assert redact("text", "") == "text"


def test_controls_are_escaped():
    """Letters of all scripts stay; invisible characters are shown by their code."""
    assert escape_controls("é 好\n\u202e\x07") == "é 好\n\\u202e\\x07"


def test_violations_that_are_not_in_the_report_are_counted():
    """A note says how many, at which operation; the note of the check does not repeat those of its operations."""
    results = (replace(RESULTS[0], omitted=3), *RESULTS[1:])
    outcome = replace(BY_OPERATION, results=results, note="the check sends nothing to it; more")
    for renderer in (terminal, html):
        text = renderer.render(replace(REPORT, outcomes=(outcome,)))
        assert "3 more violations than the report has" in text
        assert "nothing to it; more: " not in text
