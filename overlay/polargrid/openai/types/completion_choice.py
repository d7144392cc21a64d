# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.completion_choice`."""

from polargrid_generated.models import CompletionChoice as CompletionChoice, CompletionLogprobs

__all__ = ["CompletionChoice", "Logprobs"]
Logprobs = CompletionLogprobs
