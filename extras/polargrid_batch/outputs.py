"""Outputs of a run, by the ending of the name: JSON lines, or a folder of Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from polargrid_batch.errors import BatchInputError
from polargrid_batch.output import OutputFile, OutputScan
from polargrid_batch.parquet_output import PART_ROWS, ParquetOutput
from polargrid_batch.parts import ENDING


class Output(Protocol):
    """An output that is open for one run. `write` and `sync` raise BatchStoppedError if the disk is full."""

    @property
    def unwritten(self) -> int:
        """Lines that the last `write` could not write, and the next one tries again."""
        ...

    def scan(self) -> OutputScan:
        """Read what the output has. Raises BatchInputError if it is none of a run."""
        ...

    def drop_failed(self) -> None:
        """Remove the rows that failed, so that this run asks them again."""

    def start(self, scan: OutputScan, /) -> None:
        """Append after what the scan read."""

    def write(self, lines: Sequence[bytes]) -> None:
        """Write whole lines, one for each result, and those that the last call could not write."""

    def needs_sync(self, now: float) -> bool:
        """Whether `sync` has something to do by now."""
        ...

    def sync(self) -> None:
        """Wait until what was written is on the disk; it may be called in a thread."""

    def finish(self, *, ordered: bool) -> None:
        """Close a complete output; with `ordered`, its rows are then in the order of the input."""

    def close(self) -> None:
        """Close the output as it is; twice is once."""


def is_parquet(path: Path) -> bool:
    """Whether an output is a folder of Parquet files."""
    return path.suffix.lower() == ENDING


def check_output(path: Path) -> None:
    """Raise BatchInputError for a path that can be no output: a pipe would be read for ever."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise BatchInputError(f"{path}: is a pipe or a device, which is no output of a run; name a file")
    if is_parquet(path) and path.is_file():
        raise BatchInputError(f"{path}: is a file; Parquet results are a folder of parts: name another one")
    if not is_parquet(path) and path.is_dir():
        raise BatchInputError(f"{path}: is a folder; name a file, or a folder that ends with .parquet")


def open_output(path: Path, part_rows: int = PART_ROWS) -> Output:
    """Open or create an output, for this process only. Raises OSError, BatchInputError."""
    check_output(path)
    return ParquetOutput(path, part_rows) if is_parquet(path) else OutputFile(path)
