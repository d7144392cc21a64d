# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.completion_usage`."""

from polargrid_generated.models import (
    CompletionTokensDetails as CompletionTokensDetails,
    PromptTokensDetails as PromptTokensDetails,
    TokenUsage,
)

__all__ = ["CompletionTokensDetails", "CompletionUsage", "PromptTokensDetails"]
CompletionUsage = TokenUsage
