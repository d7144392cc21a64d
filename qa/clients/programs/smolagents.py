"""smolagents: agents of OpenAIServerModel, which takes the URL of the edge."""

from __future__ import annotations

import os
import time

import openai
from smolagents import AgentGenerationError, ChatMessage, OpenAIServerModel, ToolCallingAgent, tool
from smolagents.agents import ToolCall

CLIENTS = {"smolagents": ("smolagents[openai]",)}
KIND = "agents"

MODEL = "llama-3.1-8b"
QUESTION = [{"role": "user", "content": [{"type": "text", "text": "Name a town in Quebec."}]}]
TASK = "Call find_town for Marie, then get_weather for her town, and then final_answer with the weather."
RUNS, SECONDS = 10, 120  # of the real model, whichever ends first


@tool
def find_town(name: str) -> str:
    """Find the town of a person.

    Args:
        name: The name of the person.
    """
    return "Rimouski"


@tool
def get_weather(town: str) -> str:
    """The weather of a town.

    Args:
        town: The name of the town.
    """
    return f"In {town} it snows."


def _build_model(url="OPENAI_BASE_URL", name=MODEL, key=os.environ["OPENAI_API_KEY"], **options):
    return OpenAIServerModel(model_id=name, api_base=os.environ[url], api_key=key, **options)


def chat():
    message = _build_model(temperature=0).generate(QUESTION, max_tokens=20)
    assert isinstance(message, ChatMessage)
    assert message.content
    assert 0 < message.token_usage.output_tokens <= 20


def stream():
    deltas = list(_build_model(temperature=0).generate_stream(QUESTION, max_tokens=20))
    assert sum(bool(delta.content) for delta in deltas) > 1
    assert deltas[-1].token_usage.output_tokens <= 20


def tools():
    """A required call; the arguments have the types of the tool."""
    message = _build_model().generate(QUESTION, tools_to_call_from=[get_weather], max_tokens=60)
    (call,) = message.tool_calls
    assert call.function.name == "get_weather"


def two_tools_in_a_row():
    """In a stream."""
    agent = ToolCallingAgent([find_town], _build_model("SCRIPTED_BASE_URL"), stream_outputs=True, verbosity_level=0)
    events = list(agent.run("Call find_town for Marie, and then final_answer.", stream=True))
    assert [event.name for event in events if isinstance(event, ToolCall)] == ["find_town", "final_answer"]
    assert events[-1].output == "Rimouski"


def three_tools_in_a_row():
    assert _run(_build_model("SCRIPTED_BASE_URL")) == (
        [("find_town", {"name": "Marie"}), ("get_weather", {"town": "Rimouski"})],
        "In Rimouski it snows.",
    )


def three_tools_of_the_real_model():
    """The third tool is final_answer, which the agent adds."""
    started_at, outcomes = time.monotonic(), []
    while len(outcomes) < RUNS and time.monotonic() - started_at < SECONDS:
        outcomes.append(_finishes())
    return sum(outcomes), len(outcomes)


def _finishes():
    """Whether a run of the task calls the two tools in order, and then gives an answer."""
    calls, output = _run(_build_model())
    return [*dict.fromkeys(name for name, _ in calls)] == ["find_town", "get_weather"] and bool(output)


def _run(model):
    """The calls before the last one, which gives the answer, and the answer, or None if there is none."""
    result = ToolCallingAgent([find_town, get_weather], model, max_steps=5, verbosity_level=0).run(
        TASK, return_full_result=True
    )
    functions = [call["function"] for step in result.steps for call in step.get("tool_calls") or ()]
    calls = [(function["name"], function["arguments"]) for function in functions]
    return calls[:-1], result.output if result.state == "success" else None


def wrong_key():
    assert _expect_error(_build_model(key="wrong")).code == "invalid_api_key"


def unknown_model():
    assert _expect_error(_build_model(name="gpt-9")).code == "model_not_found"


def _expect_error(model):
    try:
        ToolCallingAgent([find_town], model, verbosity_level=0).run("Find the town of Marie.")
    except AgentGenerationError as error:
        assert isinstance(error.__cause__, openai.APIStatusError)
        return error.__cause__
    raise AssertionError("AgentGenerationError was not raised")
