"""`python -m qa.mutation`: what share of small mutations of the pure modules their unit tests detect.

mutmut runs on a copy of the SDK in out/mutation, because it does not find overlay/ in an editable install. It mutates
functions and methods; tables, patterns and class defaults stay as they are.
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
MIN_KILLED = 85.0  # percent of the mutants of each module
#: The modules by the names of their tests, as `tests/overlay/test_sse*.py`.
MODULES = {
    "sse": "polargrid_runtime/sse.py",
    "event_stream": "polargrid_codec/event_stream.py",
    "decompression": "polargrid_transport/decompression.py",
    "decoding": "polargrid_codec/decoding.py",
    "encoding": "polargrid_codec/encoding.py",
    "errors": "polargrid_codec/error_responses.py",
    "retry": "polargrid/retry.py",
    "regions": "polargrid/regions.py",
    "endpoints": "polargrid/_endpoints.py",
    "deadline": "polargrid_transport/deadline.py",
}
#: The packages of the SDK, below overlay/.
PACKAGES = ("polargrid", "polargrid_transport", "polargrid_codec", "polargrid_runtime")
_SURVIVED = {0, 5, 33}  # mutmut's exit codes: the tests passed, or no test reaches the mutant
_UNKNOWN = {None, 2, 34, 35}  # the mutant was not run, or the run was disturbed
_CONFIG = """
[tool.mutmut]
source_paths = {packages}
only_mutate = {modules}
also_copy = ["polargrid_generated"]
pytest_add_cli_args_test_selection = ["tests/overlay"]
timeout_multiplier = 5.0
use_git_change_detection = false
track_dependencies = false

[tool.pytest.ini_options]
addopts = ["--import-mode=importlib", "-p", "no:cacheprovider"]
filterwarnings = ["error"]
"""


def create_copy(modules: list[str]) -> None:
    """Copy the SDK, the generated code, and the unit tests of these modules."""
    shutil.rmtree(COPY, ignore_errors=True)
    for package in (*(f"overlay/{name}" for name in PACKAGES), "generated/polargrid_generated"):
        source = ROOT / package
        shutil.copytree(source, COPY / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    tests = COPY / "tests" / "overlay"
    tests.mkdir(parents=True)
    for module in modules:
        for file in _find_tests(module):
            shutil.copy(file, tests)
    shutil.copy(ROOT / "tests" / "overlay" / "conftest.py", tests)
    shutil.copy(ROOT / "tests" / "document.py", tests.parent)  # which conftest.py imports
    paths = json.dumps([MODULES[module] for module in modules])
    config = _CONFIG.format(packages=json.dumps(PACKAGES), modules=paths)
    (COPY / "pyproject.toml").write_text(config, encoding="utf-8")


def _find_tests(module: str) -> list[Path]:
    """The unit tests of a module. Raises FileNotFoundError if there are none."""
    files = sorted((ROOT / "tests" / "overlay").glob(f"test_{module}*.py"))
    if not files:
        raise FileNotFoundError(f"tests/overlay has no tests of the module {module}")
    return files


def read_exit_codes(module: str) -> dict[str, int | None]:
    """mutmut's exit code of each mutant of a module."""
    path = COPY / "mutants" / f"{MODULES[module]}.meta"
    return dict(json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"])


def killed_share(codes: Counter[int | None]) -> float:
    """Percent of the mutants that a test detected."""
    killed = sum(count for code, count in codes.items() if code not in _SURVIVED | _UNKNOWN)
    return 100 * killed / max(1, codes.total())


def report_module(module: str) -> bool:
    """Print the figures of a module. Returns whether enough of its mutants were killed."""
    codes = read_exit_codes(module)
    percent = killed_share(Counter(codes.values()))
    survivors = [name for name, code in codes.items() if code in _SURVIVED | _UNKNOWN]
    print(f"{module:16} {len(codes):5} mutants {len(survivors):5} survived {percent:7.1f} % killed")
    (COPY / f"{module}.survivors").write_text("\n".join(survivors) + "\n", encoding="utf-8")
    return percent >= MIN_KILLED


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m qa.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"{', '.join(MODULES)} [default: all]")
    modules = parser.parse_args().modules or list(MODULES)
    if unknown := set(modules) - MODULES.keys():
        parser.error(f"unknown module {', '.join(sorted(unknown))}; expected one of: {', '.join(MODULES)}")
    create_copy(modules)
    mutmut = [sys.executable, "-m", "mutmut", "run", "--max-children", "2"]
    with (COPY / "mutmut.log").open("wb") as log:
        process = subprocess.run(mutmut, cwd=COPY, check=False, stdout=log, stderr=subprocess.STDOUT)
    if process.returncode:
        print((COPY / "mutmut.log").read_text(encoding="utf-8", errors="replace")[-4000:])
        return process.returncode
    passed = [report_module(module) for module in modules]
    print(f"The bound is {MIN_KILLED:g} % of each module. out/mutation lists the survivors of each module;")
    print("`cd out/mutation && ../../.venv-tools/bin/mutmut show NAME` shows one.")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
