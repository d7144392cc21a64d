# Generated from openapi.yaml by `make generate`; do not edit.
"""The operations by the names of OpenAI's SDK, with a keyword argument for each field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Unpack, overload

from polargrid_generated import operations
from polargrid_runtime.arguments import NOT_GIVEN, CallOptions, File, NotGiven, provided_fields

if TYPE_CHECKING:
    from datetime import date

    from polargrid_generated.models import (
        AsyncTranscriptionJobAccepted,
        AudioFormat,
        Base64EmbeddingResponse,
        ChatCompletionChunk,
        ChatCompletionResponse,
        ChatTool,
        CompletionChunk,
        CompletionResponse,
        EmbeddingResponse,
        GPUMemoryResponse,
        GPUPurgeResponse,
        GPUStatusResponse,
        ListModelsResponse,
        LoadModelResponse,
        Message,
        ModelInfo,
        ModelStatusResponse,
        NamedToolChoice,
        ResponseFormat,
        RouteResponse,
        StreamOptions,
        STTModel,
        SystemStatus,
        TimestampGranularity,
        TranscriptionFormat,
        TranscriptionJobInfo,
        TranscriptionJobListResponse,
        TranscriptionJobResult,
        TranscriptionResponse,
        TranscriptionStreamEvent,
        TranslationResponse,
        TTSVoice,
        UnloadAllModelsResponse,
        UnloadModelResponse,
        UsageResponse,
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
        """Generate the next message of a conversation.

        Takes the messages of a conversation and returns the next message of the model. With `stream: true` the
        response is a stream of server-sent events, each with a chunk of the message; the last event is
        `[DONE]`.

        Args:
            model: The id of the model.
            messages: The messages of the conversation, oldest first.
            max_tokens: The maximum number of tokens to generate for a choice. Default: 150.
            max_completion_tokens: The newer name of `max_tokens`; takes precedence over it.
            temperature: The sampling temperature; 0 always selects the most likely token. Default: 0.7.
            top_p: Nucleus sampling: sample from the most likely tokens with this total probability. Default: 0.9.
            top_k: Sample from this number of most likely tokens; 0 or -1 is no limit.
            min_p: Exclude tokens with a probability below this share of that of the most likely token.
            frequency_penalty: Penalty on a token for each occurrence; negative values encourage repetition.
            presence_penalty: Penalty on every token that occurred; negative values encourage repetition.
            repetition_penalty: Divisor of the likelihood of tokens that occurred; 1 has no effect.
            stop: Texts at which generation stops; the response does not include them.
            n: The number of choices to generate. Default: 1.
            seed: The seed of sampling; the same seed, request and model produce the same response.
            logprobs: Whether the response has the log probability of each token.
            top_logprobs: The number of most likely tokens to return at each position; requires `logprobs`.
            stream: Whether the response is a stream of events. Default: False.
            stream_options: Options of the stream.
            tools: The functions that the model may call.
            tool_choice: `none` forbids calls, `auto` lets the model decide, `required` requires at least one call; an object selects a function.
            response_format: The format of the generated content.
            enable_thinking: Whether to enable the reasoning of a model that supports it.
            user: An id of your end user.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
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
        return await self._client._send(operations.CHAT_COMPLETION, options, request)

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
        """Generate the next message of a conversation. The response is streamed, and complete at the end of the stream.

        Takes the messages of a conversation and returns the next message of the model. With `stream: true` the
        response is a stream of server-sent events, each with a chunk of the message; the last event is
        `[DONE]`.

        Args:
            model: The id of the model.
            messages: The messages of the conversation, oldest first.
            max_tokens: The maximum number of tokens to generate for a choice. Default: 150.
            max_completion_tokens: The newer name of `max_tokens`; takes precedence over it.
            temperature: The sampling temperature; 0 always selects the most likely token. Default: 0.7.
            top_p: Nucleus sampling: sample from the most likely tokens with this total probability. Default: 0.9.
            top_k: Sample from this number of most likely tokens; 0 or -1 is no limit.
            min_p: Exclude tokens with a probability below this share of that of the most likely token.
            frequency_penalty: Penalty on a token for each occurrence; negative values encourage repetition.
            presence_penalty: Penalty on every token that occurred; negative values encourage repetition.
            repetition_penalty: Divisor of the likelihood of tokens that occurred; 1 has no effect.
            stop: Texts at which generation stops; the response does not include them.
            n: The number of choices to generate. Default: 1.
            seed: The seed of sampling; the same seed, request and model produce the same response.
            logprobs: Whether the response has the log probability of each token.
            top_logprobs: The number of most likely tokens to return at each position; requires `logprobs`.
            stream_options: Options of the stream.
            tools: The functions that the model may call.
            tool_choice: `none` forbids calls, `auto` lets the model decide, `required` requires at least one call; an object selects a function.
            response_format: The format of the generated content.
            enable_thinking: Whether to enable the reasoning of a model that supports it.
            user: An id of your end user.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
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
        """Generate the next message of a conversation. The response contains an object of the type `response_format`.

        Takes the messages of a conversation and returns the next message of the model. With `stream: true` the
        response is a stream of server-sent events, each with a chunk of the message; the last event is
        `[DONE]`.

        Args:
            model: The id of the model.
            messages: The messages of the conversation, oldest first.
            max_tokens: The maximum number of tokens to generate for a choice. Default: 150.
            max_completion_tokens: The newer name of `max_tokens`; takes precedence over it.
            temperature: The sampling temperature; 0 always selects the most likely token. Default: 0.7.
            top_p: Nucleus sampling: sample from the most likely tokens with this total probability. Default: 0.9.
            top_k: Sample from this number of most likely tokens; 0 or -1 is no limit.
            min_p: Exclude tokens with a probability below this share of that of the most likely token.
            frequency_penalty: Penalty on a token for each occurrence; negative values encourage repetition.
            presence_penalty: Penalty on every token that occurred; negative values encourage repetition.
            repetition_penalty: Divisor of the likelihood of tokens that occurred; 1 has no effect.
            stop: Texts at which generation stops; the response does not include them.
            n: The number of choices to generate. Default: 1.
            seed: The seed of sampling; the same seed, request and model produce the same response.
            logprobs: Whether the response has the log probability of each token.
            top_logprobs: The number of most likely tokens to return at each position; requires `logprobs`.
            tools: The functions that the model may call.
            tool_choice: `none` forbids calls, `auto` lets the model decide, `required` requires at least one call; an object selects a function.
            enable_thinking: Whether to enable the reasoning of a model that supports it.
            user: An id of your end user.
            response_format: A Pydantic model, dataclass or TypedDict; the content follows its JSON schema and is parsed.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
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
        """Generate the next message of a conversation. Functions that the model requests are called, and their results are sent to the model.

        Takes the messages of a conversation and returns the next message of the model. With `stream: true` the
        response is a stream of server-sent events, each with a chunk of the message; the last event is
        `[DONE]`.

        Args:
            model: The id of the model.
            messages: The messages of the conversation, oldest first.
            max_tokens: The maximum number of tokens to generate for a choice. Default: 150.
            max_completion_tokens: The newer name of `max_tokens`; takes precedence over it.
            temperature: The sampling temperature; 0 always selects the most likely token. Default: 0.7.
            top_p: Nucleus sampling: sample from the most likely tokens with this total probability. Default: 0.9.
            top_k: Sample from this number of most likely tokens; 0 or -1 is no limit.
            min_p: Exclude tokens with a probability below this share of that of the most likely token.
            frequency_penalty: Penalty on a token for each occurrence; negative values encourage repetition.
            presence_penalty: Penalty on every token that occurred; negative values encourage repetition.
            repetition_penalty: Divisor of the likelihood of tokens that occurred; 1 has no effect.
            stop: Texts at which generation stops; the response does not include them.
            n: The number of choices to generate. Default: 1.
            seed: The seed of sampling; the same seed, request and model produce the same response.
            logprobs: Whether the response has the log probability of each token.
            top_logprobs: The number of most likely tokens to return at each position; requires `logprobs`.
            tool_choice: `none` forbids calls, `auto` lets the model decide, `required` requires at least one call; an object selects a function.
            response_format: The format of the generated content.
            enable_thinking: Whether to enable the reasoning of a model that supports it.
            user: An id of your end user.
            tools: Python functions; their annotations and docstrings describe the arguments to the model. They may be async.
            max_rounds: How many times the model may call functions before it must respond.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
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
    ) -> RawResponse[ChatCompletionResponse]:
        """Generate the next message of a conversation. A streamed response is not raw: the stream of `create` has `meta`.

        Takes the messages of a conversation and returns the next message of the model. With `stream: true` the
        response is a stream of server-sent events, each with a chunk of the message; the last event is
        `[DONE]`.

        Args:
            model: The id of the model.
            messages: The messages of the conversation, oldest first.
            max_tokens: The maximum number of tokens to generate for a choice. Default: 150.
            max_completion_tokens: The newer name of `max_tokens`; takes precedence over it.
            temperature: The sampling temperature; 0 always selects the most likely token. Default: 0.7.
            top_p: Nucleus sampling: sample from the most likely tokens with this total probability. Default: 0.9.
            top_k: Sample from this number of most likely tokens; 0 or -1 is no limit.
            min_p: Exclude tokens with a probability below this share of that of the most likely token.
            frequency_penalty: Penalty on a token for each occurrence; negative values encourage repetition.
            presence_penalty: Penalty on every token that occurred; negative values encourage repetition.
            repetition_penalty: Divisor of the likelihood of tokens that occurred; 1 has no effect.
            stop: Texts at which generation stops; the response does not include them.
            n: The number of choices to generate. Default: 1.
            seed: The seed of sampling; the same seed, request and model produce the same response.
            logprobs: Whether the response has the log probability of each token.
            top_logprobs: The number of most likely tokens to return at each position; requires `logprobs`.
            stream: Whether the response is a stream of events. Default: False.
            stream_options: Options of the stream.
            tools: The functions that the model may call.
            tool_choice: `none` forbids calls, `auto` lets the model decide, `required` requires at least one call; an object selects a function.
            response_format: The format of the generated content.
            enable_thinking: Whether to enable the reasoning of a model that supports it.
            user: An id of your end user.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
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
        return await self._client._send_raw(operations.CHAT_COMPLETION, options, request)


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

        Takes one or more prompts and returns the text that the model generates after each of them, without a
        chat template. With `stream: true` the response is a stream of server-sent events; the last event is
        `[DONE]`.

        Args:
            model: The id of the model.
            prompt: The prompt, or a list of prompts that are continued independently.
            max_tokens: The maximum number of tokens to generate for a choice. Default: 100.
            temperature: The sampling temperature; 0 always selects the most likely token. Default: 0.7.
            top_p: Nucleus sampling: sample from the most likely tokens with this total probability. Default: 0.9.
            top_k: Sample from this number of most likely tokens; 0 or -1 is no limit. Default: 50.
            frequency_penalty: Penalty on a token for each occurrence; negative values encourage repetition. Default: 0.
            presence_penalty: Penalty on every token that occurred; negative values encourage repetition. Default: 0.
            stop: Texts at which generation stops; the response does not include them.
            n: The number of choices to generate for each prompt. Default: 1.
            seed: The seed of sampling; the same seed, request and model produce the same response.
            stream: Whether the response is a stream of events. Default: False.
            stream_options: Options of the stream.
            user: An id of your end user.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
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
        return await self._client._send(operations.COMPLETION, options, request)

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

        Takes one or more prompts and returns the text that the model generates after each of them, without a
        chat template. With `stream: true` the response is a stream of server-sent events; the last event is
        `[DONE]`.

        Args:
            model: The id of the model.
            prompt: The prompt, or a list of prompts that are continued independently.
            max_tokens: The maximum number of tokens to generate for a choice. Default: 100.
            temperature: The sampling temperature; 0 always selects the most likely token. Default: 0.7.
            top_p: Nucleus sampling: sample from the most likely tokens with this total probability. Default: 0.9.
            top_k: Sample from this number of most likely tokens; 0 or -1 is no limit. Default: 50.
            frequency_penalty: Penalty on a token for each occurrence; negative values encourage repetition. Default: 0.
            presence_penalty: Penalty on every token that occurred; negative values encourage repetition. Default: 0.
            stop: Texts at which generation stops; the response does not include them.
            n: The number of choices to generate for each prompt. Default: 1.
            seed: The seed of sampling; the same seed, request and model produce the same response.
            stream_options: Options of the stream.
            user: An id of your end user.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
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
        stream: Literal[False] | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptions | Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> RawResponse[CompletionResponse]:
        """Continue a text. A streamed response is not raw: the stream of `create` has `meta`.

        Takes one or more prompts and returns the text that the model generates after each of them, without a
        chat template. With `stream: true` the response is a stream of server-sent events; the last event is
        `[DONE]`.

        Args:
            model: The id of the model.
            prompt: The prompt, or a list of prompts that are continued independently.
            max_tokens: The maximum number of tokens to generate for a choice. Default: 100.
            temperature: The sampling temperature; 0 always selects the most likely token. Default: 0.7.
            top_p: Nucleus sampling: sample from the most likely tokens with this total probability. Default: 0.9.
            top_k: Sample from this number of most likely tokens; 0 or -1 is no limit. Default: 50.
            frequency_penalty: Penalty on a token for each occurrence; negative values encourage repetition. Default: 0.
            presence_penalty: Penalty on every token that occurred; negative values encourage repetition. Default: 0.
            stop: Texts at which generation stops; the response does not include them.
            n: The number of choices to generate for each prompt. Default: 1.
            seed: The seed of sampling; the same seed, request and model produce the same response.
            stream: Whether the response is a stream of events. Default: False.
            stream_options: Options of the stream.
            user: An id of your end user.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
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
        return await self._client._send_raw(operations.COMPLETION, options, request)


class AsyncEmbeddingsResource:
    """`embeddings.create`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncEmbeddingsResourceWithRawResponse:
        """The same methods, which return the response with its status, headers and request id."""
        return AsyncEmbeddingsResourceWithRawResponse(self._client)

    @overload
    async def create(
        self,
        *,
        model: str,
        input: str | Sequence[str] | Sequence[int] | Sequence[Sequence[int]],
        encoding_format: Literal["float"] | NotGiven = NOT_GIVEN,
        dimensions: int | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> EmbeddingResponse: ...

    @overload
    async def create(
        self,
        *,
        model: str,
        input: str | Sequence[str] | Sequence[int] | Sequence[Sequence[int]],
        encoding_format: Literal["base64"],
        dimensions: int | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> Base64EmbeddingResponse: ...

    @overload
    async def create(
        self,
        *,
        model: str,
        input: str | Sequence[str] | Sequence[int] | Sequence[Sequence[int]],
        encoding_format: Literal["float", "base64"] | None,
        dimensions: int | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> EmbeddingResponse | Base64EmbeddingResponse: ...

    async def create(
        self,
        *,
        model: str,
        input: str | Sequence[str] | Sequence[int] | Sequence[Sequence[int]],
        encoding_format: Literal["float", "base64"] | None | NotGiven = NOT_GIVEN,
        dimensions: int | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> EmbeddingResponse | Base64EmbeddingResponse:
        """Compute the embeddings of texts.

        Returns a vector for each input, in the order of the inputs. The vectors of texts with a similar meaning point in
        a similar direction, so that the cosine of their angle measures the similarity.

        Args:
            model: The id of the model.
            input: A text, or its token ids, or a list of texts or of lists of token ids, each with a vector in the response. Token ids are those of the tokenizer of the model.
            encoding_format: `float` returns each vector as a list of numbers, `base64` as the base64 of its 32-bit little-endian floats, which is a quarter of the size. Default: 'float'.
            dimensions: The length of the vectors, for models that support several lengths.
            user: An id of your end user.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        request = provided_fields(
            model=model, input=input, encoding_format=encoding_format, dimensions=dimensions, user=user
        )
        return await self._client._send(operations.CREATE_EMBEDDING, options, request)


class AsyncEmbeddingsResourceWithRawResponse:
    """The methods of AsyncEmbeddingsResource, which return the response with its status and headers."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    async def create(
        self,
        *,
        model: str,
        input: str | Sequence[str] | Sequence[int] | Sequence[Sequence[int]],
        encoding_format: Literal["float", "base64"] | None | NotGiven = NOT_GIVEN,
        dimensions: int | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> RawResponse[EmbeddingResponse | Base64EmbeddingResponse]:
        """Compute the embeddings of texts.

        Returns a vector for each input, in the order of the inputs. The vectors of texts with a similar meaning point in
        a similar direction, so that the cosine of their angle measures the similarity.

        Args:
            model: The id of the model.
            input: A text, or its token ids, or a list of texts or of lists of token ids, each with a vector in the response. Token ids are those of the tokenizer of the model.
            encoding_format: `float` returns each vector as a list of numbers, `base64` as the base64 of its 32-bit little-endian floats, which is a quarter of the size. Default: 'float'.
            dimensions: The length of the vectors, for models that support several lengths.
            user: An id of your end user.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        request = provided_fields(
            model=model, input=input, encoding_format=encoding_format, dimensions=dimensions, user=user
        )
        return await self._client._send_raw(operations.CREATE_EMBEDDING, options, request)


class AsyncAudioResource:
    """`audio.speech.create`, `audio.speech.stream`, `audio.transcriptions.create`, `audio.transcriptions.jobs.list`, `audio.transcriptions.jobs.create`, `audio.transcriptions.jobs.create_and_poll`, `audio.transcriptions.jobs.retrieve`, `audio.translations.create`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def speech(self) -> AsyncAudioSpeechResource:
        """`audio.speech.create`, `audio.speech.stream`."""
        return AsyncAudioSpeechResource(self._client)

    @property
    def transcriptions(self) -> AsyncAudioTranscriptionsResource:
        """`audio.transcriptions.create`, `audio.transcriptions.jobs.list`, `audio.transcriptions.jobs.create`, `audio.transcriptions.jobs.create_and_poll`, `audio.transcriptions.jobs.retrieve`."""
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
        """Synthesize speech from text.

        Returns audio in the requested format. With `stream: true` the audio is sent while it is generated,
        sentence by sentence; `pcm` and `opus` can be played before the response is complete.

        Args:
            model: The id of the speech model: `tts-1` or `kokoro-82m`.
            input: The text to speak.
            voice: The voice.
            response_format: An audio format: MP3, Ogg Opus, AAC, FLAC, WAV, or PCM (16-bit little-endian samples at 24 kHz without a header). Default: 'mp3'.
            speed: The speed, as a factor of normal speed. Default: 1.
            stream: Whether the audio is sent while it is generated. Default: False.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
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
        """Synthesize speech from text. The audio is streamed.

        Returns audio in the requested format. With `stream: true` the audio is sent while it is generated,
        sentence by sentence; `pcm` and `opus` can be played before the response is complete.

        Args:
            model: The id of the speech model: `tts-1` or `kokoro-82m`.
            input: The text to speak.
            voice: The voice.
            response_format: An audio format: MP3, Ogg Opus, AAC, FLAC, WAV, or PCM (16-bit little-endian samples at 24 kHz without a header). Default: 'mp3'.
            speed: The speed, as a factor of normal speed. Default: 1.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
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
        stream: Literal[False] | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> RawResponse[bytes]:
        """Synthesize speech from text. A streamed response is not raw: the stream of `create` has `meta`.

        Returns audio in the requested format. With `stream: true` the audio is sent while it is generated,
        sentence by sentence; `pcm` and `opus` can be played before the response is complete.

        Args:
            model: The id of the speech model: `tts-1` or `kokoro-82m`.
            input: The text to speak.
            voice: The voice.
            response_format: An audio format: MP3, Ogg Opus, AAC, FLAC, WAV, or PCM (16-bit little-endian samples at 24 kHz without a header). Default: 'mp3'.
            speed: The speed, as a factor of normal speed. Default: 1.
            stream: Whether the audio is sent while it is generated. Default: False.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        request = provided_fields(
            model=model, input=input, voice=voice, response_format=response_format, speed=speed, stream=stream
        )
        return await self._client._send_raw(operations.TEXT_TO_SPEECH, options, request)


class AsyncAudioSpeechResourceWithStreamingResponse:
    """`create` of AsyncAudioSpeechResource as a context manager that streams the audio."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self.create = AsyncAudioSpeechResource(client).stream


class AsyncAudioTranscriptionsResource:
    """`audio.transcriptions.create`, `audio.transcriptions.jobs.list`, `audio.transcriptions.jobs.create`, `audio.transcriptions.jobs.create_and_poll`, `audio.transcriptions.jobs.retrieve`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def jobs(self) -> AsyncAudioTranscriptionsJobsResource:
        """`audio.transcriptions.jobs.list`, `audio.transcriptions.jobs.create`, `audio.transcriptions.jobs.create_and_poll`, `audio.transcriptions.jobs.retrieve`."""
        return AsyncAudioTranscriptionsJobsResource(self._client)

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
        timestamp_granularities: Sequence[TimestampGranularity | Literal["word", "segment"]]
        | None
        | NotGiven = NOT_GIVEN,
        stream: Literal[False] | None | NotGiven = NOT_GIVEN,
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
        timestamp_granularities: Sequence[TimestampGranularity | Literal["word", "segment"]]
        | None
        | NotGiven = NOT_GIVEN,
        stream: Literal[False] | None | NotGiven = NOT_GIVEN,
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
        timestamp_granularities: Sequence[TimestampGranularity | Literal["word", "segment"]]
        | None
        | NotGiven = NOT_GIVEN,
        stream: Literal[False] | None | NotGiven = NOT_GIVEN,
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
        timestamp_granularities: Sequence[TimestampGranularity | Literal["word", "segment"]]
        | None
        | NotGiven = NOT_GIVEN,
        stream: Literal[False] | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> VerboseTranscriptionResponse | TranscriptionResponse | str: ...

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
        stream: Literal[True],
        file: File,
        language: str | None | NotGiven = NOT_GIVEN,
        prompt: str | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> AsyncStream[TranscriptionStreamEvent]: ...

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
        stream: bool | None | NotGiven,
        file: File,
        language: str | None | NotGiven = NOT_GIVEN,
        prompt: str | None | NotGiven = NOT_GIVEN,
        response_format: TranscriptionFormat
        | Literal["json", "text", "srt", "vtt", "verbose_json"]
        | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        timestamp_granularities: Sequence[TimestampGranularity | Literal["word", "segment"]]
        | None
        | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> VerboseTranscriptionResponse | TranscriptionResponse | str | AsyncStream[TranscriptionStreamEvent]: ...

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
        timestamp_granularities: Sequence[TimestampGranularity | Literal["word", "segment"]]
        | None
        | NotGiven = NOT_GIVEN,
        stream: bool | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> VerboseTranscriptionResponse | TranscriptionResponse | str | AsyncStream[TranscriptionStreamEvent]:
        """Transcribe a recording.

        Takes an audio file in a common format and returns the transcript: as JSON, as `verbose_json` with
        timestamps, as plain text, or as subtitles in SRT or WebVTT.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            model: The id of the speech-to-text model.
            language: The language of the recording, as an ISO 639 code (`en`); detected if omitted.
            prompt: Words or names that are likely to occur in the recording.
            response_format: The format of a transcript. Default: 'json'.
            temperature: The sampling temperature.
            timestamp_granularities: What `verbose_json` has the times of: `word` adds `words` to the `segments`, which it always has. The other formats of a response have no times.
            stream: Whether the response is streamed.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        request = provided_fields(
            model=model,
            language=language,
            prompt=prompt,
            response_format=response_format,
            temperature=temperature,
            timestamp_granularities=timestamp_granularities,
        )
        if stream:
            return self._client._stream(operations.STREAM_TRANSCRIPTION, options, request, files={"file": file})
        return await self._client._send(operations.TRANSCRIBE, options, request, files={"file": file})


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
        timestamp_granularities: Sequence[TimestampGranularity | Literal["word", "segment"]]
        | None
        | NotGiven = NOT_GIVEN,
        stream: Literal[False] | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> RawResponse[VerboseTranscriptionResponse | TranscriptionResponse | str]:
        """Transcribe a recording. A streamed response is not raw: the stream of `create` has `meta`.

        Takes an audio file in a common format and returns the transcript: as JSON, as `verbose_json` with
        timestamps, as plain text, or as subtitles in SRT or WebVTT.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            model: The id of the speech-to-text model.
            language: The language of the recording, as an ISO 639 code (`en`); detected if omitted.
            prompt: Words or names that are likely to occur in the recording.
            response_format: The format of a transcript. Default: 'json'.
            temperature: The sampling temperature.
            timestamp_granularities: What `verbose_json` has the times of: `word` adds `words` to the `segments`, which it always has. The other formats of a response have no times.
            stream: Whether the response is streamed.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        request = provided_fields(
            model=model,
            language=language,
            prompt=prompt,
            response_format=response_format,
            temperature=temperature,
            timestamp_granularities=timestamp_granularities,
        )
        return await self._client._send_raw(operations.TRANSCRIBE, options, request, files={"file": file})


class AsyncAudioTranscriptionsJobsResource:
    """`audio.transcriptions.jobs.list`, `audio.transcriptions.jobs.create`, `audio.transcriptions.jobs.create_and_poll`, `audio.transcriptions.jobs.retrieve`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncAudioTranscriptionsJobsResourceWithRawResponse:
        """The same methods, which return the response with its status, headers and request id."""
        return AsyncAudioTranscriptionsJobsResourceWithRawResponse(self._client)

    async def list(self, **options: Unpack[CallOptions]) -> TranscriptionJobListResponse:
        """List the transcription jobs of the API key.

        Returns the state of each job, the newest first.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send(operations.LIST_TRANSCRIPTION_JOBS, options)

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
        temperature: float | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> AsyncTranscriptionJobAccepted:
        """Transcribe a recording as a job.

        Takes an audio file and returns a job at once; `get_transcription_job` returns its state, and the transcript when
        it is complete. A job belongs to the API key that created it.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            model: The id of the speech-to-text model.
            language: The language of the recording, as an ISO 639 code (`en`); detected if omitted.
            prompt: Words or names that are likely to occur in the recording.
            temperature: The sampling temperature.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        request = provided_fields(model=model, language=language, prompt=prompt, temperature=temperature)
        return await self._client._send(operations.CREATE_TRANSCRIPTION_JOB, options, request, files={"file": file})

    async def create_and_poll(
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
        temperature: float | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> TranscriptionJobResult:
        """Transcribe a recording as a job. Waits for the job and returns its result; the deadline holds for all polls.

        Takes an audio file and returns a job at once; `get_transcription_job` returns its state, and the transcript when
        it is complete. A job belongs to the API key that created it.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            model: The id of the speech-to-text model.
            language: The language of the recording, as an ISO 639 code (`en`); detected if omitted.
            prompt: Words or names that are likely to occur in the recording.
            temperature: The sampling temperature.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        request = provided_fields(model=model, language=language, prompt=prompt, temperature=temperature)
        result: TranscriptionJobResult = await self._client._send_and_poll(
            operations.CREATE_TRANSCRIPTION_JOB,
            operations.GET_TRANSCRIPTION_JOB,
            options,
            request,
            files={"file": file},
        )
        return result

    async def retrieve(
        self, job_id: str, **options: Unpack[CallOptions]
    ) -> TranscriptionJobResult | TranscriptionJobInfo:
        """Return the transcript of a job, or its state.

        Returns the transcript with status 200 when the job is complete, and until then, or if it failed, its state with
        status 202.

        Args:
            job_id: The id of the job.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send(operations.GET_TRANSCRIPTION_JOB, options, parameters={"job_id": job_id})


class AsyncAudioTranscriptionsJobsResourceWithRawResponse:
    """The methods of AsyncAudioTranscriptionsJobsResource, which return the response with its status and headers."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    async def list(self, **options: Unpack[CallOptions]) -> RawResponse[TranscriptionJobListResponse]:
        """List the transcription jobs of the API key.

        Returns the state of each job, the newest first.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send_raw(operations.LIST_TRANSCRIPTION_JOBS, options)

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
        temperature: float | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> RawResponse[AsyncTranscriptionJobAccepted]:
        """Transcribe a recording as a job.

        Takes an audio file and returns a job at once; `get_transcription_job` returns its state, and the transcript when
        it is complete. A job belongs to the API key that created it.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            model: The id of the speech-to-text model.
            language: The language of the recording, as an ISO 639 code (`en`); detected if omitted.
            prompt: Words or names that are likely to occur in the recording.
            temperature: The sampling temperature.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        request = provided_fields(model=model, language=language, prompt=prompt, temperature=temperature)
        return await self._client._send_raw(operations.CREATE_TRANSCRIPTION_JOB, options, request, files={"file": file})

    async def retrieve(
        self, job_id: str, **options: Unpack[CallOptions]
    ) -> RawResponse[TranscriptionJobResult | TranscriptionJobInfo]:
        """Return the transcript of a job, or its state.

        Returns the transcript with status 200 when the job is complete, and until then, or if it failed, its state with
        status 202.

        Args:
            job_id: The id of the job.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send_raw(operations.GET_TRANSCRIPTION_JOB, options, parameters={"job_id": job_id})


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
        """Translate a recording into English text.

        Takes an audio file in a common format, in any language that the model supports, and returns the
        transcript in English, in the same formats as a transcription.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            model: The id of the speech-to-text model.
            prompt: Words or names that are likely to occur in the translation, in English.
            response_format: The format of a transcript. Default: 'json'.
            temperature: The sampling temperature.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        request = provided_fields(model=model, prompt=prompt, response_format=response_format, temperature=temperature)
        return await self._client._send(operations.TRANSLATE, options, request, files={"file": file})


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
        """Translate a recording into English text.

        Takes an audio file in a common format, in any language that the model supports, and returns the
        transcript in English, in the same formats as a transcription.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            model: The id of the speech-to-text model.
            prompt: Words or names that are likely to occur in the translation, in English.
            response_format: The format of a transcript. Default: 'json'.
            temperature: The sampling temperature.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        request = provided_fields(model=model, prompt=prompt, response_format=response_format, temperature=temperature)
        return await self._client._send_raw(operations.TRANSLATE, options, request, files={"file": file})


class AsyncModelsResource:
    """`models.list`, `models.retrieve`, `models.load`, `models.unload`, `models.unload_all`, `models.status`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncModelsResourceWithRawResponse:
        """The same methods, which return the response with its status, headers and request id."""
        return AsyncModelsResourceWithRawResponse(self._client)

    async def list(self, **options: Unpack[CallOptions]) -> ListModelsResponse:
        """List the models of the server.

        Returns every available model, whether it is loaded or not.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send(operations.LIST_MODELS, options)

    async def retrieve(self, model: str, **options: Unpack[CallOptions]) -> ModelInfo:
        """Return a model of the server.

        Returns a model by its id or another of its names, which is the id in the response. The id is one segment of the
        path, so that a slash in it is percent-encoded: `/v1/models/hexgrad%2FKokoro-82M`.

        Args:
            model: The id of the model.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send(operations.RETRIEVE_MODEL, options, parameters={"model": model})

    async def load(
        self, *, model_name: str, force_reload: bool | NotGiven = NOT_GIVEN, **options: Unpack[CallOptions]
    ) -> LoadModelResponse:
        """Load a model into memory.

        Loads a model so that its first request does not wait for it. A model that is already loaded is not
        loaded again unless `force_reload` is true.

        Args:
            model_name: The id of the model.
            force_reload: Whether to load the model again if it is already loaded. Default: False.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        request = provided_fields(model_name=model_name, force_reload=force_reload)
        return await self._client._send(operations.LOAD_MODEL, options, request)

    async def unload(self, *, model_name: str, **options: Unpack[CallOptions]) -> UnloadModelResponse:
        """Unload a model from memory.

        Removes a model from memory once its active requests have ended.

        Args:
            model_name: The id of the model.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        request = provided_fields(model_name=model_name)
        return await self._client._send(operations.UNLOAD_MODEL, options, request)

    async def unload_all(self, **options: Unpack[CallOptions]) -> UnloadAllModelsResponse:
        """Unload all models from memory.

        Removes every model from memory once its active requests have ended.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send(operations.UNLOAD_ALL_MODELS, options)

    async def status(self, **options: Unpack[CallOptions]) -> ModelStatusResponse:
        """Return the load state of every model.

        Returns the loaded models and the state of every available model.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send(operations.GET_MODEL_STATUS, options)


class AsyncModelsResourceWithRawResponse:
    """The methods of AsyncModelsResource, which return the response with its status and headers."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    async def list(self, **options: Unpack[CallOptions]) -> RawResponse[ListModelsResponse]:
        """List the models of the server.

        Returns every available model, whether it is loaded or not.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send_raw(operations.LIST_MODELS, options)

    async def retrieve(self, model: str, **options: Unpack[CallOptions]) -> RawResponse[ModelInfo]:
        """Return a model of the server.

        Returns a model by its id or another of its names, which is the id in the response. The id is one segment of the
        path, so that a slash in it is percent-encoded: `/v1/models/hexgrad%2FKokoro-82M`.

        Args:
            model: The id of the model.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send_raw(operations.RETRIEVE_MODEL, options, parameters={"model": model})

    async def load(
        self, *, model_name: str, force_reload: bool | NotGiven = NOT_GIVEN, **options: Unpack[CallOptions]
    ) -> RawResponse[LoadModelResponse]:
        """Load a model into memory.

        Loads a model so that its first request does not wait for it. A model that is already loaded is not
        loaded again unless `force_reload` is true.

        Args:
            model_name: The id of the model.
            force_reload: Whether to load the model again if it is already loaded. Default: False.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        request = provided_fields(model_name=model_name, force_reload=force_reload)
        return await self._client._send_raw(operations.LOAD_MODEL, options, request)

    async def unload(self, *, model_name: str, **options: Unpack[CallOptions]) -> RawResponse[UnloadModelResponse]:
        """Unload a model from memory.

        Removes a model from memory once its active requests have ended.

        Args:
            model_name: The id of the model.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        request = provided_fields(model_name=model_name)
        return await self._client._send_raw(operations.UNLOAD_MODEL, options, request)

    async def unload_all(self, **options: Unpack[CallOptions]) -> RawResponse[UnloadAllModelsResponse]:
        """Unload all models from memory.

        Removes every model from memory once its active requests have ended.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send_raw(operations.UNLOAD_ALL_MODELS, options)

    async def status(self, **options: Unpack[CallOptions]) -> RawResponse[ModelStatusResponse]:
        """Return the load state of every model.

        Returns the loaded models and the state of every available model.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send_raw(operations.GET_MODEL_STATUS, options)


class AsyncGpuResource:
    """`gpu.status`, `gpu.memory`, `gpu.purge`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncGpuResourceWithRawResponse:
        """The same methods, which return the response with its status, headers and request id."""
        return AsyncGpuResourceWithRawResponse(self._client)

    async def status(self, **options: Unpack[CallOptions]) -> GPUStatusResponse:
        """Return the status of each GPU.

        Returns memory, utilization, temperature and processes of each GPU; empty lists without a GPU.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send(operations.GET_GPU_STATUS, options)

    async def memory(self, **options: Unpack[CallOptions]) -> GPUMemoryResponse:
        """Return the memory usage of each GPU.

        Returns used and free memory of each GPU, in GiB and in percent; an empty list without a GPU.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send(operations.GET_GPU_MEMORY, options)

    async def purge(self, *, force: bool | NotGiven = NOT_GIVEN, **options: Unpack[CallOptions]) -> GPUPurgeResponse:
        """Free GPU memory.

        Unloads idle models; with `force` also models that are in use, once their active requests have ended.
        Returns the memory usage before and after.

        Args:
            force: Whether to unload models that are in use as well. Default: False.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        request = provided_fields(force=force)
        return await self._client._send(operations.PURGE_GPU, options, request)


class AsyncGpuResourceWithRawResponse:
    """The methods of AsyncGpuResource, which return the response with its status and headers."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    async def status(self, **options: Unpack[CallOptions]) -> RawResponse[GPUStatusResponse]:
        """Return the status of each GPU.

        Returns memory, utilization, temperature and processes of each GPU; empty lists without a GPU.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send_raw(operations.GET_GPU_STATUS, options)

    async def memory(self, **options: Unpack[CallOptions]) -> RawResponse[GPUMemoryResponse]:
        """Return the memory usage of each GPU.

        Returns used and free memory of each GPU, in GiB and in percent; an empty list without a GPU.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send_raw(operations.GET_GPU_MEMORY, options)

    async def purge(
        self, *, force: bool | NotGiven = NOT_GIVEN, **options: Unpack[CallOptions]
    ) -> RawResponse[GPUPurgeResponse]:
        """Free GPU memory.

        Unloads idle models; with `force` also models that are in use, once their active requests have ended.
        Returns the memory usage before and after.

        Args:
            force: Whether to unload models that are in use as well. Default: False.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        request = provided_fields(force=force)
        return await self._client._send_raw(operations.PURGE_GPU, options, request)


class AsyncStatusResource:
    """`status.retrieve`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncStatusResourceWithRawResponse:
        """The same methods, which return the response with its status, headers and request id."""
        return AsyncStatusResourceWithRawResponse(self._client)

    async def retrieve(self, **options: Unpack[CallOptions]) -> SystemStatus:
        """Return the status of every region.

        Returns the state of each region and of its models. Loads no model.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send(operations.GET_STATUS, options)


class AsyncStatusResourceWithRawResponse:
    """The methods of AsyncStatusResource, which return the response with its status and headers."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    async def retrieve(self, **options: Unpack[CallOptions]) -> RawResponse[SystemStatus]:
        """Return the status of every region.

        Returns the state of each region and of its models. Loads no model.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send_raw(operations.GET_STATUS, options)


class AsyncRouterResource:
    """`router.route`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncRouterResourceWithRawResponse:
        """The same methods, which return the response with its status, headers and request id."""
        return AsyncRouterResourceWithRawResponse(self._client)

    async def route(
        self,
        *,
        scope: Literal["country", "global"] | None = None,
        model: str | None = None,
        **options: Unpack[CallOptions],
    ) -> RouteResponse:
        """Return the nearest region.

        The autorouter selects a region by the address of the client. It needs no API key. A server that is one region,
        such as the local edge, returns itself.

        Args:
            scope: Whether the region must be in the country of the client: `country`, or `global` for any region.
            model: A model that the region must serve.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send(operations.GET_ROUTE, options, parameters={"scope": scope, "model": model})


class AsyncRouterResourceWithRawResponse:
    """The methods of AsyncRouterResource, which return the response with its status and headers."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    async def route(
        self,
        *,
        scope: Literal["country", "global"] | None = None,
        model: str | None = None,
        **options: Unpack[CallOptions],
    ) -> RawResponse[RouteResponse]:
        """Return the nearest region.

        The autorouter selects a region by the address of the client. It needs no API key. A server that is one region,
        such as the local edge, returns itself.

        Args:
            scope: Whether the region must be in the country of the client: `country`, or `global` for any region.
            model: A model that the region must serve.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send_raw(operations.GET_ROUTE, options, parameters={"scope": scope, "model": model})


class AsyncUsageResource:
    """`usage.retrieve`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncUsageResourceWithRawResponse:
        """The same methods, which return the response with its status, headers and request id."""
        return AsyncUsageResourceWithRawResponse(self._client)

    async def retrieve(
        self,
        *,
        start_date: date | str | None = None,
        end_date: date | str | None = None,
        **options: Unpack[CallOptions],
    ) -> UsageResponse:
        """Return the usage of the API key.

        Returns requests, tokens and cost of the API key of the request, in total, by model and by region. The days are
        those of UTC, and both dates belong to the period. Without `end_date` it ends today, without `start_date` it has
        30 days.

        Args:
            start_date: The first day.
            end_date: The last day.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send(
            operations.GET_USAGE, options, parameters={"start_date": start_date, "end_date": end_date}
        )


class AsyncUsageResourceWithRawResponse:
    """The methods of AsyncUsageResource, which return the response with its status and headers."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    async def retrieve(
        self,
        *,
        start_date: date | str | None = None,
        end_date: date | str | None = None,
        **options: Unpack[CallOptions],
    ) -> RawResponse[UsageResponse]:
        """Return the usage of the API key.

        Returns requests, tokens and cost of the API key of the request, in total, by model and by region. The days are
        those of UTC, and both dates belong to the period. Without `end_date` it ends today, without `start_date` it has
        30 days.

        Args:
            start_date: The first day.
            end_date: The last day.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.
        """
        return await self._client._send_raw(
            operations.GET_USAGE, options, parameters={"start_date": start_date, "end_date": end_date}
        )
