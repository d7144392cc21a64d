"""User code with the names of OpenAI's SDK. Type checkers read it; it never runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, assert_type

from pydantic import BaseModel

from polargrid import PolarGrid, PolarGridSync
from polargrid.tools import Tool, function_tool
from polargrid.types import (
    AsyncAudioStream,
    AsyncStream,
    AsyncTextStream,
    Audio,
    AudioStream,
    ChatCompletionChunk,
    ChatCompletionResponse,
    CompletionChunk,
    CompletionResponse,
    GPUPurgeResponse,
    ListModelsResponse,
    LoadModelResponse,
    Message,
    MessageParam,
    ModelInfo,
    RawResponse,
    Stream,
    TextStream,
    ToolCallResult,
    ToolRunResult,
    TranscriptionFormat,
    TranscriptionResponse,
    TranslationResponse,
    VerboseTranscriptionResponse,
)
from polargrid_generated.parsed import ParsedChatCompletion

MESSAGES: list[MessageParam] = [{"role": "user", "content": "Hello"}]


class City(BaseModel):
    name: str


@dataclass
class Point:
    x: float


def weather(city: str) -> str:
    return city


async def fetch_weather(city: str) -> str:
    return city


async def chat(client: PolarGrid, either: bool) -> None:
    create = client.chat.completions.create
    response = await create(model="llama-3.1-8b", messages=[Message(role="user", content="Hello")], temperature=0)
    assert_type(response, ChatCompletionResponse)
    assert_type(response._request_id, str | None)  # pyright: ignore[reportPrivateUsage]  # users of OpenAI's SDK write it
    assert_type(await create(model="m", messages=MESSAGES, stream=False), ChatCompletionResponse)
    assert_type(await create(model="m", messages=MESSAGES, stream=None), ChatCompletionResponse)
    stream = await create(model="m", messages=MESSAGES, stream=True, stream_options={"include_usage": True})
    assert_type(stream, AsyncStream[ChatCompletionChunk])
    async for chunk in stream:
        assert_type(chunk.choices[0].delta.content, str | None)
    unknown = await create(model="m", messages=MESSAGES, stream=either)
    assert_type(unknown, ChatCompletionResponse | AsyncStream[ChatCompletionChunk])
    await create(model="m", messages=(MESSAGES[0],), extra_headers={"X-A": "b"}, extra_query={"a": 1}, timeout=5)


def chat_without_async(client: PolarGridSync, either: bool) -> None:
    create = client.chat.completions.create
    assert_type(create(model="m", messages=MESSAGES), ChatCompletionResponse)
    assert_type(create(model="m", messages=MESSAGES, stream=True), Stream[ChatCompletionChunk])
    assert_type(
        create(model="m", messages=MESSAGES, stream=either), ChatCompletionResponse | Stream[ChatCompletionChunk]
    )
    assert_type(client.completions.create(model="m", prompt="Once"), CompletionResponse)
    assert_type(client.completions.create(model="m", prompt=["Once"], stream=True), Stream[CompletionChunk])
    copy = client.with_options(region="yvr", extra_body={"a": 1})
    assert_type(copy.chat.completions.create(model="m", messages=MESSAGES), ChatCompletionResponse)


async def streams(client: PolarGrid) -> None:
    async with client.chat.completions.stream(model="m", messages=MESSAGES) as stream:
        assert_type(stream, AsyncTextStream[ChatCompletionChunk, ParsedChatCompletion[None]])
        async for event in stream:
            if event.type == "content.delta":
                assert_type(event.delta, str)
                assert_type(event.snapshot, str)
            elif event.type == "chunk":
                assert_type(event.chunk, ChatCompletionChunk)
            elif event.type == "tool_calls.function.arguments.done":
                assert_type(event.arguments, str)
        async for text in stream.text_stream:
            assert_type(text, str)
    assert_type(stream.final, ParsedChatCompletion[None])
    assert_type(await stream.get_final_completion(), ParsedChatCompletion[None])


def streams_without_async(client: PolarGridSync) -> None:
    with client.completions.stream(model="m", prompt="Once") as stream:
        assert_type(stream, TextStream[CompletionChunk, CompletionResponse])
        assert_type(stream.text_stream, Iterator[str])
    assert_type(stream.final.choices[0].text, str)


async def structured_output(client: PolarGrid, other: PolarGridSync) -> None:
    completion = await client.chat.completions.parse(model="m", messages=MESSAGES, response_format=City)
    assert_type(completion, ParsedChatCompletion[City])
    assert_type(completion.parsed, City | None)
    assert_type(completion.choices[0].message.parsed, City | None)
    assert_type(other.chat.completions.parse(model="m", messages=MESSAGES, response_format=Point).parsed, Point | None)
    numbers = other.chat.completions.parse(model="m", messages=MESSAGES, response_format=list[int])
    assert_type(numbers.parsed, list[int] | None)


async def tools(client: PolarGrid, other: PolarGridSync) -> None:
    run = await client.chat.completions.run_tools(
        model="m", messages=MESSAGES, tools=[weather, fetch_weather], max_rounds=2
    )
    assert_type(run, ToolRunResult[ChatCompletionResponse])
    assert_type(run.final, ChatCompletionResponse)
    assert_type(run.text, str)
    assert_type(run.calls, list[ToolCallResult])
    assert_type(function_tool(weather), Tool)
    await client.chat.completions.create(model="m", messages=MESSAGES, tools=[function_tool(weather).definition()])
    assert_type(
        other.chat.completions.run_tools(model="m", messages=run.messages, tools=[weather]),
        ToolRunResult[ChatCompletionResponse],
    )


async def speech(client: PolarGrid, other: PolarGridSync) -> None:
    create = client.audio.speech.create
    assert_type(await create(model="tts-1", input="Hi", voice="alloy"), Audio)
    assert_type(await create(model="tts-1", input="Hi", voice="alloy", stream=True), AsyncAudioStream)
    assert_type(other.audio.speech.create(model="tts-1", input="Hi", voice="af_bella").content, bytes)
    other.audio.speech.create(model="tts-1", input="Hi", voice="alloy").save(Path("hello.mp3"))
    assert_type(other.audio.speech.stream(model="tts-1", input="Hi", voice="alloy"), AudioStream)
    with other.audio.speech.with_streaming_response.create(model="tts-1", input="Hi", voice="alloy") as response:
        response.stream_to_file("hello.mp3")
        for chunk in response.iter_bytes():
            assert_type(chunk, bytes)


def recordings(client: PolarGridSync, form: TranscriptionFormat) -> None:
    create = client.audio.transcriptions.create
    assert_type(create(model="whisper-1", file=Path("a.mp3")), TranscriptionResponse)
    assert_type(create(model="whisper-1", file=b"RIFF", response_format="json"), TranscriptionResponse)
    verbose = create(model="whisper-1", file=("a.wav", b"RIFF"), response_format="verbose_json")
    assert_type(verbose, VerboseTranscriptionResponse)
    assert_type(verbose.segments[0].start, float)
    assert_type(create(model="whisper-1", file=b"RIFF", response_format="srt"), str)
    assert_type(create(model="whisper-1", file=b"RIFF", response_format="text"), str)
    assert_type(
        create(model="whisper-1", file=b"RIFF", response_format=form),
        VerboseTranscriptionResponse | TranscriptionResponse | str,
    )
    assert_type(client.audio.translations.create(model="whisper-1", file=b"RIFF"), TranslationResponse)
    assert_type(client.audio.translations.create(model="whisper-1", file=b"RIFF", response_format="vtt"), str)


async def models(client: PolarGrid, other: PolarGridSync) -> None:
    for model in other.models.list():
        assert_type(model, ModelInfo)
        assert_type(model.id, str)
    for model in await client.models.list():
        assert_type(model, ModelInfo)
    assert_type(other.models.list().data, list[ModelInfo])
    assert_type(dict(other.models.list()), dict[str, Any])
    assert_type(await client.models.load(model_name="m"), LoadModelResponse)
    assert_type(other.gpu.purge(), GPUPurgeResponse)
    assert_type(other.gpu.purge(force=True), GPUPurgeResponse)


async def raw(client: PolarGrid, other: PolarGridSync) -> None:
    response = await client.chat.completions.with_raw_response.create(model="m", messages=MESSAGES)
    assert_type(response, RawResponse[ChatCompletionResponse])
    assert_type(response.parse(), ChatCompletionResponse)
    assert_type(response.headers["X-Request-ID"], str)
    assert_type(response.status_code, int | None)
    assert_type(other.models.with_raw_response.list().parse(), ListModelsResponse)
    assert_type(other.audio.speech.with_raw_response.create(model="m", input="Hi", voice="alloy").parse(), Audio)


def mistakes(client: PolarGridSync) -> None:
    # Each line is an error: both type checkers report an ignore comment that is unused.
    chat = client.chat.completions
    chat.create(model="m", messages="Hello")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    chat.create(model="m", messages=MESSAGES, max_token=1)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    chat.create(model="m")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    chat.create("m", MESSAGES)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    chat.create(model="m", messages=MESSAGES, tool_choice="always")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    chat.stream(model="m", messages=MESSAGES, stream=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    chat.parse(model="m", messages=MESSAGES, response_format=City).parsed.name.upper()  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    chat.run_tools(model="m", messages=MESSAGES, tools=[{"type": "function"}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    chat.create(model="m", messages=MESSAGES, extra_headers="X-A: b")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    client.audio.speech.create(model="m", input="Hi", voice="alloy", stream=True).content.hex()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    client.audio.transcriptions.create(model="whisper-1", file=7)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    client.audio.transcriptions.create(model="whisper-1", file=b"RIFF", response_format="srt").text.upper()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    client.models.get()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
