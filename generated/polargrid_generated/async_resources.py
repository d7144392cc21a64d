# Generated from openapi.yaml by `make generate`; do not edit.
"""The operations by the names of OpenAI's SDK, with a keyword argument for each field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from typing_extensions import TypeVar

from polargrid_generated import operations
from polargrid_runtime._async.streamed_response import async_raw, async_streamed
from polargrid_runtime.arguments import NOT_GIVEN, CallOptions, File, NotGiven, provided_fields
from polargrid_runtime.list_request import AsyncListRequest

if TYPE_CHECKING:
    from datetime import date

    from polargrid_generated.models import (
        AsyncTranscriptionJobAccepted,
        AudioFormat,
        Base64EmbeddingResponse,
        ChatCompletionChunk,
        ChatCompletionResponse,
        CompletionChunk,
        CompletionResponse,
        EmbeddingResponse,
        GPUMemoryResponse,
        GPUPurgeResponse,
        GPUStatusResponse,
        ListModelsResponse,
        LoadModelResponse,
        ModelInfo,
        ModelStatusResponse,
        RouteResponse,
        STTModel,
        SystemStatus,
        TimestampGranularity,
        TranscriptionFormat,
        TranscriptionInclude,
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
    from polargrid_generated.params import (
        AllowedToolsChoiceParam,
        AudioOutputParam,
        ChatToolParam,
        FunctionDefinitionParam,
        MessageParam,
        NamedFunctionParam,
        NamedToolChoiceParam,
        PredictionParam,
        PromptCacheOptionsParam,
        ResponseFormatParam,
        StreamOptionsParam,
        StructuredOutputsParam,
        VoiceReferenceParam,
        WebSearchOptionsParam,
    )
    from polargrid_generated.parsed import ParsedChatCompletion
    from polargrid_runtime._async.audio_stream import AsyncAudioStream
    from polargrid_runtime._async.client import AsyncOperationClient
    from polargrid_runtime._async.stream import AsyncStream
    from polargrid_runtime._async.text_stream import AsyncTextStream
    from polargrid_runtime.audio import Audio
    from polargrid_runtime.objects import AnyObject
    from polargrid_runtime.tool_results import ToolRunResult

Parsed = TypeVar("Parsed", default=None)


class AsyncChatResource:
    """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @cached_property
    def completions(self) -> AsyncChatCompletionsResource:
        """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""
        return AsyncChatCompletionsResource(self._client)

    @property
    def with_raw_response(self) -> AsyncChatResourceWithRawResponse:
        """The same methods, which return a RawResponse: with status, headers, request id and body."""
        return AsyncChatResourceWithRawResponse(self._client)

    @property
    def with_streaming_response(self) -> AsyncChatResourceWithStreamingResponse:
        """The same methods as context managers, whose response is read when it is needed."""
        return AsyncChatResourceWithStreamingResponse(self._client)


class AsyncChatResourceWithRawResponse:
    """The methods of AsyncChatResource, which return a RawResponse."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def completions(self) -> AsyncChatCompletionsResourceWithRawResponse:
        """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""
        return AsyncChatCompletionsResourceWithRawResponse(self._client)


class AsyncChatResourceWithStreamingResponse:
    """The methods of AsyncChatResource as context managers, which read the response when it is needed."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def completions(self) -> AsyncChatCompletionsResourceWithStreamingResponse:
        """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""
        return AsyncChatCompletionsResourceWithStreamingResponse(self._client)


class AsyncChatCompletionsResource:
    """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncChatCompletionsResourceWithRawResponse:
        """The same methods, which return a RawResponse: with status, headers, request id and body."""
        return AsyncChatCompletionsResourceWithRawResponse(self._client)

    @property
    def with_streaming_response(self) -> AsyncChatCompletionsResourceWithStreamingResponse:
        """The same methods as context managers, whose response is read when it is needed."""
        return AsyncChatCompletionsResourceWithStreamingResponse(self._client)

    @overload
    async def create(
        self,
        *,
        model: Literal["llama-3.1-8b", "qwen-3.5-27b"] | str,
        messages: Iterable[MessageParam | AnyObject],
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
        logit_bias: Mapping[str, float] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        logprobs: bool | None | NotGiven = NOT_GIVEN,
        top_logprobs: int | None | NotGiven = NOT_GIVEN,
        stream: Literal[False] | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        tools: Iterable[ChatToolParam | AnyObject] | None | NotGiven = NOT_GIVEN,
        tool_choice: Literal["none", "auto", "required"]
        | NamedToolChoiceParam
        | AllowedToolsChoiceParam
        | AnyObject
        | None
        | NotGiven = NOT_GIVEN,
        response_format: ResponseFormatParam | AnyObject | None | NotGiven = NOT_GIVEN,
        parallel_tool_calls: bool | None | NotGiven = NOT_GIVEN,
        functions: Iterable[FunctionDefinitionParam | AnyObject] | None | NotGiven = NOT_GIVEN,
        function_call: Literal["none", "auto"] | NamedFunctionParam | AnyObject | None | NotGiven = NOT_GIVEN,
        enable_thinking: bool | None | NotGiven = NOT_GIVEN,
        reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        | None
        | NotGiven = NOT_GIVEN,
        verbosity: Literal["low", "medium", "high"] | None | NotGiven = NOT_GIVEN,
        modalities: Sequence[Literal["text", "audio"]] | None | NotGiven = NOT_GIVEN,
        audio: AudioOutputParam | AnyObject | None | NotGiven = NOT_GIVEN,
        prediction: PredictionParam | AnyObject | None | NotGiven = NOT_GIVEN,
        web_search_options: WebSearchOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | None | NotGiven = NOT_GIVEN,
        store: bool | None | NotGiven = NOT_GIVEN,
        metadata: Mapping[str, str] | None | NotGiven = NOT_GIVEN,
        prompt_cache_key: str | None | NotGiven = NOT_GIVEN,
        prompt_cache_retention: Literal["in_memory", "24h"] | None | NotGiven = NOT_GIVEN,
        prompt_cache_options: PromptCacheOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        moderation: Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        safety_identifier: str | None | NotGiven = NOT_GIVEN,
        guided_json: Mapping[str, Any] | str | None | NotGiven = NOT_GIVEN,
        structured_outputs: StructuredOutputsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> ChatCompletionResponse: ...

    @overload
    async def create(
        self,
        *,
        model: Literal["llama-3.1-8b", "qwen-3.5-27b"] | str,
        messages: Iterable[MessageParam | AnyObject],
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
        logit_bias: Mapping[str, float] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        logprobs: bool | None | NotGiven = NOT_GIVEN,
        top_logprobs: int | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        tools: Iterable[ChatToolParam | AnyObject] | None | NotGiven = NOT_GIVEN,
        tool_choice: Literal["none", "auto", "required"]
        | NamedToolChoiceParam
        | AllowedToolsChoiceParam
        | AnyObject
        | None
        | NotGiven = NOT_GIVEN,
        response_format: ResponseFormatParam | AnyObject | None | NotGiven = NOT_GIVEN,
        parallel_tool_calls: bool | None | NotGiven = NOT_GIVEN,
        functions: Iterable[FunctionDefinitionParam | AnyObject] | None | NotGiven = NOT_GIVEN,
        function_call: Literal["none", "auto"] | NamedFunctionParam | AnyObject | None | NotGiven = NOT_GIVEN,
        enable_thinking: bool | None | NotGiven = NOT_GIVEN,
        reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        | None
        | NotGiven = NOT_GIVEN,
        verbosity: Literal["low", "medium", "high"] | None | NotGiven = NOT_GIVEN,
        modalities: Sequence[Literal["text", "audio"]] | None | NotGiven = NOT_GIVEN,
        audio: AudioOutputParam | AnyObject | None | NotGiven = NOT_GIVEN,
        prediction: PredictionParam | AnyObject | None | NotGiven = NOT_GIVEN,
        web_search_options: WebSearchOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | None | NotGiven = NOT_GIVEN,
        store: bool | None | NotGiven = NOT_GIVEN,
        metadata: Mapping[str, str] | None | NotGiven = NOT_GIVEN,
        prompt_cache_key: str | None | NotGiven = NOT_GIVEN,
        prompt_cache_retention: Literal["in_memory", "24h"] | None | NotGiven = NOT_GIVEN,
        prompt_cache_options: PromptCacheOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        moderation: Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        safety_identifier: str | None | NotGiven = NOT_GIVEN,
        guided_json: Mapping[str, Any] | str | None | NotGiven = NOT_GIVEN,
        structured_outputs: StructuredOutputsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> AsyncStream[ChatCompletionChunk]: ...

    @overload
    async def create(
        self,
        *,
        model: Literal["llama-3.1-8b", "qwen-3.5-27b"] | str,
        messages: Iterable[MessageParam | AnyObject],
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
        logit_bias: Mapping[str, float] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        logprobs: bool | None | NotGiven = NOT_GIVEN,
        top_logprobs: int | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        tools: Iterable[ChatToolParam | AnyObject] | None | NotGiven = NOT_GIVEN,
        tool_choice: Literal["none", "auto", "required"]
        | NamedToolChoiceParam
        | AllowedToolsChoiceParam
        | AnyObject
        | None
        | NotGiven = NOT_GIVEN,
        response_format: ResponseFormatParam | AnyObject | None | NotGiven = NOT_GIVEN,
        parallel_tool_calls: bool | None | NotGiven = NOT_GIVEN,
        functions: Iterable[FunctionDefinitionParam | AnyObject] | None | NotGiven = NOT_GIVEN,
        function_call: Literal["none", "auto"] | NamedFunctionParam | AnyObject | None | NotGiven = NOT_GIVEN,
        enable_thinking: bool | None | NotGiven = NOT_GIVEN,
        reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        | None
        | NotGiven = NOT_GIVEN,
        verbosity: Literal["low", "medium", "high"] | None | NotGiven = NOT_GIVEN,
        modalities: Sequence[Literal["text", "audio"]] | None | NotGiven = NOT_GIVEN,
        audio: AudioOutputParam | AnyObject | None | NotGiven = NOT_GIVEN,
        prediction: PredictionParam | AnyObject | None | NotGiven = NOT_GIVEN,
        web_search_options: WebSearchOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | None | NotGiven = NOT_GIVEN,
        store: bool | None | NotGiven = NOT_GIVEN,
        metadata: Mapping[str, str] | None | NotGiven = NOT_GIVEN,
        prompt_cache_key: str | None | NotGiven = NOT_GIVEN,
        prompt_cache_retention: Literal["in_memory", "24h"] | None | NotGiven = NOT_GIVEN,
        prompt_cache_options: PromptCacheOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        moderation: Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        safety_identifier: str | None | NotGiven = NOT_GIVEN,
        guided_json: Mapping[str, Any] | str | None | NotGiven = NOT_GIVEN,
        structured_outputs: StructuredOutputsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> ChatCompletionResponse | AsyncStream[ChatCompletionChunk]: ...

    async def create(
        self,
        *,
        model: Literal["llama-3.1-8b", "qwen-3.5-27b"] | str,
        messages: Iterable[MessageParam | AnyObject],
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
        logit_bias: Mapping[str, float] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        logprobs: bool | None | NotGiven = NOT_GIVEN,
        top_logprobs: int | None | NotGiven = NOT_GIVEN,
        stream: bool | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        tools: Iterable[ChatToolParam | AnyObject] | None | NotGiven = NOT_GIVEN,
        tool_choice: Literal["none", "auto", "required"]
        | NamedToolChoiceParam
        | AllowedToolsChoiceParam
        | AnyObject
        | None
        | NotGiven = NOT_GIVEN,
        response_format: ResponseFormatParam | AnyObject | None | NotGiven = NOT_GIVEN,
        parallel_tool_calls: bool | None | NotGiven = NOT_GIVEN,
        functions: Iterable[FunctionDefinitionParam | AnyObject] | None | NotGiven = NOT_GIVEN,
        function_call: Literal["none", "auto"] | NamedFunctionParam | AnyObject | None | NotGiven = NOT_GIVEN,
        enable_thinking: bool | None | NotGiven = NOT_GIVEN,
        reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        | None
        | NotGiven = NOT_GIVEN,
        verbosity: Literal["low", "medium", "high"] | None | NotGiven = NOT_GIVEN,
        modalities: Sequence[Literal["text", "audio"]] | None | NotGiven = NOT_GIVEN,
        audio: AudioOutputParam | AnyObject | None | NotGiven = NOT_GIVEN,
        prediction: PredictionParam | AnyObject | None | NotGiven = NOT_GIVEN,
        web_search_options: WebSearchOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | None | NotGiven = NOT_GIVEN,
        store: bool | None | NotGiven = NOT_GIVEN,
        metadata: Mapping[str, str] | None | NotGiven = NOT_GIVEN,
        prompt_cache_key: str | None | NotGiven = NOT_GIVEN,
        prompt_cache_retention: Literal["in_memory", "24h"] | None | NotGiven = NOT_GIVEN,
        prompt_cache_options: PromptCacheOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        moderation: Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        safety_identifier: str | None | NotGiven = NOT_GIVEN,
        guided_json: Mapping[str, Any] | str | None | NotGiven = NOT_GIVEN,
        structured_outputs: StructuredOutputsParam | AnyObject | None | NotGiven = NOT_GIVEN,
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
            max_tokens: The maximum number of tokens to generate for a choice; without it, or if the context of the model holds fewer, as many as the context holds.
            max_completion_tokens: The newer name of `max_tokens`; takes precedence over it.
            temperature: The sampling temperature; 0 always selects the most likely token. Default: 0.7.
            top_p: Nucleus sampling: sample from the most likely tokens with this total probability. Default: 0.9.
            top_k: Sample from this number of most likely tokens; 0 or -1 is no limit.
            min_p: Exclude tokens with a probability below this share of that of the most likely token.
            frequency_penalty: Penalty on a token for each occurrence; negative values encourage repetition.
            presence_penalty: Penalty on every token that occurred; negative values encourage repetition.
            repetition_penalty: Divisor of the likelihood of tokens that occurred; 1 has no effect.
            stop: Texts at which generation stops; the response does not include them.
            logit_bias: What is added to the logit of a token, by the id of the token in the model; -100 forbids it.
            n: The number of choices to generate. Default: 1.
            seed: The seed of sampling; the same seed, request and model produce the same response.
            logprobs: Whether the response has the log probability of each token.
            top_logprobs: The number of most likely tokens to return at each position; requires `logprobs`.
            stream: Whether the response is a stream of events. Default: False.
            stream_options: Options of the stream.
            tools: The functions that the model may call.
            tool_choice: `none` forbids calls, `auto` lets the model decide, `required` requires at least one call; an object selects a function, or several that are allowed.
            response_format: The format of the generated content.
            parallel_tool_calls: Whether a response may call several functions. Default: True.
            functions: The older form of `tools`.
            function_call: The older form of `tool_choice`.
            enable_thinking: Whether to enable the reasoning of a model that supports it.
            reasoning_effort: How much a model reasons that supports it; others ignore it.
            verbosity: How long the text should be. Ignored by models without it.
            modalities: What is generated; a model that generates text only rejects `audio`.
            audio: How the audio sounds, if `modalities` has `audio`.
            prediction: What the text will probably be. It makes a server faster that uses it.
            web_search_options: How the server searches the web. PolarGrid's servers do not search it.
            service_tier: The tier that serves the request. PolarGrid has one.
            store: Whether the server stores the response. PolarGrid stores none.
            metadata: What a stored response is found by. PolarGrid stores none, and returns it in no response.
            prompt_cache_key: Requests with the same beginning, which a server may keep in its cache.
            prompt_cache_retention: How long the server keeps the prompt in its cache.
            prompt_cache_options: How the server keeps the prompt in its cache.
            moderation: How the server moderates request and response. PolarGrid does not.
            safety_identifier: A stable id of your end user; the newer name of `user`.
            guided_json: A JSON Schema of the text, as vLLM's servers take it; `response_format` is its standard form.
            structured_outputs: What the text must be, as vLLM's servers take it; `response_format` is its standard form.
            user: An id of your end user.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = await client.chat.completions.create(
                model="llama-3.1-8b",
                messages=[{"role": "user", "content": "Hello"}],
                max_tokens=100,
            )
            print(response.text)
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
            logit_bias=logit_bias,
            n=n,
            seed=seed,
            logprobs=logprobs,
            top_logprobs=top_logprobs,
            stream=stream,
            stream_options=stream_options,
            tools=tools,
            tool_choice=tool_choice,
            response_format=response_format,
            parallel_tool_calls=parallel_tool_calls,
            functions=functions,
            function_call=function_call,
            enable_thinking=enable_thinking,
            reasoning_effort=reasoning_effort,
            verbosity=verbosity,
            modalities=modalities,
            audio=audio,
            prediction=prediction,
            web_search_options=web_search_options,
            service_tier=service_tier,
            store=store,
            metadata=metadata,
            prompt_cache_key=prompt_cache_key,
            prompt_cache_retention=prompt_cache_retention,
            prompt_cache_options=prompt_cache_options,
            moderation=moderation,
            safety_identifier=safety_identifier,
            guided_json=guided_json,
            structured_outputs=structured_outputs,
            user=user,
        )
        if stream:
            return await self._client._open_stream(operations.CHAT_COMPLETION, options, request)
        return await self._client._send(operations.CHAT_COMPLETION, options, request)

    def stream(
        self,
        *,
        model: Literal["llama-3.1-8b", "qwen-3.5-27b"] | str,
        messages: Iterable[MessageParam | AnyObject],
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
        logit_bias: Mapping[str, float] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        logprobs: bool | None | NotGiven = NOT_GIVEN,
        top_logprobs: int | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        tools: Iterable[ChatToolParam | AnyObject] | None | NotGiven = NOT_GIVEN,
        tool_choice: Literal["none", "auto", "required"]
        | NamedToolChoiceParam
        | AllowedToolsChoiceParam
        | AnyObject
        | None
        | NotGiven = NOT_GIVEN,
        response_format: type[Parsed] | ResponseFormatParam | AnyObject | None | NotGiven = NOT_GIVEN,
        parallel_tool_calls: bool | None | NotGiven = NOT_GIVEN,
        functions: Iterable[FunctionDefinitionParam | AnyObject] | None | NotGiven = NOT_GIVEN,
        function_call: Literal["none", "auto"] | NamedFunctionParam | AnyObject | None | NotGiven = NOT_GIVEN,
        enable_thinking: bool | None | NotGiven = NOT_GIVEN,
        reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        | None
        | NotGiven = NOT_GIVEN,
        verbosity: Literal["low", "medium", "high"] | None | NotGiven = NOT_GIVEN,
        modalities: Sequence[Literal["text", "audio"]] | None | NotGiven = NOT_GIVEN,
        audio: AudioOutputParam | AnyObject | None | NotGiven = NOT_GIVEN,
        prediction: PredictionParam | AnyObject | None | NotGiven = NOT_GIVEN,
        web_search_options: WebSearchOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | None | NotGiven = NOT_GIVEN,
        store: bool | None | NotGiven = NOT_GIVEN,
        metadata: Mapping[str, str] | None | NotGiven = NOT_GIVEN,
        prompt_cache_key: str | None | NotGiven = NOT_GIVEN,
        prompt_cache_retention: Literal["in_memory", "24h"] | None | NotGiven = NOT_GIVEN,
        prompt_cache_options: PromptCacheOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        moderation: Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        safety_identifier: str | None | NotGiven = NOT_GIVEN,
        guided_json: Mapping[str, Any] | str | None | NotGiven = NOT_GIVEN,
        structured_outputs: StructuredOutputsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> AsyncTextStream[ChatCompletionChunk, ParsedChatCompletion[Parsed]]:
        """Generate the next message of a conversation. The response is streamed, and complete at the end of the stream, with objects as in `parse`.

        Takes the messages of a conversation and returns the next message of the model. With `stream: true` the
        response is a stream of server-sent events, each with a chunk of the message; the last event is
        `[DONE]`.

        Args:
            model: The id of the model.
            messages: The messages of the conversation, oldest first.
            max_tokens: The maximum number of tokens to generate for a choice; without it, or if the context of the model holds fewer, as many as the context holds.
            max_completion_tokens: The newer name of `max_tokens`; takes precedence over it.
            temperature: The sampling temperature; 0 always selects the most likely token. Default: 0.7.
            top_p: Nucleus sampling: sample from the most likely tokens with this total probability. Default: 0.9.
            top_k: Sample from this number of most likely tokens; 0 or -1 is no limit.
            min_p: Exclude tokens with a probability below this share of that of the most likely token.
            frequency_penalty: Penalty on a token for each occurrence; negative values encourage repetition.
            presence_penalty: Penalty on every token that occurred; negative values encourage repetition.
            repetition_penalty: Divisor of the likelihood of tokens that occurred; 1 has no effect.
            stop: Texts at which generation stops; the response does not include them.
            logit_bias: What is added to the logit of a token, by the id of the token in the model; -100 forbids it.
            n: The number of choices to generate. Default: 1.
            seed: The seed of sampling; the same seed, request and model produce the same response.
            logprobs: Whether the response has the log probability of each token.
            top_logprobs: The number of most likely tokens to return at each position; requires `logprobs`.
            stream_options: Options of the stream.
            tools: The functions that the model may call.
            tool_choice: `none` forbids calls, `auto` lets the model decide, `required` requires at least one call; an object selects a function, or several that are allowed.
            parallel_tool_calls: Whether a response may call several functions. Default: True.
            functions: The older form of `tools`.
            function_call: The older form of `tool_choice`.
            enable_thinking: Whether to enable the reasoning of a model that supports it.
            reasoning_effort: How much a model reasons that supports it; others ignore it.
            verbosity: How long the text should be. Ignored by models without it.
            modalities: What is generated; a model that generates text only rejects `audio`.
            audio: How the audio sounds, if `modalities` has `audio`.
            prediction: What the text will probably be. It makes a server faster that uses it.
            web_search_options: How the server searches the web. PolarGrid's servers do not search it.
            service_tier: The tier that serves the request. PolarGrid has one.
            store: Whether the server stores the response. PolarGrid stores none.
            metadata: What a stored response is found by. PolarGrid stores none, and returns it in no response.
            prompt_cache_key: Requests with the same beginning, which a server may keep in its cache.
            prompt_cache_retention: How long the server keeps the prompt in its cache.
            prompt_cache_options: How the server keeps the prompt in its cache.
            moderation: How the server moderates request and response. PolarGrid does not.
            safety_identifier: A stable id of your end user; the newer name of `user`.
            guided_json: A JSON Schema of the text, as vLLM's servers take it; `response_format` is its standard form.
            structured_outputs: What the text must be, as vLLM's servers take it; `response_format` is its standard form.
            user: An id of your end user.
            response_format: A Pydantic model, dataclass or TypedDict, whose JSON schema the content follows, and which it is parsed into; or a format that is sent as it is.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            async with client.chat.completions.stream(
                model="llama-3.1-8b",
                messages=[{"role": "user", "content": "Hello"}],
                max_tokens=100,
            ) as stream:
                async for text in stream.text_stream:
                    print(text, end="")
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
            logit_bias=logit_bias,
            n=n,
            seed=seed,
            logprobs=logprobs,
            top_logprobs=top_logprobs,
            stream_options=stream_options,
            tools=tools,
            tool_choice=tool_choice,
            parallel_tool_calls=parallel_tool_calls,
            functions=functions,
            function_call=function_call,
            enable_thinking=enable_thinking,
            reasoning_effort=reasoning_effort,
            verbosity=verbosity,
            modalities=modalities,
            audio=audio,
            prediction=prediction,
            web_search_options=web_search_options,
            service_tier=service_tier,
            store=store,
            metadata=metadata,
            prompt_cache_key=prompt_cache_key,
            prompt_cache_retention=prompt_cache_retention,
            prompt_cache_options=prompt_cache_options,
            moderation=moderation,
            safety_identifier=safety_identifier,
            guided_json=guided_json,
            structured_outputs=structured_outputs,
            user=user,
        )
        return self._client._stream_parsed(
            operations.CHAT_COMPLETION, options, request, response_format, ParsedChatCompletion
        )

    async def parse(
        self,
        *,
        model: Literal["llama-3.1-8b", "qwen-3.5-27b"] | str,
        messages: Iterable[MessageParam | AnyObject],
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
        logit_bias: Mapping[str, float] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        logprobs: bool | None | NotGiven = NOT_GIVEN,
        top_logprobs: int | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        tools: Iterable[ChatToolParam | AnyObject] | None | NotGiven = NOT_GIVEN,
        tool_choice: Literal["none", "auto", "required"]
        | NamedToolChoiceParam
        | AllowedToolsChoiceParam
        | AnyObject
        | None
        | NotGiven = NOT_GIVEN,
        response_format: type[Parsed] | ResponseFormatParam | AnyObject | None | NotGiven = NOT_GIVEN,
        parallel_tool_calls: bool | None | NotGiven = NOT_GIVEN,
        functions: Iterable[FunctionDefinitionParam | AnyObject] | None | NotGiven = NOT_GIVEN,
        function_call: Literal["none", "auto"] | NamedFunctionParam | AnyObject | None | NotGiven = NOT_GIVEN,
        enable_thinking: bool | None | NotGiven = NOT_GIVEN,
        reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        | None
        | NotGiven = NOT_GIVEN,
        verbosity: Literal["low", "medium", "high"] | None | NotGiven = NOT_GIVEN,
        modalities: Sequence[Literal["text", "audio"]] | None | NotGiven = NOT_GIVEN,
        audio: AudioOutputParam | AnyObject | None | NotGiven = NOT_GIVEN,
        prediction: PredictionParam | AnyObject | None | NotGiven = NOT_GIVEN,
        web_search_options: WebSearchOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | None | NotGiven = NOT_GIVEN,
        store: bool | None | NotGiven = NOT_GIVEN,
        metadata: Mapping[str, str] | None | NotGiven = NOT_GIVEN,
        prompt_cache_key: str | None | NotGiven = NOT_GIVEN,
        prompt_cache_retention: Literal["in_memory", "24h"] | None | NotGiven = NOT_GIVEN,
        prompt_cache_options: PromptCacheOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        moderation: Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        safety_identifier: str | None | NotGiven = NOT_GIVEN,
        guided_json: Mapping[str, Any] | str | None | NotGiven = NOT_GIVEN,
        structured_outputs: StructuredOutputsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> ParsedChatCompletion[Parsed]:
        """Generate the next message of a conversation. The response contains an object of the type `response_format`, and the arguments of strict tools as objects.

        Takes the messages of a conversation and returns the next message of the model. With `stream: true` the
        response is a stream of server-sent events, each with a chunk of the message; the last event is
        `[DONE]`.

        Args:
            model: The id of the model.
            messages: The messages of the conversation, oldest first.
            max_tokens: The maximum number of tokens to generate for a choice; without it, or if the context of the model holds fewer, as many as the context holds.
            max_completion_tokens: The newer name of `max_tokens`; takes precedence over it.
            temperature: The sampling temperature; 0 always selects the most likely token. Default: 0.7.
            top_p: Nucleus sampling: sample from the most likely tokens with this total probability. Default: 0.9.
            top_k: Sample from this number of most likely tokens; 0 or -1 is no limit.
            min_p: Exclude tokens with a probability below this share of that of the most likely token.
            frequency_penalty: Penalty on a token for each occurrence; negative values encourage repetition.
            presence_penalty: Penalty on every token that occurred; negative values encourage repetition.
            repetition_penalty: Divisor of the likelihood of tokens that occurred; 1 has no effect.
            stop: Texts at which generation stops; the response does not include them.
            logit_bias: What is added to the logit of a token, by the id of the token in the model; -100 forbids it.
            n: The number of choices to generate. Default: 1.
            seed: The seed of sampling; the same seed, request and model produce the same response.
            logprobs: Whether the response has the log probability of each token.
            top_logprobs: The number of most likely tokens to return at each position; requires `logprobs`.
            stream_options: Options of the stream.
            tools: The functions that the model may call.
            tool_choice: `none` forbids calls, `auto` lets the model decide, `required` requires at least one call; an object selects a function, or several that are allowed.
            parallel_tool_calls: Whether a response may call several functions. Default: True.
            functions: The older form of `tools`.
            function_call: The older form of `tool_choice`.
            enable_thinking: Whether to enable the reasoning of a model that supports it.
            reasoning_effort: How much a model reasons that supports it; others ignore it.
            verbosity: How long the text should be. Ignored by models without it.
            modalities: What is generated; a model that generates text only rejects `audio`.
            audio: How the audio sounds, if `modalities` has `audio`.
            prediction: What the text will probably be. It makes a server faster that uses it.
            web_search_options: How the server searches the web. PolarGrid's servers do not search it.
            service_tier: The tier that serves the request. PolarGrid has one.
            store: Whether the server stores the response. PolarGrid stores none.
            metadata: What a stored response is found by. PolarGrid stores none, and returns it in no response.
            prompt_cache_key: Requests with the same beginning, which a server may keep in its cache.
            prompt_cache_retention: How long the server keeps the prompt in its cache.
            prompt_cache_options: How the server keeps the prompt in its cache.
            moderation: How the server moderates request and response. PolarGrid does not.
            safety_identifier: A stable id of your end user; the newer name of `user`.
            guided_json: A JSON Schema of the text, as vLLM's servers take it; `response_format` is its standard form.
            structured_outputs: What the text must be, as vLLM's servers take it; `response_format` is its standard form.
            user: An id of your end user.
            response_format: A Pydantic model, dataclass or TypedDict, whose JSON schema the content follows, and which it is parsed into; or a format that is sent as it is.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            from pydantic import BaseModel

            class City(BaseModel):
                name: str

            response = await client.chat.completions.parse(
                model="llama-3.1-8b",
                messages=[{"role": "user", "content": "Hello"}],
                max_tokens=100,
                response_format=City,
            )
            print(response.choices[0].message.parsed)
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
            logit_bias=logit_bias,
            n=n,
            seed=seed,
            logprobs=logprobs,
            top_logprobs=top_logprobs,
            stream_options=stream_options,
            tools=tools,
            tool_choice=tool_choice,
            parallel_tool_calls=parallel_tool_calls,
            functions=functions,
            function_call=function_call,
            enable_thinking=enable_thinking,
            reasoning_effort=reasoning_effort,
            verbosity=verbosity,
            modalities=modalities,
            audio=audio,
            prediction=prediction,
            web_search_options=web_search_options,
            service_tier=service_tier,
            store=store,
            metadata=metadata,
            prompt_cache_key=prompt_cache_key,
            prompt_cache_retention=prompt_cache_retention,
            prompt_cache_options=prompt_cache_options,
            moderation=moderation,
            safety_identifier=safety_identifier,
            guided_json=guided_json,
            structured_outputs=structured_outputs,
            user=user,
        )
        return await self._client._parse(
            operations.CHAT_COMPLETION, options, request, response_format, ParsedChatCompletion
        )

    async def run_tools(
        self,
        *,
        model: Literal["llama-3.1-8b", "qwen-3.5-27b"] | str,
        messages: Iterable[MessageParam | AnyObject],
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
        logit_bias: Mapping[str, float] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        logprobs: bool | None | NotGiven = NOT_GIVEN,
        top_logprobs: int | None | NotGiven = NOT_GIVEN,
        tool_choice: Literal["none", "auto", "required"]
        | NamedToolChoiceParam
        | AllowedToolsChoiceParam
        | AnyObject
        | None
        | NotGiven = NOT_GIVEN,
        response_format: ResponseFormatParam | AnyObject | None | NotGiven = NOT_GIVEN,
        parallel_tool_calls: bool | None | NotGiven = NOT_GIVEN,
        functions: Iterable[FunctionDefinitionParam | AnyObject] | None | NotGiven = NOT_GIVEN,
        function_call: Literal["none", "auto"] | NamedFunctionParam | AnyObject | None | NotGiven = NOT_GIVEN,
        enable_thinking: bool | None | NotGiven = NOT_GIVEN,
        reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        | None
        | NotGiven = NOT_GIVEN,
        verbosity: Literal["low", "medium", "high"] | None | NotGiven = NOT_GIVEN,
        modalities: Sequence[Literal["text", "audio"]] | None | NotGiven = NOT_GIVEN,
        audio: AudioOutputParam | AnyObject | None | NotGiven = NOT_GIVEN,
        prediction: PredictionParam | AnyObject | None | NotGiven = NOT_GIVEN,
        web_search_options: WebSearchOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | None | NotGiven = NOT_GIVEN,
        store: bool | None | NotGiven = NOT_GIVEN,
        metadata: Mapping[str, str] | None | NotGiven = NOT_GIVEN,
        prompt_cache_key: str | None | NotGiven = NOT_GIVEN,
        prompt_cache_retention: Literal["in_memory", "24h"] | None | NotGiven = NOT_GIVEN,
        prompt_cache_options: PromptCacheOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        moderation: Mapping[str, Any] | None | NotGiven = NOT_GIVEN,
        safety_identifier: str | None | NotGiven = NOT_GIVEN,
        guided_json: Mapping[str, Any] | str | None | NotGiven = NOT_GIVEN,
        structured_outputs: StructuredOutputsParam | AnyObject | None | NotGiven = NOT_GIVEN,
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
            max_tokens: The maximum number of tokens to generate for a choice; without it, or if the context of the model holds fewer, as many as the context holds.
            max_completion_tokens: The newer name of `max_tokens`; takes precedence over it.
            temperature: The sampling temperature; 0 always selects the most likely token. Default: 0.7.
            top_p: Nucleus sampling: sample from the most likely tokens with this total probability. Default: 0.9.
            top_k: Sample from this number of most likely tokens; 0 or -1 is no limit.
            min_p: Exclude tokens with a probability below this share of that of the most likely token.
            frequency_penalty: Penalty on a token for each occurrence; negative values encourage repetition.
            presence_penalty: Penalty on every token that occurred; negative values encourage repetition.
            repetition_penalty: Divisor of the likelihood of tokens that occurred; 1 has no effect.
            stop: Texts at which generation stops; the response does not include them.
            logit_bias: What is added to the logit of a token, by the id of the token in the model; -100 forbids it.
            n: The number of choices to generate. Default: 1.
            seed: The seed of sampling; the same seed, request and model produce the same response.
            logprobs: Whether the response has the log probability of each token.
            top_logprobs: The number of most likely tokens to return at each position; requires `logprobs`.
            tool_choice: `none` forbids calls, `auto` lets the model decide, `required` requires at least one call; an object selects a function, or several that are allowed.
            response_format: The format of the generated content.
            parallel_tool_calls: Whether a response may call several functions. Default: True.
            functions: The older form of `tools`.
            function_call: The older form of `tool_choice`.
            enable_thinking: Whether to enable the reasoning of a model that supports it.
            reasoning_effort: How much a model reasons that supports it; others ignore it.
            verbosity: How long the text should be. Ignored by models without it.
            modalities: What is generated; a model that generates text only rejects `audio`.
            audio: How the audio sounds, if `modalities` has `audio`.
            prediction: What the text will probably be. It makes a server faster that uses it.
            web_search_options: How the server searches the web. PolarGrid's servers do not search it.
            service_tier: The tier that serves the request. PolarGrid has one.
            store: Whether the server stores the response. PolarGrid stores none.
            metadata: What a stored response is found by. PolarGrid stores none, and returns it in no response.
            prompt_cache_key: Requests with the same beginning, which a server may keep in its cache.
            prompt_cache_retention: How long the server keeps the prompt in its cache.
            prompt_cache_options: How the server keeps the prompt in its cache.
            moderation: How the server moderates request and response. PolarGrid does not.
            safety_identifier: A stable id of your end user; the newer name of `user`.
            guided_json: A JSON Schema of the text, as vLLM's servers take it; `response_format` is its standard form.
            structured_outputs: What the text must be, as vLLM's servers take it; `response_format` is its standard form.
            user: An id of your end user.
            tools: Python functions; their annotations and docstrings describe the arguments to the model. They may be async.
            max_rounds: How many times the model may call functions before it must respond.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            def get_time(city: str) -> str:
                "Return the time in a city."
                return "12:00"

            response = await client.chat.completions.run_tools(
                model="llama-3.1-8b",
                messages=[{"role": "user", "content": "Hello"}],
                max_tokens=100,
                tools=[get_time],
            )
            print(response.text)
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
            logit_bias=logit_bias,
            n=n,
            seed=seed,
            logprobs=logprobs,
            top_logprobs=top_logprobs,
            tool_choice=tool_choice,
            response_format=response_format,
            parallel_tool_calls=parallel_tool_calls,
            functions=functions,
            function_call=function_call,
            enable_thinking=enable_thinking,
            reasoning_effort=reasoning_effort,
            verbosity=verbosity,
            modalities=modalities,
            audio=audio,
            prediction=prediction,
            web_search_options=web_search_options,
            service_tier=service_tier,
            store=store,
            metadata=metadata,
            prompt_cache_key=prompt_cache_key,
            prompt_cache_retention=prompt_cache_retention,
            prompt_cache_options=prompt_cache_options,
            moderation=moderation,
            safety_identifier=safety_identifier,
            guided_json=guided_json,
            structured_outputs=structured_outputs,
            user=user,
        )
        return await self._client._run_tools(operations.CHAT_COMPLETION, options, request, tools, max_rounds)


class AsyncChatCompletionsResourceWithRawResponse:
    """The methods of AsyncChatCompletionsResource, which return a RawResponse."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncChatCompletionsResource(client._with_raw_responses())
        self.create = async_raw(resource.create)
        self.parse = async_raw(resource.parse)


class AsyncChatCompletionsResourceWithStreamingResponse:
    """The methods of AsyncChatCompletionsResource as context managers, which read the response when it is needed."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncChatCompletionsResource(client._with_streamed_responses())
        self.create = async_streamed(resource.create)
        self.parse = async_streamed(resource.parse)


class AsyncCompletionsResource:
    """`completions.create`, `completions.stream`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncCompletionsResourceWithRawResponse:
        """The same methods, which return a RawResponse: with status, headers, request id and body."""
        return AsyncCompletionsResourceWithRawResponse(self._client)

    @property
    def with_streaming_response(self) -> AsyncCompletionsResourceWithStreamingResponse:
        """The same methods as context managers, whose response is read when it is needed."""
        return AsyncCompletionsResourceWithStreamingResponse(self._client)

    @overload
    async def create(
        self,
        *,
        model: Literal["llama-3.1-8b", "qwen-3.5-27b"] | str,
        prompt: str | Sequence[str] | Iterable[int] | Iterable[Iterable[int]],
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        best_of: int | None | NotGiven = NOT_GIVEN,
        echo: bool | None | NotGiven = NOT_GIVEN,
        suffix: str | None | NotGiven = NOT_GIVEN,
        logprobs: int | None | NotGiven = NOT_GIVEN,
        logit_bias: Mapping[str, float] | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        stream: Literal[False] | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> CompletionResponse: ...

    @overload
    async def create(
        self,
        *,
        model: Literal["llama-3.1-8b", "qwen-3.5-27b"] | str,
        prompt: str | Sequence[str] | Iterable[int] | Iterable[Iterable[int]],
        stream: Literal[True],
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        best_of: int | None | NotGiven = NOT_GIVEN,
        echo: bool | None | NotGiven = NOT_GIVEN,
        suffix: str | None | NotGiven = NOT_GIVEN,
        logprobs: int | None | NotGiven = NOT_GIVEN,
        logit_bias: Mapping[str, float] | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> AsyncStream[CompletionChunk]: ...

    @overload
    async def create(
        self,
        *,
        model: Literal["llama-3.1-8b", "qwen-3.5-27b"] | str,
        prompt: str | Sequence[str] | Iterable[int] | Iterable[Iterable[int]],
        stream: bool | None | NotGiven,
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        best_of: int | None | NotGiven = NOT_GIVEN,
        echo: bool | None | NotGiven = NOT_GIVEN,
        suffix: str | None | NotGiven = NOT_GIVEN,
        logprobs: int | None | NotGiven = NOT_GIVEN,
        logit_bias: Mapping[str, float] | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> CompletionResponse | AsyncStream[CompletionChunk]: ...

    async def create(
        self,
        *,
        model: Literal["llama-3.1-8b", "qwen-3.5-27b"] | str,
        prompt: str | Sequence[str] | Iterable[int] | Iterable[Iterable[int]],
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        best_of: int | None | NotGiven = NOT_GIVEN,
        echo: bool | None | NotGiven = NOT_GIVEN,
        suffix: str | None | NotGiven = NOT_GIVEN,
        logprobs: int | None | NotGiven = NOT_GIVEN,
        logit_bias: Mapping[str, float] | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        stream: bool | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> CompletionResponse | AsyncStream[CompletionChunk]:
        """Continue a text.

        Takes one or more prompts and returns the text that the model generates after each of them, without a
        chat template. With `stream: true` the response is a stream of server-sent events; the last event is
        `[DONE]`.

        Args:
            model: The id of the model.
            prompt: The prompt, or its token ids, or a list of prompts or of lists of token ids that are continued independently.
            max_tokens: The maximum number of tokens to generate for a choice; if the context of the model holds fewer, as many as it holds. Default: 100.
            temperature: The sampling temperature; 0 always selects the most likely token. Default: 0.7.
            top_p: Nucleus sampling: sample from the most likely tokens with this total probability. Default: 0.9.
            top_k: Sample from this number of most likely tokens; 0 or -1 is no limit. Default: 50.
            frequency_penalty: Penalty on a token for each occurrence; negative values encourage repetition. Default: 0.
            presence_penalty: Penalty on every token that occurred; negative values encourage repetition. Default: 0.
            stop: Texts at which generation stops; the response does not include them.
            n: The number of choices to generate for each prompt. Default: 1.
            best_of: The number of texts of which the `n` with the highest log probability per token are returned; at least `n`.
            echo: Whether a text begins with its prompt. Default: False.
            suffix: The text after the generated one, for models that are trained to fill a gap.
            logprobs: The number of most likely tokens to return with each token and its log probability.
            logit_bias: What is added to the logit of a token, by the id of the token in the model; -100 forbids it.
            seed: The seed of sampling; the same seed, request and model produce the same response.
            stream: Whether the response is a stream of events. Default: False.
            stream_options: Options of the stream.
            user: An id of your end user.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = await client.completions.create(
                model="llama-3.1-8b",
                prompt="The capital of France is",
                max_tokens=20,
            )
            print(response.text)
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
            best_of=best_of,
            echo=echo,
            suffix=suffix,
            logprobs=logprobs,
            logit_bias=logit_bias,
            seed=seed,
            stream=stream,
            stream_options=stream_options,
            user=user,
        )
        if stream:
            return await self._client._open_stream(operations.COMPLETION, options, request)
        return await self._client._send(operations.COMPLETION, options, request)

    def stream(
        self,
        *,
        model: Literal["llama-3.1-8b", "qwen-3.5-27b"] | str,
        prompt: str | Sequence[str] | Iterable[int] | Iterable[Iterable[int]],
        max_tokens: int | None | NotGiven = NOT_GIVEN,
        temperature: float | None | NotGiven = NOT_GIVEN,
        top_p: float | None | NotGiven = NOT_GIVEN,
        top_k: int | None | NotGiven = NOT_GIVEN,
        frequency_penalty: float | None | NotGiven = NOT_GIVEN,
        presence_penalty: float | None | NotGiven = NOT_GIVEN,
        stop: str | Sequence[str] | None | NotGiven = NOT_GIVEN,
        n: int | None | NotGiven = NOT_GIVEN,
        best_of: int | None | NotGiven = NOT_GIVEN,
        echo: bool | None | NotGiven = NOT_GIVEN,
        suffix: str | None | NotGiven = NOT_GIVEN,
        logprobs: int | None | NotGiven = NOT_GIVEN,
        logit_bias: Mapping[str, float] | None | NotGiven = NOT_GIVEN,
        seed: int | None | NotGiven = NOT_GIVEN,
        stream_options: StreamOptionsParam | AnyObject | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> AsyncTextStream[CompletionChunk, CompletionResponse]:
        """Continue a text. The response is streamed, and complete at the end of the stream.

        Takes one or more prompts and returns the text that the model generates after each of them, without a
        chat template. With `stream: true` the response is a stream of server-sent events; the last event is
        `[DONE]`.

        Args:
            model: The id of the model.
            prompt: The prompt, or its token ids, or a list of prompts or of lists of token ids that are continued independently.
            max_tokens: The maximum number of tokens to generate for a choice; if the context of the model holds fewer, as many as it holds. Default: 100.
            temperature: The sampling temperature; 0 always selects the most likely token. Default: 0.7.
            top_p: Nucleus sampling: sample from the most likely tokens with this total probability. Default: 0.9.
            top_k: Sample from this number of most likely tokens; 0 or -1 is no limit. Default: 50.
            frequency_penalty: Penalty on a token for each occurrence; negative values encourage repetition. Default: 0.
            presence_penalty: Penalty on every token that occurred; negative values encourage repetition. Default: 0.
            stop: Texts at which generation stops; the response does not include them.
            n: The number of choices to generate for each prompt. Default: 1.
            best_of: The number of texts of which the `n` with the highest log probability per token are returned; at least `n`.
            echo: Whether a text begins with its prompt. Default: False.
            suffix: The text after the generated one, for models that are trained to fill a gap.
            logprobs: The number of most likely tokens to return with each token and its log probability.
            logit_bias: What is added to the logit of a token, by the id of the token in the model; -100 forbids it.
            seed: The seed of sampling; the same seed, request and model produce the same response.
            stream_options: Options of the stream.
            user: An id of your end user.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            async with client.completions.stream(
                model="llama-3.1-8b",
                prompt="The capital of France is",
                max_tokens=20,
            ) as stream:
                async for text in stream.text_stream:
                    print(text, end="")
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
            best_of=best_of,
            echo=echo,
            suffix=suffix,
            logprobs=logprobs,
            logit_bias=logit_bias,
            seed=seed,
            stream_options=stream_options,
            user=user,
        )
        return self._client._stream_text(operations.COMPLETION, options, request)


class AsyncCompletionsResourceWithRawResponse:
    """The methods of AsyncCompletionsResource, which return a RawResponse."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncCompletionsResource(client._with_raw_responses())
        self.create = async_raw(resource.create)


class AsyncCompletionsResourceWithStreamingResponse:
    """The methods of AsyncCompletionsResource as context managers, which read the response when it is needed."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncCompletionsResource(client._with_streamed_responses())
        self.create = async_streamed(resource.create)


class AsyncEmbeddingsResource:
    """`embeddings.create`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncEmbeddingsResourceWithRawResponse:
        """The same methods, which return a RawResponse: with status, headers, request id and body."""
        return AsyncEmbeddingsResourceWithRawResponse(self._client)

    @property
    def with_streaming_response(self) -> AsyncEmbeddingsResourceWithStreamingResponse:
        """The same methods as context managers, whose response is read when it is needed."""
        return AsyncEmbeddingsResourceWithStreamingResponse(self._client)

    @overload
    async def create(
        self,
        *,
        model: str,
        input: str | Sequence[str] | Iterable[int] | Iterable[Iterable[int]],
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
        input: str | Sequence[str] | Iterable[int] | Iterable[Iterable[int]],
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
        input: str | Sequence[str] | Iterable[int] | Iterable[Iterable[int]],
        encoding_format: Literal["float", "base64"] | None,
        dimensions: int | None | NotGiven = NOT_GIVEN,
        user: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> EmbeddingResponse | Base64EmbeddingResponse: ...

    async def create(
        self,
        *,
        model: str,
        input: str | Sequence[str] | Iterable[int] | Iterable[Iterable[int]],
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

        Example::

            response = await client.embeddings.create(model="all-minilm-l6-v2", input="The food was delicious.")
            print(response)
        """
        request = provided_fields(
            model=model, input=input, encoding_format=encoding_format, dimensions=dimensions, user=user
        )
        return await self._client._send(operations.CREATE_EMBEDDING, options, request)


class AsyncEmbeddingsResourceWithRawResponse:
    """The methods of AsyncEmbeddingsResource, which return a RawResponse."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncEmbeddingsResource(client._with_raw_responses())
        self.create = async_raw(resource.create)


class AsyncEmbeddingsResourceWithStreamingResponse:
    """The methods of AsyncEmbeddingsResource as context managers, which read the response when it is needed."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncEmbeddingsResource(client._with_streamed_responses())
        self.create = async_streamed(resource.create)


class AsyncAudioResource:
    """`audio.speech.create`, `audio.speech.stream`, `audio.transcriptions.create`, `audio.transcriptions.jobs.list`, `audio.transcriptions.jobs.create`, `audio.transcriptions.jobs.create_and_poll`, `audio.transcriptions.jobs.retrieve`, `audio.translations.create`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @cached_property
    def speech(self) -> AsyncAudioSpeechResource:
        """`audio.speech.create`, `audio.speech.stream`."""
        return AsyncAudioSpeechResource(self._client)

    @cached_property
    def transcriptions(self) -> AsyncAudioTranscriptionsResource:
        """`audio.transcriptions.create`, `audio.transcriptions.jobs.list`, `audio.transcriptions.jobs.create`, `audio.transcriptions.jobs.create_and_poll`, `audio.transcriptions.jobs.retrieve`."""
        return AsyncAudioTranscriptionsResource(self._client)

    @cached_property
    def translations(self) -> AsyncAudioTranslationsResource:
        """`audio.translations.create`."""
        return AsyncAudioTranslationsResource(self._client)

    @property
    def with_raw_response(self) -> AsyncAudioResourceWithRawResponse:
        """The same methods, which return a RawResponse: with status, headers, request id and body."""
        return AsyncAudioResourceWithRawResponse(self._client)

    @property
    def with_streaming_response(self) -> AsyncAudioResourceWithStreamingResponse:
        """The same methods as context managers, whose response is read when it is needed."""
        return AsyncAudioResourceWithStreamingResponse(self._client)


class AsyncAudioResourceWithRawResponse:
    """The methods of AsyncAudioResource, which return a RawResponse."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def speech(self) -> AsyncAudioSpeechResourceWithRawResponse:
        """`audio.speech.create`, `audio.speech.stream`."""
        return AsyncAudioSpeechResourceWithRawResponse(self._client)

    @property
    def transcriptions(self) -> AsyncAudioTranscriptionsResourceWithRawResponse:
        """`audio.transcriptions.create`, `audio.transcriptions.jobs.list`, `audio.transcriptions.jobs.create`, `audio.transcriptions.jobs.create_and_poll`, `audio.transcriptions.jobs.retrieve`."""
        return AsyncAudioTranscriptionsResourceWithRawResponse(self._client)

    @property
    def translations(self) -> AsyncAudioTranslationsResourceWithRawResponse:
        """`audio.translations.create`."""
        return AsyncAudioTranslationsResourceWithRawResponse(self._client)


class AsyncAudioResourceWithStreamingResponse:
    """The methods of AsyncAudioResource as context managers, which read the response when it is needed."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def speech(self) -> AsyncAudioSpeechResourceWithStreamingResponse:
        """`audio.speech.create`, `audio.speech.stream`."""
        return AsyncAudioSpeechResourceWithStreamingResponse(self._client)

    @property
    def transcriptions(self) -> AsyncAudioTranscriptionsResourceWithStreamingResponse:
        """`audio.transcriptions.create`, `audio.transcriptions.jobs.list`, `audio.transcriptions.jobs.create`, `audio.transcriptions.jobs.create_and_poll`, `audio.transcriptions.jobs.retrieve`."""
        return AsyncAudioTranscriptionsResourceWithStreamingResponse(self._client)

    @property
    def translations(self) -> AsyncAudioTranslationsResourceWithStreamingResponse:
        """`audio.translations.create`."""
        return AsyncAudioTranslationsResourceWithStreamingResponse(self._client)


class AsyncAudioSpeechResource:
    """`audio.speech.create`, `audio.speech.stream`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncAudioSpeechResourceWithRawResponse:
        """The same methods, which return a RawResponse: with status, headers, request id and body."""
        return AsyncAudioSpeechResourceWithRawResponse(self._client)

    @property
    def with_streaming_response(self) -> AsyncAudioSpeechResourceWithStreamingResponse:
        """The same methods as context managers, whose response is read when it is needed."""
        return AsyncAudioSpeechResourceWithStreamingResponse(self._client)

    @overload
    async def create(
        self,
        *,
        model: Literal[
            "tts-1",
            "tts-1-hd",
            "gpt-4o-mini-tts",
            "kokoro-82m",
            "hexgrad/Kokoro-82M",
            "tada-3b-ml",
            "HumeAI/tada-3b-ml",
        ]
        | str,
        input: str,
        voice: TTSVoice
        | Literal[
            "alloy",
            "ash",
            "ballad",
            "cedar",
            "coral",
            "echo",
            "fable",
            "marin",
            "nova",
            "onyx",
            "sage",
            "shimmer",
            "verse",
            "af_bella",
            "af_sarah",
            "am_adam",
            "am_michael",
            "bf_emma",
            "bf_isabella",
            "bm_george",
            "bm_lewis",
        ]
        | str
        | VoiceReferenceParam
        | AnyObject,
        response_format: AudioFormat | Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | NotGiven = NOT_GIVEN,
        speed: float | NotGiven = NOT_GIVEN,
        stream: Literal[False] | None | NotGiven = NOT_GIVEN,
        stream_format: Literal["audio", "sse"] | None | NotGiven = NOT_GIVEN,
        instructions: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> Audio: ...

    @overload
    async def create(
        self,
        *,
        model: Literal[
            "tts-1",
            "tts-1-hd",
            "gpt-4o-mini-tts",
            "kokoro-82m",
            "hexgrad/Kokoro-82M",
            "tada-3b-ml",
            "HumeAI/tada-3b-ml",
        ]
        | str,
        input: str,
        voice: TTSVoice
        | Literal[
            "alloy",
            "ash",
            "ballad",
            "cedar",
            "coral",
            "echo",
            "fable",
            "marin",
            "nova",
            "onyx",
            "sage",
            "shimmer",
            "verse",
            "af_bella",
            "af_sarah",
            "am_adam",
            "am_michael",
            "bf_emma",
            "bf_isabella",
            "bm_george",
            "bm_lewis",
        ]
        | str
        | VoiceReferenceParam
        | AnyObject,
        stream: Literal[True],
        response_format: AudioFormat | Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | NotGiven = NOT_GIVEN,
        speed: float | NotGiven = NOT_GIVEN,
        stream_format: Literal["audio", "sse"] | None | NotGiven = NOT_GIVEN,
        instructions: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> AsyncAudioStream: ...

    @overload
    async def create(
        self,
        *,
        model: Literal[
            "tts-1",
            "tts-1-hd",
            "gpt-4o-mini-tts",
            "kokoro-82m",
            "hexgrad/Kokoro-82M",
            "tada-3b-ml",
            "HumeAI/tada-3b-ml",
        ]
        | str,
        input: str,
        voice: TTSVoice
        | Literal[
            "alloy",
            "ash",
            "ballad",
            "cedar",
            "coral",
            "echo",
            "fable",
            "marin",
            "nova",
            "onyx",
            "sage",
            "shimmer",
            "verse",
            "af_bella",
            "af_sarah",
            "am_adam",
            "am_michael",
            "bf_emma",
            "bf_isabella",
            "bm_george",
            "bm_lewis",
        ]
        | str
        | VoiceReferenceParam
        | AnyObject,
        stream: bool | None | NotGiven,
        response_format: AudioFormat | Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | NotGiven = NOT_GIVEN,
        speed: float | NotGiven = NOT_GIVEN,
        stream_format: Literal["audio", "sse"] | None | NotGiven = NOT_GIVEN,
        instructions: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> Audio | AsyncAudioStream: ...

    async def create(
        self,
        *,
        model: Literal[
            "tts-1",
            "tts-1-hd",
            "gpt-4o-mini-tts",
            "kokoro-82m",
            "hexgrad/Kokoro-82M",
            "tada-3b-ml",
            "HumeAI/tada-3b-ml",
        ]
        | str,
        input: str,
        voice: TTSVoice
        | Literal[
            "alloy",
            "ash",
            "ballad",
            "cedar",
            "coral",
            "echo",
            "fable",
            "marin",
            "nova",
            "onyx",
            "sage",
            "shimmer",
            "verse",
            "af_bella",
            "af_sarah",
            "am_adam",
            "am_michael",
            "bf_emma",
            "bf_isabella",
            "bm_george",
            "bm_lewis",
        ]
        | str
        | VoiceReferenceParam
        | AnyObject,
        response_format: AudioFormat | Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | NotGiven = NOT_GIVEN,
        speed: float | NotGiven = NOT_GIVEN,
        stream: bool | None | NotGiven = NOT_GIVEN,
        stream_format: Literal["audio", "sse"] | None | NotGiven = NOT_GIVEN,
        instructions: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> Audio | AsyncAudioStream:
        """Synthesize speech from text.

        Returns audio in the requested format. With `stream: true` the audio is sent while it is generated,
        sentence by sentence; `pcm` and `opus` can be played before the response is complete.

        Args:
            model: The id of the speech model.
            input: The text to speak.
            voice: The voice, by its name or as an object with its id.
            response_format: An audio format: MP3, Ogg Opus, AAC, FLAC, WAV, or PCM (16-bit little-endian samples at 24 kHz without a header). Default: 'mp3'.
            speed: The speed, as a factor of normal speed. Default: 1.
            stream: Whether the audio is sent while it is generated. Default: False.
            stream_format: What the body is. PolarGrid sends the audio itself, also for `sse`, events with the audio. Default: 'audio'.
            instructions: How to speak. Ignored by models that cannot follow it.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            audio = await client.audio.speech.create(model="tts-1", input="Hello from the edge.", voice="af_bella")
            audio.save("speech.mp3")
        """
        request = provided_fields(
            model=model,
            input=input,
            voice=voice,
            response_format=response_format,
            speed=speed,
            stream=stream,
            stream_format=stream_format,
            instructions=instructions,
        )
        if stream:
            return await self._client._open_audio(operations.TEXT_TO_SPEECH, options, request)
        return await self._client._create_audio(operations.TEXT_TO_SPEECH, options, request)

    def stream(
        self,
        *,
        model: Literal[
            "tts-1",
            "tts-1-hd",
            "gpt-4o-mini-tts",
            "kokoro-82m",
            "hexgrad/Kokoro-82M",
            "tada-3b-ml",
            "HumeAI/tada-3b-ml",
        ]
        | str,
        input: str,
        voice: TTSVoice
        | Literal[
            "alloy",
            "ash",
            "ballad",
            "cedar",
            "coral",
            "echo",
            "fable",
            "marin",
            "nova",
            "onyx",
            "sage",
            "shimmer",
            "verse",
            "af_bella",
            "af_sarah",
            "am_adam",
            "am_michael",
            "bf_emma",
            "bf_isabella",
            "bm_george",
            "bm_lewis",
        ]
        | str
        | VoiceReferenceParam
        | AnyObject,
        response_format: AudioFormat | Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | NotGiven = NOT_GIVEN,
        speed: float | NotGiven = NOT_GIVEN,
        stream_format: Literal["audio", "sse"] | None | NotGiven = NOT_GIVEN,
        instructions: str | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> AsyncAudioStream:
        """Synthesize speech from text. The audio is streamed.

        Returns audio in the requested format. With `stream: true` the audio is sent while it is generated,
        sentence by sentence; `pcm` and `opus` can be played before the response is complete.

        Args:
            model: The id of the speech model.
            input: The text to speak.
            voice: The voice, by its name or as an object with its id.
            response_format: An audio format: MP3, Ogg Opus, AAC, FLAC, WAV, or PCM (16-bit little-endian samples at 24 kHz without a header). Default: 'mp3'.
            speed: The speed, as a factor of normal speed. Default: 1.
            stream_format: What the body is. PolarGrid sends the audio itself, also for `sse`, events with the audio. Default: 'audio'.
            instructions: How to speak. Ignored by models that cannot follow it.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            await client.audio.speech.stream(model="tts-1", input="Hello from the edge.", voice="af_bella").save("speech.mp3")
        """
        request = provided_fields(
            model=model,
            input=input,
            voice=voice,
            response_format=response_format,
            speed=speed,
            stream_format=stream_format,
            instructions=instructions,
        )
        return self._client._stream_audio(operations.TEXT_TO_SPEECH, options, request)


class AsyncAudioSpeechResourceWithRawResponse:
    """The methods of AsyncAudioSpeechResource, which return a RawResponse."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncAudioSpeechResource(client._with_raw_responses())
        self.create = async_raw(resource.create)


class AsyncAudioSpeechResourceWithStreamingResponse:
    """The methods of AsyncAudioSpeechResource as context managers, which read the response when it is needed."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncAudioSpeechResource(client._with_streamed_responses())
        self.create = async_streamed(resource.create)


class AsyncAudioTranscriptionsResource:
    """`audio.transcriptions.create`, `audio.transcriptions.jobs.list`, `audio.transcriptions.jobs.create`, `audio.transcriptions.jobs.create_and_poll`, `audio.transcriptions.jobs.retrieve`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @cached_property
    def jobs(self) -> AsyncAudioTranscriptionsJobsResource:
        """`audio.transcriptions.jobs.list`, `audio.transcriptions.jobs.create`, `audio.transcriptions.jobs.create_and_poll`, `audio.transcriptions.jobs.retrieve`."""
        return AsyncAudioTranscriptionsJobsResource(self._client)

    @property
    def with_raw_response(self) -> AsyncAudioTranscriptionsResourceWithRawResponse:
        """The same methods, which return a RawResponse: with status, headers, request id and body."""
        return AsyncAudioTranscriptionsResourceWithRawResponse(self._client)

    @property
    def with_streaming_response(self) -> AsyncAudioTranscriptionsResourceWithStreamingResponse:
        """The same methods as context managers, whose response is read when it is needed."""
        return AsyncAudioTranscriptionsResourceWithStreamingResponse(self._client)

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
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
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
        keywords: Sequence[str] | None | NotGiven = NOT_GIVEN,
        languages: Sequence[str] | None | NotGiven = NOT_GIVEN,
        known_speaker_names: Sequence[str] | None | NotGiven = NOT_GIVEN,
        known_speaker_references: Sequence[str] | None | NotGiven = NOT_GIVEN,
        include: Sequence[TranscriptionInclude | Literal["logprobs"]] | None | NotGiven = NOT_GIVEN,
        chunking_strategy: str | None | NotGiven = NOT_GIVEN,
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
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
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
        keywords: Sequence[str] | None | NotGiven = NOT_GIVEN,
        languages: Sequence[str] | None | NotGiven = NOT_GIVEN,
        known_speaker_names: Sequence[str] | None | NotGiven = NOT_GIVEN,
        known_speaker_references: Sequence[str] | None | NotGiven = NOT_GIVEN,
        include: Sequence[TranscriptionInclude | Literal["logprobs"]] | None | NotGiven = NOT_GIVEN,
        chunking_strategy: str | None | NotGiven = NOT_GIVEN,
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
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
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
        keywords: Sequence[str] | None | NotGiven = NOT_GIVEN,
        languages: Sequence[str] | None | NotGiven = NOT_GIVEN,
        known_speaker_names: Sequence[str] | None | NotGiven = NOT_GIVEN,
        known_speaker_references: Sequence[str] | None | NotGiven = NOT_GIVEN,
        include: Sequence[TranscriptionInclude | Literal["logprobs"]] | None | NotGiven = NOT_GIVEN,
        chunking_strategy: str | None | NotGiven = NOT_GIVEN,
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
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
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
        keywords: Sequence[str] | None | NotGiven = NOT_GIVEN,
        languages: Sequence[str] | None | NotGiven = NOT_GIVEN,
        known_speaker_names: Sequence[str] | None | NotGiven = NOT_GIVEN,
        known_speaker_references: Sequence[str] | None | NotGiven = NOT_GIVEN,
        include: Sequence[TranscriptionInclude | Literal["logprobs"]] | None | NotGiven = NOT_GIVEN,
        chunking_strategy: str | None | NotGiven = NOT_GIVEN,
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
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
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
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
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
        keywords: Sequence[str] | None | NotGiven = NOT_GIVEN,
        languages: Sequence[str] | None | NotGiven = NOT_GIVEN,
        known_speaker_names: Sequence[str] | None | NotGiven = NOT_GIVEN,
        known_speaker_references: Sequence[str] | None | NotGiven = NOT_GIVEN,
        include: Sequence[TranscriptionInclude | Literal["logprobs"]] | None | NotGiven = NOT_GIVEN,
        chunking_strategy: str | None | NotGiven = NOT_GIVEN,
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
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
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
        keywords: Sequence[str] | None | NotGiven = NOT_GIVEN,
        languages: Sequence[str] | None | NotGiven = NOT_GIVEN,
        known_speaker_names: Sequence[str] | None | NotGiven = NOT_GIVEN,
        known_speaker_references: Sequence[str] | None | NotGiven = NOT_GIVEN,
        include: Sequence[TranscriptionInclude | Literal["logprobs"]] | None | NotGiven = NOT_GIVEN,
        chunking_strategy: str | None | NotGiven = NOT_GIVEN,
        stream: bool | None | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> VerboseTranscriptionResponse | TranscriptionResponse | str | AsyncStream[TranscriptionStreamEvent]:
        """Transcribe a recording.

        Takes an audio file in a common format and returns the transcript: as JSON, as `verbose_json` with
        timestamps, as plain text, or as subtitles in SRT or WebVTT.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            model: The id of the speech-to-text model.
            language: The language of the recording, as an ISO 639 code (`en`, or `en-CA`); detected if omitted or empty.
            prompt: Words or names that are likely to occur in the recording.
            response_format: The format of a transcript. Default: 'json'.
            temperature: The sampling temperature.
            timestamp_granularities: What `verbose_json` has the times of: `word` adds `words` to the `segments`, which it always has. The other formats of a response have no times.
            keywords: Words or names that are likely to occur, in addition to `prompt`.
            languages: The languages that may occur, if `language` is omitted; several are ignored by models that have one for a recording.
            known_speaker_names: The names of speakers. PolarGrid's transcripts have no speakers.
            known_speaker_references: A sound of each known speaker, as a data URL.
            include: What else a transcript contains.
            chunking_strategy: How the recording is cut into parts: `auto`, or an object of settings as JSON. Servers cut it by themselves.
            stream: Whether the response is streamed.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = await client.audio.transcriptions.create(file="recording.mp3", model="whisper-1")
            print(response)
        """
        request = provided_fields(
            model=model,
            language=language,
            prompt=prompt,
            response_format=response_format,
            temperature=temperature,
            timestamp_granularities=timestamp_granularities,
            keywords=keywords,
            languages=languages,
            known_speaker_names=known_speaker_names,
            known_speaker_references=known_speaker_references,
            include=include,
            chunking_strategy=chunking_strategy,
        )
        if stream:
            return await self._client._open_stream(
                operations.STREAM_TRANSCRIPTION, options, request, files={"file": file}
            )
        return await self._client._send(operations.TRANSCRIBE, options, request, files={"file": file})


class AsyncAudioTranscriptionsResourceWithRawResponse:
    """The methods of AsyncAudioTranscriptionsResource, which return a RawResponse."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client
        resource = AsyncAudioTranscriptionsResource(client._with_raw_responses())
        self.create = async_raw(resource.create)

    @property
    def jobs(self) -> AsyncAudioTranscriptionsJobsResourceWithRawResponse:
        """`audio.transcriptions.jobs.list`, `audio.transcriptions.jobs.create`, `audio.transcriptions.jobs.create_and_poll`, `audio.transcriptions.jobs.retrieve`."""
        return AsyncAudioTranscriptionsJobsResourceWithRawResponse(self._client)


class AsyncAudioTranscriptionsResourceWithStreamingResponse:
    """The methods of AsyncAudioTranscriptionsResource as context managers, which read the response when it is needed."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client
        resource = AsyncAudioTranscriptionsResource(client._with_streamed_responses())
        self.create = async_streamed(resource.create)

    @property
    def jobs(self) -> AsyncAudioTranscriptionsJobsResourceWithStreamingResponse:
        """`audio.transcriptions.jobs.list`, `audio.transcriptions.jobs.create`, `audio.transcriptions.jobs.create_and_poll`, `audio.transcriptions.jobs.retrieve`."""
        return AsyncAudioTranscriptionsJobsResourceWithStreamingResponse(self._client)


class AsyncAudioTranscriptionsJobsResource:
    """`audio.transcriptions.jobs.list`, `audio.transcriptions.jobs.create`, `audio.transcriptions.jobs.create_and_poll`, `audio.transcriptions.jobs.retrieve`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncAudioTranscriptionsJobsResourceWithRawResponse:
        """The same methods, which return a RawResponse: with status, headers, request id and body."""
        return AsyncAudioTranscriptionsJobsResourceWithRawResponse(self._client)

    @property
    def with_streaming_response(self) -> AsyncAudioTranscriptionsJobsResourceWithStreamingResponse:
        """The same methods as context managers, whose response is read when it is needed."""
        return AsyncAudioTranscriptionsJobsResourceWithStreamingResponse(self._client)

    async def list(self, **options: Unpack[CallOptions]) -> TranscriptionJobListResponse:
        """List the transcription jobs of the API key.

        Returns the state of each job, the newest first.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = await client.audio.transcriptions.jobs.list()
            print(response)
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
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
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
            language: The language of the recording, as an ISO 639 code (`en`, or `en-CA`); detected if omitted or empty.
            prompt: Words or names that are likely to occur in the recording.
            temperature: The sampling temperature.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = await client.audio.transcriptions.jobs.create(file="recording.mp3", model="whisper-1")
            print(response)
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
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
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
            language: The language of the recording, as an ISO 639 code (`en`, or `en-CA`); detected if omitted or empty.
            prompt: Words or names that are likely to occur in the recording.
            temperature: The sampling temperature.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = await client.audio.transcriptions.jobs.create_and_poll(file="recording.mp3", model="whisper-1")
            print(response)
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

        Example::

            response = await client.audio.transcriptions.jobs.retrieve(job_id="job_01HZX3V4")
            print(response)
        """
        return await self._client._send(operations.GET_TRANSCRIPTION_JOB, options, parameters={"job_id": job_id})


class AsyncAudioTranscriptionsJobsResourceWithRawResponse:
    """The methods of AsyncAudioTranscriptionsJobsResource, which return a RawResponse."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncAudioTranscriptionsJobsResource(client._with_raw_responses())
        self.list = async_raw(resource.list)
        self.create = async_raw(resource.create)
        self.retrieve = async_raw(resource.retrieve)


class AsyncAudioTranscriptionsJobsResourceWithStreamingResponse:
    """The methods of AsyncAudioTranscriptionsJobsResource as context managers, which read the response when it is needed."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncAudioTranscriptionsJobsResource(client._with_streamed_responses())
        self.list = async_streamed(resource.list)
        self.create = async_streamed(resource.create)
        self.retrieve = async_streamed(resource.retrieve)


class AsyncAudioTranslationsResource:
    """`audio.translations.create`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncAudioTranslationsResourceWithRawResponse:
        """The same methods, which return a RawResponse: with status, headers, request id and body."""
        return AsyncAudioTranslationsResourceWithRawResponse(self._client)

    @property
    def with_streaming_response(self) -> AsyncAudioTranslationsResourceWithStreamingResponse:
        """The same methods as context managers, whose response is read when it is needed."""
        return AsyncAudioTranslationsResourceWithStreamingResponse(self._client)

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
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
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
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
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
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
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
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
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
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
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

        Example::

            response = await client.audio.translations.create(file="enregistrement.mp3", model="whisper-1")
            print(response)
        """
        request = provided_fields(model=model, prompt=prompt, response_format=response_format, temperature=temperature)
        return await self._client._send(operations.TRANSLATE, options, request, files={"file": file})


class AsyncAudioTranslationsResourceWithRawResponse:
    """The methods of AsyncAudioTranslationsResource, which return a RawResponse."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncAudioTranslationsResource(client._with_raw_responses())
        self.create = async_raw(resource.create)


class AsyncAudioTranslationsResourceWithStreamingResponse:
    """The methods of AsyncAudioTranslationsResource as context managers, which read the response when it is needed."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncAudioTranslationsResource(client._with_streamed_responses())
        self.create = async_streamed(resource.create)


class AsyncModelsResource:
    """`models.list`, `models.retrieve`, `models.load`, `models.unload`, `models.unload_all`, `models.status`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncModelsResourceWithRawResponse:
        """The same methods, which return a RawResponse: with status, headers, request id and body."""
        return AsyncModelsResourceWithRawResponse(self._client)

    @property
    def with_streaming_response(self) -> AsyncModelsResourceWithStreamingResponse:
        """The same methods as context managers, whose response is read when it is needed."""
        return AsyncModelsResourceWithStreamingResponse(self._client)

    def list(self, **options: Unpack[CallOptions]) -> AsyncListRequest[ListModelsResponse, ModelInfo]:
        """List the models of the server.

        Returns every available model, whether it is loaded or not. A name that stands for a model is an entry of its
        own, whose `root` is the id of that model.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = await client.models.list()
            print(response)
        """
        return AsyncListRequest(self._client._send(operations.LIST_MODELS, options))

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

        Example::

            response = await client.models.retrieve(model="llama-3.1-8b")
            print(response)
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

        Example::

            response = await client.models.load(model_name="llama-3.1-8b")
            print(response)
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

        Example::

            response = await client.models.unload(model_name="llama-3.1-8b")
            print(response)
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

        Example::

            response = await client.models.unload_all()
            print(response)
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

        Example::

            response = await client.models.status()
            print(response)
        """
        return await self._client._send(operations.GET_MODEL_STATUS, options)


class AsyncModelsResourceWithRawResponse:
    """The methods of AsyncModelsResource, which return a RawResponse."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncModelsResource(client._with_raw_responses())
        self.list = async_raw(resource.list)
        self.retrieve = async_raw(resource.retrieve)
        self.load = async_raw(resource.load)
        self.unload = async_raw(resource.unload)
        self.unload_all = async_raw(resource.unload_all)
        self.status = async_raw(resource.status)


class AsyncModelsResourceWithStreamingResponse:
    """The methods of AsyncModelsResource as context managers, which read the response when it is needed."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncModelsResource(client._with_streamed_responses())
        self.list = async_streamed(resource.list)
        self.retrieve = async_streamed(resource.retrieve)
        self.load = async_streamed(resource.load)
        self.unload = async_streamed(resource.unload)
        self.unload_all = async_streamed(resource.unload_all)
        self.status = async_streamed(resource.status)


class AsyncGpuResource:
    """`gpu.status`, `gpu.memory`, `gpu.purge`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncGpuResourceWithRawResponse:
        """The same methods, which return a RawResponse: with status, headers, request id and body."""
        return AsyncGpuResourceWithRawResponse(self._client)

    @property
    def with_streaming_response(self) -> AsyncGpuResourceWithStreamingResponse:
        """The same methods as context managers, whose response is read when it is needed."""
        return AsyncGpuResourceWithStreamingResponse(self._client)

    async def status(self, **options: Unpack[CallOptions]) -> GPUStatusResponse:
        """Return the status of each GPU.

        Returns memory, utilization, temperature and processes of each GPU; empty lists without a GPU.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = await client.gpu.status()
            print(response)
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

        Example::

            response = await client.gpu.memory()
            print(response)
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

        Example::

            response = await client.gpu.purge(force=False)
            print(response)
        """
        request = provided_fields(force=force)
        return await self._client._send(operations.PURGE_GPU, options, request)


class AsyncGpuResourceWithRawResponse:
    """The methods of AsyncGpuResource, which return a RawResponse."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncGpuResource(client._with_raw_responses())
        self.status = async_raw(resource.status)
        self.memory = async_raw(resource.memory)
        self.purge = async_raw(resource.purge)


class AsyncGpuResourceWithStreamingResponse:
    """The methods of AsyncGpuResource as context managers, which read the response when it is needed."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncGpuResource(client._with_streamed_responses())
        self.status = async_streamed(resource.status)
        self.memory = async_streamed(resource.memory)
        self.purge = async_streamed(resource.purge)


class AsyncStatusResource:
    """`status.retrieve`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncStatusResourceWithRawResponse:
        """The same methods, which return a RawResponse: with status, headers, request id and body."""
        return AsyncStatusResourceWithRawResponse(self._client)

    @property
    def with_streaming_response(self) -> AsyncStatusResourceWithStreamingResponse:
        """The same methods as context managers, whose response is read when it is needed."""
        return AsyncStatusResourceWithStreamingResponse(self._client)

    async def retrieve(self, **options: Unpack[CallOptions]) -> SystemStatus:
        """Return the status of every region.

        Returns the state of each region and of its models. Loads no model.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = await client.status.retrieve()
            print(response)
        """
        return await self._client._send(operations.GET_STATUS, options)


class AsyncStatusResourceWithRawResponse:
    """The methods of AsyncStatusResource, which return a RawResponse."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncStatusResource(client._with_raw_responses())
        self.retrieve = async_raw(resource.retrieve)


class AsyncStatusResourceWithStreamingResponse:
    """The methods of AsyncStatusResource as context managers, which read the response when it is needed."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncStatusResource(client._with_streamed_responses())
        self.retrieve = async_streamed(resource.retrieve)


class AsyncRouterResource:
    """`router.route`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncRouterResourceWithRawResponse:
        """The same methods, which return a RawResponse: with status, headers, request id and body."""
        return AsyncRouterResourceWithRawResponse(self._client)

    @property
    def with_streaming_response(self) -> AsyncRouterResourceWithStreamingResponse:
        """The same methods as context managers, whose response is read when it is needed."""
        return AsyncRouterResourceWithStreamingResponse(self._client)

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

        Example::

            response = await client.router.route(scope="global", model="llama-3.1-8b")
            print(response)
        """
        return await self._client._send(operations.GET_ROUTE, options, parameters={"scope": scope, "model": model})


class AsyncRouterResourceWithRawResponse:
    """The methods of AsyncRouterResource, which return a RawResponse."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncRouterResource(client._with_raw_responses())
        self.route = async_raw(resource.route)


class AsyncRouterResourceWithStreamingResponse:
    """The methods of AsyncRouterResource as context managers, which read the response when it is needed."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncRouterResource(client._with_streamed_responses())
        self.route = async_streamed(resource.route)


class AsyncUsageResource:
    """`usage.retrieve`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncUsageResourceWithRawResponse:
        """The same methods, which return a RawResponse: with status, headers, request id and body."""
        return AsyncUsageResourceWithRawResponse(self._client)

    @property
    def with_streaming_response(self) -> AsyncUsageResourceWithStreamingResponse:
        """The same methods as context managers, whose response is read when it is needed."""
        return AsyncUsageResourceWithStreamingResponse(self._client)

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

        Example::

            response = await client.usage.retrieve(start_date="2026-11-01", end_date="2026-11-30")
            print(response)
        """
        return await self._client._send(
            operations.GET_USAGE, options, parameters={"start_date": start_date, "end_date": end_date}
        )


class AsyncUsageResourceWithRawResponse:
    """The methods of AsyncUsageResource, which return a RawResponse."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncUsageResource(client._with_raw_responses())
        self.retrieve = async_raw(resource.retrieve)


class AsyncUsageResourceWithStreamingResponse:
    """The methods of AsyncUsageResource as context managers, which read the response when it is needed."""

    def __init__(self, client: AsyncOperationClient) -> None:
        resource = AsyncUsageResource(client._with_streamed_responses())
        self.retrieve = async_streamed(resource.retrieve)


class AsyncBetaResource:
    """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @cached_property
    def chat(self) -> AsyncChatResource:
        """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""
        return AsyncChatResource(self._client)

    @property
    def with_raw_response(self) -> AsyncBetaResourceWithRawResponse:
        """The same methods, which return a RawResponse: with status, headers, request id and body."""
        return AsyncBetaResourceWithRawResponse(self._client)

    @property
    def with_streaming_response(self) -> AsyncBetaResourceWithStreamingResponse:
        """The same methods as context managers, whose response is read when it is needed."""
        return AsyncBetaResourceWithStreamingResponse(self._client)


class AsyncBetaResourceWithRawResponse:
    """The methods of AsyncBetaResource, which return a RawResponse."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def chat(self) -> AsyncChatResourceWithRawResponse:
        """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""
        return AsyncChatResourceWithRawResponse(self._client)


class AsyncBetaResourceWithStreamingResponse:
    """The methods of AsyncBetaResource as context managers, which read the response when it is needed."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def chat(self) -> AsyncChatResourceWithStreamingResponse:
        """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""
        return AsyncChatResourceWithStreamingResponse(self._client)


class AsyncClientWithRawResponse:
    """The resources of a client with other responses."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def chat(self) -> AsyncChatResourceWithRawResponse:
        """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""
        return AsyncChatResourceWithRawResponse(self._client)

    @property
    def completions(self) -> AsyncCompletionsResourceWithRawResponse:
        """`completions.create`, `completions.stream`."""
        return AsyncCompletionsResourceWithRawResponse(self._client)

    @property
    def embeddings(self) -> AsyncEmbeddingsResourceWithRawResponse:
        """`embeddings.create`."""
        return AsyncEmbeddingsResourceWithRawResponse(self._client)

    @property
    def audio(self) -> AsyncAudioResourceWithRawResponse:
        """`audio.speech.create`, `audio.speech.stream`, `audio.transcriptions.create`, `audio.transcriptions.jobs.list`, `audio.transcriptions.jobs.create`, `audio.transcriptions.jobs.create_and_poll`, `audio.transcriptions.jobs.retrieve`, `audio.translations.create`."""
        return AsyncAudioResourceWithRawResponse(self._client)

    @property
    def models(self) -> AsyncModelsResourceWithRawResponse:
        """`models.list`, `models.retrieve`, `models.load`, `models.unload`, `models.unload_all`, `models.status`."""
        return AsyncModelsResourceWithRawResponse(self._client)

    @property
    def gpu(self) -> AsyncGpuResourceWithRawResponse:
        """`gpu.status`, `gpu.memory`, `gpu.purge`."""
        return AsyncGpuResourceWithRawResponse(self._client)

    @property
    def status(self) -> AsyncStatusResourceWithRawResponse:
        """`status.retrieve`."""
        return AsyncStatusResourceWithRawResponse(self._client)

    @property
    def router(self) -> AsyncRouterResourceWithRawResponse:
        """`router.route`."""
        return AsyncRouterResourceWithRawResponse(self._client)

    @property
    def usage(self) -> AsyncUsageResourceWithRawResponse:
        """`usage.retrieve`."""
        return AsyncUsageResourceWithRawResponse(self._client)

    @property
    def beta(self) -> AsyncBetaResourceWithRawResponse:
        """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""
        return AsyncBetaResourceWithRawResponse(self._client)


class AsyncClientWithStreamingResponse:
    """The resources of a client with other responses."""

    def __init__(self, client: AsyncOperationClient) -> None:
        self._client = client

    @property
    def chat(self) -> AsyncChatResourceWithStreamingResponse:
        """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""
        return AsyncChatResourceWithStreamingResponse(self._client)

    @property
    def completions(self) -> AsyncCompletionsResourceWithStreamingResponse:
        """`completions.create`, `completions.stream`."""
        return AsyncCompletionsResourceWithStreamingResponse(self._client)

    @property
    def embeddings(self) -> AsyncEmbeddingsResourceWithStreamingResponse:
        """`embeddings.create`."""
        return AsyncEmbeddingsResourceWithStreamingResponse(self._client)

    @property
    def audio(self) -> AsyncAudioResourceWithStreamingResponse:
        """`audio.speech.create`, `audio.speech.stream`, `audio.transcriptions.create`, `audio.transcriptions.jobs.list`, `audio.transcriptions.jobs.create`, `audio.transcriptions.jobs.create_and_poll`, `audio.transcriptions.jobs.retrieve`, `audio.translations.create`."""
        return AsyncAudioResourceWithStreamingResponse(self._client)

    @property
    def models(self) -> AsyncModelsResourceWithStreamingResponse:
        """`models.list`, `models.retrieve`, `models.load`, `models.unload`, `models.unload_all`, `models.status`."""
        return AsyncModelsResourceWithStreamingResponse(self._client)

    @property
    def gpu(self) -> AsyncGpuResourceWithStreamingResponse:
        """`gpu.status`, `gpu.memory`, `gpu.purge`."""
        return AsyncGpuResourceWithStreamingResponse(self._client)

    @property
    def status(self) -> AsyncStatusResourceWithStreamingResponse:
        """`status.retrieve`."""
        return AsyncStatusResourceWithStreamingResponse(self._client)

    @property
    def router(self) -> AsyncRouterResourceWithStreamingResponse:
        """`router.route`."""
        return AsyncRouterResourceWithStreamingResponse(self._client)

    @property
    def usage(self) -> AsyncUsageResourceWithStreamingResponse:
        """`usage.retrieve`."""
        return AsyncUsageResourceWithStreamingResponse(self._client)

    @property
    def beta(self) -> AsyncBetaResourceWithStreamingResponse:
        """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""
        return AsyncBetaResourceWithStreamingResponse(self._client)
