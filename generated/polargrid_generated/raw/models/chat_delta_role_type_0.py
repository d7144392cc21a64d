# Made from openapi.yaml by `make generate`; change that, not this.
from enum import StrEnum


class ChatDeltaRoleType0(StrEnum):
    ASSISTANT = "assistant"

    def __str__(self) -> str:
        return str(self.value)
