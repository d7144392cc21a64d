# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class ChatCompletionRequestServiceTierType2Type1(StrEnum):
    AUTO = "auto"
    DEFAULT = "default"
    FAST = "fast"
    FLEX = "flex"
    PRIORITY = "priority"
    SCALE = "scale"

    def __str__(self) -> str:
        return str(self.value)
