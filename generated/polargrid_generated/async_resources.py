# Generated from openapi.yaml by `make generate`; do not edit.
"""The operations by the names of OpenAI's SDK, with a keyword argument for each field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Unpack, overload

from polargrid_generated import operations
from polargrid_runtime.operation import NOT_GIVEN, CallOptions, File, NotGiven, provided_fields

if TYPE_CHECKING:
    from polargrid_generated.models import (
        AudioFormat,
        ChatCompletionChunk,
        ChatCompletionResponse,
        ChatTool,
        CompletionChunk,
        CompletionResponse,
        GPUMemoryResponse,
        GPUPurgeResponse,
        GPUStatusResponse,
        ListModelsResponse,
        LoadModelResponse,
        Message,
        ModelStatusResponse,
        NamedToolChoice,
        ResponseFormat,
        StreamOptions,
        STTModel,
        TranscriptionFormat,
        TranscriptionResponse,
        TranslationResponse,
        TTSVoice,
        UnloadAllModelsResponse,
        UnloadModelResponse,
        VerboseTranscriptionResponse,
    )
    from polargrid_generated.parsed import ParsedChatCompletion
    from polargrid_runtime._async.audio_stream import AsyncAudioStream
    from polargrid_runtime._async.client import AsyncOperationClient
    from polargrid_runtime._async.stream import AsyncStream
    from polargrid_runtime._async.text_stream import AsyncTextStream
    from polargrid_runtime.audio import Audio
    from polargrid_runtime.response import RawResponse
    from polargrid_runtime.tool_results import ToolRunResult

Parsed = TypeVar("Parsed")


class AsyncChatResource:
    """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def completions(self) -> AsyncChatCompletionsResource:
        """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""
        return AsyncChatCompletionsResource(self._client)


class AsyncChatCompletionsResource:
    """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncChatCompletionsResourceWithRawResponse:
        """The same methods, which return the response with its status, headers and request id."""
        return AsyncChatCompletionsResourceWithRawResponse(self._client)

    @overload
    async def create(
        self,
        *,
        model: str,
        messages: Sequence[Message | Mapping[str, Any]],
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        max_completion_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        min_p: float | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        repetition_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        logprobs: bool | None | NotGiven = NOT_GIVEN,
        top_logprobs: int | None | NotGiven = NOT_GIVEN,
        stream: Literal[False] | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptions | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        tools: Sequence[ChatTool | Mapping[str, Any]] | None | NotGiven = NOT_GIVEN,
        tool_choice: Literal["none", "auto", "required"]
        | NamedToolChoice
        | Mapping[str, Any]
        | None
        | NotGiven = NOT_GIVEN,
        response_format: ResponseFormat | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        enable_thinking: bool | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> ChatCompletionResponse: ...

    @overload
    async def create(
        self,
        *,
        model: str,
        messages: Sequence[Message | Mapping[str, Any]],
        stream: Literal[True],
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        max_completion_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        min_p: float | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        repetition_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        logprobs: bool | None | NotGiven = NOT_GIVEN,
        top_logprobs: int | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptions | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        tools: Sequence[ChatTool | Mapping[str, Any]] | None | NotGiven = NOT_GIVEN,
        tool_choice: Literal["none", "auto", "required"]
        | NamedToolChoice
        | Mapping[str, Any]
        | None
        | NotGiven = NOT_GIVEN,
        response_format: ResponseFormat | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        enable_thinking: bool | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> AsyncStream[ChatCompletionChunk]: ...

    @overload
    async def create(
        self,
        *,
        model: str,
        messages: Sequence[Message | Mapping[str, Any]],
        stream: bool | None | NotGiven,
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        max_completion_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        min_p: float | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        repetition_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        logprobs: bool | None | NotGiven = NOT_GIVEN,
        top_logprobs: int | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptions | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        tools: Sequence[ChatTool | Mapping[str, Any]] | None | NotGiven = NOT_GIVEN,
        tool_choice: Literal["none", "auto", "required"]
        | NamedToolChoice
        | Mapping[str, Any]
        | None
        | NotGiven = NOT_GIVEN,
        response_format: ResponseFormat | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        enable_thinking: bool | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> ChatCompletionResponse | AsyncStream[ChatCompletionChunk]: ...

    async def create(
        self,
        *,
        model: str,
        messages: Sequence[Message | Mapping[str, Any]],
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        max_completion_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        min_p: float | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        repetition_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        logprobs: bool | None | NotGiven = NOT_GIVEN,
        top_logprobs: int | None | NotGiven = NOT_GIVEN,
        stream: bool | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptions | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        tools: Sequence[ChatTool | Mapping[str, Any]] | None | NotGiven = NOT_GIVEN,
        tool_choice: Literal["none", "auto", "required"]
        | NamedToolChoice
        | Mapping[str, Any]
        | None
        | NotGiven = NOT_GIVEN,
        response_format: ResponseFormat | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        enable_thinking: bool | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> ChatCompletionResponse | AsyncStream[ChatCompletionChunk]:
        """Answer a conversation.

        Takes the messages so far and returns the model's next one. With `stream: true` the answer comes as
        server-sent events, a piece of the message each, closed by `[DONE]`.

        Args:
            model: The model to ask.
            messages: The conversation so far, oldest first.
            max_tokens: The most tokens to write.
            max_completion_tokens: The same by its newer name; wins over `max_tokens`.
            temperature: How freely to choose; 0 takes the likeliest token each time.
            top_p: Choose among the likeliest tokens that make up this share of probability.
            top_k: Choose among this many likeliest tokens; 0 or -1 is no limit.
            min_p: Leave out tokens less likely than this share of the likeliest.
            frequency_penalty: How much to avoid a token for each time it came.
            presence_penalty: How much to avoid a token that came at all.
            repetition_penalty: Divides the likelihood of tokens that came; 1 does nothing.
            stop: Where to stop; the text does not hold it.
            n: How many answers to write.
            seed: With the same seed, request and model the answer is the same.
            logprobs: Whether to tell the log probability of each token.
            top_logprobs: How many of the likeliest tokens to tell at each place, with `logprobs`.
            stream: Whether the answer comes as events.
            stream_options: How to stream.
            tools: The functions that the model may ask to be called.
            tool_choice: Whether to call: as the model likes, not at all, one at least, or this one.
            response_format: The form that the answer must have.
            enable_thinking: Whether a model that can should think first.
            user: An id of your user.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(
            model=model,
            messages=messages,
            max_tokens=max_tokens,
            max_completion_tokens=max_completion_tokens,
            temperature=temperature,
            top_p=top_p,
            top_k=top_k,
            min_p=min_p,
            frequency_penalty=frequency_penalty,
            presence_penalty=presence_penalty,
            repetition_penalty=repetition_penalty,
            stop=stop,
            n=n,
            seed=seed,
            logprobs=logprobs,
            top_logprobs=top_logprobs,
            stream=stream,
            stream_options=stream_options,
            tools=tools,
            tool_choice=tool_choice,
            response_format=response_format,
            enable_thinking=enable_thinking,
            user=user,
        )
        if stream:
            return self._client._stream(operations.CHAT_COMPLETION, options, request)
        return (await self._client._send(operations.CHAT_COMPLETION, options, request)).parse()

    def stream(
        self,
        *,
        model: str,
        messages: Sequence[Message | Mapping[str, Any]],
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        max_completion_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        min_p: float | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        repetition_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        logprobs: bool | None | NotGiven = NOT_GIVEN,
        top_logprobs: int | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptions | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        tools: Sequence[ChatTool | Mapping[str, Any]] | None | NotGiven = NOT_GIVEN,
        tool_choice: Literal["none", "auto", "required"]
        | NamedToolChoice
        | Mapping[str, Any]
        | None
        | NotGiven = NOT_GIVEN,
        response_format: ResponseFormat | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        enable_thinking: bool | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> AsyncTextStream[ChatCompletionChunk, ChatCompletionResponse]:
        """Answer a conversation. The response is streamed, and complete at the end of the stream.

        Takes the messages so far and returns the model's next one. With `stream: true` the answer comes as
        server-sent events, a piece of the message each, closed by `[DONE]`.

        Args:
            model: The model to ask.
            messages: The conversation so far, oldest first.
            max_tokens: The most tokens to write.
            max_completion_tokens: The same by its newer name; wins over `max_tokens`.
            temperature: How freely to choose; 0 takes the likeliest token each time.
            top_p: Choose among the likeliest tokens that make up this share of probability.
            top_k: Choose among this many likeliest tokens; 0 or -1 is no limit.
            min_p: Leave out tokens less likely than this share of the likeliest.
            frequency_penalty: How much to avoid a token for each time it came.
            presence_penalty: How much to avoid a token that came at all.
            repetition_penalty: Divides the likelihood of tokens that came; 1 does nothing.
            stop: Where to stop; the text does not hold it.
            n: How many answers to write.
            seed: With the same seed, request and model the answer is the same.
            logprobs: Whether to tell the log probability of each token.
            top_logprobs: How many of the likeliest tokens to tell at each place, with `logprobs`.
            stream_options: How to stream.
            tools: The functions that the model may ask to be called.
            tool_choice: Whether to call: as the model likes, not at all, one at least, or this one.
            response_format: The form that the answer must have.
            enable_thinking: Whether a model that can should think first.
            user: An id of your user.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(
            model=model,
            messages=messages,
            max_tokens=max_tokens,
            max_completion_tokens=max_completion_tokens,
            temperature=temperature,
            top_p=top_p,
            top_k=top_k,
            min_p=min_p,
            frequency_penalty=frequency_penalty,
            presence_penalty=presence_penalty,
            repetition_penalty=repetition_penalty,
            stop=stop,
            n=n,
            seed=seed,
            logprobs=logprobs,
            top_logprobs=top_logprobs,
            stream_options=stream_options,
            tools=tools,
            tool_choice=tool_choice,
            response_format=response_format,
            enable_thinking=enable_thinking,
            user=user,
        )
        return self._client._stream_text(operations.CHAT_COMPLETION, options, request)

    async def parse(
        self,
        *,
        model: str,
        messages: Sequence[Message | Mapping[str, Any]],
        response_format: type[Parsed],
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        max_completion_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        min_p: float | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        repetition_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        logprobs: bool | None | NotGiven = NOT_GIVEN,
        top_logprobs: int | None | NotGiven = NOT_GIVEN,
        tools: Sequence[ChatTool | Mapping[str, Any]] | None | NotGiven = NOT_GIVEN,
        tool_choice: Literal["none", "auto", "required"]
        | NamedToolChoice
        | Mapping[str, Any]
        | None
        | NotGiven = NOT_GIVEN,
        enable_thinking: bool | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> ParsedChatCompletion[Parsed]:
        """Answer a conversation. The response holds an object of the given type.

        Takes the messages so far and returns the model's next one. With `stream: true` the answer comes as
        server-sent events, a piece of the message each, closed by `[DONE]`.

        Args:
            model: The model to ask.
            messages: The conversation so far, oldest first.
            max_tokens: The most tokens to write.
            max_completion_tokens: The same by its newer name; wins over `max_tokens`.
            temperature: How freely to choose; 0 takes the likeliest token each time.
            top_p: Choose among the likeliest tokens that make up this share of probability.
            top_k: Choose among this many likeliest tokens; 0 or -1 is no limit.
            min_p: Leave out tokens less likely than this share of the likeliest.
            frequency_penalty: How much to avoid a token for each time it came.
            presence_penalty: How much to avoid a token that came at all.
            repetition_penalty: Divides the likelihood of tokens that came; 1 does nothing.
            stop: Where to stop; the text does not hold it.
            n: How many answers to write.
            seed: With the same seed, request and model the answer is the same.
            logprobs: Whether to tell the log probability of each token.
            top_logprobs: How many of the likeliest tokens to tell at each place, with `logprobs`.
            tools: The functions that the model may ask to be called.
            tool_choice: Whether to call: as the model likes, not at all, one at least, or this one.
            enable_thinking: Whether a model that can should think first.
            user: An id of your user.
            response_format: A Pydantic model, dataclass or TypedDict; the content follows its JSON schema and is parsed.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        from polargrid_generated.parsed import ParsedChatCompletion

        request = provided_fields(
            model=model,
            messages=messages,
            max_tokens=max_tokens,
            max_completion_tokens=max_completion_tokens,
            temperature=temperature,
            top_p=top_p,
            top_k=top_k,
            min_p=min_p,
            frequency_penalty=frequency_penalty,
            presence_penalty=presence_penalty,
            repetition_penalty=repetition_penalty,
            stop=stop,
            n=n,
            seed=seed,
            logprobs=logprobs,
            top_logprobs=top_logprobs,
            tools=tools,
            tool_choice=tool_choice,
            enable_thinking=enable_thinking,
            user=user,
        )
        return await self._client._parse(
            operations.CHAT_COMPLETION, options, request, response_format, ParsedChatCompletion
        )

    async def run_tools(
        self,
        *,
        model: str,
        messages: Sequence[Message | Mapping[str, Any]],
        tools: Sequence[Callable[..., Any]],
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        max_completion_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        min_p: float | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        repetition_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        logprobs: bool | None | NotGiven = NOT_GIVEN,
        top_logprobs: int | None | NotGiven = NOT_GIVEN,
        tool_choice: Literal["none", "auto", "required"]
        | NamedToolChoice
        | Mapping[str, Any]
        | None
        | NotGiven = NOT_GIVEN,
        response_format: ResponseFormat | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        enable_thinking: bool | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        max_rounds: int = 8,
        **options: Unpack[CallOptions],
    ) -> ToolRunResult[ChatCompletionResponse]:
        """Answer a conversation. Functions that the model calls are called, and their results sent to it.

        Takes the messages so far and returns the model's next one. With `stream: true` the answer comes as
        server-sent events, a piece of the message each, closed by `[DONE]`.

        Args:
            model: The model to ask.
            messages: The conversation so far, oldest first.
            max_tokens: The most tokens to write.
            max_completion_tokens: The same by its newer name; wins over `max_tokens`.
            temperature: How freely to choose; 0 takes the likeliest token each time.
            top_p: Choose among the likeliest tokens that make up this share of probability.
            top_k: Choose among this many likeliest tokens; 0 or -1 is no limit.
            min_p: Leave out tokens less likely than this share of the likeliest.
            frequency_penalty: How much to avoid a token for each time it came.
            presence_penalty: How much to avoid a token that came at all.
            repetition_penalty: Divides the likelihood of tokens that came; 1 does nothing.
            stop: Where to stop; the text does not hold it.
            n: How many answers to write.
            seed: With the same seed, request and model the answer is the same.
            logprobs: Whether to tell the log probability of each token.
            top_logprobs: How many of the likeliest tokens to tell at each place, with `logprobs`.
            tool_choice: Whether to call: as the model likes, not at all, one at least, or this one.
            response_format: The form that the answer must have.
            enable_thinking: Whether a model that can should think first.
            user: An id of your user.
            tools: Python functions; their annotations and docstrings describe the arguments to the model. They may be async.
            max_rounds: How many times the model may call functions before it must respond.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(
            model=model,
            messages=messages,
            max_tokens=max_tokens,
            max_completion_tokens=max_completion_tokens,
            temperature=temperature,
            top_p=top_p,
            top_k=top_k,
            min_p=min_p,
            frequency_penalty=frequency_penalty,
            presence_penalty=presence_penalty,
            repetition_penalty=repetition_penalty,
            stop=stop,
            n=n,
            seed=seed,
            logprobs=logprobs,
            top_logprobs=top_logprobs,
            tool_choice=tool_choice,
            response_format=response_format,
            enable_thinking=enable_thinking,
            user=user,
        )
        return await self._client._run_tools(operations.CHAT_COMPLETION, options, request, tools, max_rounds)


class AsyncChatCompletionsResourceWithRawResponse:
    """The methods of AsyncChatCompletionsResource, which return the response with its status and headers."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    async def create(
        self,
        *,
        model: str,
        messages: Sequence[Message | Mapping[str, Any]],
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        max_completion_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        min_p: float | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        repetition_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        logprobs: bool | None | NotGiven = NOT_GIVEN,
        top_logprobs: int | None | NotGiven = NOT_GIVEN,
        tools: Sequence[ChatTool | Mapping[str, Any]] | None | NotGiven = NOT_GIVEN,
        tool_choice: Literal["none", "auto", "required"]
        | NamedToolChoice
        | Mapping[str, Any]
        | None
        | NotGiven = NOT_GIVEN,
        response_format: ResponseFormat | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        enable_thinking: bool | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> RawResponse[ChatCompletionResponse]:
        """Answer a conversation.

        Takes the messages so far and returns the model's next one. With `stream: true` the answer comes as
        server-sent events, a piece of the message each, closed by `[DONE]`.

        Args:
            model: The model to ask.
            messages: The conversation so far, oldest first.
            max_tokens: The most tokens to write.
            max_completion_tokens: The same by its newer name; wins over `max_tokens`.
            temperature: How freely to choose; 0 takes the likeliest token each time.
            top_p: Choose among the likeliest tokens that make up this share of probability.
            top_k: Choose among this many likeliest tokens; 0 or -1 is no limit.
            min_p: Leave out tokens less likely than this share of the likeliest.
            frequency_penalty: How much to avoid a token for each time it came.
            presence_penalty: How much to avoid a token that came at all.
            repetition_penalty: Divides the likelihood of tokens that came; 1 does nothing.
            stop: Where to stop; the text does not hold it.
            n: How many answers to write.
            seed: With the same seed, request and model the answer is the same.
            logprobs: Whether to tell the log probability of each token.
            top_logprobs: How many of the likeliest tokens to tell at each place, with `logprobs`.
            tools: The functions that the model may ask to be called.
            tool_choice: Whether to call: as the model likes, not at all, one at least, or this one.
            response_format: The form that the answer must have.
            enable_thinking: Whether a model that can should think first.
            user: An id of your user.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(
            model=model,
            messages=messages,
            max_tokens=max_tokens,
            max_completion_tokens=max_completion_tokens,
            temperature=temperature,
            top_p=top_p,
            top_k=top_k,
            min_p=min_p,
            frequency_penalty=frequency_penalty,
            presence_penalty=presence_penalty,
            repetition_penalty=repetition_penalty,
            stop=stop,
            n=n,
            seed=seed,
            logprobs=logprobs,
            top_logprobs=top_logprobs,
            tools=tools,
            tool_choice=tool_choice,
            response_format=response_format,
            enable_thinking=enable_thinking,
            user=user,
        )
        return await self._client._send(operations.CHAT_COMPLETION, options, request)


class AsyncCompletionsResource:
    """`completions.create`, `completions.stream`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncCompletionsResourceWithRawResponse:
        """The same methods, which return the response with its status, headers and request id."""
        return AsyncCompletionsResourceWithRawResponse(self._client)

    @overload
    async def create(
        self,
        *,
        model: str,
        prompt: str | Sequence[str],
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        stream: Literal[False] | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptions | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> CompletionResponse: ...

    @overload
    async def create(
        self,
        *,
        model: str,
        prompt: str | Sequence[str],
        stream: Literal[True],
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptions | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> AsyncStream[CompletionChunk]: ...

    @overload
    async def create(
        self,
        *,
        model: str,
        prompt: str | Sequence[str],
        stream: bool | None | NotGiven,
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptions | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> CompletionResponse | AsyncStream[CompletionChunk]: ...

    async def create(
        self,
        *,
        model: str,
        prompt: str | Sequence[str],
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        stream: bool | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptions | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> CompletionResponse | AsyncStream[CompletionChunk]:
        """Continue a text.

        Takes a prompt, or a list of prompts, and returns what the model writes next, without a chat template.
        With `stream: true` the text comes as server-sent events, closed by `[DONE]`.

        Args:
            model: The model to ask.
            prompt: The text, or several texts that are each continued.
            max_tokens: The most tokens to write.
            temperature: How freely to choose; 0 takes the likeliest token each time.
            top_p: Choose among the likeliest tokens that make up this share of probability.
            top_k: Choose among this many likeliest tokens; 0 or -1 is no limit.
            frequency_penalty: How much to avoid a token for each time it came.
            presence_penalty: How much to avoid a token that came at all.
            stop: Where to stop; the text does not hold it.
            n: How many continuations of each prompt to write.
            seed: With the same seed, request and model the text is the same.
            stream: Whether the text comes as events.
            stream_options: How to stream.
            user: An id of your user.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(
            model=model,
            prompt=prompt,
            max_tokens=max_tokens,
            temperature=temperature,
            top_p=top_p,
            top_k=top_k,
            frequency_penalty=frequency_penalty,
            presence_penalty=presence_penalty,
            stop=stop,
            n=n,
            seed=seed,
            stream=stream,
            stream_options=stream_options,
            user=user,
        )
        if stream:
            return self._client._stream(operations.COMPLETION, options, request)
        return (await self._client._send(operations.COMPLETION, options, request)).parse()

    def stream(
        self,
        *,
        model: str,
        prompt: str | Sequence[str],
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptions | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> AsyncTextStream[CompletionChunk, CompletionResponse]:
        """Continue a text. The response is streamed, and complete at the end of the stream.

        Takes a prompt, or a list of prompts, and returns what the model writes next, without a chat template.
        With `stream: true` the text comes as server-sent events, closed by `[DONE]`.

        Args:
            model: The model to ask.
            prompt: The text, or several texts that are each continued.
            max_tokens: The most tokens to write.
            temperature: How freely to choose; 0 takes the likeliest token each time.
            top_p: Choose among the likeliest tokens that make up this share of probability.
            top_k: Choose among this many likeliest tokens; 0 or -1 is no limit.
            frequency_penalty: How much to avoid a token for each time it came.
            presence_penalty: How much to avoid a token that came at all.
            stop: Where to stop; the text does not hold it.
            n: How many continuations of each prompt to write.
            seed: With the same seed, request and model the text is the same.
            stream_options: How to stream.
            user: An id of your user.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(
            model=model,
            prompt=prompt,
            max_tokens=max_tokens,
            temperature=temperature,
            top_p=top_p,
            top_k=top_k,
            frequency_penalty=frequency_penalty,
            presence_penalty=presence_penalty,
            stop=stop,
            n=n,
            seed=seed,
            stream_options=stream_options,
            user=user,
        )
        return self._client._stream_text(operations.COMPLETION, options, request)


class AsyncCompletionsResourceWithRawResponse:
    """The methods of AsyncCompletionsResource, which return the response with its status and headers."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    async def create(
        self,
        *,
        model: str,
        prompt: str | Sequence[str],
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> RawResponse[CompletionResponse]:
        """Continue a text.

        Takes a prompt, or a list of prompts, and returns what the model writes next, without a chat template.
        With `stream: true` the text comes as server-sent events, closed by `[DONE]`.

        Args:
            model: The model to ask.
            prompt: The text, or several texts that are each continued.
            max_tokens: The most tokens to write.
            temperature: How freely to choose; 0 takes the likeliest token each time.
            top_p: Choose among the likeliest tokens that make up this share of probability.
            top_k: Choose among this many likeliest tokens; 0 or -1 is no limit.
            frequency_penalty: How much to avoid a token for each time it came.
            presence_penalty: How much to avoid a token that came at all.
            stop: Where to stop; the text does not hold it.
            n: How many continuations of each prompt to write.
            seed: With the same seed, request and model the text is the same.
            user: An id of your user.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(
            model=model,
            prompt=prompt,
            max_tokens=max_tokens,
            temperature=temperature,
            top_p=top_p,
            top_k=top_k,
            frequency_penalty=frequency_penalty,
            presence_penalty=presence_penalty,
            stop=stop,
            n=n,
            seed=seed,
            user=user,
        )
        return await self._client._send(operations.COMPLETION, options, request)


class AsyncAudioResource:
    """`audio.speech.create`, `audio.speech.stream`, `audio.transcriptions.create`, `audio.translations.create`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def speech(self) -> AsyncAudioSpeechResource:
        """`audio.speech.create`, `audio.speech.stream`."""
        return AsyncAudioSpeechResource(self._client)

    @property
    def transcriptions(self) -> AsyncAudioTranscriptionsResource:
        """`audio.transcriptions.create`."""
        return AsyncAudioTranscriptionsResource(self._client)

    @property
    def translations(self) -> AsyncAudioTranslationsResource:
        """`audio.translations.create`."""
        return AsyncAudioTranslationsResource(self._client)


class AsyncAudioSpeechResource:
    """`audio.speech.create`, `audio.speech.stream`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncAudioSpeechResourceWithRawResponse:
        """The same methods, which return the response with its status, headers and request id."""
        return AsyncAudioSpeechResourceWithRawResponse(self._client)

    @property
    def with_streaming_response(self) -> AsyncAudioSpeechResourceWithStreamingResponse:
        """`create` as a context manager that streams the audio."""
        return AsyncAudioSpeechResourceWithStreamingResponse(self._client)

    @overload
    async def create(
        self,
        *,
        model: str,
        input: str,
        voice: TTSVoice
        | Literal[
            "alloy",
            "echo",
            "fable",
            "onyx",
            "nova",
            "shimmer",
            "af_bella",
            "af_sarah",
            "am_adam",
            "am_michael",
            "bf_emma",
            "bf_isabella",
            "bm_george",
            "bm_lewis",
        ]
        | str,
        response_format: AudioFormat | Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | NotGiven = NOT_GIVEN,
        speed: float | NotGiven = NOT_GIVEN,
        stream: Literal[False] | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> Audio: ...

    @overload
    async def create(
        self,
        *,
        model: str,
        input: str,
        voice: TTSVoice
        | Literal[
            "alloy",
            "echo",
            "fable",
            "onyx",
            "nova",
            "shimmer",
            "af_bella",
            "af_sarah",
            "am_adam",
            "am_michael",
            "bf_emma",
            "bf_isabella",
            "bm_george",
            "bm_lewis",
        ]
        | str,
        stream: Literal[True],
        response_format: AudioFormat | Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | NotGiven = NOT_GIVEN,
        speed: float | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> AsyncAudioStream: ...

    @overload
    async def create(
        self,
        *,
        model: str,
        input: str,
        voice: TTSVoice
        | Literal[
            "alloy",
            "echo",
            "fable",
            "onyx",
            "nova",
            "shimmer",
            "af_bella",
            "af_sarah",
            "am_adam",
            "am_michael",
            "bf_emma",
            "bf_isabella",
            "bm_george",
            "bm_lewis",
        ]
        | str,
        stream: bool | None | NotGiven,
        response_format: AudioFormat | Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | NotGiven = NOT_GIVEN,
        speed: float | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> Audio | AsyncAudioStream: ...

    async def create(
        self,
        *,
        model: str,
        input: str,
        voice: TTSVoice
        | Literal[
            "alloy",
            "echo",
            "fable",
            "onyx",
            "nova",
            "shimmer",
            "af_bella",
            "af_sarah",
            "am_adam",
            "am_michael",
            "bf_emma",
            "bf_isabella",
            "bm_george",
            "bm_lewis",
        ]
        | str,
        response_format: AudioFormat | Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | NotGiven = NOT_GIVEN,
        speed: float | NotGiven = NOT_GIVEN,
        stream: bool | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> Audio | AsyncAudioStream:
        """Speak a text.

        Returns the audio of the text in the format asked for. With `stream: true` the audio leaves as it is
        made, sentence by sentence; `pcm` and `opus` can be played as they come.

        Args:
            model: The speech model: `tts-1`, `kokoro-82m`.
            input: The text.
            voice: Who speaks.
            response_format: An audio format: MP3, Ogg Opus, AAC, FLAC, WAV, or bare 16-bit little-endian samples at 24 kHz.
            speed: How fast, as a factor.
            stream: Whether the audio leaves as it is made.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(
            model=model, input=input, voice=voice, response_format=response_format, speed=speed, stream=stream
        )
        if stream:
            return self._client._stream_audio(operations.TEXT_TO_SPEECH, options, request)
        return await self._client._create_audio(operations.TEXT_TO_SPEECH, options, request)

    def stream(
        self,
        *,
        model: str,
        input: str,
        voice: TTSVoice
        | Literal[
            "alloy",
            "echo",
            "fable",
            "onyx",
            "nova",
            "shimmer",
            "af_bella",
            "af_sarah",
            "am_adam",
            "am_michael",
            "bf_emma",
            "bf_isabella",
            "bm_george",
            "bm_lewis",
        ]
        | str,
        response_format: AudioFormat | Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | NotGiven = NOT_GIVEN,
        speed: float | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> AsyncAudioStream:
        """Speak a text. The audio is streamed.

        Returns the audio of the text in the format asked for. With `stream: true` the audio leaves as it is
        made, sentence by sentence; `pcm` and `opus` can be played as they come.

        Args:
            model: The speech model: `tts-1`, `kokoro-82m`.
            input: The text.
            voice: Who speaks.
            response_format: An audio format: MP3, Ogg Opus, AAC, FLAC, WAV, or bare 16-bit little-endian samples at 24 kHz.
            speed: How fast, as a factor.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(model=model, input=input, voice=voice, response_format=response_format, speed=speed)
        return self._client._stream_audio(operations.TEXT_TO_SPEECH, options, request)


class AsyncAudioSpeechResourceWithRawResponse:
    """The methods of AsyncAudioSpeechResource, which return the response with its status and headers."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    async def create(
        self,
        *,
        model: str,
        input: str,
        voice: TTSVoice
        | Literal[
            "alloy",
            "echo",
            "fable",
            "onyx",
            "nova",
            "shimmer",
            "af_bella",
            "af_sarah",
            "am_adam",
            "am_michael",
            "bf_emma",
            "bf_isabella",
            "bm_george",
            "bm_lewis",
        ]
        | str,
        response_format: AudioFormat | Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | NotGiven = NOT_GIVEN,
        speed: float | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> RawResponse[bytes]:
        """Speak a text.

        Returns the audio of the text in the format asked for. With `stream: true` the audio leaves as it is
        made, sentence by sentence; `pcm` and `opus` can be played as they come.

        Args:
            model: The speech model: `tts-1`, `kokoro-82m`.
            input: The text.
            voice: Who speaks.
            response_format: An audio format: MP3, Ogg Opus, AAC, FLAC, WAV, or bare 16-bit little-endian samples at 24 kHz.
            speed: How fast, as a factor.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(model=model, input=input, voice=voice, response_format=response_format, speed=speed)
        return await self._client._send(operations.TEXT_TO_SPEECH, options, request)


class AsyncAudioSpeechResourceWithStreamingResponse:
    """`create` of AsyncAudioSpeechResource as a context manager that streams the audio."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self.create = AsyncAudioSpeechResource(client).stream


class AsyncAudioTranscriptionsResource:
    """`audio.transcriptions.create`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncAudioTranscriptionsResourceWithRawResponse:
        """The same methods, which return the response with its status, headers and request id."""
        return AsyncAudioTranscriptionsResourceWithRawResponse(self._client)

    @overload
    async def create(
        self,
        *,
        model: STTModel
        | Literal[
            "whisper-large-v3-turbo",
            "openai/whisper-large-v3-turbo",
            "stt-1b-en_fr",
            "kyutai/stt-1b-en_fr",
            "whisper-1",
            "cohere-transcribe-03-2026",
            "cohere-transcribe",
        ]
        | str,
        response_format: Literal["verbose_json"],
        file: File,
        language: str | None | NotGiven = NOT_GIVEN,
        prompt: str | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> VerboseTranscriptionResponse: ...

    @overload
    async def create(
        self,
        *,
        model: STTModel
        | Literal[
            "whisper-large-v3-turbo",
            "openai/whisper-large-v3-turbo",
            "stt-1b-en_fr",
            "kyutai/stt-1b-en_fr",
            "whisper-1",
            "cohere-transcribe-03-2026",
            "cohere-transcribe",
        ]
        | str,
        file: File,
        language: str | None | NotGiven = NOT_GIVEN,
        prompt: str | None | NotGiven = NOT_GIVEN,
        response_format: Literal["json"] | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> TranscriptionResponse: ...

    @overload
    async def create(
        self,
        *,
        model: STTModel
        | Literal[
            "whisper-large-v3-turbo",
            "openai/whisper-large-v3-turbo",
            "stt-1b-en_fr",
            "kyutai/stt-1b-en_fr",
            "whisper-1",
            "cohere-transcribe-03-2026",
            "cohere-transcribe",
        ]
        | str,
        response_format: Literal["text", "srt", "vtt"],
        file: File,
        language: str | None | NotGiven = NOT_GIVEN,
        prompt: str | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> str: ...

    @overload
    async def create(
        self,
        *,
        model: STTModel
        | Literal[
            "whisper-large-v3-turbo",
            "openai/whisper-large-v3-turbo",
            "stt-1b-en_fr",
            "kyutai/stt-1b-en_fr",
            "whisper-1",
            "cohere-transcribe-03-2026",
            "cohere-transcribe",
        ]
        | str,
        response_format: TranscriptionFormat | Literal["json", "text", "srt", "vtt", "verbose_json"],
        file: File,
        language: str | None | NotGiven = NOT_GIVEN,
        prompt: str | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> VerboseTranscriptionResponse | TranscriptionResponse | str: ...

    async def create(
        self,
        *,
        model: STTModel
        | Literal[
            "whisper-large-v3-turbo",
            "openai/whisper-large-v3-turbo",
            "stt-1b-en_fr",
            "kyutai/stt-1b-en_fr",
            "whisper-1",
            "cohere-transcribe-03-2026",
            "cohere-transcribe",
        ]
        | str,
        file: File,
        language: str | None | NotGiven = NOT_GIVEN,
        prompt: str | None | NotGiven = NOT_GIVEN,
        response_format: TranscriptionFormat
        | Literal["json", "text", "srt", "vtt", "verbose_json"]
        | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> VerboseTranscriptionResponse | TranscriptionResponse | str:
        """Write down what is said in a recording.

        Takes an audio file in any common format and returns its words: as JSON, with times as `verbose_json`, as
        plain text, or as subtitles in SRT or WebVTT.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            model: The speech-to-text model.
            language: The language spoken, as ISO 639 has it (`en`); found out where it is not given.
            prompt: Words or names that are likely to come.
            response_format: The form of a transcript.
            temperature: How freely to choose.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(
            model=model, language=language, prompt=prompt, response_format=response_format, temperature=temperature
        )
        return (await self._client._send(operations.TRANSCRIBE, options, request, file=file)).parse()


class AsyncAudioTranscriptionsResourceWithRawResponse:
    """The methods of AsyncAudioTranscriptionsResource, which return the response with its status and headers."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    async def create(
        self,
        *,
        model: STTModel
        | Literal[
            "whisper-large-v3-turbo",
            "openai/whisper-large-v3-turbo",
            "stt-1b-en_fr",
            "kyutai/stt-1b-en_fr",
            "whisper-1",
            "cohere-transcribe-03-2026",
            "cohere-transcribe",
        ]
        | str,
        file: File,
        language: str | None | NotGiven = NOT_GIVEN,
        prompt: str | None | NotGiven = NOT_GIVEN,
        response_format: TranscriptionFormat
        | Literal["json", "text", "srt", "vtt", "verbose_json"]
        | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> RawResponse[VerboseTranscriptionResponse | TranscriptionResponse | str]:
        """Write down what is said in a recording.

        Takes an audio file in any common format and returns its words: as JSON, with times as `verbose_json`, as
        plain text, or as subtitles in SRT or WebVTT.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            model: The speech-to-text model.
            language: The language spoken, as ISO 639 has it (`en`); found out where it is not given.
            prompt: Words or names that are likely to come.
            response_format: The form of a transcript.
            temperature: How freely to choose.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(
            model=model, language=language, prompt=prompt, response_format=response_format, temperature=temperature
        )
        return await self._client._send(operations.TRANSCRIBE, options, request, file=file)


class AsyncAudioTranslationsResource:
    """`audio.translations.create`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncAudioTranslationsResourceWithRawResponse:
        """The same methods, which return the response with its status, headers and request id."""
        return AsyncAudioTranslationsResourceWithRawResponse(self._client)

    @overload
    async def create(
        self,
        *,
        model: STTModel
        | Literal[
            "whisper-large-v3-turbo",
            "openai/whisper-large-v3-turbo",
            "stt-1b-en_fr",
            "kyutai/stt-1b-en_fr",
            "whisper-1",
            "cohere-transcribe-03-2026",
            "cohere-transcribe",
        ]
        | str,
        response_format: Literal["verbose_json"],
        file: File,
        prompt: str | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> VerboseTranscriptionResponse: ...

    @overload
    async def create(
        self,
        *,
        model: STTModel
        | Literal[
            "whisper-large-v3-turbo",
            "openai/whisper-large-v3-turbo",
            "stt-1b-en_fr",
            "kyutai/stt-1b-en_fr",
            "whisper-1",
            "cohere-transcribe-03-2026",
            "cohere-transcribe",
        ]
        | str,
        file: File,
        prompt: str | None | NotGiven = NOT_GIVEN,
        response_format: Literal["json"] | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> TranslationResponse: ...

    @overload
    async def create(
        self,
        *,
        model: STTModel
        | Literal[
            "whisper-large-v3-turbo",
            "openai/whisper-large-v3-turbo",
            "stt-1b-en_fr",
            "kyutai/stt-1b-en_fr",
            "whisper-1",
            "cohere-transcribe-03-2026",
            "cohere-transcribe",
        ]
        | str,
        response_format: Literal["text", "srt", "vtt"],
        file: File,
        prompt: str | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> str: ...

    @overload
    async def create(
        self,
        *,
        model: STTModel
        | Literal[
            "whisper-large-v3-turbo",
            "openai/whisper-large-v3-turbo",
            "stt-1b-en_fr",
            "kyutai/stt-1b-en_fr",
            "whisper-1",
            "cohere-transcribe-03-2026",
            "cohere-transcribe",
        ]
        | str,
        response_format: TranscriptionFormat | Literal["json", "text", "srt", "vtt", "verbose_json"],
        file: File,
        prompt: str | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> VerboseTranscriptionResponse | TranslationResponse | str: ...

    async def create(
        self,
        *,
        model: STTModel
        | Literal[
            "whisper-large-v3-turbo",
            "openai/whisper-large-v3-turbo",
            "stt-1b-en_fr",
            "kyutai/stt-1b-en_fr",
            "whisper-1",
            "cohere-transcribe-03-2026",
            "cohere-transcribe",
        ]
        | str,
        file: File,
        prompt: str | None | NotGiven = NOT_GIVEN,
        response_format: TranscriptionFormat
        | Literal["json", "text", "srt", "vtt", "verbose_json"]
        | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> VerboseTranscriptionResponse | TranslationResponse | str:
        """Write down in English what is said in a recording.

        Takes an audio file in any common format and any language of the model, and returns its words in English,
        in the same formats as a transcription.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            model: The speech-to-text model.
            prompt: Words or names that are likely to come, in English.
            response_format: The form of a transcript.
            temperature: How freely to choose.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(model=model, prompt=prompt, response_format=response_format, temperature=temperature)
        return (await self._client._send(operations.TRANSLATE, options, request, file=file)).parse()


class AsyncAudioTranslationsResourceWithRawResponse:
    """The methods of AsyncAudioTranslationsResource, which return the response with its status and headers."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    async def create(
        self,
        *,
        model: STTModel
        | Literal[
            "whisper-large-v3-turbo",
            "openai/whisper-large-v3-turbo",
            "stt-1b-en_fr",
            "kyutai/stt-1b-en_fr",
            "whisper-1",
            "cohere-transcribe-03-2026",
            "cohere-transcribe",
        ]
        | str,
        file: File,
        prompt: str | None | NotGiven = NOT_GIVEN,
        response_format: TranscriptionFormat
        | Literal["json", "text", "srt", "vtt", "verbose_json"]
        | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> RawResponse[VerboseTranscriptionResponse | TranslationResponse | str]:
        """Write down in English what is said in a recording.

        Takes an audio file in any common format and any language of the model, and returns its words in English,
        in the same formats as a transcription.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            model: The speech-to-text model.
            prompt: Words or names that are likely to come, in English.
            response_format: The form of a transcript.
            temperature: How freely to choose.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(model=model, prompt=prompt, response_format=response_format, temperature=temperature)
        return await self._client._send(operations.TRANSLATE, options, request, file=file)


class AsyncModelsResource:
    """`models.list`, `models.load`, `models.unload`, `models.unload_all`, `models.status`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncModelsResourceWithRawResponse:
        """The same methods, which return the response with its status, headers and request id."""
        return AsyncModelsResourceWithRawResponse(self._client)

    async def list(self, **options: Unpack[CallOptions]) -> ListModelsResponse:
        """List the models of the edge.

        Every model that can be asked for, whether it is in memory or not.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (await self._client._send(operations.LIST_MODELS, options)).parse()

    async def load(
        self, *, model_name: str, force_reload: bool | NotGiven = NOT_GIVEN, **options: Unpack[CallOptions]
    ) -> LoadModelResponse:
        """Load a model into GPU memory.

        Brings a model into memory, so that the first request need not wait for it. A model that is loaded stays as
        it is, unless `force_reload` is true.

        Args:
            model_name: The model.
            force_reload: Whether to load it again where it is loaded.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(model_name=model_name, force_reload=force_reload)
        return (await self._client._send(operations.LOAD_MODEL, options, request)).parse()

    async def unload(self, *, model_name: str, **options: Unpack[CallOptions]) -> UnloadModelResponse:
        """Unload a model.

        Takes a model out of memory once the requests it is serving have ended.

        Args:
            model_name: The model.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(model_name=model_name)
        return (await self._client._send(operations.UNLOAD_MODEL, options, request)).parse()

    async def unload_all(self, **options: Unpack[CallOptions]) -> UnloadAllModelsResponse:
        """Unload all models.

        Takes every model out of memory once the requests it is serving have ended.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (await self._client._send(operations.UNLOAD_ALL_MODELS, options)).parse()

    async def status(self, **options: Unpack[CallOptions]) -> ModelStatusResponse:
        """Tell which models are in memory.

        The models that are loaded, and the state of every model the edge knows.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (await self._client._send(operations.GET_MODEL_STATUS, options)).parse()


class AsyncModelsResourceWithRawResponse:
    """The methods of AsyncModelsResource, which return the response with its status and headers."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    async def list(self, **options: Unpack[CallOptions]) -> RawResponse[ListModelsResponse]:
        """List the models of the edge.

        Every model that can be asked for, whether it is in memory or not.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return await self._client._send(operations.LIST_MODELS, options)

    async def load(
        self, *, model_name: str, force_reload: bool | NotGiven = NOT_GIVEN, **options: Unpack[CallOptions]
    ) -> RawResponse[LoadModelResponse]:
        """Load a model into GPU memory.

        Brings a model into memory, so that the first request need not wait for it. A model that is loaded stays as
        it is, unless `force_reload` is true.

        Args:
            model_name: The model.
            force_reload: Whether to load it again where it is loaded.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(model_name=model_name, force_reload=force_reload)
        return await self._client._send(operations.LOAD_MODEL, options, request)

    async def unload(self, *, model_name: str, **options: Unpack[CallOptions]) -> RawResponse[UnloadModelResponse]:
        """Unload a model.

        Takes a model out of memory once the requests it is serving have ended.

        Args:
            model_name: The model.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(model_name=model_name)
        return await self._client._send(operations.UNLOAD_MODEL, options, request)

    async def unload_all(self, **options: Unpack[CallOptions]) -> RawResponse[UnloadAllModelsResponse]:
        """Unload all models.

        Takes every model out of memory once the requests it is serving have ended.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return await self._client._send(operations.UNLOAD_ALL_MODELS, options)

    async def status(self, **options: Unpack[CallOptions]) -> RawResponse[ModelStatusResponse]:
        """Tell which models are in memory.

        The models that are loaded, and the state of every model the edge knows.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return await self._client._send(operations.GET_MODEL_STATUS, options)


class AsyncGpuResource:
    """`gpu.status`, `gpu.memory`, `gpu.purge`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncGpuResourceWithRawResponse:
        """The same methods, which return the response with its status, headers and request id."""
        return AsyncGpuResourceWithRawResponse(self._client)

    async def status(self, **options: Unpack[CallOptions]) -> GPUStatusResponse:
        """Tell what each GPU is doing.

        Memory, utilization, temperature and processes of each GPU; empty where there is none.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (await self._client._send(operations.GET_GPU_STATUS, options)).parse()

    async def memory(self, **options: Unpack[CallOptions]) -> GPUMemoryResponse:
        """Tell how much GPU memory is used.

        Used and free memory of each GPU, in gigabytes and percent; empty where there is none.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (await self._client._send(operations.GET_GPU_MEMORY, options)).parse()

    async def purge(self, *, force: bool | NotGiven = NOT_GIVEN, **options: Unpack[CallOptions]) -> GPUPurgeResponse:
        """Clear GPU memory.

        Unloads the models that serve no request; with `force` all of them, once their requests have ended. Tells
        the memory before and after.

        Args:
            force: Whether models that serve a request are unloaded too.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(force=force)
        return (await self._client._send(operations.PURGE_GPU, options, request)).parse()


class AsyncGpuResourceWithRawResponse:
    """The methods of AsyncGpuResource, which return the response with its status and headers."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    async def status(self, **options: Unpack[CallOptions]) -> RawResponse[GPUStatusResponse]:
        """Tell what each GPU is doing.

        Memory, utilization, temperature and processes of each GPU; empty where there is none.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return await self._client._send(operations.GET_GPU_STATUS, options)

    async def memory(self, **options: Unpack[CallOptions]) -> RawResponse[GPUMemoryResponse]:
        """Tell how much GPU memory is used.

        Used and free memory of each GPU, in gigabytes and percent; empty where there is none.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return await self._client._send(operations.GET_GPU_MEMORY, options)

    async def purge(
        self, *, force: bool | NotGiven = NOT_GIVEN, **options: Unpack[CallOptions]
    ) -> RawResponse[GPUPurgeResponse]:
        """Clear GPU memory.

        Unloads the models that serve no request; with `force` all of them, once their requests have ended. Tells
        the memory before and after.

        Args:
            force: Whether models that serve a request are unloaded too.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        request = provided_fields(force=force)
        return await self._client._send(operations.PURGE_GPU, options, request)
