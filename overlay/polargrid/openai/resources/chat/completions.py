# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.resources.chat.completions`."""

from polargrid_generated.async_resources import AsyncChatCompletionsResource
from polargrid_generated.sync_resources import ChatCompletionsResource

__all__ = ["AsyncCompletions", "Completions"]
AsyncCompletions = AsyncChatCompletionsResource
Completions = ChatCompletionsResource
