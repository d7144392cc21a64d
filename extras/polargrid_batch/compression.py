"""Compressed inputs: a file that ends before its data does is an error, whatever the library makes of it."""

from __future__ import annotations

import gzip
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, Any, cast

from polargrid_batch.errors import BatchInputError

ENDINGS = (".gz", ".zst")
_CHUNK = 4096  # a frame may expand it to 128 MB at most


@contextmanager
def open_compressed(name: str, file: IO[bytes]) -> Iterator[IO[bytes]]:
    """Yield the data of a file, by the ending of its name.

    Raises BatchInputError if it is empty, or needs a package that is missing.
    """
    ending = Path(name).suffix.lower()
    if ending in ENDINGS and not os.fstat(file.fileno()).st_size:  # libraries make no data of it
        raise BatchInputError(f"{name}: has 0 bytes, which is no {ending} file; restore it")
    if ending == ".gz":
        with gzip.open(file, "rb") as data:
            yield cast("IO[bytes]", data)
    elif ending == ".zst":
        with _open_zstd(name, file) as data:
            yield data
    else:
        yield file


def _open_zstd(name: str, file: IO[bytes]) -> IO[bytes]:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd

            return cast("IO[bytes]", zstd.open(file, "rb"))
        zstandard: Any = import_module("zstandard")
    except ModuleNotFoundError as error:
        raise BatchInputError(
            f"{name}: .zst needs zstandard; install it with: pip install 'polargrid[batch]', or decompress the file"
        ) from error
    return io.BufferedReader(ZstdReader(file, zstandard.ZstdDecompressor()))


class ZstdReader(io.RawIOBase):
    """The data of all frames of a file. Raises EOFError for a frame that is torn: `stream_reader` ends there."""

    def __init__(self, file: IO[bytes], decompressor: Any) -> None:
        self._file, self._decompressor = file, decompressor
        self._frame: Any = None
        self._rest = b""  # compressed data that was read
        self._data = memoryview(b"")

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; return the number of bytes, 0 at the end."""
        while not self._data:
            chunk = self._rest or self._file.read(_CHUNK)
            self._rest = b""
            if not chunk:
                if self._frame is not None:
                    raise EOFError("Compressed file ended before the end-of-stream marker was reached")
                return 0
            self._frame = self._frame or self._decompressor.decompressobj()
            self._data = memoryview(self._frame.decompress(chunk))
            if self._frame.eof:
                self._rest, self._frame = self._frame.unused_data, None
        size = min(len(buffer), len(self._data))
        buffer[:size] = self._data[:size]
        self._data = self._data[size:]
        return size
