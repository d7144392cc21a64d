"""livekit-plugins-openai: the voice agents of LiveKit. They find the edge by OPENAI_BASE_URL and OPENAI_API_KEY."""

from __future__ import annotations

import os

from livekit.agents import Agent, AgentSession, APIConnectOptions, APIStatusError, function_tool
from livekit.agents.llm import ChatContext
from livekit.agents.stt import SpeechEventType
from livekit.plugins import openai

CLIENTS = {"livekit": ("livekit-plugins-openai",)}
KIND = "voice"

MODEL = "llama-3.1-8b"
ONCE = APIConnectOptions(max_retry=0, timeout=60)
TASK = "Call find_town for Marie, then get_weather for her town, and then send_message with the weather."


@function_tool
async def find_town(name: str) -> str:
    """Find the town of a person."""
    return "Rimouski"


@function_tool
async def get_weather(town: str) -> str:
    """The weather of a town."""
    return f"In {town} it snows."


@function_tool
async def send_message(text: str) -> str:
    """Send a message."""
    return f"Sent: {text}"


def _ask(text="Name a town in Quebec."):
    context = ChatContext()
    context.add_message(role="user", content=text)
    return {"chat_ctx": context, "conn_options": ONCE}


async def async_chat():
    async with openai.LLM(model=MODEL, max_completion_tokens=20, temperature=0) as llm:
        response = await llm.chat(**_ask()).collect()
    assert response.text
    assert 0 < response.usage.completion_tokens <= 20


async def async_stream():
    async with openai.LLM(model=MODEL, max_completion_tokens=20) as llm, llm.chat(**_ask()) as stream:
        chunks = [chunk async for chunk in stream]
    assert "".join(chunk.delta.content or "" for chunk in chunks if chunk.delta)
    assert chunks[-1].usage.completion_tokens <= 20


async def tools():
    async with openai.LLM(model=MODEL, temperature=0) as llm:
        question = _ask("What is the weather in Gaspé?")
        response = await llm.chat(**question, tools=[get_weather], tool_choice="required").collect()
    (call,) = response.tool_calls
    assert call.name == "get_weather"


async def two_tools_in_a_row():
    assert await _run([find_town, get_weather]) == ["Rimouski", "In Rimouski it snows."]


async def three_tools_in_a_row():
    results = await _run([find_town, get_weather, send_message])
    assert results == ["Rimouski", "In Rimouski it snows.", "Sent: In Rimouski it snows."]


async def _run(tools):
    """The results of the tools in a session without a room; it ends with a message."""
    async with (
        openai.LLM(model=MODEL, base_url=os.environ["SCRIPTED_BASE_URL"]) as llm,
        AgentSession(llm=llm, max_tool_steps=5) as session,
    ):
        await session.start(Agent(instructions="Be short.", tools=tools))
        result = await session.run(user_input=TASK)
    assert result.events[-1].item.text_content == "Done."
    return [event.item.output for event in result.events if event.type == "function_call_output"]


async def speech():
    """By the defaults of the plugin."""
    frames = await _speak(openai.TTS())
    assert {frame.sample_rate for frame in frames} == {24_000}
    assert sum(frame.duration for frame in frames) > 0.5


async def transcription():
    """By the defaults of the plugin."""
    frames = await _speak(openai.TTS(model="tts-1", voice="alloy"))
    event = await openai.STT().recognize(frames, conn_options=ONCE)
    assert event.type == SpeechEventType.FINAL_TRANSCRIPT
    assert event.alternatives[0].text
    event = await openai.STT(model="whisper-1", detect_language=True).recognize(frames, conn_options=ONCE)
    assert event.alternatives[0].language == "en"


async def _speak(tts):
    return [audio.frame async for audio in tts.synthesize("Hello from the edge.", conn_options=ONCE)]


async def wrong_key():
    assert await _expect_error(api_key="wrong") == (401, "invalid_api_key")


async def unknown_model():
    assert await _expect_error(model="gpt-9") == (404, "model_not_found")


async def _expect_error(**options):
    try:
        await openai.LLM(**{"model": MODEL, **options}).chat(**_ask()).collect()
    except APIStatusError as error:
        return error.status_code, error.body["code"]
    raise AssertionError("APIStatusError was not raised")
