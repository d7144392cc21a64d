# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat`, each imported when it is first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polargrid.openai.types.chat.chat_completion import ChatCompletion as ChatCompletion
    from polargrid.openai.types.chat.chat_completion_allowed_tool_choice_param import (
        ChatCompletionAllowedToolChoiceParam as ChatCompletionAllowedToolChoiceParam,
    )
    from polargrid.openai.types.chat.chat_completion_allowed_tools_param import (
        ChatCompletionAllowedToolsParam as ChatCompletionAllowedToolsParam,
    )
    from polargrid.openai.types.chat.chat_completion_assistant_message_param import (
        ChatCompletionAssistantMessageParam as ChatCompletionAssistantMessageParam,
    )
    from polargrid.openai.types.chat.chat_completion_audio import ChatCompletionAudio as ChatCompletionAudio
    from polargrid.openai.types.chat.chat_completion_audio_param import (
        ChatCompletionAudioParam as ChatCompletionAudioParam,
    )
    from polargrid.openai.types.chat.chat_completion_chunk import ChatCompletionChunk as ChatCompletionChunk
    from polargrid.openai.types.chat.chat_completion_content_part_image import (
        ChatCompletionContentPartImage as ChatCompletionContentPartImage,
    )
    from polargrid.openai.types.chat.chat_completion_content_part_image_param import (
        ChatCompletionContentPartImageParam as ChatCompletionContentPartImageParam,
    )
    from polargrid.openai.types.chat.chat_completion_content_part_input_audio_param import (
        ChatCompletionContentPartInputAudioParam as ChatCompletionContentPartInputAudioParam,
    )
    from polargrid.openai.types.chat.chat_completion_content_part_param import (
        ChatCompletionContentPartParam as ChatCompletionContentPartParam,
    )
    from polargrid.openai.types.chat.chat_completion_content_part_refusal_param import (
        ChatCompletionContentPartRefusalParam as ChatCompletionContentPartRefusalParam,
    )
    from polargrid.openai.types.chat.chat_completion_content_part_text import (
        ChatCompletionContentPartText as ChatCompletionContentPartText,
    )
    from polargrid.openai.types.chat.chat_completion_content_part_text_param import (
        ChatCompletionContentPartTextParam as ChatCompletionContentPartTextParam,
    )
    from polargrid.openai.types.chat.chat_completion_developer_message_param import (
        ChatCompletionDeveloperMessageParam as ChatCompletionDeveloperMessageParam,
    )
    from polargrid.openai.types.chat.chat_completion_function_call_option_param import (
        ChatCompletionFunctionCallOptionParam as ChatCompletionFunctionCallOptionParam,
    )
    from polargrid.openai.types.chat.chat_completion_function_message_param import (
        ChatCompletionFunctionMessageParam as ChatCompletionFunctionMessageParam,
    )
    from polargrid.openai.types.chat.chat_completion_function_tool import (
        ChatCompletionFunctionTool as ChatCompletionFunctionTool,
    )
    from polargrid.openai.types.chat.chat_completion_function_tool_param import (
        ChatCompletionFunctionToolParam as ChatCompletionFunctionToolParam,
    )
    from polargrid.openai.types.chat.chat_completion_message import ChatCompletionMessage as ChatCompletionMessage
    from polargrid.openai.types.chat.chat_completion_message_function_tool_call import (
        ChatCompletionMessageFunctionToolCall as ChatCompletionMessageFunctionToolCall,
    )
    from polargrid.openai.types.chat.chat_completion_message_function_tool_call_param import (
        ChatCompletionMessageFunctionToolCallParam as ChatCompletionMessageFunctionToolCallParam,
    )
    from polargrid.openai.types.chat.chat_completion_message_param import (
        ChatCompletionMessageParam as ChatCompletionMessageParam,
    )
    from polargrid.openai.types.chat.chat_completion_message_tool_call import (
        ChatCompletionMessageToolCall as ChatCompletionMessageToolCall,
        ChatCompletionMessageToolCallUnion as ChatCompletionMessageToolCallUnion,
    )
    from polargrid.openai.types.chat.chat_completion_message_tool_call_param import (
        ChatCompletionMessageToolCallParam as ChatCompletionMessageToolCallParam,
    )
    from polargrid.openai.types.chat.chat_completion_message_tool_call_union_param import (
        ChatCompletionMessageToolCallUnionParam as ChatCompletionMessageToolCallUnionParam,
    )
    from polargrid.openai.types.chat.chat_completion_modality import ChatCompletionModality as ChatCompletionModality
    from polargrid.openai.types.chat.chat_completion_named_tool_choice_param import (
        ChatCompletionNamedToolChoiceParam as ChatCompletionNamedToolChoiceParam,
    )
    from polargrid.openai.types.chat.chat_completion_prediction_content_param import (
        ChatCompletionPredictionContentParam as ChatCompletionPredictionContentParam,
    )
    from polargrid.openai.types.chat.chat_completion_reasoning_effort import (
        ChatCompletionReasoningEffort as ChatCompletionReasoningEffort,
    )
    from polargrid.openai.types.chat.chat_completion_role import ChatCompletionRole as ChatCompletionRole
    from polargrid.openai.types.chat.chat_completion_stream_options_param import (
        ChatCompletionStreamOptionsParam as ChatCompletionStreamOptionsParam,
    )
    from polargrid.openai.types.chat.chat_completion_system_message_param import (
        ChatCompletionSystemMessageParam as ChatCompletionSystemMessageParam,
    )
    from polargrid.openai.types.chat.chat_completion_token_logprob import (
        ChatCompletionTokenLogprob as ChatCompletionTokenLogprob,
    )
    from polargrid.openai.types.chat.chat_completion_tool_choice_option_param import (
        ChatCompletionToolChoiceOptionParam as ChatCompletionToolChoiceOptionParam,
    )
    from polargrid.openai.types.chat.chat_completion_tool_message_param import (
        ChatCompletionToolMessageParam as ChatCompletionToolMessageParam,
    )
    from polargrid.openai.types.chat.chat_completion_tool_param import (
        ChatCompletionToolParam as ChatCompletionToolParam,
    )
    from polargrid.openai.types.chat.chat_completion_tool_union_param import (
        ChatCompletionToolUnionParam as ChatCompletionToolUnionParam,
    )
    from polargrid.openai.types.chat.chat_completion_user_message_param import (
        ChatCompletionUserMessageParam as ChatCompletionUserMessageParam,
    )
    from polargrid.openai.types.chat.completion_create_params import (
        CompletionCreateParams as CompletionCreateParams,
        CompletionCreateParamsBase as CompletionCreateParamsBase,
        CompletionCreateParamsNonStreaming as CompletionCreateParamsNonStreaming,
        CompletionCreateParamsStreaming as CompletionCreateParamsStreaming,
    )
    from polargrid.openai.types.chat.create_chat_completion_request_message_param import (
        CreateChatCompletionRequestMessageParam as CreateChatCompletionRequestMessageParam,
    )
    from polargrid.openai.types.chat.parsed_chat_completion import (
        ParsedChatCompletion as ParsedChatCompletion,
        ParsedChatCompletionMessage as ParsedChatCompletionMessage,
        ParsedChoice as ParsedChoice,
    )
    from polargrid.openai.types.chat.parsed_function_tool_call import (
        ParsedFunction as ParsedFunction,
        ParsedFunctionToolCall as ParsedFunctionToolCall,
    )
else:
    from polargrid.openai._lazy import lazy_attributes

    _MODULES = {
        "ChatCompletion": "chat_completion",
        "ChatCompletionAllowedToolChoiceParam": "chat_completion_allowed_tool_choice_param",
        "ChatCompletionAllowedToolsParam": "chat_completion_allowed_tools_param",
        "ChatCompletionAssistantMessageParam": "chat_completion_assistant_message_param",
        "ChatCompletionAudio": "chat_completion_audio",
        "ChatCompletionAudioParam": "chat_completion_audio_param",
        "ChatCompletionChunk": "chat_completion_chunk",
        "ChatCompletionContentPartImage": "chat_completion_content_part_image",
        "ChatCompletionContentPartImageParam": "chat_completion_content_part_image_param",
        "ChatCompletionContentPartInputAudioParam": "chat_completion_content_part_input_audio_param",
        "ChatCompletionContentPartParam": "chat_completion_content_part_param",
        "ChatCompletionContentPartRefusalParam": "chat_completion_content_part_refusal_param",
        "ChatCompletionContentPartText": "chat_completion_content_part_text",
        "ChatCompletionContentPartTextParam": "chat_completion_content_part_text_param",
        "ChatCompletionDeveloperMessageParam": "chat_completion_developer_message_param",
        "ChatCompletionFunctionCallOptionParam": "chat_completion_function_call_option_param",
        "ChatCompletionFunctionMessageParam": "chat_completion_function_message_param",
        "ChatCompletionFunctionTool": "chat_completion_function_tool",
        "ChatCompletionFunctionToolParam": "chat_completion_function_tool_param",
        "ChatCompletionMessage": "chat_completion_message",
        "ChatCompletionMessageFunctionToolCall": "chat_completion_message_function_tool_call",
        "ChatCompletionMessageFunctionToolCallParam": "chat_completion_message_function_tool_call_param",
        "ChatCompletionMessageParam": "chat_completion_message_param",
        "ChatCompletionMessageToolCall": "chat_completion_message_tool_call",
        "ChatCompletionMessageToolCallParam": "chat_completion_message_tool_call_param",
        "ChatCompletionMessageToolCallUnion": "chat_completion_message_tool_call",
        "ChatCompletionMessageToolCallUnionParam": "chat_completion_message_tool_call_union_param",
        "ChatCompletionModality": "chat_completion_modality",
        "ChatCompletionNamedToolChoiceParam": "chat_completion_named_tool_choice_param",
        "ChatCompletionPredictionContentParam": "chat_completion_prediction_content_param",
        "ChatCompletionReasoningEffort": "chat_completion_reasoning_effort",
        "ChatCompletionRole": "chat_completion_role",
        "ChatCompletionStreamOptionsParam": "chat_completion_stream_options_param",
        "ChatCompletionSystemMessageParam": "chat_completion_system_message_param",
        "ChatCompletionTokenLogprob": "chat_completion_token_logprob",
        "ChatCompletionToolChoiceOptionParam": "chat_completion_tool_choice_option_param",
        "ChatCompletionToolMessageParam": "chat_completion_tool_message_param",
        "ChatCompletionToolParam": "chat_completion_tool_param",
        "ChatCompletionToolUnionParam": "chat_completion_tool_union_param",
        "ChatCompletionUserMessageParam": "chat_completion_user_message_param",
        "CompletionCreateParams": "completion_create_params",
        "CompletionCreateParamsBase": "completion_create_params",
        "CompletionCreateParamsNonStreaming": "completion_create_params",
        "CompletionCreateParamsStreaming": "completion_create_params",
        "CreateChatCompletionRequestMessageParam": "create_chat_completion_request_message_param",
        "ParsedChatCompletion": "parsed_chat_completion",
        "ParsedChatCompletionMessage": "parsed_chat_completion",
        "ParsedChoice": "parsed_chat_completion",
        "ParsedFunction": "parsed_function_tool_call",
        "ParsedFunctionToolCall": "parsed_function_tool_call",
    }
    __getattr__, __dir__ = lazy_attributes(
        __name__,
        _MODULES,
        [
            "chat_completion",
            "chat_completion_allowed_tool_choice_param",
            "chat_completion_allowed_tools_param",
            "chat_completion_assistant_message_param",
            "chat_completion_audio",
            "chat_completion_audio_param",
            "chat_completion_chunk",
            "chat_completion_content_part_image",
            "chat_completion_content_part_image_param",
            "chat_completion_content_part_input_audio_param",
            "chat_completion_content_part_param",
            "chat_completion_content_part_refusal_param",
            "chat_completion_content_part_text",
            "chat_completion_content_part_text_param",
            "chat_completion_developer_message_param",
            "chat_completion_function_call_option_param",
            "chat_completion_function_message_param",
            "chat_completion_function_tool",
            "chat_completion_function_tool_param",
            "chat_completion_message",
            "chat_completion_message_function_tool_call",
            "chat_completion_message_function_tool_call_param",
            "chat_completion_message_param",
            "chat_completion_message_tool_call",
            "chat_completion_message_tool_call_param",
            "chat_completion_message_tool_call_union_param",
            "chat_completion_modality",
            "chat_completion_named_tool_choice_param",
            "chat_completion_prediction_content_param",
            "chat_completion_reasoning_effort",
            "chat_completion_role",
            "chat_completion_stream_options_param",
            "chat_completion_system_message_param",
            "chat_completion_token_logprob",
            "chat_completion_tool_choice_option_param",
            "chat_completion_tool_message_param",
            "chat_completion_tool_param",
            "chat_completion_tool_union_param",
            "chat_completion_user_message_param",
            "completion_create_params",
            "create_chat_completion_request_message_param",
            "parsed_chat_completion",
            "parsed_function_tool_call",
        ],
    )

__all__ = [
    "ChatCompletion",
    "ChatCompletionAllowedToolChoiceParam",
    "ChatCompletionAllowedToolsParam",
    "ChatCompletionAssistantMessageParam",
    "ChatCompletionAudio",
    "ChatCompletionAudioParam",
    "ChatCompletionChunk",
    "ChatCompletionContentPartImage",
    "ChatCompletionContentPartImageParam",
    "ChatCompletionContentPartInputAudioParam",
    "ChatCompletionContentPartParam",
    "ChatCompletionContentPartRefusalParam",
    "ChatCompletionContentPartText",
    "ChatCompletionContentPartTextParam",
    "ChatCompletionDeveloperMessageParam",
    "ChatCompletionFunctionCallOptionParam",
    "ChatCompletionFunctionMessageParam",
    "ChatCompletionFunctionTool",
    "ChatCompletionFunctionToolParam",
    "ChatCompletionMessage",
    "ChatCompletionMessageFunctionToolCall",
    "ChatCompletionMessageFunctionToolCallParam",
    "ChatCompletionMessageParam",
    "ChatCompletionMessageToolCall",
    "ChatCompletionMessageToolCallParam",
    "ChatCompletionMessageToolCallUnion",
    "ChatCompletionMessageToolCallUnionParam",
    "ChatCompletionModality",
    "ChatCompletionNamedToolChoiceParam",
    "ChatCompletionPredictionContentParam",
    "ChatCompletionReasoningEffort",
    "ChatCompletionRole",
    "ChatCompletionStreamOptionsParam",
    "ChatCompletionSystemMessageParam",
    "ChatCompletionTokenLogprob",
    "ChatCompletionToolChoiceOptionParam",
    "ChatCompletionToolMessageParam",
    "ChatCompletionToolParam",
    "ChatCompletionToolUnionParam",
    "ChatCompletionUserMessageParam",
    "CompletionCreateParams",
    "CompletionCreateParamsBase",
    "CompletionCreateParamsNonStreaming",
    "CompletionCreateParamsStreaming",
    "CreateChatCompletionRequestMessageParam",
    "ParsedChatCompletion",
    "ParsedChatCompletionMessage",
    "ParsedChoice",
    "ParsedFunction",
    "ParsedFunctionToolCall",
]
