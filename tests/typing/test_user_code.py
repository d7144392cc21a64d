"""User code. Type checkers read it; it never runs."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any, assert_type

import httpx

import polargrid
from polargrid import (
    AuthenticationError,
    NetworkError,
    PolarGrid,
    PolarGridError,
    PolarGridSync,
    RateLimitError,
    RetryPolicy,
    StreamInterruptedError,
    ValidationError,
)
from polargrid.client import POLARGRID_REGIONS, REGION_ALIASES
from polargrid.types import (
    AsyncStream,
    AudioFormat,
    ChatCompletionChunk,
    ChatCompletionRequest,
    ChatCompletionResponse,
    CompletionChunk,
    CompletionResponse,
    GenerateRequest,
    GenerateResponse,
    GPUMemoryResponse,
    GPUPurgeRequest,
    GPUPurgeResponse,
    GPUStatusResponse,
    HealthResponse,
    ListModelsResponse,
    LoadModelRequest,
    LoadModelResponse,
    Message,
    ModelStatusResponse,
    PolarGridConfig,
    ResponseMeta,
    Stream,
    STTModel,
    TextToSpeechRequest,
    TranscriptionFormat,
    TranscriptionRequest,
    TranscriptionResponse,
    TranslationResponse,
    TTSVoice,
    UnloadAllModelsResponse,
    UnloadModelResponse,
    VerboseTranscriptionResponse,
)


async def create_clients() -> None:
    assert_type(await PolarGrid.create(), PolarGrid)
    assert_type(await PolarGrid.create(api_key="pg_key", region="yvr", timeout=30, max_retries=2), PolarGrid)
    assert_type(PolarGridSync.create(), PolarGridSync)
    PolarGrid({"region": "montreal"})
    PolarGrid(PolarGridConfig(region="montreal"))
    PolarGrid(region="local", timeout=httpx.Timeout(60, connect=5), http_client=httpx.AsyncClient())
    PolarGridSync(base_url="http://127.0.0.1:55111", http_client=httpx.Client())
    async with PolarGrid() as client:
        assert_type(client, PolarGrid)
        assert_type(client.get_region_id(), str | None)
        assert_type(client.get_region_name(), str | None)
    with PolarGridSync() as sync_client:
        assert_type(sync_client, PolarGridSync)
    await client.close()
    sync_client.close()


async def chat(client: PolarGrid) -> str | None:
    response = await client.chat_completion(
        {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 100}
    )
    assert_type(response, ChatCompletionResponse)
    assert_type(response.choices[0].message.content, str | None)
    assert_type(response.usage.total_tokens, int)
    request = ChatCompletionRequest(
        model="llama-3.1-8b",
        messages=[Message(role="system", content="Be brief."), Message(role="user", content="Hello")],
        temperature=0,
        stop=["\n"],
    )
    return (await client.chat_completion(request)).choices[0].message.content


async def streams(client: PolarGrid, request: dict[str, Any]) -> None:
    chunks = client.chat_completion_stream(request)
    assert_type(chunks, AsyncStream[ChatCompletionChunk])
    async for chunk in chunks:
        assert_type(chunk.choices[0].delta.content, str | None)
    await chunks.aclose()
    assert_type(client.completion_stream(request), AsyncStream[CompletionChunk])
    with Path("hello.pcm").open("wb") as file:  # noqa: ASYNC230 - users write it
        async for audio in client.text_to_speech_stream(request):
            file.write(assert_type(audio, bytes))


def sync_streams(client: PolarGridSync, request: dict[str, Any]) -> None:
    chunks = client.chat_completion_stream(request)
    assert_type(chunks, Stream[ChatCompletionChunk])
    for chunk in chunks:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
    assert_type(client.completion_stream(request), Stream[CompletionChunk])
    assert_type(b"".join(client.text_to_speech_stream(request)), bytes)


async def options(client: PolarGrid, request: dict[str, Any]) -> None:
    response = await client.chat_completion(request, timeout=5, deadline=30.0, max_retries=0, on_meta=print)
    assert_type(response.meta, ResponseMeta)
    assert_type(response.meta.request_id, str | None)
    assert_type(response.meta.rate_limits, dict[str, str])
    assert_type(client.with_options(idle_timeout=60), PolarGrid)
    PolarGrid(regions=["yvr", "ymq"], deadline=60, retry=RetryPolicy(max_retries=1, budget=5))
    async with client.chat_completion_stream(request, timeout=httpx.Timeout(5)) as stream:
        assert_type(stream.meta.attempts, int)


async def text(client: PolarGrid) -> None:
    assert_type(await client.completion({"model": "llama-3.1-8b", "prompt": "The capital is"}), CompletionResponse)
    assert_type(await client.generate({"model": "llama-3.1-8b", "prompt": "Hello"}), GenerateResponse)
    generated = await client.generate(GenerateRequest(model="llama-3.1-8b", prompt="Hello"))
    assert_type(generated.content, str)


async def voice(client: PolarGrid) -> None:
    speech = TextToSpeechRequest(model="tts-1", input="Hello", voice=TTSVoice.AF_BELLA, response_format=AudioFormat.MP3)
    assert_type(await client.text_to_speech(speech), bytes)
    assert_type(await client.text_to_speech({"model": "tts-1", "input": "Hi", "voice": "af_bella"}), bytes)
    transcript = await client.transcribe(file=Path("recording.mp3"), request={"model": "whisper-1"})
    assert_type(transcript, VerboseTranscriptionResponse | TranscriptionResponse | str)
    if isinstance(transcript, VerboseTranscriptionResponse):
        assert_type(transcript.segments[0].start, float)
    elif isinstance(transcript, TranscriptionResponse):
        assert_type(transcript.text, str)
    else:
        assert_type(transcript, str)
    request = TranscriptionRequest(model=STTModel.WHISPER_1, response_format=TranscriptionFormat.SRT)
    await client.transcribe("recording.mp3", request)
    await client.transcribe(b"RIFF", request)
    await client.transcribe(("recording.mp3", b"RIFF", "audio/mpeg"), request)
    with Path("recording.mp3").open("rb") as file:  # noqa: ASYNC230 - users write it
        translated = await client.translate(file=file, request={"model": "whisper-1"})
    assert_type(translated, VerboseTranscriptionResponse | TranslationResponse | str)


async def models_and_gpus(client: PolarGrid) -> None:
    assert_type(await client.list_models(), ListModelsResponse)
    assert_type(await client.load_model(LoadModelRequest(model_name="llama-3.1-8b")), LoadModelResponse)
    assert_type(await client.load_model({"model_name": "llama-3.1-8b"}), LoadModelResponse)
    assert_type(await client.unload_model({"model_name": "llama-3.1-8b"}), UnloadModelResponse)
    assert_type(await client.unload_all_models(), UnloadAllModelsResponse)
    assert_type(await client.get_model_status(), ModelStatusResponse)
    assert_type(await client.get_gpu_status(), GPUStatusResponse)
    assert_type(await client.get_gpu_memory(), GPUMemoryResponse)
    assert_type(await client.purge_gpu(), GPUPurgeResponse)
    assert_type(await client.purge_gpu(GPUPurgeRequest(force=True)), GPUPurgeResponse)
    assert_type(await client.health(), HealthResponse)


def sync_client(client: PolarGridSync) -> None:
    assert_type(client.chat_completion({"model": "llama-3.1-8b", "messages": []}), ChatCompletionResponse)
    assert_type(client.generate({"model": "llama-3.1-8b", "prompt": "Hello"}), GenerateResponse)
    assert_type(client.text_to_speech({"model": "tts-1", "input": "Hi", "voice": "alloy"}), bytes)
    transcript = client.transcribe(b"RIFF", {"model": "whisper-1"})
    assert_type(transcript, VerboseTranscriptionResponse | TranscriptionResponse | str)
    assert_type(client.list_models().data[0].id, str)
    assert_type(client.purge_gpu(), GPUPurgeResponse)
    assert_type(client.health(), HealthResponse)


async def errors(client: PolarGrid) -> None:
    try:
        await client.health()
    except PolarGridError as error:
        assert_type(error.message, str)
        assert_type(error.request_id, str | None)
        assert_type(error.status_code, int | None)
        if isinstance(error, AuthenticationError):
            pass
        elif isinstance(error, ValidationError):
            print("Details:", error.details)
        elif isinstance(error, RateLimitError):
            assert_type(error.retry_after, float | None)
        elif isinstance(error, StreamInterruptedError):
            assert_type(error.partial, str)
        elif isinstance(error, NetworkError | polargrid.TimeoutError):
            pass
    except builtins.TimeoutError:
        pass


def regions() -> None:
    assert_type(POLARGRID_REGIONS["yvr-01"]["url"], str)
    assert_type(REGION_ALIASES["vancouver"], str)


async def mistakes(client: PolarGrid) -> None:
    # Each line is an error: mypy reports an ignore comment that is unused.
    await client.chat_completion("Hello")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.transcribe(7, {"model": "whisper-1"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.chat()  # type: ignore[operator]  # pyright: ignore[reportCallIssue]
    PolarGrid(http_client=httpx.Client())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
