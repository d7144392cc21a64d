"""autogen: AssistantAgent with OpenAIChatCompletionClient, which takes the facts of a model that it does not know."""

from __future__ import annotations

import os

import openai
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import ModelClientStreamingChunkEvent, ToolCallExecutionEvent
from autogen_core.models import ModelInfo, UserMessage
from autogen_ext.models.openai import OpenAIChatCompletionClient
from pydantic import BaseModel, Field

CLIENTS = {"autogen": ("autogen-agentchat", "autogen-ext[openai]")}
KIND = "agents"

QUESTION = [UserMessage(content="Name a town in Quebec.", source="user")]
TASK = "Call find_town for Marie, then get_weather for her town, and then send_message with the weather."
INFO = ModelInfo(vision=False, function_calling=True, json_output=True, structured_output=True, family="unknown")


class Town(BaseModel):
    name: str = Field(max_length=30)
    inhabitants: int


class Tools:
    """The tools of the task."""

    @staticmethod
    async def find_town(name: str) -> str:
        """Find the town of a person."""
        assert name
        return "Rimouski"

    @staticmethod
    async def get_weather(town: str) -> str:
        """The weather of a town."""
        return f"In {town} it snows."

    @staticmethod
    async def send_message(text: str) -> str:
        """Send a message."""
        return f"Sent: {text}"


def _build_client(url="OPENAI_BASE_URL", **options):
    return OpenAIChatCompletionClient(
        **{"model": "llama-3.1-8b", "base_url": os.environ[url], "model_info": INFO, **options}
    )


async def async_chat():
    result = await _build_client(max_tokens=20, temperature=0).create(QUESTION)
    assert result.content
    assert result.finish_reason in ("stop", "length")
    assert 0 < result.usage.completion_tokens <= 20


async def async_stream():
    client = _build_client(max_tokens=20, temperature=0)
    *texts, result = [item async for item in client.create_stream(QUESTION, include_usage=True)]
    assert "".join(texts) == result.content
    assert 0 < result.usage.completion_tokens <= 20


async def async_structured_output():
    result = await _build_client().create(QUESTION, json_output=Town)
    Town.model_validate_json(result.content)
    agent = AssistantAgent("assistant", _build_client(), output_content_type=Town)
    assert isinstance((await agent.run(task="Name a town in Quebec.")).messages[-1].content, Town)


async def tools():
    agent = AssistantAgent("assistant", _build_client(), tools=[Tools.get_weather], reflect_on_tool_use=True)
    result = await agent.run(task="What is the weather in Gaspé?")
    assert result.messages[-1].content


async def two_tools_in_a_row():
    assert _list_results(await _run([Tools.find_town, Tools.get_weather])) == ["Rimouski", "In Rimouski it snows."]


async def three_tools_in_a_row():
    """In a stream."""
    messages = await _run([Tools.find_town, Tools.get_weather, Tools.send_message], model_client_stream=True)
    assert _list_results(messages) == ["Rimouski", "In Rimouski it snows.", "Sent: In Rimouski it snows."]
    assert any(isinstance(message, ModelClientStreamingChunkEvent) for message in messages)


async def _run(tools, **options):
    agent = AssistantAgent(
        "assistant", _build_client("SCRIPTED_BASE_URL"), tools=tools, max_tool_iterations=5, **options
    )
    *messages, result = [event async for event in agent.run_stream(task=TASK)]
    assert result.messages[-1].content == "Done."
    return messages


def _list_results(messages):
    events = [message for message in messages if isinstance(message, ToolCallExecutionEvent)]
    return [result.content for event in events for result in event.content]


async def wrong_key():
    assert await _expect_error(openai.AuthenticationError, api_key="wrong") == "invalid_api_key"


async def unknown_model():
    assert await _expect_error(openai.NotFoundError, model="gpt-9") == "model_not_found"


async def _expect_error(kind, **options):
    try:
        await _build_client(**options).create(QUESTION)
    except kind as error:
        return error.code
    raise AssertionError(f"{kind.__name__} was not raised")
