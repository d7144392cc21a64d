# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.chat_completion_request_function_call_type_0 import ChatCompletionRequestFunctionCallType0
from ..models.chat_completion_request_modalities_type_0_item import ChatCompletionRequestModalitiesType0Item
from ..models.chat_completion_request_model_type_0 import ChatCompletionRequestModelType0
from ..models.chat_completion_request_prompt_cache_retention_type_1 import (
    ChatCompletionRequestPromptCacheRetentionType1,
)
from ..models.chat_completion_request_prompt_cache_retention_type_2_type_1 import (
    ChatCompletionRequestPromptCacheRetentionType2Type1,
)
from ..models.chat_completion_request_prompt_cache_retention_type_3_type_1 import (
    ChatCompletionRequestPromptCacheRetentionType3Type1,
)
from ..models.chat_completion_request_service_tier_type_1 import ChatCompletionRequestServiceTierType1
from ..models.chat_completion_request_service_tier_type_2_type_1 import ChatCompletionRequestServiceTierType2Type1
from ..models.chat_completion_request_service_tier_type_3_type_1 import ChatCompletionRequestServiceTierType3Type1
from ..models.chat_completion_request_tool_choice_type_0 import ChatCompletionRequestToolChoiceType0
from ..models.chat_completion_request_verbosity_type_1 import ChatCompletionRequestVerbosityType1
from ..models.chat_completion_request_verbosity_type_2_type_1 import ChatCompletionRequestVerbosityType2Type1
from ..models.chat_completion_request_verbosity_type_3_type_1 import ChatCompletionRequestVerbosityType3Type1
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.allowed_tools_choice import AllowedToolsChoice
    from ..models.audio_output import AudioOutput
    from ..models.chat_completion_request_guided_json_type_0 import ChatCompletionRequestGuidedJsonType0
    from ..models.chat_completion_request_logit_bias_type_0 import ChatCompletionRequestLogitBiasType0
    from ..models.chat_completion_request_metadata_type_0 import ChatCompletionRequestMetadataType0
    from ..models.chat_completion_request_moderation_type_0 import ChatCompletionRequestModerationType0
    from ..models.chat_tool import ChatTool
    from ..models.function_definition import FunctionDefinition
    from ..models.message import Message
    from ..models.named_function import NamedFunction
    from ..models.named_tool_choice import NamedToolChoice
    from ..models.prediction import Prediction
    from ..models.prompt_cache_options import PromptCacheOptions
    from ..models.response_format import ResponseFormat
    from ..models.stream_options import StreamOptions
    from ..models.structured_outputs import StructuredOutputs
    from ..models.web_search_options import WebSearchOptions


T = TypeVar("T", bound="ChatCompletionRequest")


@_attrs_define
class ChatCompletionRequest:
    """A request for the next message of a conversation."""

    model: ChatCompletionRequestModelType0 | str
    """ The id of the model. """
    messages: list[Message]
    """ The messages of the conversation, oldest first. """
    max_tokens: int | None | Unset = UNSET
    """ The maximum number of tokens to generate for a choice; without it, or if the context of the model holds
    fewer,
    as many as the context holds.
     """
    max_completion_tokens: int | None | Unset = UNSET
    """ The newer name of `max_tokens`; takes precedence over it. """
    temperature: float | None | Unset = 0.7
    """ The sampling temperature; 0 always selects the most likely token. """
    top_p: float | None | Unset = 0.9
    """ Nucleus sampling: sample from the most likely tokens with this total probability. """
    top_k: int | None | Unset = UNSET
    """ Sample from this number of most likely tokens; 0 or -1 is no limit. """
    min_p: float | None | Unset = UNSET
    """ Exclude tokens with a probability below this share of that of the most likely token. """
    frequency_penalty: float | None | Unset = UNSET
    """ Penalty on a token for each occurrence; negative values encourage repetition. """
    presence_penalty: float | None | Unset = UNSET
    """ Penalty on every token that occurred; negative values encourage repetition. """
    repetition_penalty: float | None | Unset = UNSET
    """ Divisor of the likelihood of tokens that occurred; 1 has no effect. """
    stop: list[str] | None | str | Unset = UNSET
    """ Texts at which generation stops; the response does not include them. """
    logit_bias: ChatCompletionRequestLogitBiasType0 | None | Unset = UNSET
    """ What is added to the logit of a token, by the id of the token in the model; -100 forbids it. """
    n: int | None | Unset = 1
    """ The number of choices to generate. """
    seed: int | None | Unset = UNSET
    """ The seed of sampling; the same seed, request and model produce the same response. """
    logprobs: bool | None | Unset = UNSET
    """ Whether the response has the log probability of each token. """
    top_logprobs: int | None | Unset = UNSET
    """ The number of most likely tokens to return at each position; requires `logprobs`. """
    stream: bool | None | Unset = False
    """ Whether the response is a stream of events. """
    stream_options: None | StreamOptions | Unset = UNSET
    """ Options of the stream. """
    tools: list[ChatTool] | None | Unset = UNSET
    """ The functions that the model may call. """
    tool_choice: AllowedToolsChoice | ChatCompletionRequestToolChoiceType0 | NamedToolChoice | None | Unset = UNSET
    """ `none` forbids calls, `auto` lets the model decide, `required` requires at least one call; an object
    selects a function, or several that are allowed.
     """
    response_format: None | ResponseFormat | Unset = UNSET
    """ The format of the generated content. """
    parallel_tool_calls: bool | None | Unset = True
    """ Whether a response may call several functions. """
    functions: list[FunctionDefinition] | None | Unset = UNSET
    """ The older form of `tools`. """
    function_call: ChatCompletionRequestFunctionCallType0 | NamedFunction | None | Unset = UNSET
    """ The older form of `tool_choice`. """
    enable_thinking: bool | None | Unset = UNSET
    """ Whether to enable the reasoning of a model that supports it. """
    reasoning_effort: None | str | Unset = UNSET
    """ How much a model reasons that supports it; others ignore it. """
    verbosity: (
        ChatCompletionRequestVerbosityType1
        | ChatCompletionRequestVerbosityType2Type1
        | ChatCompletionRequestVerbosityType3Type1
        | None
        | Unset
    ) = UNSET
    """ How long the text should be. Ignored by models without it. """
    modalities: list[ChatCompletionRequestModalitiesType0Item] | None | Unset = UNSET
    """ What is generated; a model that generates text only rejects `audio`. """
    audio: AudioOutput | None | Unset = UNSET
    """ How the audio sounds, if `modalities` has `audio`. """
    prediction: None | Prediction | Unset = UNSET
    """ What the text will probably be. It makes a server faster that uses it. """
    web_search_options: None | Unset | WebSearchOptions = UNSET
    """ How the server searches the web. PolarGrid's servers do not search it. """
    service_tier: (
        ChatCompletionRequestServiceTierType1
        | ChatCompletionRequestServiceTierType2Type1
        | ChatCompletionRequestServiceTierType3Type1
        | None
        | Unset
    ) = UNSET
    """ The tier that serves the request. PolarGrid has one. """
    store: bool | None | Unset = UNSET
    """ Whether the server stores the response. PolarGrid stores none. """
    metadata: ChatCompletionRequestMetadataType0 | None | Unset = UNSET
    """ What a stored response is found by. PolarGrid stores none, and returns it in no response. """
    prompt_cache_key: None | str | Unset = UNSET
    """ Requests with the same beginning, which a server may keep in its cache. """
    prompt_cache_retention: (
        ChatCompletionRequestPromptCacheRetentionType1
        | ChatCompletionRequestPromptCacheRetentionType2Type1
        | ChatCompletionRequestPromptCacheRetentionType3Type1
        | None
        | Unset
    ) = UNSET
    """ How long the server keeps the prompt in its cache. """
    prompt_cache_options: None | PromptCacheOptions | Unset = UNSET
    """ How the server keeps the prompt in its cache. """
    moderation: ChatCompletionRequestModerationType0 | None | Unset = UNSET
    """ How the server moderates request and response. PolarGrid does not. """
    safety_identifier: None | str | Unset = UNSET
    """ A stable id of your end user; the newer name of `user`. """
    guided_json: ChatCompletionRequestGuidedJsonType0 | None | str | Unset = UNSET
    """ A JSON Schema of the text, as vLLM's servers take it; `response_format` is its standard form. """
    structured_outputs: None | StructuredOutputs | Unset = UNSET
    """ What the text must be, as vLLM's servers take it; `response_format` is its standard form. """
    user: None | str | Unset = UNSET
    """ An id of your end user. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.allowed_tools_choice import AllowedToolsChoice  # noqa: PLC0415
        from ..models.audio_output import AudioOutput  # noqa: PLC0415
        from ..models.chat_completion_request_guided_json_type_0 import ChatCompletionRequestGuidedJsonType0  # noqa: PLC0415
        from ..models.chat_completion_request_logit_bias_type_0 import ChatCompletionRequestLogitBiasType0  # noqa: PLC0415
        from ..models.chat_completion_request_metadata_type_0 import ChatCompletionRequestMetadataType0  # noqa: PLC0415
        from ..models.chat_completion_request_moderation_type_0 import ChatCompletionRequestModerationType0  # noqa: PLC0415
        from ..models.named_function import NamedFunction  # noqa: PLC0415
        from ..models.named_tool_choice import NamedToolChoice  # noqa: PLC0415
        from ..models.prediction import Prediction  # noqa: PLC0415
        from ..models.prompt_cache_options import PromptCacheOptions  # noqa: PLC0415
        from ..models.response_format import ResponseFormat  # noqa: PLC0415
        from ..models.stream_options import StreamOptions  # noqa: PLC0415
        from ..models.structured_outputs import StructuredOutputs  # noqa: PLC0415
        from ..models.web_search_options import WebSearchOptions  # noqa: PLC0415

        model: str
        if isinstance(self.model, ChatCompletionRequestModelType0):
            model = self.model.value
        else:
            model = self.model

        messages = []
        for messages_item_data in self.messages:
            messages_item = messages_item_data.to_dict()
            messages.append(messages_item)

        max_tokens: int | None | Unset
        if isinstance(self.max_tokens, Unset):
            max_tokens = UNSET
        else:
            max_tokens = self.max_tokens

        max_completion_tokens: int | None | Unset
        if isinstance(self.max_completion_tokens, Unset):
            max_completion_tokens = UNSET
        else:
            max_completion_tokens = self.max_completion_tokens

        temperature: float | None | Unset
        if isinstance(self.temperature, Unset):
            temperature = UNSET
        else:
            temperature = self.temperature

        top_p: float | None | Unset
        if isinstance(self.top_p, Unset):
            top_p = UNSET
        else:
            top_p = self.top_p

        top_k: int | None | Unset
        if isinstance(self.top_k, Unset):
            top_k = UNSET
        else:
            top_k = self.top_k

        min_p: float | None | Unset
        if isinstance(self.min_p, Unset):
            min_p = UNSET
        else:
            min_p = self.min_p

        frequency_penalty: float | None | Unset
        if isinstance(self.frequency_penalty, Unset):
            frequency_penalty = UNSET
        else:
            frequency_penalty = self.frequency_penalty

        presence_penalty: float | None | Unset
        if isinstance(self.presence_penalty, Unset):
            presence_penalty = UNSET
        else:
            presence_penalty = self.presence_penalty

        repetition_penalty: float | None | Unset
        if isinstance(self.repetition_penalty, Unset):
            repetition_penalty = UNSET
        else:
            repetition_penalty = self.repetition_penalty

        stop: list[str] | None | str | Unset
        if isinstance(self.stop, Unset):
            stop = UNSET
        elif isinstance(self.stop, list):
            stop = self.stop

        else:
            stop = self.stop

        logit_bias: dict[str, Any] | None | Unset
        if isinstance(self.logit_bias, Unset):
            logit_bias = UNSET
        elif isinstance(self.logit_bias, ChatCompletionRequestLogitBiasType0):
            logit_bias = self.logit_bias.to_dict()
        else:
            logit_bias = self.logit_bias

        n: int | None | Unset
        if isinstance(self.n, Unset):
            n = UNSET
        else:
            n = self.n

        seed: int | None | Unset
        if isinstance(self.seed, Unset):
            seed = UNSET
        else:
            seed = self.seed

        logprobs: bool | None | Unset
        if isinstance(self.logprobs, Unset):
            logprobs = UNSET
        else:
            logprobs = self.logprobs

        top_logprobs: int | None | Unset
        if isinstance(self.top_logprobs, Unset):
            top_logprobs = UNSET
        else:
            top_logprobs = self.top_logprobs

        stream: bool | None | Unset
        if isinstance(self.stream, Unset):
            stream = UNSET
        else:
            stream = self.stream

        stream_options: dict[str, Any] | None | Unset
        if isinstance(self.stream_options, Unset):
            stream_options = UNSET
        elif isinstance(self.stream_options, StreamOptions):
            stream_options = self.stream_options.to_dict()
        else:
            stream_options = self.stream_options

        tools: list[dict[str, Any]] | None | Unset
        if isinstance(self.tools, Unset):
            tools = UNSET
        elif isinstance(self.tools, list):
            tools = []
            for tools_type_0_item_data in self.tools:
                tools_type_0_item = tools_type_0_item_data.to_dict()
                tools.append(tools_type_0_item)

        else:
            tools = self.tools

        tool_choice: dict[str, Any] | None | str | Unset
        if isinstance(self.tool_choice, Unset):
            tool_choice = UNSET
        elif isinstance(self.tool_choice, ChatCompletionRequestToolChoiceType0):
            tool_choice = self.tool_choice.value
        elif isinstance(self.tool_choice, NamedToolChoice):
            tool_choice = self.tool_choice.to_dict()
        elif isinstance(self.tool_choice, AllowedToolsChoice):
            tool_choice = self.tool_choice.to_dict()
        else:
            tool_choice = self.tool_choice

        response_format: dict[str, Any] | None | Unset
        if isinstance(self.response_format, Unset):
            response_format = UNSET
        elif isinstance(self.response_format, ResponseFormat):
            response_format = self.response_format.to_dict()
        else:
            response_format = self.response_format

        parallel_tool_calls: bool | None | Unset
        if isinstance(self.parallel_tool_calls, Unset):
            parallel_tool_calls = UNSET
        else:
            parallel_tool_calls = self.parallel_tool_calls

        functions: list[dict[str, Any]] | None | Unset
        if isinstance(self.functions, Unset):
            functions = UNSET
        elif isinstance(self.functions, list):
            functions = []
            for functions_type_0_item_data in self.functions:
                functions_type_0_item = functions_type_0_item_data.to_dict()
                functions.append(functions_type_0_item)

        else:
            functions = self.functions

        function_call: dict[str, Any] | None | str | Unset
        if isinstance(self.function_call, Unset):
            function_call = UNSET
        elif isinstance(self.function_call, ChatCompletionRequestFunctionCallType0):
            function_call = self.function_call.value
        elif isinstance(self.function_call, NamedFunction):
            function_call = self.function_call.to_dict()
        else:
            function_call = self.function_call

        enable_thinking: bool | None | Unset
        if isinstance(self.enable_thinking, Unset):
            enable_thinking = UNSET
        else:
            enable_thinking = self.enable_thinking

        reasoning_effort: None | str | Unset
        if isinstance(self.reasoning_effort, Unset):
            reasoning_effort = UNSET
        else:
            reasoning_effort = self.reasoning_effort

        verbosity: None | str | Unset
        if isinstance(self.verbosity, Unset):
            verbosity = UNSET
        elif isinstance(self.verbosity, ChatCompletionRequestVerbosityType1):
            verbosity = self.verbosity.value
        elif isinstance(self.verbosity, ChatCompletionRequestVerbosityType2Type1):
            verbosity = self.verbosity.value
        elif isinstance(self.verbosity, ChatCompletionRequestVerbosityType3Type1):
            verbosity = self.verbosity.value
        else:
            verbosity = self.verbosity

        modalities: list[str] | None | Unset
        if isinstance(self.modalities, Unset):
            modalities = UNSET
        elif isinstance(self.modalities, list):
            modalities = []
            for modalities_type_0_item_data in self.modalities:
                modalities_type_0_item = modalities_type_0_item_data.value
                modalities.append(modalities_type_0_item)

        else:
            modalities = self.modalities

        audio: dict[str, Any] | None | Unset
        if isinstance(self.audio, Unset):
            audio = UNSET
        elif isinstance(self.audio, AudioOutput):
            audio = self.audio.to_dict()
        else:
            audio = self.audio

        prediction: dict[str, Any] | None | Unset
        if isinstance(self.prediction, Unset):
            prediction = UNSET
        elif isinstance(self.prediction, Prediction):
            prediction = self.prediction.to_dict()
        else:
            prediction = self.prediction

        web_search_options: dict[str, Any] | None | Unset
        if isinstance(self.web_search_options, Unset):
            web_search_options = UNSET
        elif isinstance(self.web_search_options, WebSearchOptions):
            web_search_options = self.web_search_options.to_dict()
        else:
            web_search_options = self.web_search_options

        service_tier: None | str | Unset
        if isinstance(self.service_tier, Unset):
            service_tier = UNSET
        elif isinstance(self.service_tier, ChatCompletionRequestServiceTierType1):
            service_tier = self.service_tier.value
        elif isinstance(self.service_tier, ChatCompletionRequestServiceTierType2Type1):
            service_tier = self.service_tier.value
        elif isinstance(self.service_tier, ChatCompletionRequestServiceTierType3Type1):
            service_tier = self.service_tier.value
        else:
            service_tier = self.service_tier

        store: bool | None | Unset
        if isinstance(self.store, Unset):
            store = UNSET
        else:
            store = self.store

        metadata: dict[str, Any] | None | Unset
        if isinstance(self.metadata, Unset):
            metadata = UNSET
        elif isinstance(self.metadata, ChatCompletionRequestMetadataType0):
            metadata = self.metadata.to_dict()
        else:
            metadata = self.metadata

        prompt_cache_key: None | str | Unset
        if isinstance(self.prompt_cache_key, Unset):
            prompt_cache_key = UNSET
        else:
            prompt_cache_key = self.prompt_cache_key

        prompt_cache_retention: None | str | Unset
        if isinstance(self.prompt_cache_retention, Unset):
            prompt_cache_retention = UNSET
        elif isinstance(self.prompt_cache_retention, ChatCompletionRequestPromptCacheRetentionType1):
            prompt_cache_retention = self.prompt_cache_retention.value
        elif isinstance(self.prompt_cache_retention, ChatCompletionRequestPromptCacheRetentionType2Type1):
            prompt_cache_retention = self.prompt_cache_retention.value
        elif isinstance(self.prompt_cache_retention, ChatCompletionRequestPromptCacheRetentionType3Type1):
            prompt_cache_retention = self.prompt_cache_retention.value
        else:
            prompt_cache_retention = self.prompt_cache_retention

        prompt_cache_options: dict[str, Any] | None | Unset
        if isinstance(self.prompt_cache_options, Unset):
            prompt_cache_options = UNSET
        elif isinstance(self.prompt_cache_options, PromptCacheOptions):
            prompt_cache_options = self.prompt_cache_options.to_dict()
        else:
            prompt_cache_options = self.prompt_cache_options

        moderation: dict[str, Any] | None | Unset
        if isinstance(self.moderation, Unset):
            moderation = UNSET
        elif isinstance(self.moderation, ChatCompletionRequestModerationType0):
            moderation = self.moderation.to_dict()
        else:
            moderation = self.moderation

        safety_identifier: None | str | Unset
        if isinstance(self.safety_identifier, Unset):
            safety_identifier = UNSET
        else:
            safety_identifier = self.safety_identifier

        guided_json: dict[str, Any] | None | str | Unset
        if isinstance(self.guided_json, Unset):
            guided_json = UNSET
        elif isinstance(self.guided_json, ChatCompletionRequestGuidedJsonType0):
            guided_json = self.guided_json.to_dict()
        else:
            guided_json = self.guided_json

        structured_outputs: dict[str, Any] | None | Unset
        if isinstance(self.structured_outputs, Unset):
            structured_outputs = UNSET
        elif isinstance(self.structured_outputs, StructuredOutputs):
            structured_outputs = self.structured_outputs.to_dict()
        else:
            structured_outputs = self.structured_outputs

        user: None | str | Unset
        if isinstance(self.user, Unset):
            user = UNSET
        else:
            user = self.user

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "model": model,
                "messages": messages,
            }
        )
        if max_tokens is not UNSET:
            field_dict["max_tokens"] = max_tokens
        if max_completion_tokens is not UNSET:
            field_dict["max_completion_tokens"] = max_completion_tokens
        if temperature is not UNSET:
            field_dict["temperature"] = temperature
        if top_p is not UNSET:
            field_dict["top_p"] = top_p
        if top_k is not UNSET:
            field_dict["top_k"] = top_k
        if min_p is not UNSET:
            field_dict["min_p"] = min_p
        if frequency_penalty is not UNSET:
            field_dict["frequency_penalty"] = frequency_penalty
        if presence_penalty is not UNSET:
            field_dict["presence_penalty"] = presence_penalty
        if repetition_penalty is not UNSET:
            field_dict["repetition_penalty"] = repetition_penalty
        if stop is not UNSET:
            field_dict["stop"] = stop
        if logit_bias is not UNSET:
            field_dict["logit_bias"] = logit_bias
        if n is not UNSET:
            field_dict["n"] = n
        if seed is not UNSET:
            field_dict["seed"] = seed
        if logprobs is not UNSET:
            field_dict["logprobs"] = logprobs
        if top_logprobs is not UNSET:
            field_dict["top_logprobs"] = top_logprobs
        if stream is not UNSET:
            field_dict["stream"] = stream
        if stream_options is not UNSET:
            field_dict["stream_options"] = stream_options
        if tools is not UNSET:
            field_dict["tools"] = tools
        if tool_choice is not UNSET:
            field_dict["tool_choice"] = tool_choice
        if response_format is not UNSET:
            field_dict["response_format"] = response_format
        if parallel_tool_calls is not UNSET:
            field_dict["parallel_tool_calls"] = parallel_tool_calls
        if functions is not UNSET:
            field_dict["functions"] = functions
        if function_call is not UNSET:
            field_dict["function_call"] = function_call
        if enable_thinking is not UNSET:
            field_dict["enable_thinking"] = enable_thinking
        if reasoning_effort is not UNSET:
            field_dict["reasoning_effort"] = reasoning_effort
        if verbosity is not UNSET:
            field_dict["verbosity"] = verbosity
        if modalities is not UNSET:
            field_dict["modalities"] = modalities
        if audio is not UNSET:
            field_dict["audio"] = audio
        if prediction is not UNSET:
            field_dict["prediction"] = prediction
        if web_search_options is not UNSET:
            field_dict["web_search_options"] = web_search_options
        if service_tier is not UNSET:
            field_dict["service_tier"] = service_tier
        if store is not UNSET:
            field_dict["store"] = store
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if prompt_cache_key is not UNSET:
            field_dict["prompt_cache_key"] = prompt_cache_key
        if prompt_cache_retention is not UNSET:
            field_dict["prompt_cache_retention"] = prompt_cache_retention
        if prompt_cache_options is not UNSET:
            field_dict["prompt_cache_options"] = prompt_cache_options
        if moderation is not UNSET:
            field_dict["moderation"] = moderation
        if safety_identifier is not UNSET:
            field_dict["safety_identifier"] = safety_identifier
        if guided_json is not UNSET:
            field_dict["guided_json"] = guided_json
        if structured_outputs is not UNSET:
            field_dict["structured_outputs"] = structured_outputs
        if user is not UNSET:
            field_dict["user"] = user

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.allowed_tools_choice import AllowedToolsChoice  # noqa: PLC0415
        from ..models.audio_output import AudioOutput  # noqa: PLC0415
        from ..models.chat_completion_request_guided_json_type_0 import ChatCompletionRequestGuidedJsonType0  # noqa: PLC0415
        from ..models.chat_completion_request_logit_bias_type_0 import ChatCompletionRequestLogitBiasType0  # noqa: PLC0415
        from ..models.chat_completion_request_metadata_type_0 import ChatCompletionRequestMetadataType0  # noqa: PLC0415
        from ..models.chat_completion_request_moderation_type_0 import ChatCompletionRequestModerationType0  # noqa: PLC0415
        from ..models.chat_tool import ChatTool  # noqa: PLC0415
        from ..models.function_definition import FunctionDefinition  # noqa: PLC0415
        from ..models.message import Message  # noqa: PLC0415
        from ..models.named_function import NamedFunction  # noqa: PLC0415
        from ..models.named_tool_choice import NamedToolChoice  # noqa: PLC0415
        from ..models.prediction import Prediction  # noqa: PLC0415
        from ..models.prompt_cache_options import PromptCacheOptions  # noqa: PLC0415
        from ..models.response_format import ResponseFormat  # noqa: PLC0415
        from ..models.stream_options import StreamOptions  # noqa: PLC0415
        from ..models.structured_outputs import StructuredOutputs  # noqa: PLC0415
        from ..models.web_search_options import WebSearchOptions  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_model(data: object) -> ChatCompletionRequestModelType0 | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                model_type_0 = ChatCompletionRequestModelType0(data)

                return model_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChatCompletionRequestModelType0 | str, data)

        model = _parse_model(d.pop("model"))

        messages = []
        _messages = d.pop("messages")
        for messages_item_data in _messages:
            messages_item = Message.from_dict(messages_item_data)

            messages.append(messages_item)

        def _parse_max_tokens(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_tokens = _parse_max_tokens(d.pop("max_tokens", UNSET))

        def _parse_max_completion_tokens(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_completion_tokens = _parse_max_completion_tokens(d.pop("max_completion_tokens", UNSET))

        def _parse_temperature(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        temperature = _parse_temperature(d.pop("temperature", UNSET))

        def _parse_top_p(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        top_p = _parse_top_p(d.pop("top_p", UNSET))

        def _parse_top_k(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        top_k = _parse_top_k(d.pop("top_k", UNSET))

        def _parse_min_p(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        min_p = _parse_min_p(d.pop("min_p", UNSET))

        def _parse_frequency_penalty(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        frequency_penalty = _parse_frequency_penalty(d.pop("frequency_penalty", UNSET))

        def _parse_presence_penalty(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        presence_penalty = _parse_presence_penalty(d.pop("presence_penalty", UNSET))

        def _parse_repetition_penalty(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        repetition_penalty = _parse_repetition_penalty(d.pop("repetition_penalty", UNSET))

        def _parse_stop(data: object) -> list[str] | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                stop_type_1 = cast(list[str], data)

                return stop_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | str | Unset, data)

        stop = _parse_stop(d.pop("stop", UNSET))

        def _parse_logit_bias(data: object) -> ChatCompletionRequestLogitBiasType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                logit_bias_type_0 = ChatCompletionRequestLogitBiasType0.from_dict(data)

                return logit_bias_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChatCompletionRequestLogitBiasType0 | None | Unset, data)

        logit_bias = _parse_logit_bias(d.pop("logit_bias", UNSET))

        def _parse_n(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        n = _parse_n(d.pop("n", UNSET))

        def _parse_seed(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        seed = _parse_seed(d.pop("seed", UNSET))

        def _parse_logprobs(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        logprobs = _parse_logprobs(d.pop("logprobs", UNSET))

        def _parse_top_logprobs(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        top_logprobs = _parse_top_logprobs(d.pop("top_logprobs", UNSET))

        def _parse_stream(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        stream = _parse_stream(d.pop("stream", UNSET))

        def _parse_stream_options(data: object) -> None | StreamOptions | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                stream_options_type_0 = StreamOptions.from_dict(data)

                return stream_options_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | StreamOptions | Unset, data)

        stream_options = _parse_stream_options(d.pop("stream_options", UNSET))

        def _parse_tools(data: object) -> list[ChatTool] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                tools_type_0 = []
                _tools_type_0 = data
                for tools_type_0_item_data in _tools_type_0:
                    tools_type_0_item = ChatTool.from_dict(tools_type_0_item_data)

                    tools_type_0.append(tools_type_0_item)

                return tools_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[ChatTool] | None | Unset, data)

        tools = _parse_tools(d.pop("tools", UNSET))

        def _parse_tool_choice(
            data: object,
        ) -> AllowedToolsChoice | ChatCompletionRequestToolChoiceType0 | NamedToolChoice | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                tool_choice_type_0 = ChatCompletionRequestToolChoiceType0(data)

                return tool_choice_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                tool_choice_type_1 = NamedToolChoice.from_dict(data)

                return tool_choice_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                tool_choice_type_2 = AllowedToolsChoice.from_dict(data)

                return tool_choice_type_2
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(
                AllowedToolsChoice | ChatCompletionRequestToolChoiceType0 | NamedToolChoice | None | Unset, data
            )

        tool_choice = _parse_tool_choice(d.pop("tool_choice", UNSET))

        def _parse_response_format(data: object) -> None | ResponseFormat | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_format_type_0 = ResponseFormat.from_dict(data)

                return response_format_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ResponseFormat | Unset, data)

        response_format = _parse_response_format(d.pop("response_format", UNSET))

        def _parse_parallel_tool_calls(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        parallel_tool_calls = _parse_parallel_tool_calls(d.pop("parallel_tool_calls", UNSET))

        def _parse_functions(data: object) -> list[FunctionDefinition] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                functions_type_0 = []
                _functions_type_0 = data
                for functions_type_0_item_data in _functions_type_0:
                    functions_type_0_item = FunctionDefinition.from_dict(functions_type_0_item_data)

                    functions_type_0.append(functions_type_0_item)

                return functions_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[FunctionDefinition] | None | Unset, data)

        functions = _parse_functions(d.pop("functions", UNSET))

        def _parse_function_call(data: object) -> ChatCompletionRequestFunctionCallType0 | NamedFunction | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                function_call_type_0 = ChatCompletionRequestFunctionCallType0(data)

                return function_call_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                function_call_type_1 = NamedFunction.from_dict(data)

                return function_call_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChatCompletionRequestFunctionCallType0 | NamedFunction | None | Unset, data)

        function_call = _parse_function_call(d.pop("function_call", UNSET))

        def _parse_enable_thinking(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        enable_thinking = _parse_enable_thinking(d.pop("enable_thinking", UNSET))

        def _parse_reasoning_effort(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reasoning_effort = _parse_reasoning_effort(d.pop("reasoning_effort", UNSET))

        def _parse_verbosity(
            data: object,
        ) -> (
            ChatCompletionRequestVerbosityType1
            | ChatCompletionRequestVerbosityType2Type1
            | ChatCompletionRequestVerbosityType3Type1
            | None
            | Unset
        ):
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                verbosity_type_1 = ChatCompletionRequestVerbosityType1(data)

                return verbosity_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, str):
                    raise TypeError()
                verbosity_type_2_type_1 = ChatCompletionRequestVerbosityType2Type1(data)

                return verbosity_type_2_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, str):
                    raise TypeError()
                verbosity_type_3_type_1 = ChatCompletionRequestVerbosityType3Type1(data)

                return verbosity_type_3_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(
                ChatCompletionRequestVerbosityType1
                | ChatCompletionRequestVerbosityType2Type1
                | ChatCompletionRequestVerbosityType3Type1
                | None
                | Unset,
                data,
            )

        verbosity = _parse_verbosity(d.pop("verbosity", UNSET))

        def _parse_modalities(data: object) -> list[ChatCompletionRequestModalitiesType0Item] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                modalities_type_0 = []
                _modalities_type_0 = data
                for modalities_type_0_item_data in _modalities_type_0:
                    modalities_type_0_item = ChatCompletionRequestModalitiesType0Item(modalities_type_0_item_data)

                    modalities_type_0.append(modalities_type_0_item)

                return modalities_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[ChatCompletionRequestModalitiesType0Item] | None | Unset, data)

        modalities = _parse_modalities(d.pop("modalities", UNSET))

        def _parse_audio(data: object) -> AudioOutput | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                audio_type_0 = AudioOutput.from_dict(data)

                return audio_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AudioOutput | None | Unset, data)

        audio = _parse_audio(d.pop("audio", UNSET))

        def _parse_prediction(data: object) -> None | Prediction | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                prediction_type_0 = Prediction.from_dict(data)

                return prediction_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Prediction | Unset, data)

        prediction = _parse_prediction(d.pop("prediction", UNSET))

        def _parse_web_search_options(data: object) -> None | Unset | WebSearchOptions:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                web_search_options_type_0 = WebSearchOptions.from_dict(data)

                return web_search_options_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | WebSearchOptions, data)

        web_search_options = _parse_web_search_options(d.pop("web_search_options", UNSET))

        def _parse_service_tier(
            data: object,
        ) -> (
            ChatCompletionRequestServiceTierType1
            | ChatCompletionRequestServiceTierType2Type1
            | ChatCompletionRequestServiceTierType3Type1
            | None
            | Unset
        ):
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                service_tier_type_1 = ChatCompletionRequestServiceTierType1(data)

                return service_tier_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, str):
                    raise TypeError()
                service_tier_type_2_type_1 = ChatCompletionRequestServiceTierType2Type1(data)

                return service_tier_type_2_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, str):
                    raise TypeError()
                service_tier_type_3_type_1 = ChatCompletionRequestServiceTierType3Type1(data)

                return service_tier_type_3_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(
                ChatCompletionRequestServiceTierType1
                | ChatCompletionRequestServiceTierType2Type1
                | ChatCompletionRequestServiceTierType3Type1
                | None
                | Unset,
                data,
            )

        service_tier = _parse_service_tier(d.pop("service_tier", UNSET))

        def _parse_store(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        store = _parse_store(d.pop("store", UNSET))

        def _parse_metadata(data: object) -> ChatCompletionRequestMetadataType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                metadata_type_0 = ChatCompletionRequestMetadataType0.from_dict(data)

                return metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChatCompletionRequestMetadataType0 | None | Unset, data)

        metadata = _parse_metadata(d.pop("metadata", UNSET))

        def _parse_prompt_cache_key(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        prompt_cache_key = _parse_prompt_cache_key(d.pop("prompt_cache_key", UNSET))

        def _parse_prompt_cache_retention(
            data: object,
        ) -> (
            ChatCompletionRequestPromptCacheRetentionType1
            | ChatCompletionRequestPromptCacheRetentionType2Type1
            | ChatCompletionRequestPromptCacheRetentionType3Type1
            | None
            | Unset
        ):
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                prompt_cache_retention_type_1 = ChatCompletionRequestPromptCacheRetentionType1(data)

                return prompt_cache_retention_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, str):
                    raise TypeError()
                prompt_cache_retention_type_2_type_1 = ChatCompletionRequestPromptCacheRetentionType2Type1(data)

                return prompt_cache_retention_type_2_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, str):
                    raise TypeError()
                prompt_cache_retention_type_3_type_1 = ChatCompletionRequestPromptCacheRetentionType3Type1(data)

                return prompt_cache_retention_type_3_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(
                ChatCompletionRequestPromptCacheRetentionType1
                | ChatCompletionRequestPromptCacheRetentionType2Type1
                | ChatCompletionRequestPromptCacheRetentionType3Type1
                | None
                | Unset,
                data,
            )

        prompt_cache_retention = _parse_prompt_cache_retention(d.pop("prompt_cache_retention", UNSET))

        def _parse_prompt_cache_options(data: object) -> None | PromptCacheOptions | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                prompt_cache_options_type_0 = PromptCacheOptions.from_dict(data)

                return prompt_cache_options_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PromptCacheOptions | Unset, data)

        prompt_cache_options = _parse_prompt_cache_options(d.pop("prompt_cache_options", UNSET))

        def _parse_moderation(data: object) -> ChatCompletionRequestModerationType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                moderation_type_0 = ChatCompletionRequestModerationType0.from_dict(data)

                return moderation_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChatCompletionRequestModerationType0 | None | Unset, data)

        moderation = _parse_moderation(d.pop("moderation", UNSET))

        def _parse_safety_identifier(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        safety_identifier = _parse_safety_identifier(d.pop("safety_identifier", UNSET))

        def _parse_guided_json(data: object) -> ChatCompletionRequestGuidedJsonType0 | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                guided_json_type_0 = ChatCompletionRequestGuidedJsonType0.from_dict(data)

                return guided_json_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChatCompletionRequestGuidedJsonType0 | None | str | Unset, data)

        guided_json = _parse_guided_json(d.pop("guided_json", UNSET))

        def _parse_structured_outputs(data: object) -> None | StructuredOutputs | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                structured_outputs_type_0 = StructuredOutputs.from_dict(data)

                return structured_outputs_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | StructuredOutputs | Unset, data)

        structured_outputs = _parse_structured_outputs(d.pop("structured_outputs", UNSET))

        def _parse_user(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        user = _parse_user(d.pop("user", UNSET))

        chat_completion_request = cls(
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

        chat_completion_request.additional_properties = d
        return chat_completion_request

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
