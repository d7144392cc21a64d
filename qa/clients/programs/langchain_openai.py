"""langchain-openai: ChatOpenAI. It finds the edge by OPENAI_BASE_URL and OPENAI_API_KEY."""

from __future__ import annotations

import openai
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings
from pydantic import BaseModel, Field

CLIENTS = {"langchain-openai": ("langchain-openai",)}
KIND = "frameworks"

MODEL = "llama-3.1-8b"
EMBEDDING_MODEL = "text-embedding-3-small"
QUESTION = "Name three towns in Quebec."


class Town(BaseModel):
    """A town."""

    name: str = Field(max_length=30)
    inhabitants: int


@tool
def get_weather(town: str) -> str:
    """The weather of a town."""
    return f"In {town} it snows."


llm = ChatOpenAI(model=MODEL, max_tokens=60, temperature=0)


def chat():
    response = llm.invoke([("system", "You are short."), ("human", QUESTION)])
    assert response.content
    assert response.response_metadata["finish_reason"] in ("stop", "length")
    assert response.usage_metadata["total_tokens"] > response.usage_metadata["output_tokens"] > 0


async def async_chat():
    prompt = ChatPromptTemplate.from_messages([("human", "Name a town in {province}.")])
    response = await (prompt | llm).ainvoke({"province": "Quebec"})
    assert response.content


def stream():
    chunks = list(llm.stream(QUESTION, stream_usage=True))
    response = sum(chunks[1:], start=chunks[0])
    assert len(chunks) > 2
    assert response.content
    assert response.response_metadata["finish_reason"] in ("stop", "length")
    assert response.usage_metadata["output_tokens"] <= 60


async def async_stream():
    texts = [chunk.content async for chunk in llm.astream(QUESTION)]
    assert "".join(texts)


def structured_output():
    for method in ("json_schema", "function_calling"):
        assert isinstance(llm.with_structured_output(Town, method=method).invoke(QUESTION), Town)


def tools():
    messages = [HumanMessage("What is the weather in Gaspé?")]
    first = llm.bind_tools([get_weather], tool_choice="get_weather").invoke(messages)
    (call,) = first.tool_calls
    assert call["name"] == "get_weather"
    assert isinstance(call["args"]["town"], str)
    result = get_weather.invoke(call)
    assert isinstance(result, ToolMessage)
    response = llm.bind_tools([get_weather], tool_choice="none").invoke([*messages, first, result])
    assert response.content
    assert not response.tool_calls


def streamed_tools():
    chunks = list(llm.bind_tools([get_weather], tool_choice="any").stream("What is the weather in Gaspé?"))
    response = sum(chunks[1:], start=chunks[0])
    assert [call["name"] for call in response.tool_calls] == ["get_weather"]
    assert not response.invalid_tool_calls


def completion():
    assert OpenAI(model=MODEL, max_tokens=8, temperature=0).invoke("One, two, three,")


def embeddings():
    # With the check, LangChain sends token ids of OpenAI's models, which mean other words to another model.
    assert len(OpenAIEmbeddings(model=EMBEDDING_MODEL, check_embedding_ctx_length=False).embed_query("Hello")) == 384


def wrong_key():
    try:
        ChatOpenAI(model=MODEL, api_key="wrong").invoke(QUESTION)
    except openai.AuthenticationError as error:
        assert error.code == "invalid_api_key"
    else:
        raise AssertionError("AuthenticationError was not raised")


def unknown_model():
    try:
        ChatOpenAI(model="gpt-9").invoke(QUESTION)
    except openai.NotFoundError as error:
        assert error.code == "model_not_found"
    else:
        raise AssertionError("NotFoundError was not raised")
