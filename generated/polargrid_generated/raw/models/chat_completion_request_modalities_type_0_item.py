# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class ChatCompletionRequestModalitiesType0Item(StrEnum):
    AUDIO = "audio"
    TEXT = "text"

    def __str__(self) -> str:
        return str(self.value)
