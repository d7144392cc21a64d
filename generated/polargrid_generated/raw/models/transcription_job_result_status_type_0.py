# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class TranscriptionJobResultStatusType0(StrEnum):
    COMPLETED = "completed"

    def __str__(self) -> str:
        return str(self.value)
