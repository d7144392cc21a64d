"""openai-agents: OpenAI's agents. They find the edge by OPENAI_BASE_URL and OPENAI_API_KEY."""

from __future__ import annotations

import os

import openai
from agents import (
    Agent,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_default_openai_api,
    set_tracing_disabled,
)
from openai import AsyncOpenAI
from pydantic import BaseModel, Field

CLIENTS = {"openai-agents": ("openai-agents",)}
KIND = "agents"

MODEL = "llama-3.1-8b"
QUESTION = "Name a town in Quebec."
TASK = "Call find_town for Marie, then get_weather for her town, and then send_message with the weather."
CALLS = ["tool_call_item", "tool_call_output_item"]

set_default_openai_api("chat_completions")
set_tracing_disabled(True)

scripted = OpenAIChatCompletionsModel(MODEL, AsyncOpenAI(base_url=os.environ["SCRIPTED_BASE_URL"]))


class Town(BaseModel):
    name: str = Field(max_length=30)
    inhabitants: int


@function_tool
def find_town(name: str) -> str:
    """Find the town of a person."""
    return "Rimouski"


@function_tool
def get_weather(town: str) -> str:
    """The weather of a town."""
    return f"In {town} it snows."


@function_tool
def send_message(text: str) -> str:
    """Send a message."""
    return f"Sent: {text}"


def chat():
    settings = ModelSettings(max_tokens=20, temperature=0)
    agent = Agent(name="Assistant", instructions="Be short.", model=MODEL, model_settings=settings)
    result = Runner.run_sync(agent, QUESTION)
    assert result.final_output
    assert 0 < result.context_wrapper.usage.output_tokens <= 20


async def async_chat():
    agent = Agent(name="Assistant", instructions="Be short.", model=MODEL)
    first = await Runner.run(agent, QUESTION)
    second = await Runner.run(agent, [*first.to_input_list(), {"role": "user", "content": "And another one?"}])
    assert second.final_output
    assert len(second.to_input_list()) == 4


async def async_stream():
    agent = Agent(name="Assistant", model=MODEL, model_settings=ModelSettings(max_tokens=40, include_usage=True))
    result = Runner.run_streamed(agent, QUESTION)
    kinds = [event.data.type async for event in result.stream_events() if event.type == "raw_response_event"]
    assert kinds[0] == "response.created"
    assert kinds.count("response.output_text.delta") > 1
    assert kinds[-1] == "response.completed"
    assert result.final_output
    assert result.context_wrapper.usage.output_tokens > 0


def structured_output():
    result = Runner.run_sync(Agent(name="Assistant", model=MODEL, output_type=Town), QUESTION)
    assert isinstance(result.final_output, Town)


def tools():
    settings = ModelSettings(tool_choice="required", temperature=0)
    agent = Agent(name="Assistant", model=MODEL, tools=[get_weather], model_settings=settings)
    result = Runner.run_sync(agent, "What is the weather in Gaspé?")
    kinds = [item.type for item in result.new_items]
    assert kinds[:2] == CALLS
    assert kinds[-1] == "message_output_item"


async def streamed_tools():
    settings = ModelSettings(tool_choice="get_weather", temperature=0)
    agent = Agent(name="Assistant", model=MODEL, tools=[get_weather], model_settings=settings)
    result = Runner.run_streamed(agent, "What is the weather in Gaspé?")
    names = [event.name async for event in result.stream_events() if event.type == "run_item_stream_event"]
    assert names[:2] == ["tool_called", "tool_output"]
    assert names[-1] == "message_output_created"


def two_tools_in_a_row():
    agent = Agent(name="Assistant", model=scripted, tools=[find_town, get_weather])
    result = Runner.run_sync(agent, TASK)
    assert [item.type for item in result.new_items] == [*CALLS, *CALLS, "message_output_item"]
    assert result.new_items[3].output == "In Rimouski it snows."


async def three_tools_in_a_row():
    """In a stream, the last one of another agent to which the first one hands over."""
    sender = Agent(name="Sender", model=scripted, tools=[send_message])
    agent = Agent(name="Assistant", model=scripted, tools=[find_town, get_weather, sender.as_tool("send_message", "")])
    result = Runner.run_streamed(agent, TASK)
    names = [event.name async for event in result.stream_events() if event.type == "run_item_stream_event"]
    assert names == [*(["tool_called", "tool_output"] * 3), "message_output_created"]


def responses():
    try:
        Runner.run_sync(Agent(name="Assistant", model=OpenAIResponsesModel(MODEL, AsyncOpenAI())), QUESTION)
    except openai.NotFoundError as error:
        assert error.code == "not_found"
        assert "set_default_openai_api" in error.message
        return "The API has no /v1/responses (404)."


def wrong_key():
    model = OpenAIChatCompletionsModel(MODEL, AsyncOpenAI(api_key="wrong"))
    assert _expect_error(openai.AuthenticationError, model).code == "invalid_api_key"


def unknown_model():
    assert _expect_error(openai.NotFoundError, "gpt-9").code == "model_not_found"


def _expect_error(kind, model):
    try:
        Runner.run_sync(Agent(name="Assistant", model=model), QUESTION)
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")
