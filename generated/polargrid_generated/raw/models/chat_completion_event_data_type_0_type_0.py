# Made from openapi.yaml by `make generate`; change that, not this.
from enum import StrEnum


class ChatCompletionEventDataType0Type0(StrEnum):
    VALUE_0 = "[DONE]"

    def __str__(self) -> str:
        return str(self.value)
