# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class ChatCompletionResponseObjectType0(StrEnum):
    CHAT_COMPLETION = "chat.completion"

    def __str__(self) -> str:
        return str(self.value)
