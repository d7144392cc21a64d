"""python -m qa.new_operation [TESTS ...]: add a GET, a POST with a new resource and an upload to a copy, and test it.

The copy is generated and tested as it is: a test that holds today's set of operations by hand fails there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from generator.__main__ import ROOT

FOLDER = Path(__file__).parent
#: What reads the document: generated code, its calls, the edge, the pages. The edge serves no new operation: the test
#: that lists those fails, as it should, and is not run.
TESTS = (
    *("tests/generator", "--ignore=tests/generator/test_corpus.py", "--ignore=tests/generator/changes"),
    *("tests/runtime", "tests/docs/test_pages.py", "tests/docs/test_http_pages.py", "tests/docs/test_raw_page.py"),
    *("tests/edge/test_app.py", "--deselect=tests/edge/test_app.py::test_every_operation_is_served", "tests/qa"),
    *(f"tests/overlay/test_{name}.py" for name in ("requests", "resources", "raw", "exports", "responses")),
    *(f"tests/testing/test_fake_{name}.py" for name in ("operations", "lines")),
)
SERVED = """
from polargrid_edge.app import find_unserved_operations
from polargrid_edge.services import Services
from polargrid_edge.settings import EdgeSettings
names = find_unserved_operations(Services(EdgeSettings()))
assert sorted(names) == ["create_probe", "retrieve_probe", "upload_probe"], names
"""


def main(tests: list[str]) -> int:
    """Return the exit status of pytest in the copy, or of the generator if it fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "repository"
        _copy(folder)
        document = folder / "openapi.yaml"
        document.write_text(add_operations(document.read_text(encoding="utf-8")), encoding="utf-8")
        packages = [str(folder / part) for part in ("", "extras", "generated", "overlay")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(packages)}
        for command in (["generator"], ["generator", "--check"], ["pytest", "-q", *(tests or TESTS)]):
            status = subprocess.run(
                [sys.executable, "-m", *command], cwd=folder, env=environment, check=False
            ).returncode
            if status:
                return status
    return 0


def add_operations(document: str) -> str:
    """Return the document with a GET, a POST and an upload of a new resource."""
    paths, schemas = ((FOLDER / f"{name}.yaml").read_text(encoding="utf-8") for name in ("paths", "schemas"))
    tag = "\ntags:\n  - {name: probes, description: What the test of new operations adds}\n"
    for old, new in (("\ntags:\n", tag), ("\ncomponents:\n", paths), ("\n    # Shared\n", schemas)):
        if old not in document:
            raise ValueError(f"openapi.yaml has no line {old.strip()!r}")
        document = document.replace(old, new, 1)
    return document


def _copy(folder: Path) -> None:
    """Copy the files that git knows, as they are in the working tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
