"""A streamed audio response."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

from polargrid_runtime._async.stream import AsyncStream
from polargrid_runtime.audio import Target, open_target, write_all


class AsyncAudioStream(AsyncStream[bytes]):
    """An iterator over the audio that the server generates; `save` writes it to a file."""

    def iter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """Iterate over chunks as they are received, or of `chunk_size` bytes, except for the last one."""
        if chunk_size is not None and chunk_size < 1:
            raise ValueError("chunk_size must be at least 1")
        return AsyncStream(self._iter_bytes(chunk_size), self._call)

    async def _iter_bytes(self, chunk_size: int | None) -> AsyncGenerator[bytes, None]:
        buffer = bytearray()
        async for chunk in self:
            buffer += chunk
            while len(buffer) >= (chunk_size or 1):
                size = chunk_size or len(buffer)
                yield bytes(buffer[:size])
                del buffer[:size]
        if buffer:
            yield bytes(buffer)

    async def read(self) -> bytes:
        """Return the rest of the audio."""
        audio = bytearray()
        async for chunk in self:
            audio += chunk
        return bytes(audio)

    async def save(self, target: Target) -> None:
        """Write the audio to a path or an open file as it is received; a path is replaced at the end.

        Raises PolarGridError if the stream fails and OSError if writing fails; a path is then unchanged.
        """
        async with self:
            with open_target(target) as file:
                async for chunk in self:
                    write_all(file, chunk)

    async def write_to_file(self, file: Target) -> None:
        """Write the audio as `save` does: the name that OpenAI's SDK uses."""
        await self.save(file)

    async def stream_to_file(self, file: Target, *, chunk_size: int | None = None) -> None:  # noqa: ARG002 - as OpenAI's
        """Write the audio as `save` does: the name that OpenAI's SDK uses."""
        await self.save(file)
