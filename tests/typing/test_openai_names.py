"""Programs for OpenAI's SDK with another import. Type checkers read it; it never runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, assert_type

import httpx

import polargrid.openai
from polargrid import openai, types
from polargrid.openai import (
    NOT_GIVEN,
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AsyncOpenAI,
    BadRequestError,
    DefaultHttpxClient,
    NotGiven,
    OpenAI,
    OpenAIError,
    RateLimitError,
    Stream,
    omit,
)
from polargrid.openai.types import CompletionUsage, CreateEmbeddingResponse
from polargrid.openai.types.chat import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionMessage,
    ChatCompletionMessageParam,
    ChatCompletionMessageToolCall,
    ChatCompletionToolParam,
    ChatCompletionUserMessageParam,
    ParsedChatCompletion,
)
from polargrid.openai.types.chat.chat_completion import Choice
from polargrid.openai.types.chat.chat_completion_chunk import ChoiceDeltaToolCall
from polargrid.openai.types.shared_params import FunctionDefinition


def create_clients() -> None:
    client = OpenAI(
        api_key="pg_key",
        organization="o",
        project="p",
        base_url=httpx.URL("http://test/v1"),
        timeout=httpx.Timeout(3),
        max_retries=2,
        default_headers={"X-A": "1"},
        default_query={"a": 1},
        http_client=DefaultHttpxClient(proxy="http://proxy:3128"),
    )
    assert_type(client, OpenAI)
    assert_type(client.copy(api_key="pg_other", set_default_headers={}), OpenAI)
    assert_type(client.with_options(max_retries=1), OpenAI)
    assert_type(OpenAI.from_openai_environment(region="yvr"), OpenAI)
    assert_type(AsyncOpenAI.from_openai_environment(), AsyncOpenAI)
    assert_type(openai.AsyncClient(), AsyncOpenAI)
    assert_type(client.base_url, httpx.URL)
    assert_type(client.api_key, str)
    assert_type(client.organization, str | None)
    assert_type(client.is_closed(), bool)
    client.api_key = "pg_other"
    client.base_url = "http://test"
    client.timeout = None
    OpenAI(api_key=lambda: "pg_key")
    client.max_retries = 3
    OpenAI(apikey="pg_key")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def chat(client: OpenAI) -> list[ChatCompletionMessageToolCall]:
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hi"}]
    messages.append(ChatCompletionUserMessageParam(role="user", content="Hi"))
    function: FunctionDefinition = {"name": "f", "parameters": {}}
    tools: Iterable[ChatCompletionToolParam] = [{"type": "function", "function": function}]
    response = client.chat.completions.create(model="m", messages=messages, tools=tools, temperature=omit)
    assert_type(response, types.ChatCompletionResponse)
    assert_type(response, ChatCompletion)
    assert_type(response.choices[0], Choice)
    assert_type(response.choices[0].message, ChatCompletionMessage)
    assert_type(response.usage, CompletionUsage)
    chunks = client.chat.completions.create(model="m", messages=messages, stream=True)
    assert_type(chunks, Stream[ChatCompletionChunk])
    for chunk in chunks:
        calls: list[ChoiceDeltaToolCall] | None = chunk.choices[0].delta.tool_calls
        print(calls)
    return response.choices[0].message.tool_calls or []


def misspell(message: openai.types.chat.ChatCompletion) -> polargrid.openai.types.shared.FunctionDefinition:
    user: ChatCompletionMessageParam = {"role": "usr"}  # type: ignore[typeddict-item]  # pyright: ignore[reportAssignmentType]
    print(user, message.choices)
    openai.ChatCompletions  # type: ignore[attr-defined]  # pyright: ignore  # noqa: B018
    return openai.types.FunctionDefinition(name="f")


def embed(client: OpenAI) -> CreateEmbeddingResponse:
    return client.embeddings.create(model="m", input="a")


def describe(parsed: ParsedChatCompletion[int], seed: int | NotGiven = NOT_GIVEN) -> tuple[int | None, bool]:
    return parsed.choices[0].message.parsed, bool(seed)


def handle(client: OpenAI) -> None:
    try:
        client.models.list()
    except APITimeoutError as error:
        assert_type(error.request, httpx.Request | Any)
        print(error.request.url)
    except (APIConnectionError, RateLimitError) as error:
        print(error.message)
    except BadRequestError as error:
        assert_type(error.response, httpx.Response | Any)
        print(error.response.headers)
        body: Any = error.body
        print(body["message"], error.code, error.param, error.type)
    except APIStatusError as error:
        assert_type(error.status_code, int | None)
    except OpenAIError as error:
        print(error)
