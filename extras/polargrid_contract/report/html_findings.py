"""Renders the findings of a report as cards of the HTML page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from polargrid_contract.exchange import Exchange
from polargrid_contract.findings import Finding, Part
from polargrid_contract.report.html_text import escape, render_chip
from polargrid_contract.report.text import count, describe_acceptance, describe_expired, label, shorten
from polargrid_contract.results import OperationResult, Outcome, Report, Suite, Violation

_MAX_OPEN = 12  # with more findings, the matrix is the way to read the page
#: The ids of the cards of findings, by suite, check and operation.
Anchors = Mapping[tuple[Suite, str, str], str]


def find_anchors(findings: Iterable[Finding]) -> Anchors:
    """Return the card of each violation; of several, the first, which fails the run."""
    anchors: dict[tuple[Suite, str, str], str] = {}
    for finding in findings:
        for part in finding.parts:
            for operation in part.operations:
                anchors.setdefault((part.outcome.suite, part.outcome.check, operation), _anchor(finding))
    return anchors


def render_findings(report: Report, findings: Sequence[Finding]) -> str:
    """Render what fails the run, what could not be judged, and what is accepted."""
    new = [finding for finding in findings if finding.fails]
    warnings = [finding for finding in findings if finding.is_warning]
    accepted = [finding for finding in findings if finding.is_accepted]
    note = ""
    if report.saved_in:
        folder = escape(report.saved_in)
        note = f'<p class="soft">The files of the curl commands are in <code>{folder}</code>: run them there.</p>'
    return "\n".join(
        [
            *_render_section("Findings", note, [_render_finding(it, is_open=len(new) <= _MAX_OPEN) for it in new]),
            *_render_section("Warnings", note, [_render_finding(it, is_open=False) for it in warnings]),
            *_render_section("Could not judge", "", list(_render_errors(report.outcomes))),
            *_render_section("Accepted findings", note, [_render_finding(it, is_open=False) for it in accepted]),
        ]
    )


def _render_section(heading: str, text: str, cards: Sequence[str]) -> list[str]:
    return [f"<h2>{heading}</h2>", text, *cards] if cards else []


def _anchor(finding: Finding) -> str:
    kind = "-accepted" if finding.is_accepted else "-warning" if finding.is_warning else ""
    return escape(finding.cause + kind)


def _render_finding(finding: Finding, *, is_open: bool) -> str:
    """Render a cause with its checks."""
    suites = "".join(f'<span class="chip">{suite}</span>' for suite in finding.suites)
    reasons = "".join(
        f'<p class="reason accepted">accepted: {escape(describe_acceptance(it))}</p>' for it in finding.acceptances
    )
    parts = "\n".join(
        _render_part(part, has_title=part.outcome.check != finding.title, is_open=is_open and position == 0)
        for position, part in enumerate(finding.parts)
    )
    return f"""<article class="card" id="{_anchor(finding)}">
<div class="head"><h3 class="name">{escape(finding.title)}</h3>
{_render_kind(finding)}{suites}
<span class="chip">{count(len(finding.operations), "operation")}</span></div>
{reasons}{parts}
</article>"""


def _render_kind(finding: Finding) -> str:
    if finding.is_warning:
        return '<span class="chip not-supported">warning: the server is free to differ</span>'
    return render_chip("accepted" if finding.is_accepted else "failed")


def _render_part(part: Part, *, has_title: bool, is_open: bool) -> str:
    """Render one violation of a check; the others have the same cause and can be unfolded."""
    outcome = part.outcome
    heading = f'<h4 class="name">{escape(outcome.check)}</h4>' if has_title else ""
    first, *others = part.violations
    violations = _render_violation(first, is_open=is_open)
    if others:
        similar = "\n".join(_render_violation(violation, is_open=False) for violation in others)
        summary = f"{len(others)} more with the same cause"
        violations += f'\n<details><summary>{summary}</summary><div class="violation">{similar}</div></details>'
    operations = ", ".join(f"<code>{escape(name)}</code>" for name in part.operations)
    return f"""{heading}<p class="rationale">{escape(outcome.rationale)}
<span class="chip reference">{escape(outcome.reference)}</span></p>
<p class="at">at {operations}</p>
{violations}"""


def _render_violation(violation: Violation, *, is_open: bool) -> str:
    first_line = (violation.actual.strip().splitlines() or ["(empty)"])[0]
    acceptance = None if violation.is_accepted else violation.acceptance
    expired = f'<p class="at">{escape(describe_expired(acceptance))}</p>' if acceptance else ""
    return f"""<details{" open" if is_open else ""}>
<summary><span class="name">{escape(violation.operation)}</span>{escape(shorten(first_line, 120))}</summary>
<div class="violation"><div class="sides">
<div class="passed"><span class="label">expected</span><pre>{escape(violation.expected)}</pre></div>
<div class="failed"><span class="label">actual</span><pre>{escape(violation.actual) or "(empty)"}</pre></div>
</div>{expired}{_render_curl(violation.curl)}{_render_response(violation.exchange)}</div></details>"""


def _render_curl(command: str) -> str:
    return f'<span class="label">reproduce</span><pre class="copy">{escape(command)}</pre>' if command else ""


def _render_response(exchange: Exchange | None) -> str:
    """Render status, headers and the start of the body."""
    if exchange is None or not exchange.status:
        return ""
    headers = "\n".join(f"{name}: {value}" for name, value in exchange.response_headers.items())
    text = escape(f"HTTP {exchange.status}\n{headers}\n\n{exchange.text}")
    return f'<details><summary>response</summary><div class="violation"><pre>{text}</pre></div></details>'


def _render_errors(outcomes: Iterable[Outcome]) -> Iterable[str]:
    """Render each check that failed itself, with what it looked at last."""
    for outcome in outcomes:
        for result in outcome.results:
            if result.status == "error":
                yield _render_error(outcome, result)


def _render_error(outcome: Outcome, result: OperationResult) -> str:
    exchanges = "".join(
        _render_curl(command) + _render_response(exchange)
        for command, exchange in zip(result.commands, result.exchanges, strict=True)
    )
    return f"""<article class="card"><div class="head"><h3 class="name">{escape(outcome.check)}</h3>
{render_chip("error")}</div>
<p class="rationale">{escape(outcome.rationale)}</p>
<p class="at">at <code>{escape(result.operation)}</code>, {label("error")}: {escape(result.note)}</p>
{exchanges}</article>"""
