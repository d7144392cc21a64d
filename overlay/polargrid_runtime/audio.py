"""A complete audio response, and the files that audio is written to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from polargrid_runtime.response import ResponseMeta

#: Where audio is written: a path, or a file opened in binary mode.
Target = str | os.PathLike[str] | IO[bytes]


@contextmanager
def open_target(target: Target) -> Iterator[IO[bytes]]:
    """Open a target for writing. A path is replaced when the block succeeds and unchanged when it raises."""
    if not isinstance(target, str | os.PathLike):
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


class Audio:
    """A complete audio response."""

    def __init__(self, content: bytes, meta: ResponseMeta) -> None:
        self.content, self.meta = content, meta

    def save(self, target: Target) -> None:
        """Write the audio to a path or an open file. Raises OSError if that fails; a path is then unchanged."""
        with open_target(target) as file:
            file.write(self.content)

    write_to_file = stream_to_file = save  # the names that OpenAI's SDK uses

    def read(self) -> bytes:
        """Return the audio as bytes."""
        return self.content

    def iter_bytes(self, chunk_size: int = 64 * 1024) -> Iterator[bytes]:
        """Iterate over the audio in chunks of `chunk_size` bytes."""
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
