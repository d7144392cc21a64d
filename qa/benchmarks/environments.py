"""An environment for each contender, in .bench/: what it requires, pinned and hashed, and nothing else.

This project is put there as its users get it: the wheel, without extras, its dependencies as requirements/dev.txt pins
them. An environment is made anew when what it is made from has changed.
"""

from __future__ import annotations

import functools
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from qa.benchmarks.roster import Contender, contenders

ROOT = Path(__file__).resolve().parents[2]
_CACHE = ROOT / ".bench"
_PINNED = Path(__file__).parent / "requirements"
_LOCK = ROOT / "requirements" / "dev.txt"
_SOURCES = ("overlay", "generated", "edge", "contract")  # what the wheel is made of
_PLOT = Contender("plot", "plot", ("matplotlib==3.11.2",))
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq")


@functools.cache
def python_of(contender: Contender) -> Path:
    """The interpreter of a contender's environment, which is made where it is not there.

    Once made it stays until the bench ends, whatever happens to the sources meanwhile.
    """
    folder, digest = _CACHE / contender.module, _digest(contender)
    return make(folder, digest, lambda python: _fill(contender, python), contender.name)


def make(folder: Path, made_from: str, filled: Callable[[Path], None], name: str) -> Path:
    """The interpreter of an environment, which is made and filled where none is there that is made from the same."""
    note, python = folder / "made-from", folder / "bin" / "python"
    if not note.exists() or note.read_text(encoding="ascii") != made_from:
        print(f"making the environment of {name}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", folder], check=True)
        filled(python)
        note.write_text(made_from, encoding="ascii")
    return python


def fill(python: Path, pinned: Path) -> None:
    """Installs what a file pins, with hashes."""
    install = [*_PIP, "--python", str(python), "install", "--only-binary", ":all:"]
    subprocess.run([*install, "--require-hashes", "-r", pinned], check=True)


def python_of_plot() -> Path:
    """The interpreter that has what draws."""
    return python_of(_PLOT)


def _fill(contender: Contender, python: Path) -> None:
    if contender.ours:
        # The core alone: with its extras, an import would find more than most users have.
        others = [name for name in contender.requires if name != "."]
        install = [*_PIP, "--python", str(python), "install", "--only-binary", ":all:"]
        subprocess.run([*install, "--constraint", _constraints(), _wheel(), *others], check=True)
    elif contender.requires:
        fill(python, _PINNED / f"{contender.module}.txt")


def _wheel() -> Path:
    """The project's wheel, built by the build backend that is here."""
    folder = _CACHE / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    build = [*_PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(build, check=True)
    return next(folder.glob("*.whl"))


def _constraints() -> Path:
    """The project's lock without its hashes: a wheel that was just built has none in it."""
    pins = re.findall(r"^([a-z0-9._-]+==[^\\\n]*)", _LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path = _CACHE / "constraints.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(pins), encoding="utf-8")
    return path


def _digest(contender: Contender) -> str:
    digest = hashlib.sha256(f"{sys.version} {contender}".encode())
    for path in _sources() if contender.ours else [_PINNED / f"{contender.module}.txt"]:
        if path.exists():
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    yield from (ROOT / "pyproject.toml", _LOCK)
    for folder in _SOURCES:
        yield from sorted((ROOT / folder).rglob("*.py"))


def lock(names: Sequence[str]) -> None:
    """Pin what the contenders require."""
    for contender in [*contenders(), _PLOT]:
        if contender.ours or not contender.requires or (names and contender.name not in names):
            continue
        pin(contender.requires, _PINNED / f"{contender.module}.txt")
        print(f"pinned {contender.name}")


def pin(requires: Sequence[str], target: Path) -> None:
    """Write the newest of what it takes to have what is required, with hashes, for every Python and system."""
    uv = Path(sys.executable).with_name("uv")
    options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"]
    compiled = [
        uv,
        "pip",
        "compile",
        "--quiet",
        "--upgrade",
        *options,
        "--no-annotate",
        "--no-header",
        "-",
        "-o",
        target,
    ]
    subprocess.run(compiled, input="\n".join(requires).encode(), check=True)
