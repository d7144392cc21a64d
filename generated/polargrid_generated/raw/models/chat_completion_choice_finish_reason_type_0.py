# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class ChatCompletionChoiceFinishReasonType0(StrEnum):
    CONTENT_FILTER = "content_filter"
    FUNCTION_CALL = "function_call"
    LENGTH = "length"
    STOP = "stop"
    TOOL_CALLS = "tool_calls"

    def __str__(self) -> str:
        return str(self.value)
