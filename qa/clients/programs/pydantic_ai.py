"""pydantic-ai: agents. It finds the edge by OPENAI_BASE_URL and OPENAI_API_KEY."""

from __future__ import annotations

from pydantic import BaseModel, Field
from pydantic_ai import Agent, ModelHTTPError, NativeOutput, ToolOutput
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.settings import ModelSettings

CLIENTS = {"pydantic-ai": ("pydantic-ai-slim[openai]",)}
KIND = "frameworks"

QUESTION = "Name a town in Quebec."

model = OpenAIChatModel("llama-3.1-8b", settings=ModelSettings(max_tokens=100, temperature=0))


class Town(BaseModel):
    name: str = Field(max_length=30)
    inhabitants: int


def chat():
    result = Agent(model, instructions="Be short.").run_sync(QUESTION)
    assert result.output
    assert result.usage.output_tokens > 0
    assert result.response.finish_reason in ("stop", "length")


async def async_chat():
    agent = Agent(model)
    first = await agent.run(QUESTION)
    second = await agent.run("And another one?", message_history=first.new_messages())
    assert second.output
    assert len(second.all_messages()) == 4


async def async_stream():
    async with Agent(model).run_stream(QUESTION) as result:
        texts = [text async for text in result.stream_text(delta=True)]
    assert "".join(texts)
    assert result.usage.output_tokens > 0


def structured_output():
    """By a tool call, and by a JSON Schema."""
    for output_type in (ToolOutput(Town), NativeOutput(Town)):
        result = Agent(model, output_type=output_type).run_sync(QUESTION)
        assert isinstance(result.output, Town)


async def streamed_structured_output():
    async with Agent(model, output_type=NativeOutput(Town)).run_stream(QUESTION) as result:
        outputs = [output async for output in result.stream_output(debounce_by=None)]
    assert isinstance(outputs[-1], Town)


class WeatherFirst(AbstractCapability):
    """Requires a tool call in the first step, and a text in the next one."""

    def get_model_settings(self):
        return lambda context: ModelSettings(tool_choice=["get_weather"] if context.run_step == 1 else "none")


def tools():
    agent, towns = Agent(model, capabilities=[WeatherFirst()]), []

    @agent.tool_plain
    def get_weather(town: str) -> str:
        """The weather of a town."""
        towns.append(town)
        return f"In {town} it snows."

    result = agent.run_sync("What is the weather in Gaspé?")
    assert len(towns) == 1
    assert result.output
    assert [part.part_kind for message in result.all_messages() for part in message.parts] == [
        "user-prompt",
        "tool-call",
        "tool-return",
        "text",
    ]


def wrong_key():
    provider = OpenAIProvider(api_key="wrong")
    assert _expect_error(OpenAIChatModel("llama-3.1-8b", provider=provider)) == (401, "invalid_api_key")


def unknown_model():
    assert _expect_error(OpenAIChatModel("gpt-9")) == (404, "model_not_found")


def _expect_error(model):
    try:
        Agent(model).run_sync(QUESTION)
    except ModelHTTPError as error:
        return error.status_code, error.body["code"]
    raise AssertionError("ModelHTTPError was not raised")
