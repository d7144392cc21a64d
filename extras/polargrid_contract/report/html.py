"""Renders a report as one HTML page without scripts, fonts or network access. Text from the server is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from string import Template

from polargrid_contract.findings import Finding, find_causes
from polargrid_contract.report.html_findings import Anchors, find_anchors, render_findings
from polargrid_contract.report.html_text import css_class, escape, render_chip, render_mark
from polargrid_contract.report.text import MARKS, MEANINGS, count_findings, group_notes, headline, label, tone
from polargrid_contract.results import Outcome, Report, Status, Suite, sort_by_suite


def render(report: Report) -> str:
    """Render the page."""
    findings = find_causes(report)
    anchors = find_anchors(findings)
    template = resources.files("polargrid_contract.report").joinpath("template.html").read_text("utf-8")
    return Template(template).substitute(
        title=escape(f"{headline(report)}: {report.url}"),
        tone=css_class(tone(report)),
        sign=MARKS[tone(report)],
        headline=headline(report),
        url=escape(report.url),
        facts=_render_facts(report, findings),
        tiles="\n".join(_render_tile(suite, counts) for suite, counts in report.counts.items()),
        matrix=_render_matrix(report, anchors),
        findings=render_findings(report, findings),
        notes=_render_notes(report),
        checks=_render_checks(report, anchors),
        version=escape(report.version),
    )


def _render_facts(report: Report, findings: Sequence[Finding]) -> str:
    facts = [count_findings(findings), f"profile {report.profile}"]
    facts.append(report.started.replace("T", " ").replace("+00:00", " UTC"))
    facts.append(f"{report.seconds:.0f} s" if report.seconds >= 10 else f"{report.seconds:.1f} s")
    if report.seed is not None:
        facts.append(f"seed {report.seed}")
    return " · ".join(escape(fact) for fact in facts)


def _render_tile(suite: Suite, counts: Mapping[Status, int]) -> str:
    non_zero: dict[Status, int] = {status: count for status, count in counts.items() if count}
    bar = "".join(f'<i class="{css_class(status)}" style="flex:{count}"></i>' for status, count in non_zero.items())
    text = "".join(
        f'<span class="{css_class(status)}"><b>{count}</b> {label(status)}</span>' for status, count in non_zero.items()
    )
    return f"""<div class="card"><h3>{suite} <span class="soft">suite: number of checks</span></h3>
<div class="bar">{bar}</div><div class="tile-counts">{text}</div></div>"""


def _render_legend() -> str:
    """Render the meaning of each mark, in sight: not every reader has a pointer that can hover."""
    rows = "".join(
        f"<div><dt>{render_mark(status)} {label(status)}</dt><dd>{MEANINGS[status]}</dd></div>" for status in MARKS
    )
    return f'<dl class="legend">{rows}</dl>'


def _render_matrix(report: Report, anchors: Anchors) -> str:
    if not report.matrix:
        return ""
    headings = "".join(f"<th>{escape(heading)}</th>" for heading in report.headings)
    rows = "\n".join(_render_row(report, operation, anchors) for operation in report.matrix)
    return f"""<h2>Operations</h2>
{_render_legend()}
<div class="card scroll"><table class="matrix"><thead><tr><th>operation</th>{headings}</tr></thead><tbody>
{rows}
</tbody></table></div>
<p class="soft">Each mark is a check of the operation; a mark of a finding leads to it.</p>"""


def _render_row(report: Report, operation: str, anchors: Anchors) -> str:
    cells = (
        "".join(_render_result(operation, outcome, anchors) for outcome in report.cell(operation, heading))
        for heading in report.headings
    )
    columns = "".join(f'<td><div class="marks">{cell}</div></td>' for cell in cells)
    return f'<tr><th scope="row" class="name">{escape(operation)}</th>{columns}</tr>'


def _render_result(operation: str, outcome: Outcome, anchors: Anchors) -> str:
    status = outcome.status_for(operation)
    notes = (result.note for result in outcome.results if result.operation == operation)
    note = next(notes, "") or outcome.note or outcome.rationale
    anchor = anchors.get((outcome.suite, outcome.check, operation), "")
    return render_mark(status, tooltip=f"{outcome.check}: {label(status)}\n{note}", anchor=anchor)


def _render_notes(report: Report) -> str:
    """Render the reasons for what was not judged, each once, and the warnings."""
    warnings = "".join(f"<li><b>warning</b> {escape(warning)}</li>" for warning in report.warnings)
    notes = "".join(
        f"<li>{render_chip(status)} {escape(note)}: <code>{escape(', '.join(checks))}</code></li>"
        for (status, note), checks in group_notes(report.outcomes).items()
    )
    return f'<h2>Notes</h2>\n<ul class="card notes">{warnings}{notes}</ul>' if warnings or notes else ""


def _render_checks(report: Report, anchors: Anchors) -> str:
    rows = "\n".join(_render_check(report, outcome, anchors) for outcome in sort_by_suite(report.outcomes))
    return f"""<h2>All checks</h2>
<div class="card scroll"><table class="all">
<thead><tr><th>check</th><th>status</th><th>rationale</th><th>reference</th><th>s</th></tr></thead>
<tbody>
{rows}
</tbody></table></div>"""


def _render_check(report: Report, outcome: Outcome, anchors: Anchors) -> str:
    name = escape(outcome.check)
    links = (anchors.get((outcome.suite, outcome.check, operation)) for operation in outcome.operations_in_report)
    if anchor := next(filter(None, links), None):
        name = f'<a href="#{anchor}">{name}</a>'
    note = f'<br><span class="soft">{escape(outcome.note)}</span>' if outcome.note else ""
    return f"""<tr><th scope="row"><span class="name">{name}</span>
<span class="chip">{escape(report.group(outcome))}</span></th>
<td>{render_chip(outcome.status)}</td>
<td>{escape(outcome.rationale)}{note}</td><td class="soft">{escape(outcome.reference)}</td>
<td>{outcome.seconds:.1f}</td></tr>"""
