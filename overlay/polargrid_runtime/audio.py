"""A complete audio response, and the files that audio is written to."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import iscoroutinefunction
from pathlib import Path
from typing import IO, TYPE_CHECKING

from polargrid_runtime.raw_response import Content
from polargrid_runtime.response import Call

if TYPE_CHECKING:
    import httpx

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


class Audio(Content):
    """A complete audio response."""

    def save(self, target: Target) -> None:
        """Write the audio to a path or an open file. Raises OSError if that fails; a path is then unchanged."""
        with open_target(target) as file:
            write_all(file, self.content)

    def write_to_file(self, file: Target) -> None:
        """Write the audio as `save` does: the name that OpenAI's SDK uses."""
        self.save(file)

    def stream_to_file(self, file: Target, *, chunk_size: int | None = None) -> None:  # noqa: ARG002 - as OpenAI's
        """Write the audio as `save` does: the name that OpenAI's SDK uses."""
        self.save(file)

    async def astream_to_file(self, file: Target, *, chunk_size: int | None = None) -> None:  # noqa: ARG002
        """Write the audio as `save` does: the name that OpenAI's SDK uses."""
        self.save(file)

    @property
    def response(self) -> httpx.Response:
        """The response as an object of httpx."""
        return self.http_response

    def __bytes__(self) -> bytes:
        return self.content

    def __len__(self) -> int:
        return len(self.content)

    def __iter__(self) -> Iterator[bytes]:
        return self.iter_bytes()

    def __repr__(self) -> str:
        return f"<Audio {len(self)} bytes, {self.meta.headers.get('content-type', 'no content type')}>"

    def _repr_html_(self) -> str:
        """Return the player that a notebook shows."""
        from polargrid_runtime.html import format_audio

        return format_audio(self.content, self.meta.headers.get("content-type", ""), repr(self)[1:-1])


def to_audio(content: bytes, call: Call) -> Audio:
    """Build the audio of a call."""
    return Audio(content, call.meta, call.sent)
