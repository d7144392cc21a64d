"""Renders a report as text for a terminal, and the progress of a run line by line."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from polargrid_contract.report.text import MARKS, escape_controls, label, shorten, summarize
from polargrid_contract.results import Outcome, Report, Status, Violation

STYLES: dict[Status, str] = {"passed": "green", "failed": "bold red", "not_supported": "yellow", "skipped": "dim"}
_PRIORITY: tuple[Status, ...] = ("failed", "passed", "not_supported", "skipped")
_MAX_ACTUAL = 1500  # characters
_GAP, _CELL_WIDTH = 2, 4
_INDENT = " " * 14
_ASCII = str.maketrans(dict(zip(MARKS.values(), "+x-.", strict=True)) | {"…": "..."})


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
    if outcome.status == "failed":
        operations = ", ".join(sorted({escape_controls(violation.operation) for violation in outcome.violations}))
        line.append(f"  {len(outcome.violations)} at {operations}", "red")
    elif outcome.status != "passed" or outcome.note:
        line.append(f"  {label(outcome.status)}: {escape_controls(outcome.note)}", "dim")
    if outcome.seconds >= 0.1:
        line.append(f"  {outcome.seconds:.1f} s", "dim")
    return line


def _print_report(console: Console, report: Report) -> None:
    if report.matrix:
        for headings in _split_headings(report, console.width):
            console.print(_build_table(report, headings))
        console.print(_legend(), style="dim")
    for outcome in report.failures:
        _print_failure(console, outcome)
    _print_notes(console, report.outcomes)
    console.print()
    console.print(_summary_line(report), soft_wrap=True)


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


def _legend() -> str:
    marks = "   ".join(f"{mark} {label(status)}" for status, mark in MARKS.items())
    return f"\n{marks}   (number of checks)"


def _print_failure(console: Console, outcome: Outcome) -> None:
    heading = (escape_controls(outcome.check), "bold")
    console.print()
    console.print(Text.assemble((f"{MARKS['failed']} ", STYLES["failed"]), heading, (f"  {outcome.suite}", "dim")))
    console.print(Text(escape_controls(f"  {outcome.rationale} ({outcome.reference})"), "dim"))
    for violation in outcome.violations:
        _print_violation(console, violation)


def _print_violation(console: Console, violation: Violation) -> None:
    """Print a violation. The curl command is not wrapped, so that it can be copied."""
    console.print()
    console.print(Text(f"  {escape_controls(violation.operation)}", "bold"))
    for name, value, style in (("expected", violation.expected, "green"), ("actual", violation.actual, "red")):
        rows = escape_controls(shorten(value, _MAX_ACTUAL)).splitlines() or ["(empty)"]
        text = Text(f"    {name:<9} ", style)
        text.append("\n".join(rows[:1] + [_INDENT + row if row else "" for row in rows[1:]]), "default")
        console.print(text, soft_wrap=True)
    if violation.curl:
        console.print(Text(f"    {escape_controls(violation.curl)}", "cyan"), soft_wrap=True)


def _print_notes(console: Console, outcomes: Iterable[Outcome]) -> None:
    """Print each reason for a skipped check or an early end once, with the checks that it applies to."""
    checks_by_note: dict[tuple[Status, str], list[str]] = {}
    for outcome in outcomes:
        if outcome.note:
            checks_by_note.setdefault((outcome.status, outcome.note), []).append(outcome.check)
    if checks_by_note:
        console.print()
    for (status, note), checks in checks_by_note.items():
        line = f"{MARKS[status]} {label(status)}, {note}: {', '.join(checks)}"
        console.print(Text(escape_controls(line), "dim"))


def _summary_line(report: Report) -> Text:
    suites = "; ".join(f"{suite}: {summarize(counts)}" for suite, counts in report.counts.items())
    seed = f", seed {report.seed}" if report.seed is not None else ""
    status = "nothing was checked" if report.status == "skipped" else report.status
    line = Text.assemble((f"{MARKS[report.status]} {status}", STYLES[report.status]))
    details = f"  {report.url} ({report.profile})  {suites or 'no checks'}  in {report.seconds:.1f} s{seed}"
    return line.append(escape_controls(details))
