"""Results of the doctor's checks, and how they are printed."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import attrs

from polargrid_cli import exit_codes, output


@attrs.frozen
class Finding:
    """Result of one check."""

    subject: str
    """What was checked: `settings`, or the name of a region."""
    name: str
    value: str
    remedy: str = ""
    """What to do; empty if the check passed."""
    is_auth: bool = False
    """Whether the API key is the problem."""

    @property
    def is_ok(self) -> bool:
        """Whether the check passed."""
        return not self.remedy


def exit_code_for(findings: Sequence[Finding]) -> int:
    """Return AUTH if the key is a problem, FAILED for any other problem."""
    problems = [finding for finding in findings if not finding.is_ok]
    if any(finding.is_auth for finding in problems):
        return exit_codes.AUTH
    return exit_codes.FAILED if problems else exit_codes.OK


def print_findings(findings: Sequence[Finding]) -> None:
    """Print a line for each finding, with a coloured mark in a terminal."""
    if not sys.stdout.isatty():
        for finding in findings:
            output.print_line(_mark(finding) + _describe(finding))
        return
    from rich.text import Text

    console = output.make_console()
    for finding in findings:
        style = "green" if finding.is_ok else "bold red"
        console.print(Text.assemble((_mark(finding), style), output.escape_controls(_describe(finding))))


def _mark(finding: Finding) -> str:
    return "ok   " if finding.is_ok else "error"


def _describe(finding: Finding) -> str:
    line = f"  {finding.subject}: {finding.name}: {' '.join(finding.value.split())}"
    return f"{line}; {finding.remedy}" if finding.remedy else line


def to_json(findings: Sequence[Finding]) -> list[dict[str, object]]:
    """Return the findings as JSON data."""
    return [
        {
            "subject": item.subject,
            "name": item.name,
            "ok": item.is_ok,
            "value": item.value,
            "remedy": item.remedy or None,
        }
        for item in findings
    ]
