# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class CompletionEventDataType0Type0(StrEnum):
    VALUE_0 = "[DONE]"

    def __str__(self) -> str:
        return str(self.value)
