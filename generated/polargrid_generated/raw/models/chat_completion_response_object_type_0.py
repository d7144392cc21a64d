# Made from openapi.yaml by `make generate`; change that, not this.
from enum import StrEnum


class ChatCompletionResponseObjectType0(StrEnum):
    CHAT_COMPLETION = "chat.completion"

    def __str__(self) -> str:
        return str(self.value)
