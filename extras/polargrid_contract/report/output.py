"""Reads the baseline of a run and writes its reports: to files and to stdout."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console

from polargrid_contract.baseline import Baseline, BaselineError, parse_baseline
from polargrid_contract.baseline_review import apply_baseline
from polargrid_contract.checks import all_checks
from polargrid_contract.fuzz.event_log import CHECKS, RESPONSE_RECEIVED
from polargrid_contract.report import as_json, html, junit, terminal
from polargrid_contract.results import Report
from polargrid_contract.saving import FolderInUseError, check_folder


class OutputError(Exception):
    """A file or folder cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Destinations:
    """Where the results of a run are written."""

    junit: Path | None = None
    html: Path | None = None
    baseline: Path | None = None
    """The file for a baseline of the findings."""
    folder: Path | None = None
    """The folder for saved exchanges."""
    as_json: bool = False

    def check(self) -> None:
        """Raise OutputError if one of them cannot be written, before a long run."""
        for file in (self.junit, self.html, self.baseline, self.folder):
            if file is not None and not file.resolve().parent.is_dir():
                raise OutputError(f"no folder {file.parent} for {file.name}")
        if self.folder is not None:
            try:
                check_folder(self.folder)
            except FolderInUseError as error:
                raise OutputError(str(error)) from error


def read_baseline(file: Path | None) -> Baseline | None:
    """Read a baseline. Raises OutputError with the place of a mistake."""
    if file is None:
        return None
    try:
        return parse_baseline(file.read_bytes())
    except BaselineError as error:
        raise OutputError(f"{file}: {error}") from error
    except OSError as error:
        raise OutputError(f"{file}: {error.strerror}") from error


def judge_by_baseline(report: Report, baseline: Baseline | None, *, has_all_operations: bool) -> Report:
    """Mark what the baseline accepts on the day of the run; see `apply_baseline`."""
    if baseline is None:
        return report
    today = datetime.fromisoformat(report.started).date()
    return apply_baseline(report, baseline, today=today, checks=_name_checks(), has_all_operations=has_all_operations)


def write_files(report: Report, destinations: Destinations, redact: Callable[[str], str]) -> None:
    """Write JUnit and HTML. Raises OSError."""
    for file, renderer in ((destinations.junit, junit), (destinations.html, html)):
        if file is not None:
            file.write_text(redact(renderer.render(report)), encoding="utf-8")


def print_report(report: Report, destinations: Destinations, redact: Callable[[str], str]) -> None:
    """Print the report on stdout, as JSON or for a terminal."""
    console = Console()
    if destinations.as_json:
        text = as_json.render(report)
    else:
        text = terminal.render(report, width=console.width, color=console.is_terminal)
    sys.stdout.write(terminal.replace_unencodable(redact(text), sys.stdout.encoding or "utf-8"))


def _name_checks() -> set[str]:
    return {*(check.name for check in all_checks()), *CHECKS, RESPONSE_RECEIVED}
