# Made from openapi.yaml by `make generate`; change that, not this.
"""Audio that an edge made: whole, or in pieces as it comes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from polargrid_generated.answers import AsyncStream, Meta, Stream

#: Where audio can be written: a path, or a file opened in binary mode.
Target = str | os.PathLike[str] | IO[bytes]


@contextmanager
def _written(target: Target) -> Iterator[IO[bytes]]:
    """The file to write to. A path holds the whole audio or is as it was: what is half done has another name."""
    if not isinstance(target, str | os.PathLike):
        yield target
        return
    if Path(target).exists() and not Path(target).is_file():  # a device or a pipe has no half
        with Path(target).open("wb") as file:
            yield file
        return
    path = Path(os.path.realpath(target))  # a link stays, and what it leads to is written
    part = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class Audio:
    """Audio, whole."""

    def __init__(self, content: bytes, meta: Meta) -> None:
        self.content, self.meta = content, meta

    def save(self, target: Target) -> None:
        """Write it to a path or an open file. Raises OSError where that fails; a path is then as it was."""
        with _written(target) as file:
            file.write(self.content)

    write_to_file = stream_to_file = save  # as OpenAI's SDK has it

    def read(self) -> bytes:
        """Its bytes."""
        return self.content

    def iter_bytes(self, chunk_size: int = 64 * 1024) -> Iterator[bytes]:
        """Its bytes, in pieces of this many."""
        for start in range(0, len(self.content), chunk_size):
            yield self.content[start : start + chunk_size]

    def __bytes__(self) -> bytes:
        return self.content

    def __len__(self) -> int:
        return len(self.content)

    def __iter__(self) -> Iterator[bytes]:
        return self.iter_bytes()

    def __repr__(self) -> str:
        return f"<Audio {len(self)} bytes, {self.meta.headers.get('content-type', 'of no type')}>"


class AsyncAudioStream(AsyncStream[bytes]):
    """Audio in pieces, as it is made: iterate it, or write it to a file."""

    def __init__(self, stream: AsyncStream[bytes]) -> None:
        super().__init__(stream._chunks, stream._meta)

    async def iter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """The pieces as they come, or of this many bytes each, but for the last."""
        if chunk_size is not None and chunk_size < 1:
            raise ValueError("chunk_size must be at least 1")
        held = bytearray()
        async for piece in self:
            held += piece
            while len(held) >= (chunk_size or 1):
                size = chunk_size or len(held)
                yield bytes(held[:size])
                del held[:size]
        if held:
            yield bytes(held)

    async def read(self) -> bytes:
        """All that is left."""
        return b"".join([piece async for piece in self])

    async def save(self, target: Target) -> None:
        """Write it as it comes to a path or an open file; a path holds the whole audio at the end, or is as it was.

        Raises PolarGridError where the audio breaks off, OSError where writing fails.
        """
        async with self:
            with _written(target) as file:
                async for piece in self:
                    file.write(piece)

    write_to_file = stream_to_file = save  # as OpenAI's SDK has it


class AudioStream(Stream[bytes]):
    """Audio in pieces, as it is made: iterate it, or write it to a file."""

    def __init__(self, stream: Stream[bytes]) -> None:
        super().__init__(stream._chunks, stream._meta)

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The pieces as they come, or of this many bytes each, but for the last."""
        if chunk_size is not None and chunk_size < 1:
            raise ValueError("chunk_size must be at least 1")
        held = bytearray()
        for piece in self:
            held += piece
            while len(held) >= (chunk_size or 1):
                size = chunk_size or len(held)
                yield bytes(held[:size])
                del held[:size]
        if held:
            yield bytes(held)

    def read(self) -> bytes:
        """All that is left."""
        return b"".join([piece for piece in self])

    def save(self, target: Target) -> None:
        """Write it as it comes to a path or an open file; a path holds the whole audio at the end, or is as it was.

        Raises PolarGridError where the audio breaks off, OSError where writing fails.
        """
        with self:
            with _written(target) as file:
                for piece in self:
                    file.write(piece)

    write_to_file = stream_to_file = save  # as OpenAI's SDK has it
