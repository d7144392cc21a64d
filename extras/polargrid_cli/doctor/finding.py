"""What the doctor finds, and how it is told."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import attrs

from polargrid_cli import exits, output


@attrs.frozen
class Finding:
    """One thing that was looked at."""

    subject: str
    """What it is about: `settings`, or the name of a region."""
    name: str
    value: str
    remedy: str = ""
    """What to do; a finding with one is wrong."""
    of_the_key: bool = False
    """Whether it is the key that is wrong."""

    @property
    def is_ok(self) -> bool:
        """Whether nothing need be done."""
        return not self.remedy


def status(findings: Sequence[Finding]) -> int:
    """The exit status: KEY where the key is wrong, FAILED where something else is."""
    wrong = [finding for finding in findings if not finding.is_ok]
    if any(finding.of_the_key for finding in wrong):
        return exits.KEY
    return exits.FAILED if wrong else exits.DONE


def tell(findings: Sequence[Finding]) -> None:
    """A line for each; in a terminal what is wrong is red."""
    if not sys.stdout.isatty():
        for finding in findings:
            output.line(_line(finding))
        return
    from rich.text import Text

    console = output.console()
    for finding in findings:
        style = "green" if finding.is_ok else "bold red"
        console.print(Text.assemble((_mark(finding), style), output.harmless(_line(finding)[len(_mark(finding)) :])))


def _mark(finding: Finding) -> str:
    return "ok   " if finding.is_ok else "wrong"


def _line(finding: Finding) -> str:
    told = f"{_mark(finding)}  {finding.subject}: {finding.name}: {' '.join(finding.value.split())}"
    return f"{told}; {finding.remedy}" if finding.remedy else told


def as_data(findings: Sequence[Finding]) -> list[dict[str, object]]:
    """The findings for JSON."""
    return [
        {
            "subject": finding.subject,
            "name": finding.name,
            "ok": finding.is_ok,
            "value": finding.value,
            "remedy": finding.remedy or None,
        }
        for finding in findings
    ]
