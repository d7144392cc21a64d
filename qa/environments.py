"""Environments with this project, editable, and what one program of qa needs beside it: each with its own lock.

An environment is created again if its lock, the interpreter or pyproject.toml has changed.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

from qa.benchmarks.environments import ROOT, create_environment

_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq")


def create_project_environment(name: str) -> Path:
    """Return the interpreter of the environment `.name`, with what requirements/name.txt pins.

    Raises `subprocess.CalledProcessError` if it cannot be created.
    """
    lock = ROOT / "requirements" / f"{name}.txt"
    digest = hashlib.sha256(sys.version.encode() + lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes())
    return create_environment(ROOT / f".{name}", digest.hexdigest(), lambda python: _install(python, lock), name)


def _install(python: Path, lock: Path) -> None:
    install = [*_PIP, "--python", str(python), "install"]
    sources = re.findall(r"^--no-binary (\S+)$", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    wheels = ["--only-binary", ":all:", *(option for name in sources for option in ("--no-binary", name))]
    subprocess.run([*install, *wheels, "--require-hashes", "-r", lock], check=True)
    subprocess.run([*install, "--no-deps", "--no-build-isolation", "-e", ROOT], check=True)
