# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class CompletionChunkObjectType0(StrEnum):
    TEXT_COMPLETION = "text_completion"
    TEXT_COMPLETION_CHUNK = "text_completion.chunk"

    def __str__(self) -> str:
        return str(self.value)
