# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.shared`, each imported when it is first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polargrid.openai.types.shared.chat_model import ChatModel as ChatModel
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
        "ChatModel": "chat_model",
        "ErrorObject": "error_object",
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
            "error_object",
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
    "ErrorObject",
    "FunctionDefinition",
    "FunctionParameters",
    "Metadata",
    "ReasoningEffort",
    "ResponseFormatJSONObject",
    "ResponseFormatJSONSchema",
    "ResponseFormatText",
]
