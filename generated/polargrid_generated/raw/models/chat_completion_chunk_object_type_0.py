# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class ChatCompletionChunkObjectType0(StrEnum):
    CHAT_COMPLETION_CHUNK = "chat.completion.chunk"

    def __str__(self) -> str:
        return str(self.value)
