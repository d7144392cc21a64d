"""The output file: the only record of what is done. It is scanned when a run starts, and appended to."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from polargrid_batch.errors import BatchInputError
from polargrid_batch.index import DoneRows
from polargrid_batch.results import Head, read_head

SYNC_SECONDS = 10.0


@dataclass
class OutputScan:
    """What an output file has."""

    done: DoneRows = field(default_factory=DoneRows)
    succeeded: int = 0
    failed: int = 0
    size: int = 0
    """Bytes of its whole lines; what follows is torn, by a run that was killed, and is cut."""
    torn: int = 0
    """Bytes that follow."""
    runs: int = 0
    """In how many ascending runs the rows are: 1 if they are in the order of the input."""


def scan_output(path: Path) -> OutputScan:
    """Read the rows of an output file; a file that does not exist has none.

    Raises BatchInputError, with the line, for a file that is no output of a run.
    """
    scan = OutputScan()
    if path.exists():
        for _ in iterate_output(path, scan):
            pass
    return scan


def iterate_output(path: Path, scan: OutputScan) -> Iterator[tuple[Head, bytes]]:
    """Yield the lines of an output file with what their heads say, and fill the scan."""
    with path.open("rb") as file:
        yield from _iterate(path, file, scan)


def _iterate(path: Path, file: IO[bytes], scan: OutputScan) -> Iterator[tuple[Head, bytes]]:
    number = last = 0
    torn_line = 0
    for line in file:
        number += 1
        head = read_head(line)
        if head is None:
            # The end of a file may be half a line, and zeros after a power failure. A whole line after it is none.
            is_torn = not line.endswith(b"\n") or b"\0" in line
            if not is_torn or (torn_line and b"\0" not in line):
                raise BatchInputError(_foreign(path, number))
            torn_line = torn_line or number
            scan.torn += len(line)
            continue
        if torn_line:
            raise BatchInputError(_foreign(path, torn_line))
        try:
            is_new = scan.done.add(head.number, head.checksum)
        except ValueError as error:
            raise BatchInputError(f"{path}: line {number}: {error}") from error
        if not is_new:
            raise BatchInputError(
                f"{path}: line {number}: row {head.number} is in the output twice; remove one of them"
            )
        scan.size += len(line)
        scan.succeeded += head.is_success
        scan.failed += not head.is_success
        scan.runs += head.number < last or not last
        last = head.number
        yield head, line


def _foreign(path: Path, number: int) -> str:
    return f"{path}: line {number} is no result of a batch run; name another output file, or remove the line"


def drop_failed(path: Path) -> int:
    """Remove the rows that failed, so that a run asks them again; return how many. The file is replaced at once."""
    scan = OutputScan()
    with replace_file(path) as target:
        for head, line in iterate_output(path, scan):
            if head.is_success:
                target.write(line)
    return scan.failed


@contextmanager
def replace_file(path: Path) -> Iterator[IO[bytes]]:
    """Write a new version of a file, which replaces it when it is complete and on the disk."""
    temporary = path.with_name(f"{path.name}.new")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


class OutputFile:
    """An output file that is open for one run. What is written survives the process; a power failure, after `sync`."""

    def __init__(self, path: Path) -> None:
        """Open or create the file, for this process only. Raises OSError, BatchInputError."""
        self.path = path
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        self._file = os.open(path, flags, 0o666)
        self._size = 0  # bytes of the file that are whole lines
        self._unwritten = b""
        self._synced_at = time.monotonic()
        self._is_synced = True
        try:
            _lock(self._file, path)
        except BaseException:
            os.close(self._file)
            raise

    def start(self, size: int) -> None:
        """Cut what follows the whole lines, and append from there."""
        os.ftruncate(self._file, size)
        os.lseek(self._file, size, os.SEEK_SET)
        self._size = size

    def write(self, lines: bytes) -> None:
        """Write lines, and those that the last call could not write.

        Raises OSError if the disk is full; the file then ends with a whole line.
        """
        self._unwritten += lines
        data = memoryview(self._unwritten)
        if not data:
            return
        self._is_synced = False
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            error.filename = str(self.path)
            with suppress(OSError):
                self.start(self._size)
            raise
        self._size += len(self._unwritten)
        self._unwritten = b""

    def needs_sync(self, now: float) -> bool:
        """Whether there is something that a power failure would lose, for longer than `SYNC_SECONDS`."""
        return not self._is_synced and now - self._synced_at >= SYNC_SECONDS

    def sync(self) -> None:
        """Wait until what was written is on the disk."""
        self._is_synced = True
        os.fsync(self._file)
        self._synced_at = time.monotonic()

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _lock(file: int, path: Path) -> None:
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
