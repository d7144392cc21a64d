# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types`, each imported when it is first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polargrid.openai.types import audio as audio, chat as chat, shared as shared, shared_params as shared_params
    from polargrid.openai.types.audio_model import AudioModel as AudioModel
    from polargrid.openai.types.audio_response_format import AudioResponseFormat as AudioResponseFormat
    from polargrid.openai.types.chat_model import ChatModel as ChatModel
    from polargrid.openai.types.completion import Completion as Completion
    from polargrid.openai.types.completion_choice import CompletionChoice as CompletionChoice
    from polargrid.openai.types.completion_create_params import (
        CompletionCreateParams as CompletionCreateParams,
        CompletionCreateParamsBase as CompletionCreateParamsBase,
        CompletionCreateParamsNonStreaming as CompletionCreateParamsNonStreaming,
        CompletionCreateParamsStreaming as CompletionCreateParamsStreaming,
    )
    from polargrid.openai.types.completion_usage import CompletionUsage as CompletionUsage
    from polargrid.openai.types.create_embedding_response import CreateEmbeddingResponse as CreateEmbeddingResponse
    from polargrid.openai.types.embedding import Embedding as Embedding
    from polargrid.openai.types.embedding_create_params import EmbeddingCreateParams as EmbeddingCreateParams
    from polargrid.openai.types.embedding_model import EmbeddingModel as EmbeddingModel
    from polargrid.openai.types.model import Model as Model
    from polargrid.openai.types.shared.error_object import ErrorObject as ErrorObject
    from polargrid.openai.types.shared.function_definition import FunctionDefinition as FunctionDefinition
    from polargrid.openai.types.shared.function_parameters import FunctionParameters as FunctionParameters
    from polargrid.openai.types.shared.metadata import Metadata as Metadata
    from polargrid.openai.types.shared.reasoning_effort import ReasoningEffort as ReasoningEffort
    from polargrid.openai.types.shared.response_format_json_object import (
        ResponseFormatJSONObject as ResponseFormatJSONObject,
    )
    from polargrid.openai.types.shared.response_format_json_schema import (
        ResponseFormatJSONSchema as ResponseFormatJSONSchema,
    )
    from polargrid.openai.types.shared.response_format_text import ResponseFormatText as ResponseFormatText
else:
    from polargrid.openai._lazy import lazy_attributes

    _MODULES = {
        "AudioModel": "audio_model",
        "AudioResponseFormat": "audio_response_format",
        "ChatModel": "chat_model",
        "Completion": "completion",
        "CompletionChoice": "completion_choice",
        "CompletionCreateParams": "completion_create_params",
        "CompletionCreateParamsBase": "completion_create_params",
        "CompletionCreateParamsNonStreaming": "completion_create_params",
        "CompletionCreateParamsStreaming": "completion_create_params",
        "CompletionUsage": "completion_usage",
        "CreateEmbeddingResponse": "create_embedding_response",
        "Embedding": "embedding",
        "EmbeddingCreateParams": "embedding_create_params",
        "EmbeddingModel": "embedding_model",
        "ErrorObject": "shared.error_object",
        "FunctionDefinition": "shared.function_definition",
        "FunctionParameters": "shared.function_parameters",
        "Metadata": "shared.metadata",
        "Model": "model",
        "ReasoningEffort": "shared.reasoning_effort",
        "ResponseFormatJSONObject": "shared.response_format_json_object",
        "ResponseFormatJSONSchema": "shared.response_format_json_schema",
        "ResponseFormatText": "shared.response_format_text",
    }
    __getattr__, __dir__ = lazy_attributes(
        __name__,
        _MODULES,
        [
            "audio",
            "audio_model",
            "audio_response_format",
            "chat",
            "chat_model",
            "completion",
            "completion_choice",
            "completion_create_params",
            "completion_usage",
            "create_embedding_response",
            "embedding",
            "embedding_create_params",
            "embedding_model",
            "model",
            "shared",
            "shared_params",
        ],
    )

__all__ = [
    "AudioModel",
    "AudioResponseFormat",
    "ChatModel",
    "Completion",
    "CompletionChoice",
    "CompletionCreateParams",
    "CompletionCreateParamsBase",
    "CompletionCreateParamsNonStreaming",
    "CompletionCreateParamsStreaming",
    "CompletionUsage",
    "CreateEmbeddingResponse",
    "Embedding",
    "EmbeddingCreateParams",
    "EmbeddingModel",
    "ErrorObject",
    "FunctionDefinition",
    "FunctionParameters",
    "Metadata",
    "Model",
    "ReasoningEffort",
    "ResponseFormatJSONObject",
    "ResponseFormatJSONSchema",
    "ResponseFormatText",
    "audio",
    "chat",
    "shared",
    "shared_params",
]
