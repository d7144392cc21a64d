"""What an output asks of the disk: whole files or none, one run at a time, and a reason if there is no space."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from polargrid_batch.errors import BatchInputError, BatchStoppedError


@contextmanager
def replace_file(path: Path, temporary: Path | None = None) -> Iterator[IO[bytes]]:
    """Write a new version of a file, which replaces it when it is complete and on the disk."""
    path = path.resolve()  # a link stays one
    temporary = temporary or path.with_name(f"{path.name}.new")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    if os.name == "nt":  # a folder cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def explain_disk(path: Path, error: OSError) -> BatchStoppedError:
    """Return the error of a run whose output cannot be written."""
    hint = "free some space" if error.errno == errno.ENOSPC else "mend it"
    return BatchStoppedError(
        f"{path}: {error.strerror or error}; no result in it is torn: {hint}, and run the same command again"
    )


def lock(file: int, path: Path) -> None:
    """Two runs of one output would ask the same rows."""
    message = f"{path}: another run writes to it; wait for its end, or name another output file"
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BatchInputError(message) from error
    except OSError:  # a file system without locks
        return
