"""Renders a report as one HTML page without scripts, fonts or network access. Text from the server is escaped."""

from __future__ import annotations

import html
from collections.abc import Mapping
from importlib import resources
from string import Template

from polargrid_contract.exchange import Exchange
from polargrid_contract.report.text import MARKS, escape_controls, label, shorten
from polargrid_contract.results import Outcome, Report, Status, Suite, Violation, sort_by_suite

_HEADLINES = {
    "passed": "The server follows the API contract",
    "failed": "The server violates the API contract",
    "skipped": "Nothing was checked",
}
_MAX_TEXT = 6000  # characters
_MAX_OPEN = 12  # with more failed checks, the matrix is the way to read the page


def render(report: Report) -> str:
    """Render the page."""
    headline = _HEADLINES[report.status]
    template = resources.files("polargrid_contract.report").joinpath("template.html").read_text("utf-8")
    return Template(template).substitute(
        title=_escape(f"{headline}: {report.url}"),
        tone=_css_class(report.status),
        sign=MARKS[report.status],
        headline=headline,
        url=_escape(report.url),
        facts=_render_facts(report),
        tiles="\n".join(_render_tile(suite, counts) for suite, counts in report.counts.items()),
        matrix=_render_matrix(report),
        failures=_render_failures(report),
        checks=_render_checks(report),
        version=_escape(report.version),
    )


def _escape(text: str) -> str:
    return html.escape(escape_controls(shorten(text, _MAX_TEXT)))


def _css_class(status: Status) -> str:
    return status.replace("_", "-")


def _anchor(outcome: Outcome) -> str:
    return _escape(f"{outcome.suite}-{outcome.check}")


def _render_facts(report: Report) -> str:
    facts = [f"profile {report.profile}", report.started.replace("T", " ").replace("+00:00", " UTC")]
    facts.append(f"{report.seconds:.0f} s" if report.seconds >= 10 else f"{report.seconds:.1f} s")
    if report.seed is not None:
        facts.append(f"seed {report.seed}")
    return " · ".join(_escape(fact) for fact in facts)


def _render_tile(suite: Suite, counts: Mapping[Status, int]) -> str:
    non_zero: dict[Status, int] = {status: count for status, count in counts.items() if count}
    bar = "".join(f'<i class="{_css_class(status)}" style="flex:{count}"></i>' for status, count in non_zero.items())
    text = "".join(
        f'<span class="{_css_class(status)}"><b>{count}</b> {label(status)}</span>'
        for status, count in non_zero.items()
    )
    return f'<div class="card"><h3>{suite}</h3><div class="bar">{bar}</div><div class="tile-counts">{text}</div></div>'


def _render_matrix(report: Report) -> str:
    if not report.matrix:
        return ""
    headings = "".join(f"<th>{_escape(heading)}</th>" for heading in report.headings)
    rows = "\n".join(_render_row(report, operation) for operation in report.matrix)
    legend = "".join(
        f'<span><i class="mark {_css_class(status)}" style="font-style:normal">{mark}</i>{label(status)}</span>'
        for status, mark in MARKS.items()
    )
    return f"""<h2>Operations</h2>
<div class="card scroll"><table class="matrix"><thead><tr><th>operation</th>{headings}</tr></thead><tbody>
{rows}
</tbody></table></div>
<p class="legend">{legend}<span>Each mark is a check; hover over it to see its name.</span></p>"""


def _render_row(report: Report, operation: str) -> str:
    cells = (
        "".join(_render_mark(operation, outcome) for outcome in report.cell(operation, heading))
        for heading in report.headings
    )
    columns = "".join(f'<td><div class="marks">{cell}</div></td>' for cell in cells)
    return f'<tr><th scope="row" class="name">{_escape(operation)}</th>{columns}</tr>'


def _render_mark(operation: str, outcome: Outcome) -> str:
    status = outcome.status_for(operation)
    tooltip = _escape(f"{outcome.check}: {label(status)}\n{outcome.note or outcome.rationale}")
    attributes = f'class="mark {_css_class(status)}" title="{tooltip}" aria-label="{tooltip}"'
    if status == "failed":
        return f'<a {attributes} href="#{_anchor(outcome)}">{MARKS[status]}</a>'
    return f'<span role="img" {attributes}>{MARKS[status]}</span>'


def _render_failures(report: Report) -> str:
    if not report.failures:
        return ""
    is_open = len(report.failures) <= _MAX_OPEN
    cards = "\n".join(_render_card(outcome, is_open=is_open) for outcome in sort_by_suite(report.failures))
    return f"<h2>Failed checks</h2>\n{cards}"


def _render_card(outcome: Outcome, *, is_open: bool) -> str:
    """Render a failed check; only its first violation is open, since the others are usually similar."""
    violations = "\n".join(
        _render_violation(violation, is_open=is_open and position == 0)
        for position, violation in enumerate(outcome.violations)
    )
    return f"""<article class="card" id="{_anchor(outcome)}">
<div class="head"><h3 class="name">{_escape(outcome.check)}</h3><span class="chip">{outcome.suite}</span>
<span class="chip failed">violations: {len(outcome.violations)}</span></div>
<p class="rationale">{_escape(outcome.rationale)} <span class="chip">{_escape(outcome.reference)}</span></p>
{violations}
</article>"""


def _render_violation(violation: Violation, *, is_open: bool) -> str:
    first_line = (violation.actual.strip().splitlines() or ["(empty)"])[0]
    command = _escape(violation.curl)
    curl = f'<span class="label">reproduce</span><pre class="copy">{command}</pre>' if command else ""
    return f"""<details{" open" if is_open else ""}>
<summary><span class="name">{_escape(violation.operation)}</span>{_escape(shorten(first_line, 120))}</summary>
<div class="violation"><div class="sides">
<div class="passed"><span class="label">expected</span><pre>{_escape(violation.expected)}</pre></div>
<div class="failed"><span class="label">actual</span><pre>{_escape(violation.actual) or "(empty)"}</pre></div>
</div>{curl}{_render_response(violation.exchange)}</div></details>"""


def _render_response(exchange: Exchange | None) -> str:
    """Render status, headers and the start of the body."""
    if exchange is None or not exchange.status:
        return ""
    headers = "\n".join(f"{name}: {value}" for name, value in exchange.response_headers.items())
    text = _escape(f"HTTP {exchange.status}\n{headers}\n\n{exchange.text}")
    return f'<details><summary>response</summary><div class="violation"><pre>{text}</pre></div></details>'


def _render_checks(report: Report) -> str:
    rows = "\n".join(_render_check(report, outcome) for outcome in sort_by_suite(report.outcomes))
    return f"""<h2>All checks</h2>
<div class="card scroll"><table class="all">
<thead><tr><th>check</th><th>status</th><th>rationale</th><th>reference</th><th>s</th></tr></thead>
<tbody>
{rows}
</tbody></table></div>"""


def _render_check(report: Report, outcome: Outcome) -> str:
    name = _escape(outcome.check)
    if outcome.status == "failed":
        name = f'<a href="#{_anchor(outcome)}">{name}</a>'
    note = f'<br><span class="soft">{_escape(outcome.note)}</span>' if outcome.note else ""
    status = f"{MARKS[outcome.status]} {label(outcome.status)}"
    return f"""<tr><th scope="row"><span class="name">{name}</span>
<span class="chip">{_escape(report.group(outcome))}</span></th>
<td><span class="chip {_css_class(outcome.status)}">{status}</span></td>
<td>{_escape(outcome.rationale)}{note}</td><td class="soft">{_escape(outcome.reference)}</td>
<td>{outcome.seconds:.1f}</td></tr>"""
