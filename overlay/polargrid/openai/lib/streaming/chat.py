# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.lib.streaming.chat`."""

from typing import TypeAlias

from polargrid_generated.models import ChatCompletionChunk
from polargrid_generated.parsed import ParsedChatCompletion, ParsedChatCompletionChoice, ParsedChatMessage
from polargrid_runtime._async.text_stream import AsyncTextStream
from polargrid_runtime._sync.text_stream import TextStream
from polargrid_runtime.text_events import (
    ChunkEvent as ChunkEvent,
    ContentDelta,
    ContentDone,
    LogprobsContentDelta,
    LogprobsContentDone,
    LogprobsRefusalDelta,
    LogprobsRefusalDone,
    RefusalDelta,
    RefusalDone,
    ToolCallDelta,
    ToolCallDone,
)

__all__ = [
    "AsyncChatCompletionStream",
    "AsyncChatCompletionStreamManager",
    "ChatCompletionStream",
    "ChatCompletionStreamEvent",
    "ChatCompletionStreamManager",
    "ChunkEvent",
    "ContentDeltaEvent",
    "ContentDoneEvent",
    "FunctionToolCallArgumentsDeltaEvent",
    "FunctionToolCallArgumentsDoneEvent",
    "LogprobsContentDeltaEvent",
    "LogprobsContentDoneEvent",
    "LogprobsRefusalDeltaEvent",
    "LogprobsRefusalDoneEvent",
    "ParsedChatCompletionMessageSnapshot",
    "ParsedChatCompletionSnapshot",
    "ParsedChoiceSnapshot",
    "RefusalDeltaEvent",
    "RefusalDoneEvent",
]
AsyncChatCompletionStream = AsyncTextStream
AsyncChatCompletionStreamManager = AsyncTextStream
ChatCompletionStream = TextStream
ChatCompletionStreamManager = TextStream
ContentDeltaEvent = ContentDelta
ContentDoneEvent = ContentDone
FunctionToolCallArgumentsDeltaEvent = ToolCallDelta
FunctionToolCallArgumentsDoneEvent = ToolCallDone
LogprobsContentDeltaEvent = LogprobsContentDelta
LogprobsContentDoneEvent = LogprobsContentDone
LogprobsRefusalDeltaEvent = LogprobsRefusalDelta
LogprobsRefusalDoneEvent = LogprobsRefusalDone
ParsedChatCompletionMessageSnapshot = ParsedChatMessage
ParsedChatCompletionSnapshot = ParsedChatCompletion
ParsedChoiceSnapshot = ParsedChatCompletionChoice
RefusalDeltaEvent = RefusalDelta
RefusalDoneEvent = RefusalDone
ChatCompletionStreamEvent: TypeAlias = (
    ChunkEvent[ChatCompletionChunk]
    | ContentDeltaEvent
    | ContentDoneEvent
    | RefusalDeltaEvent
    | RefusalDoneEvent
    | FunctionToolCallArgumentsDeltaEvent
    | FunctionToolCallArgumentsDoneEvent
    | LogprobsContentDeltaEvent
    | LogprobsContentDoneEvent
    | LogprobsRefusalDeltaEvent
    | LogprobsRefusalDoneEvent
)
