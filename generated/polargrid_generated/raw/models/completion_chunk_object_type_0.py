# Made from openapi.yaml by `make generate`; change that, not this.
from enum import StrEnum


class CompletionChunkObjectType0(StrEnum):
    TEXT_COMPLETION = "text_completion"
    TEXT_COMPLETION_CHUNK = "text_completion.chunk"

    def __str__(self) -> str:
        return str(self.value)
