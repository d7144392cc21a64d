"""pipecat: pipelines of OpenAI's services. They find the edge by OPENAI_BASE_URL and OPENAI_API_KEY."""

from __future__ import annotations

import asyncio
import json
import os

from loguru import logger
from openai import AsyncOpenAI, AuthenticationError, NotFoundError
from pipecat.frames.frames import (
    ErrorFrame,
    InputAudioRawFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    TTSStoppedFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.services.llm_service import FunctionCallParams
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.services.openai.stt import OpenAISTTService
from pipecat.services.openai.tts import OpenAITTSService
from pipecat.workers.runner import WorkerRunner

# docopt, which its dependencies require, has no wheel.
CLIENTS = {"pipecat": ("pipecat-ai[openai]", "--no-binary docopt")}
KIND = "voice"

MODEL = "llama-3.1-8b"
TASK = "Call find_town for Marie, then get_weather for her town, and then send_message with the weather."
RATE = 24_000

logger.remove()  # its debug output


class Recorder(FrameProcessor):
    """Records the frames that pass, and ends the pipeline after the last one."""

    def __init__(self, is_last):
        super().__init__()
        self.frames, self._is_last, self.end = [], is_last, None

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        self.frames.append(frame)
        await self.push_frame(frame, direction)
        if self._is_last(self.frames):
            await self.end()


class Tools:
    """The tools of the task."""

    @staticmethod
    async def find_town(params: FunctionCallParams, name: str):
        """Find the town of a person."""
        assert name
        await params.result_callback("Rimouski")

    @staticmethod
    async def get_weather(params: FunctionCallParams, town: str):
        """The weather of a town."""
        await params.result_callback(f"In {town} it snows.")

    @staticmethod
    async def send_message(params: FunctionCallParams, text: str):
        """Send a message."""
        await params.result_callback(f"Sent: {text}")


async def _run(service, *frames, is_last, after=()):
    """The frames of a service that got these frames, until one of them is the last one."""
    recorder = Recorder(is_last)
    worker = PipelineWorker(Pipeline([service, recorder, *after]), enable_rtvi=False, cancel_on_idle_timeout=False)
    recorder.end = worker.stop_when_done
    await worker.queue_frames(frames)
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await asyncio.wait_for(runner.run(), timeout=60)
    errors = [frame.error for frame in recorder.frames if isinstance(frame, ErrorFrame)]
    assert not errors, errors
    return recorder.frames


def _ends_with(kind):
    return lambda frames: isinstance(frames[-1], (kind, ErrorFrame))


def _ask(text="Name a town in Quebec.", **options):
    return LLMContext([{"role": "user", "content": text}], **options)


def _build_llm(**options):
    settings = OpenAILLMService.Settings(model=MODEL, max_tokens=20)
    return OpenAILLMService(settings=settings, **options)


async def async_chat():
    assert await _build_llm().run_inference(_ask())


async def async_stream():
    frames = await _run(_build_llm(), LLMContextFrame(_ask()), is_last=_ends_with(LLMFullResponseEndFrame))
    kinds = [type(frame) for frame in frames]
    assert kinds.index(LLMFullResponseStartFrame) < kinds.index(LLMTextFrame)
    assert kinds.count(LLMTextFrame) > 1


async def two_tools_in_a_row():
    assert await _run_tools([Tools.find_town, Tools.get_weather]) == ["Rimouski", "In Rimouski it snows."]


async def three_tools_in_a_row():
    results = await _run_tools([Tools.find_town, Tools.get_weather, Tools.send_message])
    assert results == ["Rimouski", "In Rimouski it snows.", "Sent: In Rimouski it snows."]


async def _run_tools(tools):
    """The results of the tools; the last response is a text."""
    context = _ask(TASK, tools=tools)
    await _run(
        _build_llm(base_url=os.environ["SCRIPTED_BASE_URL"]),
        LLMContextFrame(context),
        is_last=lambda frames: _ends_with(LLMFullResponseEndFrame)(frames) and _text(frames).endswith("Done."),
        after=[LLMContextAggregatorPair(context).assistant()],
    )
    return [json.loads(message["content"]) for message in context.messages if message["role"] == "tool"]


def _text(frames):
    return "".join(frame.text for frame in frames if isinstance(frame, LLMTextFrame))


async def speech():
    """By the defaults of the service."""
    frames = await _run(
        OpenAITTSService(),
        TTSSpeakFrame("Hello from the edge."),
        is_last=_ends_with(TTSStoppedFrame),
    )
    audio = [frame for frame in frames if isinstance(frame, TTSAudioRawFrame)]
    assert {frame.sample_rate for frame in audio} == {RATE}
    assert sum(len(frame.audio) for frame in audio) > RATE


async def transcription():
    """By the defaults of the service."""
    recording = await AsyncOpenAI().audio.speech.create(
        model="tts-1", voice="alloy", input="Hello from the edge.", response_format="pcm"
    )
    frames = await _run(
        OpenAISTTService(),
        VADUserStartedSpeakingFrame(),
        InputAudioRawFrame(recording.content, RATE, 1),
        VADUserStoppedSpeakingFrame(),
        is_last=_ends_with(TranscriptionFrame),
    )
    (transcript,) = [frame.text for frame in frames if isinstance(frame, TranscriptionFrame)]
    assert transcript


async def wrong_key():
    try:
        await _build_llm(api_key="wrong").run_inference(_ask())
    except AuthenticationError as error:
        assert error.code == "invalid_api_key"
    else:
        raise AssertionError("AuthenticationError was not raised")


async def unknown_model():
    """The default model of the service."""
    try:
        await OpenAILLMService().run_inference(_ask())
    except NotFoundError as error:
        assert error.code == "model_not_found"
    else:
        raise AssertionError("NotFoundError was not raised")
