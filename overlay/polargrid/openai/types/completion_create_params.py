# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.completion_create_params`."""

from polargrid_generated.params import CompletionRequestParam

__all__ = [
    "CompletionCreateParams",
    "CompletionCreateParamsBase",
    "CompletionCreateParamsNonStreaming",
    "CompletionCreateParamsStreaming",
]
CompletionCreateParams = CompletionRequestParam
CompletionCreateParamsBase = CompletionRequestParam
CompletionCreateParamsNonStreaming = CompletionRequestParam
CompletionCreateParamsStreaming = CompletionRequestParam
