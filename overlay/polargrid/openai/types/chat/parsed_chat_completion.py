# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.parsed_chat_completion`."""

from polargrid_generated.parsed import (
    ParsedChatCompletion as ParsedChatCompletion,
    ParsedChatCompletionChoice,
    ParsedChatMessage,
)

__all__ = ["ParsedChatCompletion", "ParsedChatCompletionMessage", "ParsedChoice"]
ParsedChatCompletionMessage = ParsedChatMessage
ParsedChoice = ParsedChatCompletionChoice
