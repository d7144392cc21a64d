"""The output file: the only record of what is done. It is scanned when a run starts, and appended to."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from polargrid_batch.disk import explain_disk, lock, replace_file, sync_folder
from polargrid_batch.errors import BatchInputError
from polargrid_batch.index import DoneRows
from polargrid_batch.ordering import sort_output
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
    last: int = 0
    """The row that was added last."""

    def add(self, head: Head) -> None:
        """Add a row. Raises ValueError if it is there, or if no input has it."""
        if not self.done.add(head.number, head.checksum):
            raise ValueError(f"row {head.number} is in the output twice; remove one of them")
        self.succeeded += head.is_success
        self.failed += not head.is_success
        self.runs += head.number < self.last or not self.last
        self.last = head.number


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
    number = torn_line = 0
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
            scan.add(head)
        except ValueError as error:
            raise BatchInputError(f"{path}: line {number}: {error}") from error
        scan.size += len(line)
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


def _open_locked(path: Path) -> int:
    """Open or create a file for this process only. Raises OSError, BatchInputError."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    while True:
        file = os.open(path, flags, 0o666)
        try:
            lock(file, path)
            if os.name == "nt" or _is_same_file(file, path):
                return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)  # another run replaced it before it was locked


def _is_same_file(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


class OutputFile:
    """An output file that is open for one run. What is written survives the process; a power failure, after `sync`."""

    def __init__(self, path: Path) -> None:
        """Open or create the file, for this process only. Raises OSError, BatchInputError."""
        self.path = path
        self._open()

    def _open(self) -> None:
        self._file = _open_locked(self.path)
        self._size = 0  # bytes of the file that are whole lines
        self._unwritten = b""
        self._synced_at = time.monotonic()
        self._is_synced = True
        self._is_named = False  # on the disk: a new file may be there without a name

    def scan(self) -> OutputScan:
        """Read what the file has. Raises BatchInputError."""
        return scan_output(self.path)

    def drop_failed(self) -> None:
        """Remove the rows that failed, so that this run asks them again."""
        with self._keep_lock():
            drop_failed(self.path)
            self._open()  # the new one

    def start(self, scan: OutputScan, /) -> None:
        """Cut what follows the whole lines, and append from there."""
        self._truncate(scan.size)

    def _truncate(self, size: int) -> None:
        os.ftruncate(self._file, size)
        os.lseek(self._file, size, os.SEEK_SET)
        self._size = size

    def write(self, lines: Sequence[bytes]) -> None:
        """Write lines, and those that the last call could not write.

        Raises BatchStoppedError if the disk is full; the file then ends with a whole line.
        """
        self._unwritten += b"".join(lines)
        data = memoryview(self._unwritten)
        if not data:
            return
        self._is_synced = False
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            with suppress(OSError):
                self._truncate(self._size)
            raise explain_disk(self.path, error) from error
        self._size += len(self._unwritten)
        self._unwritten = b""

    @property
    def unwritten(self) -> int:
        """Lines that the disk had no space for."""
        return self._unwritten.count(b"\n")

    def needs_sync(self, now: float) -> bool:
        """Whether there is something that a power failure would lose, for longer than `SYNC_SECONDS`."""
        return not self._is_synced and now - self._synced_at >= SYNC_SECONDS

    def sync(self) -> None:
        """Wait until what was written is on the disk. Raises BatchStoppedError."""
        self._is_synced = True
        try:
            os.fsync(self._file)
            if not self._is_named:
                sync_folder(self.path.parent)
                self._is_named = True
        except OSError as error:
            raise explain_disk(self.path, error) from error
        self._synced_at = time.monotonic()

    def finish(self, *, ordered: bool) -> None:
        """Close the file when it is on the disk; with `ordered`, its rows are then in the order of the input."""
        self.sync()
        with self._keep_lock():
            if ordered:
                sort_output(self.path)

    @contextmanager
    def _keep_lock(self) -> Iterator[None]:
        """Close the file after the block, which replaces it: until then no other run can write to what is replaced."""
        file, self._file = self._file, -1
        if os.name == "nt":  # an open file cannot be replaced there, and has no lock
            os.close(file)
            yield
            return
        try:
            yield
        finally:
            os.close(file)

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
