# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.completion_create_params`."""

from typing import Literal, TypeAlias

from polargrid_generated.params import (
    ChatCompletionRequestParam,
    FunctionDefinitionParam,
    NamedFunctionParam,
    PromptCacheOptionsParam,
    ResponseFormatParam,
    WebSearchOptionsParam,
)

__all__ = [
    "CompletionCreateParams",
    "CompletionCreateParamsBase",
    "CompletionCreateParamsNonStreaming",
    "CompletionCreateParamsStreaming",
    "Function",
    "FunctionCall",
    "PromptCacheOptions",
    "ResponseFormat",
    "WebSearchOptions",
    "WebSearchOptionsUserLocation",
    "WebSearchOptionsUserLocationApproximate",
]
CompletionCreateParams = ChatCompletionRequestParam
CompletionCreateParamsBase = ChatCompletionRequestParam
CompletionCreateParamsNonStreaming = ChatCompletionRequestParam
CompletionCreateParamsStreaming = ChatCompletionRequestParam
Function = FunctionDefinitionParam
FunctionCall: TypeAlias = Literal["none", "auto"] | NamedFunctionParam
PromptCacheOptions = PromptCacheOptionsParam
ResponseFormat = ResponseFormatParam
WebSearchOptions = WebSearchOptionsParam
WebSearchOptionsUserLocation: TypeAlias = dict[str, object]
WebSearchOptionsUserLocationApproximate: TypeAlias = dict[str, object]
