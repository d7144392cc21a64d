"""langgraph: graphs of agents, with ChatOpenAI. It finds the edge by OPENAI_BASE_URL and OPENAI_API_KEY."""

from __future__ import annotations

import os
import time

import openai
from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.errors import GraphRecursionError
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from pydantic import BaseModel, Field

CLIENTS = {"langgraph": ("langgraph", "langchain", "langchain-openai")}
KIND = "agents"

MODEL = "llama-3.1-8b"
QUESTION = {"messages": [("user", "What is the weather in Gaspé?")]}
TASK = {
    "messages": [
        ("user", "Call find_town for Marie, then get_weather for her town, and then send_message with the weather.")
    ]
}
LIMIT = {"recursion_limit": 20}
RUNS, SECONDS = 10, 120  # of the real model, whichever ends first


class Town(BaseModel):
    """A town."""

    name: str = Field(max_length=30)
    inhabitants: int


@tool
def find_town(name: str) -> str:
    """Find the town of a person."""
    return "Rimouski"


@tool
def get_weather(town: str) -> str:
    """The weather of a town."""
    return f"In {town} it snows."


@tool
def send_message(text: str) -> str:
    """Send a message."""
    return f"Sent: {text}"


llm = ChatOpenAI(model=MODEL)
scripted = ChatOpenAI(model=MODEL, base_url=os.environ["SCRIPTED_BASE_URL"])


def tools():
    messages = create_agent(llm, [get_weather]).invoke(QUESTION, LIMIT)["messages"]
    assert [message.type for message in messages[:1]] == ["human"]
    assert messages[-1].type == "ai"
    assert not messages[-1].tool_calls


def streamed_tools():
    """The chunks of the calls, and the updates of the graph."""
    events = create_agent(scripted, [get_weather]).stream(
        {"messages": [("user", "Call get_weather.")]}, LIMIT, stream_mode=["messages", "updates"]
    )
    modes = list(events)
    chunks = [chunk for mode, (chunk, _) in ((m, e) for m, e in modes if m == "messages") if chunk.type != "tool"]
    assert any(chunk.tool_call_chunks for chunk in chunks)
    assert [next(iter(update)) for mode, update in modes if mode == "updates"] == ["model", "tools", "model"]


def structured_output():
    result = create_agent(llm, [], response_format=Town).invoke({"messages": [("user", "Name a town in Quebec.")]})
    assert isinstance(result["structured_response"], Town)


def two_tools_in_a_row():
    """In a graph that the program builds."""
    bound = scripted.bind_tools([find_town, get_weather])
    graph = StateGraph(MessagesState)
    graph.add_node("model", lambda state: {"messages": [bound.invoke(state["messages"])]})
    graph.add_node("tools", ToolNode([find_town, get_weather]))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", tools_condition)
    graph.add_edge("tools", "model")
    messages = graph.compile().invoke(TASK)["messages"]
    assert [message.type for message in messages] == ["human", "ai", "tool", "ai", "tool", "ai"]
    assert messages[4].content == "In Rimouski it snows."


async def three_tools_in_a_row():
    """In the agent that LangChain builds."""
    result = await create_agent(scripted, [find_town, get_weather, send_message]).ainvoke(TASK)
    assert _list_results(result) == ["Rimouski", "In Rimouski it snows.", "Sent: In Rimouski it snows."]
    assert result["messages"][-1].content


def three_tools_of_the_real_model():
    agent, started_at, outcomes = create_agent(llm, [find_town, get_weather, send_message]), time.monotonic(), []
    while len(outcomes) < RUNS and time.monotonic() - started_at < SECONDS:
        outcomes.append(_finishes(agent))
    return sum(outcomes), len(outcomes)


def _finishes(agent):
    """Whether a run of the task calls the three tools in order, and ends with a text."""
    try:
        messages = agent.invoke(TASK, LIMIT)["messages"]
    except GraphRecursionError:
        return False
    names = dict.fromkeys(message.name for message in messages if message.type == "tool")
    return [*names] == ["find_town", "get_weather", "send_message"] and bool(messages[-1].content)


def _list_results(result):
    return [message.content for message in result["messages"] if message.type == "tool"]


def wrong_key():
    assert _expect_error(openai.AuthenticationError, ChatOpenAI(model=MODEL, api_key="wrong")) == "invalid_api_key"


def unknown_model():
    assert _expect_error(openai.NotFoundError, ChatOpenAI(model="gpt-9")) == "model_not_found"


def _expect_error(kind, model):
    try:
        create_agent(model, [get_weather]).invoke(QUESTION)
    except kind as error:
        return error.code
    raise AssertionError(f"{kind.__name__} was not raised")
