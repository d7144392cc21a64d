"""Report -> text for a terminal, and the lines that tell how a run goes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from polargrid_contract.check import Fault
from polargrid_contract.conduct import Outcome, Verdict
from polargrid_contract.report.result import MARKS, Report, plain, short, summary

STYLES: dict[Verdict, str] = {"kept": "green", "broken": "bold red", "not offered": "yellow", "not run": "dim"}
_MOST = 1500  # characters of what came
_GAP, _CELL = 2, 4  # between columns, and the width of a mark and its number
_ASCII = str.maketrans(dict(zip(MARKS.values(), "+x-.", strict=True)) | {"…": "..."})


def rendered(report: Report, *, width: int = 100, color: bool = False) -> str:
    """Matrix, faults, summary. What a server sent is shown as text, whatever it holds."""
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
        _draw(console, report)
    return capture.get()


def encodable(text: str, encoding: str) -> str:
    """The text for a terminal of this encoding, with marks of ASCII where it has no others."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    return text


def line(outcome: Outcome) -> Text:
    """One line of progress."""
    told = Text.assemble((MARKS[outcome.verdict], STYLES[outcome.verdict]), f" {outcome.half}  {plain(outcome.check)}")
    if outcome.verdict == "broken":
        told.append(f"  {len(outcome.faults)} at {', '.join(_names(outcome.faults))}", "red")
    elif outcome.verdict != "kept" or outcome.note:
        told.append(f"  {outcome.verdict}: {plain(outcome.note)}", "dim")
    if outcome.seconds >= 0.1:
        told.append(f"  {outcome.seconds:.1f} s", "dim")
    return told


def _draw(console: Console, report: Report) -> None:
    if report.matrix:
        for headings in _that_fit(report, console.width):
            console.print(_table(report, headings))
        console.print(_legend(), style="dim")
    for outcome in report.broken:
        _draw_broken(console, outcome)
    _draw_notes(console, report.outcomes)
    console.print()
    console.print(_last_line(report), soft_wrap=True)


def _that_fit(report: Report, width: int) -> Iterator[list[str]]:
    """The headings, in as many tables as it takes: a heading that is cut says nothing."""
    first = max(map(len, (*report.matrix, "operation"))) + _GAP
    row: list[str] = []
    for heading in report.headings:
        if row and first + sum(max(len(name), _CELL) + _GAP for name in (*row, heading)) > width:
            yield row
            row = []
        row.append(heading)
    yield row


def _table(report: Report, headings: Sequence[str]) -> Table:
    table = Table(box=None, padding=(0, _GAP, 0, 0), header_style="bold")
    table.add_column("operation", no_wrap=True)
    for heading in headings:
        table.add_column(Text(heading), no_wrap=True, min_width=_CELL)
    for operation in report.matrix:
        cells = (_cell(operation, report.cell(operation, heading)) for heading in headings)
        table.add_row(Text(plain(operation)), *cells)
    return table


def _cell(operation: str, outcomes: Sequence[Outcome]) -> Text:
    """The worst verdict, and of how many checks it is the verdict."""
    verdicts = [outcome.verdict_on(operation) for outcome in outcomes]
    for verdict in ("broken", "kept", "not offered", "not run"):
        if verdict in verdicts:
            return Text(f"{MARKS[verdict]} {verdicts.count(verdict)}", STYLES[verdict])
    return Text("")


def _legend() -> str:
    return "\n" + "   ".join(f"{mark} {verdict}" for verdict, mark in MARKS.items()) + "   (how many checks)"


def _draw_broken(console: Console, outcome: Outcome) -> None:
    console.print()
    console.print(Text.assemble(("✗ ", STYLES["broken"]), (plain(outcome.check), "bold"), (f"  {outcome.half}", "dim")))
    console.print(Text(plain(f"  {outcome.why} ({outcome.source})"), "dim"))
    for fault in outcome.faults:
        _draw_fault(console, fault)


def _draw_fault(console: Console, fault: Fault) -> None:
    """The curl line is not wrapped: it is there to be copied."""
    console.print()
    console.print(Text(f"  {plain(fault.operation)}", "bold"))
    for label, text, style in (("expected", fault.expected, "green"), ("came", fault.came, "red")):
        rows = plain(short(text, _MOST)).splitlines() or ["(nothing)"]
        told = Text(f"    {label:<9} ", style)
        told.append("\n".join(rows[:1] + [" " * 14 + row if row else "" for row in rows[1:]]), "default")
        console.print(told, soft_wrap=True)
    if fault.curl:
        console.print(Text(f"    {plain(fault.curl)}", "cyan"), soft_wrap=True)


def _draw_notes(console: Console, outcomes: Iterable[Outcome]) -> None:
    """Why something was left out or ended early, once a reason."""
    reasons: dict[tuple[Verdict, str], list[str]] = {}
    for outcome in outcomes:
        if outcome.note:
            reasons.setdefault((outcome.verdict, outcome.note), []).append(outcome.check)
    if reasons:
        console.print()
    for (verdict, note), checks in reasons.items():
        console.print(Text(plain(f"{MARKS[verdict]} {verdict}, {note}: {', '.join(checks)}"), "dim"))


def _last_line(report: Report) -> Text:
    mark: Verdict = "not run" if report.verdict == "nothing checked" else report.verdict
    parts = "; ".join(f"{half}: {summary(counts)}" for half, counts in report.counts.items())
    seed = f", seed {report.seed}" if report.seed is not None else ""
    told = Text.assemble((f"{MARKS[mark]} {report.verdict}", STYLES[mark]))
    return told.append(
        plain(f"  {report.url} ({report.profile})  {parts or 'no checks'}  in {report.seconds:.1f} s{seed}")
    )


def _names(faults: Iterable[Fault]) -> list[str]:
    return sorted({plain(fault.operation) for fault in faults})
