# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class AsyncTranscriptionJobAcceptedStatusType0(StrEnum):
    ACCEPTED = "accepted"

    def __str__(self) -> str:
        return str(self.value)
