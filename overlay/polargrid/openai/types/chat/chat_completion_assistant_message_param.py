# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_assistant_message_param`."""

from typing import TypeAlias

from polargrid_generated.params import (
    AudioReferenceParam,
    MessageParam,
    RefusalContentPartParam,
    TextContentPartParam,
    ToolCallFunctionParam,
)

__all__ = ["Audio", "ChatCompletionAssistantMessageParam", "ContentArrayOfContentPart", "FunctionCall"]
ChatCompletionAssistantMessageParam = MessageParam
Audio = AudioReferenceParam
ContentArrayOfContentPart: TypeAlias = TextContentPartParam | RefusalContentPartParam
FunctionCall = ToolCallFunctionParam
