"""haystack-ai: OpenAIChatGenerator and Agent. They find the edge by OPENAI_BASE_URL and OPENAI_API_KEY."""

from __future__ import annotations

import json
import os
from typing import Annotated

import openai
from haystack.components.agents import Agent
from haystack.components.embedders import OpenAITextEmbedder
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.tools import tool
from haystack.utils import Secret
from pydantic import BaseModel, Field

CLIENTS = {"haystack": ("haystack-ai",)}
KIND = "frameworks"

MODEL = "llama-3.1-8b"
QUESTION = [ChatMessage.from_user("Name a town in Quebec.")]
WEATHER = ChatMessage.from_user("What is the weather in Gaspé?")
TASK = ChatMessage.from_user(
    "Call find_town for Marie, then get_weather for her town, and then send_message with the weather."
)


class Town(BaseModel):
    name: str = Field(max_length=30)
    inhabitants: int


@tool
def find_town(name: Annotated[str, "the person"]) -> str:
    """Find the town of a person."""
    return "Rimouski"


@tool
def get_weather(town: Annotated[str, "the town"]) -> str:
    """The weather of a town."""
    return f"In {town} it snows."


@tool
def send_message(text: Annotated[str, "the message"]) -> str:
    """Send a message."""
    return f"Sent: {text}"


def chat():
    (reply,) = OpenAIChatGenerator(model=MODEL, generation_kwargs={"max_tokens": 20}).run(QUESTION)["replies"]
    assert reply.text
    assert reply.meta["finish_reason"] in ("stop", "length")
    assert 0 < reply.meta["usage"]["completion_tokens"] <= 20


async def async_chat():
    result = await OpenAIChatGenerator(model=MODEL, generation_kwargs={"max_tokens": 20}).run_async(QUESTION)
    assert result["replies"][0].text


def stream():
    chunks = []
    options = {"max_tokens": 20, "stream_options": {"include_usage": True}}
    generator = OpenAIChatGenerator(model=MODEL, streaming_callback=chunks.append, generation_kwargs=options)
    (reply,) = generator.run(QUESTION)["replies"]
    assert "".join(chunk.content for chunk in chunks) == reply.text
    assert [chunk.finish_reason for chunk in chunks if chunk.finish_reason] == [reply.meta["finish_reason"]]
    assert reply.meta["usage"]["completion_tokens"] <= 20


def structured_output():
    (reply,) = OpenAIChatGenerator(model=MODEL, generation_kwargs={"response_format": Town}).run(QUESTION)["replies"]
    Town.model_validate_json(reply.text)


def tools():
    generator = OpenAIChatGenerator(model=MODEL, tools=[get_weather], tools_strict=True)
    (first,) = generator.run([WEATHER], generation_kwargs={"tool_choice": "required"})["replies"]
    (call,) = first.tool_calls
    assert call.tool_name == "get_weather"
    assert isinstance(call.arguments["town"], str)
    messages = [WEATHER, first, ChatMessage.from_tool(get_weather.invoke(**call.arguments), origin=call)]
    (reply,) = generator.run(messages, generation_kwargs={"tool_choice": "none"})["replies"]
    assert reply.text


def streamed_tools():
    chunks = []
    options = {"tool_choice": {"type": "function", "function": {"name": "get_weather"}}}
    generator = OpenAIChatGenerator(model=MODEL, tools=[get_weather], streaming_callback=chunks.append)
    (reply,) = generator.run([WEATHER], generation_kwargs=options)["replies"]
    assert [call.tool_name for call in reply.tool_calls] == ["get_weather"]
    deltas = [delta for chunk in chunks for delta in chunk.tool_calls or ()]
    assert json.loads("".join(delta.arguments or "" for delta in deltas)) == reply.tool_calls[0].arguments


def two_tools_in_a_row():
    assert _run_agent([find_town, get_weather]) == ["Rimouski", "In Rimouski it snows."]


def three_tools_in_a_row():
    """In a stream."""
    chunks = []
    results = _run_agent([find_town, get_weather, send_message], streaming_callback=chunks.append)
    assert chunks
    assert results == ["Rimouski", "In Rimouski it snows.", "Sent: In Rimouski it snows."]


def _run_agent(tools, **options):
    """The results of the tools; the last message is a text."""
    generator = OpenAIChatGenerator(model=MODEL, api_base_url=os.environ["SCRIPTED_BASE_URL"])
    messages = Agent(chat_generator=generator, tools=tools, **options).run([TASK])["messages"]
    assert messages[-1].text
    return [result.result for message in messages for result in message.tool_call_results]


def embeddings():
    assert len(OpenAITextEmbedder(model="text-embedding-3-small").run("Hello")["embedding"]) == 384


def wrong_key():
    assert _expect_error(openai.AuthenticationError, api_key=Secret.from_token("wrong")) == "invalid_api_key"


def unknown_model():
    assert _expect_error(openai.NotFoundError, model="gpt-9") == "model_not_found"


def _expect_error(kind, **options):
    try:
        OpenAIChatGenerator(**{"model": MODEL, **options}).run(QUESTION)
    except kind as error:
        return error.code
    raise AssertionError(f"{kind.__name__} was not raised")
