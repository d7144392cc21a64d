"""The environment of the comparison, in .compat/: the newest `openai` and this project, with their pinned requirements.

The sources of this project are on its path, so it never has to be created again for a change of them.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any, Final

from qa.benchmarks.environments import ROOT, create_environment, install_lock, write_lock

FOLDER: Final = Path(__file__).parent
PINS: Final = FOLDER / "requirements.txt"
_CACHE: Final = ROOT / ".compat"
_PROJECT: Final = ROOT / "pyproject.toml"
_OPENAI: Final = "openai>=3"
# A wheel that points to the sources (PEP 660), made by the build backend of the environment of development.
_BUILD: Final = "import sys, hatchling.build; hatchling.build.build_editable(sys.argv[1])"


def prepare_environment() -> Path:
    """Create the environment if its pins, the project's settings or the interpreter have changed; return its Python."""
    inputs = [sys.version.encode(), PINS.read_bytes(), _PROJECT.read_bytes()]
    return create_environment(_CACHE, hashlib.sha256(b"".join(inputs)).hexdigest(), _install, "the comparison")


def _install(python: Path) -> None:
    install_lock(python, PINS)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-c", _BUILD, folder], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        (wheel,) = Path(folder).glob("*.whl")
        install = [
            sys.executable,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "-qq",
            "--python",
            str(python),
            "install",
        ]
        subprocess.run([*install, "--no-deps", "--no-index", wheel], check=True)


def lock_environment() -> None:
    """Pin the newest versions that the requirements of `openai` and of this project allow."""
    write_lock([*_read_project()["project"]["dependencies"], _OPENAI], PINS)


def _read_project() -> dict[str, Any]:
    return tomllib.loads(_PROJECT.read_text(encoding="utf-8"))
