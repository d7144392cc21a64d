"""An environment for each contender, in .bench/, with its pinned requirements and nothing else.

This project is installed as its users install it: the wheel, with the dependencies that requirements/dev.txt pins, and
without extras. An environment is created again if its inputs have changed.
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

from qa.benchmarks.roster import Contender, load_contenders

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).parent / "requirements"
_CACHE = ROOT / ".bench"
_PROJECT_LOCK = ROOT / "requirements" / "dev.txt"
_SOURCES = ("overlay", "generated", "extras")  # of the wheel
_PLOT = Contender("plot", "plot", ("matplotlib==3.11.2",))
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq")


@functools.cache
def create_contender_environment(contender: Contender) -> Path:
    """Return the interpreter of a contender's environment, and create that if necessary.

    It stays the same until the bench ends, even if the sources change during the run.
    """
    folder, digest = _CACHE / contender.module, _compute_digest(contender)
    return create_environment(folder, digest, lambda python: _install_contender(contender, python), contender.name)


def create_plot_environment() -> Path:
    """Return the interpreter of the environment that has matplotlib."""
    return create_contender_environment(_PLOT)


def create_environment(folder: Path, digest: str, install: Callable[[Path], None], name: str) -> Path:
    """Return the interpreter of an environment; create and fill it unless it has the same digest of its inputs."""
    note, python = folder / "digest", folder / "bin" / "python"
    if not note.exists() or note.read_text(encoding="ascii") != digest:
        print(f"creating the environment of {name}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", folder], check=True)
        install(python)
        note.write_text(digest, encoding="ascii")
    return python


def install_lock(python: Path, lock: Path) -> None:
    """Install what a file pins, with hashes."""
    install = [*_PIP, "--python", str(python), "install", "--only-binary", ":all:"]
    subprocess.run([*install, "--require-hashes", "-r", lock], check=True)


def _install_contender(contender: Contender, python: Path) -> None:
    if contender.is_own:
        # Without the other extras: an import would find more packages than most users have.
        others = [name for name in contender.requires if name != "."]
        install = [*_PIP, "--python", str(python), "install", "--only-binary", ":all:"]
        subprocess.run([*install, "--constraint", _write_constraints(), _build_wheel(), *others], check=True)
    elif contender.requires:
        install_lock(python, _lock_of(contender))


def _lock_of(contender: Contender) -> Path:
    return REQUIREMENTS / f"{contender.module}.txt"


@functools.cache
def _build_wheel() -> Path:
    """Build the project's wheel with the installed build backend."""
    folder = _CACHE / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    build = [*_PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(build, check=True)
    return next(folder.glob("*.whl"))


def _write_constraints() -> Path:
    """Write the project's lock without hashes: pip wants one of the new wheel otherwise."""
    pins = re.findall(r"^([a-z0-9._-]+==[^\\\n]*)", _PROJECT_LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path = _CACHE / "constraints.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(pins), encoding="utf-8")
    return path


def _compute_digest(contender: Contender) -> str:
    digest = hashlib.sha256(f"{sys.version} {contender}".encode())
    for path in _list_sources() if contender.is_own else [_lock_of(contender)]:
        if path.exists():
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def _list_sources() -> Iterator[Path]:
    yield from (ROOT / "pyproject.toml", _PROJECT_LOCK)
    for folder in _SOURCES:
        yield from sorted((ROOT / folder).rglob("*.py"))


def lock_contenders(names: Sequence[str]) -> None:
    """Pin the requirements of these contenders, or of all."""
    for contender in [*load_contenders(), _PLOT]:
        if contender.is_own or not contender.requires or (names and contender.name not in names):
            continue
        write_lock(contender.requires, _lock_of(contender))
        print(f"pinned {contender.name}")


def write_lock(requires: Sequence[str], target: Path) -> None:
    """Write the newest versions that the requirements allow, with hashes, for every Python and system."""
    uv = Path(sys.executable).with_name("uv")
    options = ["--quiet", "--upgrade", "--universal", "--python-version", "3.11", "--generate-hashes"]
    options += ["--no-emit-index-url", "--emit-build-options", "--no-annotate", "--no-header"]
    command = [uv, "pip", "compile", *options, "-", "-o", target]
    subprocess.run(command, input="\n".join(requires).encode(), check=True)
