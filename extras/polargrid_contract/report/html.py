"""Report -> one HTML page that needs nothing else: no script, no font, no network. What a server sent is escaped."""

from __future__ import annotations

import html
from collections.abc import Mapping
from importlib import resources
from string import Template

from polargrid_contract.check import Fault, Half
from polargrid_contract.conduct import Outcome, Verdict
from polargrid_contract.exchange import Exchange
from polargrid_contract.report.result import MARKS, Report, in_order, plain, short

_HEADLINES = {
    "kept": "The contract is kept",
    "broken": "The contract is broken",
    "nothing checked": "Nothing was checked",
}
_MOST = 6000  # characters of one text
_OPEN = 12  # broken checks that are unfolded; a page of more is read by its matrix


def rendered(report: Report) -> str:
    """The page."""
    verdict: Verdict = "not run" if report.verdict == "nothing checked" else report.verdict
    headline = _HEADLINES[report.verdict]
    template = resources.files("polargrid_contract.report").joinpath("template.html").read_text("utf-8")
    return Template(template).substitute(
        title=_text(f"{headline}: {report.url}"),
        tone=_tone(verdict),
        sign=MARKS[verdict],
        headline=headline,
        url=_text(report.url),
        facts=_facts(report),
        tiles="\n".join(_tile(half, counts) for half, counts in report.counts.items()),
        matrix=_matrix(report),
        broken=_broken(report),
        checks=_checks(report),
        version=_text(report.version),
    )


def _text(text: str) -> str:
    return html.escape(plain(short(text, _MOST)))


def _tone(verdict: str) -> str:
    return verdict.replace(" ", "-")


def _anchor(outcome: Outcome) -> str:
    return _text(f"{outcome.half}-{outcome.check}")


def _facts(report: Report) -> str:
    facts = [f"profile {report.profile}", report.started.replace("T", " ").replace("+00:00", " UTC")]
    facts.append(f"{report.seconds:.0f} s" if report.seconds >= 10 else f"{report.seconds:.1f} s")
    if report.seed is not None:
        facts.append(f"seed {report.seed}")
    return " · ".join(_text(fact) for fact in facts)


def _tile(half: Half, counts: Mapping[Verdict, int]) -> str:
    shown = {verdict: count for verdict, count in counts.items() if count}
    bar = "".join(f'<i class="{_tone(verdict)}" style="flex:{count}"></i>' for verdict, count in shown.items())
    told = "".join(
        f'<span class="{_tone(verdict)}"><b>{count}</b> {verdict}</span>' for verdict, count in shown.items()
    )
    return f'<div class="card"><h3>{half}</h3><div class="bar">{bar}</div><div class="tile-counts">{told}</div></div>'


def _matrix(report: Report) -> str:
    if not report.matrix:
        return ""
    heads = "".join(f"<th>{_text(heading)}</th>" for heading in report.headings)
    rows = "\n".join(_row(report, operation) for operation in report.matrix)
    legend = "".join(
        f'<span><i class="mark {_tone(verdict)}" style="font-style:normal">{mark}</i>{verdict}</span>'
        for verdict, mark in MARKS.items()
    )
    return f"""<h2>Operations</h2>
<div class="card scroll"><table class="matrix"><thead><tr><th>operation</th>{heads}</tr></thead><tbody>
{rows}
</tbody></table></div>
<p class="legend">{legend}<span>One mark is one check; it names itself under the pointer.</span></p>"""


def _row(report: Report, operation: str) -> str:
    cells = (
        "".join(_mark(operation, outcome) for outcome in report.cell(operation, heading)) for heading in report.headings
    )
    columns = "".join(f'<td><div class="marks">{cell}</div></td>' for cell in cells)
    return f'<tr><th scope="row" class="name">{_text(operation)}</th>{columns}</tr>'


def _mark(operation: str, outcome: Outcome) -> str:
    verdict = outcome.verdict_on(operation)
    tip = _text(f"{outcome.check}: {verdict}\n{outcome.note or outcome.why}")
    inside = f'class="mark {_tone(verdict)}" title="{tip}" aria-label="{tip}"'
    if verdict == "broken":
        return f'<a {inside} href="#{_anchor(outcome)}">{MARKS[verdict]}</a>'
    return f'<span role="img" {inside}>{MARKS[verdict]}</span>'


def _broken(report: Report) -> str:
    if not report.broken:
        return ""
    unfolded = len(report.broken) <= _OPEN
    cards = "\n".join(_card(outcome, unfolded=unfolded) for outcome in in_order(report.broken))
    return f"<h2>What is broken</h2>\n{cards}"


def _card(outcome: Outcome, *, unfolded: bool) -> str:
    """The first fault stands open: the others of a check are mostly like it."""
    faults = "\n".join(
        _fault(fault, unfolded=unfolded and position == 0) for position, fault in enumerate(outcome.faults)
    )
    return f"""<article class="card" id="{_anchor(outcome)}">
<div class="head"><h3 class="name">{_text(outcome.check)}</h3><span class="chip">{outcome.half}</span>
<span class="chip broken">{len(outcome.faults)} found</span></div>
<p class="why">{_text(outcome.why)} <span class="chip">{_text(outcome.source)}</span></p>
{faults}
</article>"""


def _fault(fault: Fault, *, unfolded: bool) -> str:
    first = (fault.came.strip().splitlines() or ["nothing"])[0]
    curl = f'<span class="label">repeat it</span><pre class="copy">{_text(fault.curl)}</pre>' if fault.curl else ""
    return f"""<details{" open" if unfolded else ""}>
<summary><span class="name">{_text(fault.operation)}</span>{_text(short(first, 120))}</summary>
<div class="fault"><div class="sides">
<div class="kept"><span class="label">expected</span><pre>{_text(fault.expected)}</pre></div>
<div class="broken"><span class="label">came</span><pre>{_text(fault.came) or "nothing"}</pre></div>
</div>{curl}{_answer(fault.exchange)}</div></details>"""


def _answer(exchange: Exchange | None) -> str:
    """The answer as it came: status, headers, the beginning of the body."""
    if exchange is None or not exchange.status:
        return ""
    headers = "\n".join(f"{name}: {value}" for name, value in exchange.answer_headers.items())
    told = f"HTTP {exchange.status}\n{headers}\n\n{exchange.text}"
    return f'<details><summary>the answer</summary><div class="fault"><pre>{_text(told)}</pre></div></details>'


def _checks(report: Report) -> str:
    rows = "\n".join(_check(report, outcome) for outcome in in_order(report.outcomes))
    return f"""<h2>Every check</h2>
<div class="card scroll"><table class="all">
<thead><tr><th>check</th><th>verdict</th><th>why</th><th>source</th><th>s</th></tr></thead>
<tbody>
{rows}
</tbody></table></div>"""


def _check(report: Report, outcome: Outcome) -> str:
    name = _text(outcome.check)
    if outcome.verdict == "broken":
        name = f'<a href="#{_anchor(outcome)}">{name}</a>'
    note = f'<br><span class="soft">{_text(outcome.note)}</span>' if outcome.note else ""
    return f"""<tr><th scope="row"><span class="name">{name}</span>
<span class="chip">{_text(report.group(outcome))}</span></th>
<td><span class="chip {_tone(outcome.verdict)}">{MARKS[outcome.verdict]} {outcome.verdict}</span></td>
<td>{_text(outcome.why)}{note}</td><td class="soft">{_text(outcome.source)}</td><td>{outcome.seconds:.1f}</td></tr>"""
