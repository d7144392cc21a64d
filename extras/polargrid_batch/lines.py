"""Lines of JSON from a file, a compressed file or a pipe, with a bound on the memory of each."""

from __future__ import annotations

import csv
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from polargrid_batch.compression import open_compressed
from polargrid_batch.errors import BatchInputError

STDIN = "-"
MAX_ROW_BYTES = 128 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_SKIP_SIZE = 1024 * 1024
#: Of libraries that are imported where they are used: zstandard, compression.zstd, pyarrow.
_READ_ERRORS = ("ZstdError", "ArrowInvalid", "ArrowNotImplementedError")


@dataclass(frozen=True, slots=True)
class Line:
    """A row as a line of OpenAI's Batch format, or why it is none."""

    number: int
    """The number of its line in the input, from 1; of its row, if the input has no lines."""
    data: bytes
    problem: str = ""
    """Why there is no data."""


def read_lines(stream: IO[bytes], max_bytes: int = MAX_ROW_BYTES) -> Iterator[Line]:
    """Yield the lines that are not blank. One that is too long is a problem, and not held in memory."""
    number = 0
    while data := stream.readline(max_bytes + 1):
        number += 1
        if len(data) > max_bytes:
            size, last = len(data), data
            while not last.endswith(b"\n") and (last := stream.readline(_SKIP_SIZE)):
                size += len(last)
            yield Line(number, b"", f"the row has {size:,} bytes; split it, or raise max_row_bytes ({max_bytes:,})")
            continue
        data = (data.removeprefix(_BOM) if number == 1 else data).strip()
        if data:
            yield Line(number, data)


@dataclass
class InputPosition:
    """How far a file was read: in bytes of the file, compressed ones if it is; in rows of Parquet."""

    offset: int = 0
    size: int = 0
    """0 if it is not known."""

    @property
    def fraction(self) -> float | None:
        """The part that was read; None if it is not known."""
        return min(self.offset / self.size, 1.0) if self.size else None


@contextmanager
def open_input(source: str | Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Open a file, decompressed by the ending of its name, or stdin (`-`); yield its data, and the file.

    Raises OSError, BatchInputError.
    """
    name = str(source)
    if name == STDIN:
        if sys.stdin is None:
            raise BatchInputError("stdin is closed; name a file")
        yield sys.stdin.buffer, sys.stdin.buffer
        return
    with Path(name).open("rb") as file, open_compressed(name, file) as data:
        yield data, file


@contextmanager
def explain_read_errors(name: str, file: IO[bytes], last: list[int], unit: str = "line") -> Iterator[None]:
    """Raise BatchInputError, with the place, for a file that is damaged; `last[0]` is the last line or row read."""
    try:
        yield
    except Exception as error:
        is_read_error = isinstance(error, EOFError | zlib.error | csv.Error | OSError)
        if not is_read_error and type(error).__name__ not in _READ_ERRORS:
            raise
        reason = " ".join(str(error).split()) or "it ends too early"
        message = f"{name}: {unit} {last[0] + 1}: cannot read it, at byte {_tell(file):,} of the file: {reason}"
        raise BatchInputError(f"{message}; restore the file, and run the same command again") from error


def _tell(file: IO[bytes]) -> int:
    try:
        return file.tell()
    except (OSError, ValueError):  # a pipe, or a file that a library closed
        return 0
