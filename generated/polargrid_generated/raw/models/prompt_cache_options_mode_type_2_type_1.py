# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class PromptCacheOptionsModeType2Type1(StrEnum):
    EXPLICIT = "explicit"
    IMPLICIT = "implicit"

    def __str__(self) -> str:
        return str(self.value)
