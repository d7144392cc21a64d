# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class TimestampGranularity(StrEnum):
    SEGMENT = "segment"
    WORD = "word"

    def __str__(self) -> str:
        return str(self.value)
