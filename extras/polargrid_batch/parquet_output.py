"""A Parquet output that is open for one run: results are appended to a journal, and become a part when it is full."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from polargrid_batch.disk import explain_disk, lock
from polargrid_batch.output import OutputFile, OutputScan
from polargrid_batch.parquet_order import finish_sort, sort_parts
from polargrid_batch.parts import (
    convert_journal,
    drop_failed_rows,
    find_next_number,
    list_journals,
    list_parts,
    name_journal,
    name_part,
    scan_parts,
    write_part,
)
from polargrid_batch.table import load_pyarrow

PART_ROWS = 100_000
PART_BYTES = 256 * 1024 * 1024


class ParquetOutput:
    """A folder of parts. A result is in its journal at once, so that a killed process loses none, as of JSON lines."""

    def __init__(self, path: Path, part_rows: int = PART_ROWS, part_bytes: int = PART_BYTES) -> None:
        """Open or create the folder, for this process only. Raises OSError, BatchInputError."""
        self.path, self._part_rows, self._part_bytes = path, part_rows, part_bytes
        load_pyarrow(path, "pyarrow.parquet")
        path.mkdir(exist_ok=True)
        self._journal: OutputFile | None = None
        self._full: list[OutputFile] = []
        self._waiting: list[bytes] = []  # lines that are in no journal
        self._rows = self._bytes = self._number = 0
        self._sync_lock = Lock()  # a run that ends does not wait for the thread that syncs
        self._folder = -1
        if os.name != "nt":  # a folder cannot be opened there
            self._folder = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if self._folder >= 0:
                lock(self._folder, path)
            self._recover()
        except BaseException:
            self.close()
            raise

    def _recover(self) -> None:
        """Finish what a killed run began: a sort, and parts of its journals."""
        finish_sort(self.path)
        for draft in self.path.glob("_*.new"):
            draft.unlink()
        journals = list_journals(self.path)
        for path in self.path.glob("_part-*.jsonl"):
            if path not in journals:
                path.unlink()  # its part is there
        for path in journals:
            convert_journal(path)

    def scan(self) -> OutputScan:
        """Read what the parts have. Raises BatchInputError."""
        return scan_parts(self.path)

    def drop_failed(self) -> None:
        """Remove the rows that failed, so that this run asks them again."""
        drop_failed_rows(self.path)

    def start(self, _scan: OutputScan, /) -> None:
        """Append from the next part on."""
        self._number = find_next_number(self.path)

    def write(self, lines: Sequence[bytes]) -> None:
        """Write lines, and those that the last call could not write. Raises BatchStoppedError for a full disk."""
        self._waiting += lines
        if self._journal is not None:
            self._journal.write(())
            self._turn_if_full()
        while self._waiting:
            journal = self._open_journal()
            group = self._waiting[: self._part_rows - self._rows]
            del self._waiting[: len(group)]
            self._rows += len(group)
            self._bytes += sum(map(len, group))
            journal.write(group)
            self._turn_if_full()

    def _turn_if_full(self) -> None:
        if self._rows >= self._part_rows or self._bytes >= self._part_bytes:
            self._turn()

    def _open_journal(self) -> OutputFile:
        if self._journal is None:
            try:
                self._journal = OutputFile(name_journal(self.path, self._number))
            except OSError as error:
                raise explain_disk(self.path, error) from error
            self._number += 1
        return self._journal

    def _turn(self) -> None:
        """Begin another journal; `sync` makes a part of this one."""
        if self._journal is not None:
            self._full.append(self._journal)
        self._journal, self._rows, self._bytes = None, 0, 0

    @property
    def unwritten(self) -> int:
        """Lines that the disk had no space for."""
        return len(self._waiting) + (0 if self._journal is None else self._journal.unwritten)

    def needs_sync(self, now: float) -> bool:
        """Whether a journal is full, or has lines for some time that a power failure would lose."""
        return bool(self._full) or (self._journal is not None and self._journal.needs_sync(now))

    def sync(self) -> None:
        """Make parts of full journals, and wait until the lines of the other are on the disk; in any thread."""
        with self._sync_lock:
            while self._full:
                self._full[0].close()
                try:
                    convert_journal(self._full[0].path)
                except OSError as error:
                    raise explain_disk(self.path, error) from error
                del self._full[0]
            journal = self._journal  # `write` may turn to another one now, but only this closes it
            if journal is not None:
                journal.sync()

    def finish(self, *, ordered: bool) -> None:
        """Make a part of what is there, and close the output; with `ordered`, its rows are then in order."""
        try:
            self._turn()
            self.sync()
            if not list_parts(self.path):
                with write_part(name_part(self.path, 1)):  # a table without rows, for programs that read it
                    pass
            if ordered:
                sort_parts(self.path, self._part_rows)
        except OSError as error:
            raise explain_disk(self.path, error) from error
        finally:
            self.close()

    def close(self) -> None:
        """Close the output; journals stay, for the next run."""
        for file in (self._journal, *self._full):
            if file is not None:
                file.close()
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1
