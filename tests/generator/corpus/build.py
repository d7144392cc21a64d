"""Generates one package from all accepted constructs, checks its types, and makes the calls."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from generator.__main__ import ROOT, main
from generator.spec import read_spec
from tests.generator.corpus.entries import Construct, add_constructs, bare_document, minimal_document, write_document
from tests.generator.corpus.type_check import check_types

_FOLDER = Path(__file__).parent


@dataclass
class CorpusRun:
    """What became of the constructs."""

    refusals: dict[str, str] = field(default_factory=dict)
    """The message, by name of a construct that should not have been refused."""
    outcomes: dict[str, Any] = field(default_factory=dict)
    """What was sent and returned, by client and function of a call."""
    type_errors: dict[str, list[str]] = field(default_factory=dict)
    """The differences to what mypy should say, by name of a construct."""


class Refusal(NamedTuple):
    """What the generator says of a construct."""

    message: str
    line: int
    column: int


def run_corpus(constructs: list[Construct], folder: Path) -> CorpusRun:
    """Generate, check and call constructs; one that is refused is left out of the rest."""
    run = CorpusRun()
    for construct in constructs:
        if refusal := find_refusal(construct, folder):
            run.refusals[construct.name] = refusal.message
    accepted = [construct for construct in constructs if construct.name not in run.refusals]
    base = read_spec(ROOT / "openapi.yaml")
    if generate(base, accepted, folder):
        accepted, failures = _separate(base, accepted, folder)
        run.refusals |= failures
        generate(base, accepted, folder)
    run.type_errors = check_types(accepted, folder)
    run.outcomes = make_calls(accepted, folder)
    return run


def generate(base: dict[str, Any], constructs: list[Construct], folder: Path) -> str:
    """Generate the package of a document with the constructs, and import it; return what fails."""
    write_document(add_constructs(base, constructs), folder / "openapi.yaml")
    message = io.StringIO()
    arguments = ["--spec", str(folder / "openapi.yaml"), "--output", str(folder / "polargrid_generated")]
    try:
        with contextlib.redirect_stderr(message), contextlib.redirect_stdout(io.StringIO()):
            status = main([*arguments, "--overlay", str(folder / "overlay")])
    except Exception as error:  # noqa: BLE001 - it is shown
        return f"{type(error).__name__}: {error}"
    if status:
        return message.getvalue().strip()
    script = "import polargrid.types, polargrid_generated.operations, polargrid_generated.sync_resources"
    process = _run_python(["-c", script], folder)
    return process.stderr.strip()[-2000:] if process.returncode else ""


def _separate(
    base: dict[str, Any], constructs: list[Construct], folder: Path
) -> tuple[list[Construct], dict[str, str]]:
    """Return the constructs that generate together, and what fails with each of the others; by halves, and slow."""
    good: list[Construct] = []
    failures: dict[str, str] = {}
    queue = [constructs]
    while queue:
        group = queue.pop()
        error = generate(base, [*good, *group], folder)
        if not error:
            good += group
        elif len(group) == 1:
            failures[group[0].name] = error
        else:
            half = len(group) // 2
            queue += [group[half:], group[:half]]
    return good, failures


def find_refusal(construct: Construct, folder: Path) -> Refusal | None:
    """Return why a document of this construct is refused before code is generated."""
    from generator.normalize import normalize
    from generator.operations import parse_operations
    from generator.spec import SpecError, find_position

    path = folder / "openapi.yaml"
    write_document(minimal_document(construct), path)
    try:
        parse_operations(normalize(read_spec(path)))
    except SpecError as error:
        line, column = (error.line, error.column) if error.line else find_position(path, error.location)
        return Refusal(error.message, line, column or 1)
    except RecursionError as error:
        return Refusal(f"{type(error).__name__}: {error}", 1, 1)
    return None


def check_refused(construct: Construct, folder: Path) -> dict[str, str]:
    """Return the message for a construct, and the text at the line and column that it names."""
    refusal = find_refusal(construct, folder) or _find_late_refusal(construct, folder)
    if refusal is None:
        return {"message": "it is not refused"}
    line = (folder / "openapi.yaml").read_text("utf-8").splitlines()[refusal.line - 1]
    return {"message": refusal.message, "at": line[refusal.column - 1 :]}


def _find_late_refusal(construct: Construct, folder: Path) -> Refusal | None:
    """Return why a construct is refused by the last step, which reads the generated models."""
    error = generate(bare_document(), [construct], folder)
    match = re.match(r"openapi\.yaml:(\d+):(\d+): (.*)", error)
    return Refusal(match[3], int(match[1]), int(match[2])) if match else None


def make_calls(constructs: list[Construct], folder: Path) -> dict[str, Any]:
    """Return what every call sends and returns, by client and function."""
    calls = {
        call.function: {"client": call.facts.get("client", "own"), "answers": call.answers}
        for construct in constructs
        for call in construct.calls
    }
    (folder / "calls.json").write_text(json.dumps(calls), encoding="utf-8")
    process = _run_python([str(_FOLDER / "run_calls.py"), str(folder)], folder)
    if process.returncode:
        raise AssertionError(f"the calls cannot run: {process.stderr}")
    outcomes: dict[str, Any] = json.loads((folder / "outcomes.json").read_text(encoding="utf-8"))
    return outcomes


def _run_python(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python with the generated package of the folder, and without the settings of the machine."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POLARGRID_")}
    return subprocess.run(
        [sys.executable, *arguments],
        env={**environment, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
