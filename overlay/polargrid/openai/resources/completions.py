# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.resources.completions`."""

from polargrid_generated.async_resources import AsyncCompletionsResource
from polargrid_generated.sync_resources import CompletionsResource

__all__ = ["AsyncCompletions", "Completions"]
AsyncCompletions = AsyncCompletionsResource
Completions = CompletionsResource
