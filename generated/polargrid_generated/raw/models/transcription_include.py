# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class TranscriptionInclude(StrEnum):
    LOGPROBS = "logprobs"

    def __str__(self) -> str:
        return str(self.value)
