"""`python -m qa.compat`: this SDK and the newest `openai`, name by name and program by program.

Exits with 1 if a difference is not on the list of those that are meant, if an entry of the list is stale, or if a
program does not print the same on both SDKs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from polargrid_edge.models.catalog import Catalog
from polargrid_edge.models.files import ensure
from polargrid_edge.server import run_in_thread
from polargrid_edge.settings import EdgeSettings
from qa.benchmarks.environments import ROOT
from qa.compat import report
from qa.compat.environment import PINS, lock_environment, prepare_environment
from qa.compat.meant import LIST, judge, read_list
from qa.compat.programs import (
    RECORDINGS,
    ProgramResult,
    Run,
    Setting,
    list_programs,
    run_programs,
    synthesize_recording,
)
from qa.compat.recorder import record

DOCS: Final = ROOT / "docs" / "guide" / "from-openai.md"
THEIRS: Final = "openai"
OURS: Final = "polargrid.openai"
_MODELS: Final = (EdgeSettings().chat_model, "kokoro-82m", "whisper-base", "all-minilm-l6-v2")


def measure(python: Path) -> dict[str, Any]:
    """Compare the names in the environment of the comparison."""
    command = [str(python), "-m", "qa.compat.introspect"]
    output = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    measured: dict[str, Any] = json.loads(output)
    return measured


def compare_programs(python: Path, url: str, programs: Sequence[Path]) -> list[ProgramResult]:
    """Run the programs on both SDKs against an edge."""
    setting = Setting(python, url, synthesize_recording(url))
    theirs = run_programs(THEIRS, setting, programs, _print_progress)
    ours = run_programs(OURS, setting, programs, _print_progress)
    return [ProgramResult(path.stem, theirs[path.stem], ours[path.stem]) for path in programs]


def record_programs(python: Path, url: str, programs: Sequence[Path]) -> None:
    """Run programs on OpenAI's SDK, and write what the edge responded and what they printed."""
    RECORDINGS.mkdir(exist_ok=True)
    with record(url) as recorder:

        def write(name: str, run: Run) -> None:
            responses = recorder.take()
            if run.error:
                print(f"{name}: {run.error}", file=sys.stderr)
                return
            content = {"output": run.output, "responses": responses}
            (RECORDINGS / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

        run_programs(THEIRS, Setting(python, recorder.url, synthesize_recording(url)), programs, write)


def _print_progress(name: str, run: Run) -> None:
    print(f"{name}{f': {run.error}' if run.error else ''}", file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m qa.compat", description=__doc__)
    paths = list_programs()
    names = [path.stem for path in paths]
    parser.add_argument("--only", nargs="+", metavar="PROGRAM", choices=names, help="run these programs only")
    parser.add_argument("--no-programs", action="store_true", help="compare names only; it needs no models")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--write-docs", action="store_true", help=f"write the made parts of {DOCS.relative_to(ROOT)}")
    parser.add_argument("--record", action="store_true", help="record the responses that the tests replay")
    parser.add_argument("--lock", action="store_true", help=f"only pin the newest versions in {PINS.relative_to(ROOT)}")
    options = parser.parse_args(arguments)
    if options.write_docs and (options.only or options.no_programs):
        parser.error("--write-docs: the page needs all programs; omit --only and --no-programs")
    if options.lock:
        lock_environment()
        return 0
    python = prepare_environment()
    selected = [path for path in paths if path.stem in (options.only or names)] if not options.no_programs else []
    entries = read_list(LIST.read_text(encoding="utf-8"))
    result = judge(measure(python), entries)
    programs = _run_on_local_edge(python, selected, is_recorded=options.record)
    print(
        json.dumps(report.as_json(result, programs), indent=1) if options.json else report.render_text(result, programs)
    )
    if options.write_docs:
        page = DOCS.read_text(encoding="utf-8")
        page = report.replace_part(page, "differences", report.render_differences(entries))
        measured = report.render_measured(result, programs, datetime.now(UTC).date().isoformat())
        DOCS.write_text(report.replace_part(page, "measured", measured), encoding="utf-8")
        print(f"wrote {DOCS.relative_to(ROOT)}", file=sys.stderr)
    return report.exit_status(result, programs)


def _run_on_local_edge(python: Path, programs: Sequence[Path], *, is_recorded: bool) -> list[ProgramResult]:
    """Run programs against an edge with the settings of `polargrid serve`, on a free port."""
    if not programs:
        return []
    for model in _MODELS:
        ensure(Catalog().resolve(model).files)
    with run_in_thread(EdgeSettings(port=0)) as edge:
        if is_recorded:
            record_programs(python, edge.url, programs)
        return compare_programs(python, edge.url, programs)
