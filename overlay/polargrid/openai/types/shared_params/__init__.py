# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.shared_params`, each imported when it is first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polargrid.openai.types.shared_params.chat_model import ChatModel as ChatModel
    from polargrid.openai.types.shared_params.function_definition import FunctionDefinition as FunctionDefinition
    from polargrid.openai.types.shared_params.function_parameters import FunctionParameters as FunctionParameters
    from polargrid.openai.types.shared_params.metadata import Metadata as Metadata
    from polargrid.openai.types.shared_params.reasoning_effort import ReasoningEffort as ReasoningEffort
    from polargrid.openai.types.shared_params.response_format_json_object import (
        ResponseFormatJSONObject as ResponseFormatJSONObject,
    )
    from polargrid.openai.types.shared_params.response_format_json_schema import (
        ResponseFormatJSONSchema as ResponseFormatJSONSchema,
    )
    from polargrid.openai.types.shared_params.response_format_text import ResponseFormatText as ResponseFormatText
else:
    from polargrid.openai._lazy import lazy_attributes

    _MODULES = {
        "ChatModel": "chat_model",
        "FunctionDefinition": "function_definition",
        "FunctionParameters": "function_parameters",
        "Metadata": "metadata",
        "ReasoningEffort": "reasoning_effort",
        "ResponseFormatJSONObject": "response_format_json_object",
        "ResponseFormatJSONSchema": "response_format_json_schema",
        "ResponseFormatText": "response_format_text",
    }
    __getattr__, __dir__ = lazy_attributes(
        __name__,
        _MODULES,
        [
            "chat_model",
            "function_definition",
            "function_parameters",
            "metadata",
            "reasoning_effort",
            "response_format_json_object",
            "response_format_json_schema",
            "response_format_text",
        ],
    )

__all__ = [
    "ChatModel",
    "FunctionDefinition",
    "FunctionParameters",
    "Metadata",
    "ReasoningEffort",
    "ResponseFormatJSONObject",
    "ResponseFormatJSONSchema",
    "ResponseFormatText",
]
