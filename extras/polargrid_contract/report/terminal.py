"""Renders a report as text for a terminal, and the progress of a run line by line."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from polargrid_contract.findings import Finding, Part, find_causes
from polargrid_contract.report.text import (
    MARKS,
    MEANINGS,
    count,
    count_findings,
    describe_acceptance,
    describe_expired,
    escape_controls,
    group_notes,
    label,
    shorten,
    summarize,
    tone,
)
from polargrid_contract.results import Outcome, Report, Status, Violation

STYLES: dict[Status, str] = {
    "passed": "green",
    "failed": "bold red",
    "accepted": "cyan",
    "error": "magenta",
    "not_supported": "yellow",
    "skipped": "dim",
}
_PRIORITY: tuple[Status, ...] = ("failed", "error", "accepted", "passed", "not_supported", "skipped")
_MAX_ACTUAL = 1500  # characters
_GAP, _CELL_WIDTH = 2, 4
_INDENT = " " * 14
_ASCII = str.maketrans(dict(zip(MARKS.values(), "+x~!-.", strict=True)) | {"…": "..."})


def render(report: Report, *, width: int = 100, color: bool = False) -> str:
    """Render matrix, violations and summary. Text from the server is escaped."""
    console = Console(
        file=io.StringIO(),
        width=max(width, 60),
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        highlight=False,
        emoji=False,
    )
    with console.capture() as capture:
        _print_report(console, report)
    return capture.get()


def replace_unencodable(text: str, encoding: str) -> str:
    """Replace marks with ASCII, and escape other characters, if the encoding of the terminal lacks them."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    return text


def render_progress(outcome: Outcome) -> Text:
    """Render the line that reports one outcome during a run."""
    mark, style = MARKS[outcome.status], STYLES[outcome.status]
    line = Text.assemble((mark, style), f" {outcome.suite}  {escape_controls(outcome.check)}")
    if outcome.status in ("failed", "accepted"):
        operations = ", ".join(sorted({escape_controls(violation.operation) for violation in outcome.violations}))
        line.append(f"  {len(outcome.violations)} at {operations}", "red" if outcome.status == "failed" else "cyan")
    elif outcome.violations and outcome.status == "passed":
        line.append(f"  {count(len(outcome.violations), 'warning')}", "yellow")
    elif outcome.status != "passed" or outcome.note:
        line.append(f"  {label(outcome.status)}: {escape_controls(outcome.note)}", "dim")
    if outcome.seconds >= 0.1:
        line.append(f"  {outcome.seconds:.1f} s", "dim")
    return line


def _print_report(console: Console, report: Report) -> None:
    findings = find_causes(report)
    if report.matrix:
        for headings in _split_headings(report, console.width):
            console.print(_build_table(report, headings))
        console.print()
        for line in _legend():
            console.print(line)
    for finding in findings:
        if not finding.is_accepted:  # those that fail the run are first, then warnings
            _print_finding(console, finding)
    _print_errors(console, report.outcomes)
    if report.saved_in and any(violation.saved for finding in findings for violation in finding.violations):
        console.print()
        console.print(
            Text(escape_controls(f"The files of the curl commands are in {report.saved_in}: run them there."))
        )
    _print_accepted(console, [finding for finding in findings if finding.is_accepted])
    _print_notes(console, report)
    console.print()
    console.print(_summary_line(report, findings), soft_wrap=True)


def _split_headings(report: Report, width: int) -> Iterator[list[str]]:
    """Split the headings into as many tables as fit the width, since a truncated heading is unreadable."""
    first_column = max(map(len, (*report.matrix, "operation"))) + _GAP
    row: list[str] = []
    for heading in report.headings:
        columns = sum(max(len(name), _CELL_WIDTH) + _GAP for name in (*row, heading))
        if row and first_column + columns > width:
            yield row
            row = []
        row.append(heading)
    yield row


def _build_table(report: Report, headings: Sequence[str]) -> Table:
    table = Table(box=None, padding=(0, _GAP, 0, 0), header_style="bold")
    table.add_column("operation", no_wrap=True)
    for heading in headings:
        table.add_column(Text(heading), no_wrap=True, min_width=_CELL_WIDTH)
    for operation in report.matrix:
        cells = (_build_cell(operation, report.cell(operation, heading)) for heading in headings)
        table.add_row(Text(escape_controls(operation)), *cells)
    return table


def _build_cell(operation: str, outcomes: Sequence[Outcome]) -> Text:
    """The most important status, and how many checks have it."""
    statuses = [outcome.status_for(operation) for outcome in outcomes]
    for status in _PRIORITY:
        if status in statuses:
            return Text(f"{MARKS[status]} {statuses.count(status)}", STYLES[status])
    return Text("")


def _legend() -> Iterator[Text]:
    for status, mark in MARKS.items():
        yield Text.assemble((f"{mark} ", STYLES[status]), (f"{label(status)}: {MEANINGS[status]}", "dim"))
    yield Text("A number is that of checks; a cell has the first of ✗ ! ~ ✓ that one of its checks has.", "dim")


def _print_finding(console: Console, finding: Finding) -> None:
    suites = f"  {', '.join(finding.suites)}  {count(len(finding.operations), 'operation')}"
    title = (escape_controls(finding.title), "bold")
    mark = ("warning: ", "yellow") if finding.is_warning else (f"{MARKS['failed']} ", STYLES["failed"])
    console.print()
    console.print(Text.assemble(mark, title, (suites, "dim")))
    for part in finding.parts:
        _print_part(console, part, has_title=part.outcome.check != finding.title)


def _print_part(console: Console, part: Part, *, has_title: bool) -> None:
    """Print the check, where it fails, and one of its violations: the others have the same cause."""
    outcome = part.outcome
    if has_title:
        console.print()
        console.print(Text.assemble(f"  {escape_controls(outcome.check)}", (f"  {outcome.suite}", "dim")))
    _print_indented(console, f"{outcome.rationale} ({outcome.reference})", "dim")
    more = len(part.violations) - len(part.operations)
    repeated = f" ({count(len(part.violations), 'violation')})" if more else ""
    _print_indented(console, f"at {', '.join(part.operations)}{repeated}")
    _print_violation(console, part.violations[0])


def _print_indented(console: Console, text: str, style: str = "") -> None:
    for line in Text(escape_controls(text), style).wrap(console, console.width - 2):
        line.rstrip()
        console.print(Text.assemble("  ", line))


def _print_violation(console: Console, violation: Violation) -> None:
    """Print a violation. The curl command is not wrapped, so that it can be copied."""
    for name, value, style in (("expected", violation.expected, "green"), ("actual", violation.actual, "red")):
        rows = escape_controls(shorten(value, _MAX_ACTUAL)).splitlines() or ["(empty)"]
        text = Text(f"    {name:<9} ", style)
        text.append("\n".join(rows[:1] + [_INDENT + row if row else "" for row in rows[1:]]), "default")
        console.print(text, soft_wrap=True)
    if violation.acceptance:
        console.print(Text(escape_controls(f"    {'new':<9} {describe_expired(violation.acceptance)}"), "yellow"))
    if violation.curl:
        console.print(Text(f"    {escape_controls(violation.curl)}", "cyan"), soft_wrap=True)


def _print_errors(console: Console, outcomes: Sequence[Outcome]) -> None:
    """Print what the checks that failed themselves looked at; the notes have the reasons."""
    for outcome in outcomes:
        for result in outcome.results:
            if result.exchanges:
                line = f" {outcome.check} at {result.operation}: {label('error')}, {result.note}"
                console.print()
                console.print(Text.assemble((MARKS["error"], STYLES["error"]), escape_controls(line)))
            for command in result.commands:
                console.print(Text(f"    {escape_controls(command)}", "cyan"), soft_wrap=True)


def _print_accepted(console: Console, findings: Sequence[Finding]) -> None:
    if findings:
        console.print()
    for finding in findings:
        reasons = "; ".join(map(describe_acceptance, finding.acceptances))
        line = f" {finding.title} at {', '.join(finding.operations)}: accepted, {reasons}"
        console.print(Text.assemble((MARKS["accepted"], STYLES["accepted"]), escape_controls(line)))


def _print_notes(console: Console, report: Report) -> None:
    """Print each reason for a skipped check or an early end once, with the checks that it applies to."""
    notes = group_notes(report.outcomes)
    if notes or report.warnings:
        console.print()
    for (status, note), checks in notes.items():
        line = f"{MARKS[status]} {label(status)}, {note}: {', '.join(checks)}"
        console.print(Text(escape_controls(line), "dim"))
    for warning in report.warnings:
        console.print(Text(escape_controls(f"warning: {warning}"), "yellow"))


def _summary_line(report: Report, findings: Sequence[Finding]) -> Text:
    suites = "; ".join(f"{suite}: {summarize(counts)}" for suite, counts in report.counts.items())
    seed = f", seed {report.seed}" if report.seed is not None else ""
    status = "nothing was checked" if report.status == "skipped" else label(report.status)
    mark = tone(report)
    line = Text.assemble((f"{MARKS[mark]} {status}, {count_findings(findings)}", STYLES[mark]))
    details = f"  {report.url} ({report.profile})  {suites or 'no checks'}  in {report.seconds:.1f} s{seed}"
    return line.append(escape_controls(details))
