# Made from openapi.yaml by `make generate`; change that, not this.
from enum import StrEnum


class CompletionResponseObjectType0(StrEnum):
    TEXT_COMPLETION = "text_completion"

    def __str__(self) -> str:
        return str(self.value)
