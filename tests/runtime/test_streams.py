"""Streams over chunks in memory: reading, leaving early, and the complete response."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator

import pytest

from polargrid_generated.models import CompletionChunk, CompletionResponse
from polargrid_runtime._async.audio_stream import AsyncAudioStream
from polargrid_runtime._async.stream import AsyncStream
from polargrid_runtime._async.text_stream import AsyncTextStream
from polargrid_runtime._sync.audio_stream import AudioStream
from polargrid_runtime._sync.stream import Stream
from polargrid_runtime._sync.text_stream import TextStream
from polargrid_runtime.response import ResponseMeta, SentRequest


def text_chunk(text: str) -> CompletionChunk:
    choice = {"index": 0, "text": text, "finish_reason": None, "logprobs": None}
    fields = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m"}
    return CompletionChunk.model_validate({**fields, "choices": [choice]})


CHUNKS = [text_chunk("Pa"), text_chunk("ris")]


class NoCall:
    """The call of a stream that has not failed."""

    error: Exception | None = None
    meta = ResponseMeta()
    sent = SentRequest()

    def pause_at_headers(self) -> bool:
        return False

    def record_failure(self, error: BaseException) -> None:
        raise NotImplementedError


NO_CALL = NoCall()


def text_stream() -> TextStream[CompletionChunk, CompletionResponse]:
    def generate() -> Generator[CompletionChunk, None, None]:
        yield from CHUNKS

    return TextStream(Stream(generate(), NO_CALL), CompletionResponse)


def async_text_stream() -> AsyncTextStream[CompletionChunk, CompletionResponse]:
    async def generate() -> AsyncGenerator[CompletionChunk, None]:
        for chunk in CHUNKS:
            yield chunk

    return AsyncTextStream(AsyncStream(generate(), NO_CALL), CompletionResponse)


def audio_chunks() -> Generator[bytes, None, None]:
    yield from (b"ab", b"cd", b"ef")


async def async_audio_chunks() -> AsyncGenerator[bytes, None]:
    for chunk in audio_chunks():
        yield chunk


def test_audio_read_returns_the_rest():
    """`read` returns the audio that iteration did not consume."""
    stream = AudioStream(audio_chunks(), NO_CALL)
    assert (next(stream), stream.read(), stream.read()) == (b"ab", b"cdef", b"")


def test_async_audio_read_returns_the_rest():
    """The same on an event loop."""

    async def read() -> tuple[bytes, bytes]:
        stream = AsyncAudioStream(async_audio_chunks(), NO_CALL)
        return await anext(stream), await stream.read()

    assert asyncio.run(read()) == (b"ab", b"cdef")


def test_meta_is_empty_before_the_response():
    """A stream without a response has the metadata of no call."""
    assert AudioStream(audio_chunks(), NO_CALL).meta == ResponseMeta()


def test_final_reads_the_rest():
    """`final` of a sync stream reads what is left of it."""
    stream = text_stream()
    assert next(stream).type == "chunk"
    assert stream.final.choices[0].text == "Paris"


def test_async_final_requires_the_end():
    """`final` cannot await: before the end it says what to do, after it returns the response."""

    async def read() -> str:
        stream = async_text_stream()
        assert (await anext(stream)).type == "chunk"
        with pytest.raises(RuntimeError, match=r"read the stream to its end, or await get_final_completion\(\)"):
            _ = stream.final
        await stream.until_done()
        return stream.final.choices[0].text

    assert asyncio.run(read()) == "Paris"


@pytest.mark.parametrize("consume", [repr, next])
def test_closed_stream_has_no_response(consume):
    """A stream that is closed early has no complete response, whether or not it was read."""
    stream = text_stream()
    consume(stream)
    stream.close()
    with pytest.raises(RuntimeError, match="the stream was closed before its end"):
        _ = stream.final
    with pytest.raises(RuntimeError, match="the stream was closed before its end"):
        stream.get_final_completion()


def test_async_closed_stream_has_no_response():
    """The same on an event loop."""

    async def read() -> None:
        stream = async_text_stream()
        async with stream:
            await anext(stream)
        with pytest.raises(RuntimeError, match="the stream was closed before its end"):
            await stream.get_final_completion()

    asyncio.run(read())


def test_response_of_a_stream_that_was_read_and_closed():
    """Closing after the end does not lose the response."""
    with text_stream() as stream:
        text = "".join(stream.text_stream)
    assert (text, stream.final.choices[0].text) == ("Paris", "Paris")
