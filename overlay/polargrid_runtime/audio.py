"""A complete audio response, and the files that audio is written to."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import iscoroutinefunction
from pathlib import Path
from typing import IO

from polargrid_runtime.response import ResponseMeta

#: Where audio is written: a path, or a file opened in binary mode.
Target = str | os.PathLike[str] | IO[bytes]


@contextmanager
def open_target(target: Target) -> Iterator[IO[bytes]]:
    """Open a target for writing. A path is replaced when the block succeeds and unchanged when it raises.

    Raises TypeError for what is no target, such as a text file, or an async one.
    """
    if not isinstance(target, str | os.PathLike):
        write = getattr(target, "write", None)
        if not callable(write) or iscoroutinefunction(write) or isinstance(target, io.TextIOBase):
            kind = type(target).__name__
            raise TypeError(f"target: expected a path or a file opened with mode 'wb', not {kind}")
        yield target
        return
    if Path(target).exists() and not Path(target).is_file():  # a device or a pipe cannot be replaced
        with Path(target).open("wb") as file:
            yield file
        return
    path = Path(os.path.realpath(target))  # a symbolic link stays; the file that it names is replaced
    part = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_all(file: IO[bytes], data: bytes) -> None:
    """Write all of the data. Raises OSError if a file that is not buffered, such as a pipe, takes no more."""
    while data:
        size: int | None = file.write(data)
        if size == 0 or (size is None and isinstance(file, io.RawIOBase)):
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        data = data[size:] if size else b""


class Audio:
    """A complete audio response."""

    def __init__(self, content: bytes, meta: ResponseMeta) -> None:
        self.content, self.meta = content, meta

    def save(self, target: Target) -> None:
        """Write the audio to a path or an open file. Raises OSError if that fails; a path is then unchanged."""
        with open_target(target) as file:
            write_all(file, self.content)

    write_to_file = stream_to_file = save  # the names that OpenAI's SDK uses

    def read(self) -> bytes:
        """Return the audio as bytes."""
        return self.content

    def iter_bytes(self, chunk_size: int = 64 * 1024) -> Iterator[bytes]:
        """Iterate over the audio in chunks of `chunk_size` bytes."""
        if chunk_size < 1:
            raise ValueError("chunk_size must be at least 1")
        for start in range(0, len(self.content), chunk_size):
            yield self.content[start : start + chunk_size]

    def __bytes__(self) -> bytes:
        return self.content

    def __len__(self) -> int:
        return len(self.content)

    def __iter__(self) -> Iterator[bytes]:
        return self.iter_bytes()

    def __repr__(self) -> str:
        return f"<Audio {len(self)} bytes, {self.meta.headers.get('content-type', 'no content type')}>"
