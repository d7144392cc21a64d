# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class TranscriptionUsageTypeType0(StrEnum):
    DURATION = "duration"
    TOKENS = "tokens"

    def __str__(self) -> str:
        return str(self.value)
