# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class TranscriptionJobStatus(StrEnum):
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    FAILED = "failed"
    PROCESSING = "processing"

    def __str__(self) -> str:
        return str(self.value)
