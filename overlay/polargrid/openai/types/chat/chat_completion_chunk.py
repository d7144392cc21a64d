# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_chunk`."""

from polargrid_generated.models import (
    ChatAudioDelta,
    ChatCompletionChunk as ChatCompletionChunk,
    ChatCompletionChunkChoice,
    ChatDelta,
    ChatLogprobs,
    ToolCallDelta,
    ToolCallFunctionDelta,
)

__all__ = [
    "ChatCompletionChunk",
    "Choice",
    "ChoiceDelta",
    "ChoiceDeltaAudio",
    "ChoiceDeltaFunctionCall",
    "ChoiceDeltaToolCall",
    "ChoiceDeltaToolCallFunction",
    "ChoiceLogprobs",
]
Choice = ChatCompletionChunkChoice
ChoiceDelta = ChatDelta
ChoiceDeltaAudio = ChatAudioDelta
ChoiceDeltaFunctionCall = ToolCallFunctionDelta
ChoiceDeltaToolCall = ToolCallDelta
ChoiceDeltaToolCallFunction = ToolCallFunctionDelta
ChoiceLogprobs = ChatLogprobs
