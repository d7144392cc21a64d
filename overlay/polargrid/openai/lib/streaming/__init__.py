# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.lib.streaming`, each imported when it is first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polargrid.openai.lib.streaming.chat import (
        AsyncChatCompletionStream as AsyncChatCompletionStream,
        AsyncChatCompletionStreamManager as AsyncChatCompletionStreamManager,
        ChatCompletionStream as ChatCompletionStream,
        ChatCompletionStreamEvent as ChatCompletionStreamEvent,
        ChatCompletionStreamManager as ChatCompletionStreamManager,
        ParsedChatCompletionMessageSnapshot as ParsedChatCompletionMessageSnapshot,
        ParsedChatCompletionSnapshot as ParsedChatCompletionSnapshot,
        ParsedChoiceSnapshot as ParsedChoiceSnapshot,
    )
else:
    from polargrid.openai._lazy import lazy_attributes

    _MODULES = {
        "AsyncChatCompletionStream": "chat",
        "AsyncChatCompletionStreamManager": "chat",
        "ChatCompletionStream": "chat",
        "ChatCompletionStreamEvent": "chat",
        "ChatCompletionStreamManager": "chat",
        "ParsedChatCompletionMessageSnapshot": "chat",
        "ParsedChatCompletionSnapshot": "chat",
        "ParsedChoiceSnapshot": "chat",
    }
    __getattr__, __dir__ = lazy_attributes(__name__, _MODULES, ["chat"])

__all__ = [
    "AsyncChatCompletionStream",
    "AsyncChatCompletionStreamManager",
    "ChatCompletionStream",
    "ChatCompletionStreamEvent",
    "ChatCompletionStreamManager",
    "ParsedChatCompletionMessageSnapshot",
    "ParsedChatCompletionSnapshot",
    "ParsedChoiceSnapshot",
]
