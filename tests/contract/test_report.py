"""What a report says of outcomes, in each of its forms."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from polargrid_contract.check import Fault
from polargrid_contract.conduct import Outcome
from polargrid_contract.exchange import Arrival, Exchange
from polargrid_contract.report import as_json, html, junit, terminal
from polargrid_contract.report.result import HIDDEN, Report, plain, redacted, without_key

KEY = "pg_live_0123456789abcdef"
ODD = "<script>alert(1)</script> ]]> & \x1b[31m \x00 [bold]x[/bold] $url"
EXCHANGE = Exchange(
    "chat_completion",
    "POST",
    "http://edge.test/v1/chat/completions",
    {"content-type": "application/json"},
    b'{"model": "m"}',
    None,
    None,
    status=200,
    answer_headers={"x-request-id": "req_1"},
    arrivals=(Arrival(0.1, ODD.encode()),),
)
FAULT = Fault("chat_completion", "total_tokens = 30", ODD, EXCHANGE, EXCHANGE.curl)
CHAT = ("chat_completion", "completion")


def _outcome(half, name, verdict, faults=(), note=""):
    return Outcome(half, name, "Bills are made from usage.", "API overview", CHAT, verdict, faults, note, 0.5)


BROKEN = _outcome("conduct", "usage-adds-up", "broken", (FAULT,))
KEPT = _outcome("schema", "response_schema_conformance", "kept")
ABSENT = _outcome("conduct", "n-answers", "not offered", note="no such model")
LEFT = _outcome("conduct", "purge-frees", "not run", note="--read-only")
REPORT = Report(
    url="http://edge.test",
    profile="polargrid",
    started="2026-11-20T09:12:44+00:00",
    seconds=12.5,
    outcomes=(BROKEN, KEPT, ABSENT, LEFT),
    seed=7,
    version="0.1.0",
    operations=("health", *CHAT),
    groups={"usage-adds-up": "answers"},
)


@pytest.mark.parametrize(
    ("outcomes", "verdict", "status"),
    [
        ((BROKEN, KEPT), "broken", 6),
        ((KEPT, LEFT), "kept", 0),
        ((ABSENT,), "kept", 0),
        ((LEFT,), "nothing checked", 1),
        ((), "nothing checked", 1),
    ],
)
def test_the_verdict(outcomes, verdict, status):
    """One broken check breaks it; where nothing was checked, nothing is claimed."""
    report = replace(REPORT, outcomes=outcomes)
    assert (report.verdict, report.exit_status) == (verdict, status)


def test_the_matrix():
    """A fault at one operation leaves the check kept at the others; what no check is on has no row."""
    assert list(REPORT.matrix) == list(CHAT)
    assert REPORT.matrix["chat_completion"]["usage-adds-up"] == "broken"
    assert REPORT.matrix["completion"]["usage-adds-up"] == "kept"


def test_a_fault_at_another_operation_has_a_row():
    """A check may find something where it is not told to look."""
    elsewhere = replace(BROKEN, faults=(replace(FAULT, operation="health"),))
    assert replace(REPORT, outcomes=(elsewhere,)).matrix["health"] == {"usage-adds-up": "broken"}


def test_the_counts():
    """They are by half, the schema half first."""
    assert list(REPORT.counts) == ["schema", "conduct"]
    assert REPORT.counts["conduct"] == {"kept": 0, "broken": 1, "not offered": 1, "not run": 1}


def test_the_headings():
    """A check stands under its group, and without one under its half."""
    assert REPORT.headings == ("schema", "answers", "conduct")


# JSON


def test_json():
    """It reads back as what it was made of, with a version of its own."""
    read = json.loads(as_json.rendered(REPORT))
    assert read == as_json.document(REPORT)
    assert (read["schema_version"], read["verdict"], read["exit_status"]) == (1, "broken", 6)
    (fault,) = read["checks"][0]["faults"]
    assert (fault["came"], fault["status"], fault["request_id"]) == (ODD, 200, "req_1")


# JUnit


def test_junit():
    """A suite a half, a case for each operation of each check; the numbers agree with the cases."""
    root = ElementTree.fromstring(junit.rendered(REPORT))  # noqa: S314 - our own
    assert [suite.get("name") for suite in root] == ["schema", "conduct"]
    assert {name: root.get(name) for name in ("tests", "failures", "skipped", "errors")} == {
        "tests": "8",
        "failures": "1",
        "skipped": "4",
        "errors": "0",
    }


def test_junit_failure():
    """It tells what was expected, what came, and how to repeat it; what XML forbids is escaped."""
    (failure,) = ElementTree.fromstring(junit.rendered(REPORT)).iter("failure")  # noqa: S314 - our own
    assert failure.text is not None
    for told in ("total_tokens = 30", "<script>", r"\x00", EXCHANGE.curl):
        assert told in failure.text


# HTML


class Page(HTMLParser):
    """What a page refers to, runs, and says."""

    EMPTY = ("meta", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.references: list[str] = []
        self.ids: list[str] = []
        self.said = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in self.EMPTY:
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), name
            self.references += [value] if name in ("src", "href", "action", "data", "poster", "srcset") else []
            self.ids += [value] if name == "id" else []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said += data


def test_html_is_one_page():
    """Every tag is closed, nothing is loaded, nothing runs, and each link leads to a place on the page."""
    text = html.rendered(REPORT)
    page = Page(text)
    assert not page.open
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert {reference.removeprefix("#") for reference in page.references} <= set(page.ids)
    assert "url(" not in text
    assert "@import" not in text


def test_html_shows_what_came():
    """Markup of a server is text on the page, in the fault and in the answer."""
    assert Page(html.rendered(REPORT)).said.count("<script>alert(1)</script>") >= 2


@pytest.mark.parametrize("outcomes", [(), (KEPT,), (LEFT,)])
def test_html_of_little(outcomes):
    """A page without faults, and one without checks, is whole too."""
    assert not Page(html.rendered(replace(REPORT, outcomes=outcomes))).open


# The terminal


def test_a_half_that_was_ended_is_told():
    """What is kept as far as it went is not all that there is to keep."""
    ended = _outcome("schema", "ignored_auth", "kept", note="the time budget ended it")
    text = terminal.rendered(replace(REPORT, outcomes=(ended,)), width=100)
    assert "✓ kept, the time budget ended it: ignored_auth" in text
    assert "the time budget ended it" in terminal.line(ended).plain


def test_terminal():
    """It names the broken check, its reason, and a curl line in one piece; it obeys nothing that a server sent."""
    text = terminal.rendered(REPORT, width=80)
    for told in ("usage-adds-up", "Bills are made from usage.", EXCHANGE.curl, "[bold]x[/bold]", r"\x1b[31m"):
        assert told in text
    assert "\x1b" not in text


def test_the_matrix_fits():
    """All operations under eight headings take no more than 100 columns."""
    names = tuple(f"heading{number}" for number in range(7))
    outcomes = tuple(replace(KEPT, half="conduct", check=name) for name in names)
    report = replace(REPORT, outcomes=(KEPT, *outcomes), groups=dict(zip(names, names, strict=True)))
    table = terminal.rendered(report, width=100).partition("\n\n")[0]
    assert all(name in table.splitlines()[0] for name in names)
    assert max(map(len, table.splitlines())) <= 100


def test_a_matrix_that_does_not_fit():
    """It goes on below: no heading is cut."""
    names = tuple(f"heading{number}" for number in range(20))
    outcomes = tuple(replace(KEPT, half="conduct", check=name) for name in names)
    report = replace(REPORT, outcomes=outcomes, groups=dict(zip(names, names, strict=True)))
    lines = terminal.rendered(report, width=80).partition("\n\n")[0].splitlines()
    assert all(name in "\n".join(lines) for name in names)
    assert max(map(len, lines)) <= 80


def test_color(monkeypatch):
    """Colours are for those who want them."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[32m" in terminal.rendered(REPORT, color=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[32m" not in terminal.rendered(REPORT, color=True)


def test_a_terminal_without_the_marks():
    """Where the encoding lacks them, the marks are ASCII."""
    text = terminal.encodable(terminal.rendered(REPORT), "ascii")
    io.TextIOWrapper(io.BytesIO(), "ascii").write(text)
    assert "x usage-adds-up" in text


# The key


@pytest.mark.parametrize("form", [as_json, junit, html, terminal])
def test_the_key_is_in_no_report(form):
    """Not where a server gives it back: in a body, a header, an address; whole or cut off."""
    exchange = replace(
        EXCHANGE,
        url=f"http://edge.test/{KEY}",
        answer_headers={"x-echo": KEY},
        arrivals=(Arrival(0.0, KEY[:9].encode()), Arrival(0.1, KEY[9:].encode())),
    )
    fault = Fault("chat_completion", f"not {KEY}", f"got {KEY}, then {KEY[:15]}", exchange, exchange.curl)
    told = form.rendered(replace(REPORT, outcomes=(without_key(replace(BROKEN, faults=(fault,), note=KEY), KEY),)))
    assert KEY[:12] not in told
    assert HIDDEN in told


def test_escaped_keys_are_hidden_too():
    """JSON, HTML and URLs write some characters otherwise."""
    key = 'pg"<&/key'
    for spelled in (key, json.dumps(key), "pg&quot;&lt;&amp;/key", "pg%22%3C%26%2Fkey"):
        assert HIDDEN in redacted(f"came {spelled}", key)


def test_no_key_hides_nothing():
    """An empty key is not found between all letters."""
    assert redacted("text", "") == "text"


def test_plain():
    """Letters of all scripts stay; what nobody can see is told by its code."""
    assert plain("é 好\n\u202e\x07") == "é 好\n\\u202e\\x07"
