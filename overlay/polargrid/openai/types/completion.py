# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.completion`."""

from polargrid_generated.models import CompletionResponse

__all__ = ["Completion"]
Completion = CompletionResponse
