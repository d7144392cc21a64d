# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class VerboseTranscriptionResponseTaskType0(StrEnum):
    TRANSCRIBE = "transcribe"
    TRANSLATE = "translate"

    def __str__(self) -> str:
        return str(self.value)
