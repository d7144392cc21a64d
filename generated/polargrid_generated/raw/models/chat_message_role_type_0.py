# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class ChatMessageRoleType0(StrEnum):
    ASSISTANT = "assistant"

    def __str__(self) -> str:
        return str(self.value)
