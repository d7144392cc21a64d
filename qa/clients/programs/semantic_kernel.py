"""semantic-kernel: chat completions and agents. The client finds the edge by OPENAI_BASE_URL and OPENAI_API_KEY."""

from __future__ import annotations

import os

import openai
from openai import AsyncOpenAI
from pydantic import BaseModel, Field
from semantic_kernel import Kernel
from semantic_kernel.agents import ChatCompletionAgent
from semantic_kernel.connectors.ai import FunctionChoiceBehavior
from semantic_kernel.connectors.ai.open_ai import (
    OpenAIChatCompletion,
    OpenAIChatPromptExecutionSettings,
    OpenAITextEmbedding,
)
from semantic_kernel.contents import ChatHistory
from semantic_kernel.exceptions import ServiceResponseException
from semantic_kernel.functions import kernel_function

# Two packages, which its dependencies require, have no wheels.
CLIENTS = {"semantic-kernel": ("semantic-kernel", "--no-binary pybars4", "--no-binary pymeta3")}
KIND = "agents"

MODEL = "llama-3.1-8b"
QUESTION = "Name a town in Quebec."
TASK = "Call Tools-find_town for Marie, then Tools-get_weather for her town, and then Tools-send_message with it."


class Town(BaseModel):
    name: str = Field(max_length=30)
    inhabitants: int


class Tools:
    """The tools of the tasks; `results` are what they returned."""

    def __init__(self):
        self.results = []

    @kernel_function
    def find_town(self, name: str) -> str:
        """Find the town of a person."""
        assert name
        return self._record("Rimouski")

    @kernel_function
    def get_weather(self, town: str) -> str:
        """The weather of a town."""
        return self._record(f"In {town} it snows.")

    def _record(self, result):
        self.results.append(result)
        return result


class MoreTools(Tools):
    @kernel_function
    def send_message(self, text: str) -> str:
        """Send a message."""
        return self._record(f"Sent: {text}")


def _build_service(model=MODEL, **options):
    return OpenAIChatCompletion(ai_model_id=model, async_client=AsyncOpenAI(**options))


def _build_scripted_service():
    return _build_service(base_url=os.environ["SCRIPTED_BASE_URL"])


def _ask(text=QUESTION):
    history = ChatHistory()
    history.add_user_message(text)
    return history


async def async_chat():
    settings = OpenAIChatPromptExecutionSettings(max_tokens=20, temperature=0)
    message = await _build_service().get_chat_message_content(_ask(), settings)
    assert str(message)
    assert message.finish_reason in ("stop", "length")
    assert 0 < message.metadata["usage"].completion_tokens <= 20


async def async_stream():
    settings = OpenAIChatPromptExecutionSettings(max_tokens=20, temperature=0)
    chunks = [chunk async for chunk in _build_service().get_streaming_chat_message_content(_ask(), settings)]
    assert "".join(str(chunk) for chunk in chunks)
    assert next(chunk.finish_reason for chunk in chunks if chunk.finish_reason) in ("stop", "length")
    assert chunks[-1].metadata["usage"].completion_tokens <= 20


async def async_structured_output():
    settings = OpenAIChatPromptExecutionSettings(response_format=Town)
    Town.model_validate_json(str(await _build_service().get_chat_message_content(_ask(), settings)))


async def tools():
    agent = ChatCompletionAgent(
        service=_build_service(),
        name="Assistant",
        plugins=[plugin := Tools()],
        function_choice_behavior=FunctionChoiceBehavior.Required(filters={"included_functions": ["Tools-get_weather"]}),
    )
    assert str(await agent.get_response("What is the weather in Gaspé?"))
    assert len(plugin.results) == 1


async def two_tools_in_a_row():
    """In an agent's stream."""
    agent = ChatCompletionAgent(service=_build_scripted_service(), name="Assistant", plugins=[plugin := Tools()])
    texts = [str(item.message) async for item in agent.invoke_stream(TASK)]
    assert "".join(texts) == "Done."
    assert plugin.results == ["Rimouski", "In Rimouski it snows."]


async def three_tools_in_a_row():
    """In the loop of the service."""
    kernel = Kernel()
    kernel.add_plugin(plugin := MoreTools(), "Tools")
    settings = OpenAIChatPromptExecutionSettings(function_choice_behavior=FunctionChoiceBehavior.Auto())
    message = await _build_scripted_service().get_chat_message_content(_ask(TASK), settings, kernel=kernel)
    assert str(message) == "Done."
    assert plugin.results == ["Rimouski", "In Rimouski it snows.", "Sent: In Rimouski it snows."]


async def embeddings():
    service = OpenAITextEmbedding(ai_model_id="text-embedding-3-small", async_client=AsyncOpenAI())
    assert (await service.generate_embeddings(["Hello", "Good morning"])).shape == (2, 384)


async def wrong_key():
    assert (await _expect_error(_build_service(api_key="wrong"))).code == "invalid_api_key"


async def unknown_model():
    assert (await _expect_error(_build_service("gpt-9"))).code == "model_not_found"


async def _expect_error(service):
    try:
        await service.get_chat_message_content(_ask(), OpenAIChatPromptExecutionSettings())
    except ServiceResponseException as error:
        assert isinstance(error.__cause__, openai.APIStatusError)
        return error.__cause__
    raise AssertionError("ServiceResponseException was not raised")
