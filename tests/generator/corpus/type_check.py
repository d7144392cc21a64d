"""Checks the calls of constructs with mypy --strict."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from generator.__main__ import ROOT
from tests.generator.corpus.entries import Construct
from tests.generator.corpus.program import write_program, write_rejects

_LINE = re.compile(r"^(?P<file>\w+)\.py:(?P<line>\d+): (?P<kind>error|note): (?P<text>.*)$", re.MULTILINE)


@dataclass
class _Report:
    """What mypy says, by name of a construct; an error elsewhere is one of `package`."""

    errors: dict[str, list[str]]
    rejected: set[int]
    warned: set[str]
    package: list[str]


def check_types(constructs: list[Construct], folder: Path) -> dict[str, list[str]]:
    """Write the modules of all calls; return the differences to what mypy should say, by name of a construct."""
    (program, owners), (rejects, rejected) = write_program(constructs), write_rejects(constructs)
    (folder / "calls.py").write_text(program, encoding="utf-8")
    (folder / "rejects.py").write_text(rejects, encoding="utf-8")
    report = _read_report(_run_mypy(folder), program.splitlines(), owners)
    differences = report.errors
    for line in rejected.keys() - report.rejected:
        message = f"accepted, but should not be: {rejects.splitlines()[line - 1].strip()}"
        differences.setdefault(rejected[line], []).append(message)
    for construct in constructs:
        is_deprecated = any("warns" in call.facts for call in construct.calls)
        if is_deprecated != (construct.name in report.warned):
            differences.setdefault(construct.name, []).append(f"expected a note of deprecation: {is_deprecated}")
        if report.package:
            differences.setdefault(construct.name, []).extend(report.package[:3])
    return differences


def _read_report(output: str, program: list[str], owners: dict[int, str]) -> _Report:
    report = _Report({}, set(), set(), [])
    for match in _LINE.finditer(output):
        line, is_call = int(match["line"]), match["file"] == "calls"
        if match["kind"] == "note":
            if "deprecated" in match["text"]:
                report.warned.add(owners.get(line, ""))
        elif match["file"] == "rejects":
            report.rejected.add(line)
        elif is_call and line in owners:
            report.errors.setdefault(owners[line], []).append(f"{program[line - 1].strip()}: {match['text']}")
        else:
            report.package.append(match[0])
    if "Traceback" in output or ("error:" in output and not _LINE.search(output)):
        report.package.append(output)
    return report


def _run_mypy(folder: Path) -> str:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-version=3.11", "--no-incremental"]
    command += ["--enable-error-code=deprecated", "--report-deprecated-as-note", "--no-error-summary", "--no-pretty"]
    process = subprocess.run(
        [*command, "calls.py", "rejects.py"],
        env={**os.environ, "MYPYPATH": f"{folder}:{ROOT / 'overlay'}"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return process.stdout + process.stderr
