"""Lines of JSON from a file, a compressed file or a pipe, with a bound on the memory of each."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any, cast

from polargrid_batch.errors import BatchInputError

STDIN = "-"
MAX_ROW_BYTES = 128 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_SKIP_SIZE = 1024 * 1024


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
    """How far a file was read, in bytes of the file; compressed ones, if it is."""

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
    with Path(name).open("rb") as file:
        if name.endswith(".gz"):
            with gzip.open(file, "rb") as unpacked:
                yield cast("IO[bytes]", unpacked), file
        elif name.endswith(".zst"):
            with _open_zstd(name, file) as unpacked:
                yield unpacked, file
        else:
            yield file, file


def _open_zstd(name: str, file: IO[bytes]) -> IO[bytes]:
    import io

    try:
        if sys.version_info >= (3, 14):
            from compression import zstd

            return cast("IO[bytes]", zstd.open(file, "rb"))
        zstandard: Any = import_module("zstandard")
    except ModuleNotFoundError as error:
        raise BatchInputError(f"{name}: cannot read .zst; install zstandard, or decompress the file") from error
    reader: Any = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
    return io.BufferedReader(reader)


@contextmanager
def explain_read_errors(name: str, last: list[int]) -> Iterator[None]:
    """Raise BatchInputError, with the line, for a compressed file that is damaged; `last[0]` is the last line read."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error, UnicodeDecodeError) as error:
        raise BatchInputError(f"{name}: line {last[0] + 1}: cannot read it: {error}") from error
    except OSError as error:
        if error.filename is None:
            raise BatchInputError(f"{name}: line {last[0] + 1}: cannot read it: {error}") from error
        raise
    except Exception as error:
        if type(error).__name__ not in ("ZstdError", "ArrowInvalid", "Error"):
            raise
        raise BatchInputError(f"{name}: line {last[0] + 1}: cannot read it: {error}") from error
