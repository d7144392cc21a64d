"""`python -m qa.mutation`: what share of small mistakes in the pure modules their tests notice.

mutmut runs on a copy of the SDK in out/mutation, laid as it wants it: overlay/ in an editable install is not. What is
mutated are functions and methods; tables, patterns and defaults of a class are not.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPY = ROOT / "out" / "mutation"
LEAST = 85.0  # percent of the mutants of each module
MODULES = ("sse", "chunks", "content", "wire", "errors", "retry", "regions", "patience")
FOLDERS = {"content": "transport/", "patience": "transport/"}  # of modules below polargrid/
UNNOTICED = {0, 5, 33}  # mutmut's exit codes of a mutant that survived, or that no test reaches
UNKNOWN = {None, 2, 34, 35}  # it was not tried, or something else went wrong
CONFIG = """
[tool.mutmut]
source_paths = ["polargrid"]
only_mutate = [{modules}]
also_copy = ["polargrid_generated", "polargrid_runtime"]
pytest_add_cli_args_test_selection = ["tests/overlay"]
timeout_multiplier = 5.0
use_git_change_detection = false
track_dependencies = false

[tool.pytest.ini_options]
addopts = ["--import-mode=importlib", "-p", "no:cacheprovider"]
filterwarnings = ["error"]
"""


def lay_out(modules: list[str]) -> None:
    """The copy: the SDK, what is generated, and the unit tests of these modules."""
    shutil.rmtree(COPY, ignore_errors=True)
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "overlay" / "polargrid", COPY / "polargrid", ignore=leave)
    shutil.copytree(ROOT / "overlay" / "polargrid_runtime", COPY / "polargrid_runtime", ignore=leave)
    shutil.copytree(ROOT / "generated" / "polargrid_generated", COPY / "polargrid_generated", ignore=leave)
    tests = COPY / "tests" / "overlay"
    tests.mkdir(parents=True)
    for module in modules:
        for file in (ROOT / "tests" / "overlay").glob(f"test_{module}*.py"):
            shutil.copy(file, tests)
    shutil.copy(ROOT / "tests" / "overlay" / "conftest.py", tests)
    names = ", ".join(f'"polargrid/{FOLDERS.get(module, "")}{module}.py"' for module in modules)
    (COPY / "pyproject.toml").write_text(CONFIG.format(modules=names), encoding="utf-8")


def exit_codes(module: str) -> dict[str, int | None]:
    """What mutmut noted for each mutant of a module."""
    path = COPY / "mutants" / "polargrid" / f"{FOLDERS.get(module, '')}{module}.py.meta"
    return json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]


def share(codes: Counter[int | None]) -> float:
    """Percent of the mutants that a test noticed."""
    killed = sum(count for code, count in codes.items() if code not in UNNOTICED | UNKNOWN)
    return 100 * killed / max(1, codes.total())


def report(module: str) -> bool:
    """Print a module's figure; whether it is enough."""
    found = exit_codes(module)
    percent = share(Counter(found.values()))
    survivors = [name for name, code in found.items() if code in UNNOTICED | UNKNOWN]
    print(f"{module:10} {len(found):5} mutants {len(survivors):5} not noticed {percent:7.1f} %")
    (COPY / f"{module}.survivors").write_text("\n".join(survivors) + "\n", encoding="utf-8")
    return percent >= LEAST


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m qa.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", help="of " + ", ".join(MODULES))
    modules = parser.parse_args().modules or list(MODULES)
    lay_out(modules)
    mutmut = [sys.executable, "-m", "mutmut", "run", "--max-children", "2"]
    with (COPY / "mutmut.log").open("wb") as log:
        done = subprocess.run(mutmut, cwd=COPY, check=False, stdout=log, stderr=subprocess.STDOUT)
    if done.returncode:
        print((COPY / "mutmut.log").read_text(encoding="utf-8", errors="replace")[-4000:])
        return done.returncode
    enough = [report(module) for module in modules]
    print(f"at least {LEAST:g} % of each are asked for; out/mutation has the survivors by module, and")
    print("`cd out/mutation && ../../.venv-tools/bin/mutmut show NAME` shows one")
    return 0 if all(enough) else 1


if __name__ == "__main__":
    sys.exit(main())
